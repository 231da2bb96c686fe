create table setting_in_force (
  name  text        not null,
  value text        not null,
  since timestamptz not null,
  constraint setting_in_force_pk primary key (name)
);
comment on table setting_in_force is 'The settings that the portal last started with, so that a start can tell what has changed. Of secrets only a hash (bcrypt) that tells whether they changed.';
grant select, insert, update, delete on setting_in_force to portal_app;
revoke select on setting_in_force from portal_auditor;
