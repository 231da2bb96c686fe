create table mail_path_asked (
  tenant_id  text        not null,
  partner_id uuid        not null,
  due_at     timestamptz not null,
  constraint mail_path_asked_pk primary key (tenant_id, partner_id)
);
comment on table mail_path_asked is 'Partners whose path of mail is to be looked at soon: all that are due are looked at together, with one listing of the tenant. due_at: later after a look that did not work.';
grant select, insert, update, delete on mail_path_asked to portal_app;

alter table mail_path add column served text;
alter table mail_path add column served_at timestamptz;
comment on column mail_path.served is 'Which connectors Exchange Online itself says that it uses, by domain, as JSON; null: it does not tell.';
comment on column mail_path.served_at is 'When it was last asked that; null: never. It costs a call for each domain, so that rounds ask, and not every look.';

-- All are looked at anew, so that the history has what was seen.
delete from mail_path;
insert into mail_path_asked (tenant_id, partner_id, due_at)
  select distinct tenant_id, partner_id, now() from connector;

-- One job looks at all that are due together.
delete from scheduled_tasks where task_name = 'mail-path-of-partner';
