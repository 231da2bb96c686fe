create table credential_warning (
  thumbprint text        not null,
  days       int         not null,
  told_at    timestamptz not null,
  constraint credential_warning_pk primary key (thumbprint, days)
);
comment on table credential_warning is 'Which warnings about the end of the application''s certificate have been given: once each, by days before it.';
grant select, insert on credential_warning to portal_app;

alter table connector_change drop constraint connector_change_kind;
alter table connector_change add constraint connector_change_kind
  check (kind in ('ENFORCE', 'SUSPEND', 'REMOVE', 'APPLY_AGAIN', 'ACCEPT', 'GO_BACK', 'ADOPT'));
