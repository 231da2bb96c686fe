-- Every table of later migrations is readable for the auditor without a grant of its own.
grant usage on schema public to portal_app, portal_auditor;
alter default privileges in schema public grant select on tables to portal_auditor;

create table audit_event (
  id           uuid        not null,
  xid          xid8        not null default pg_current_xact_id(),
  at           timestamptz not null,
  event        text        not null,
  code         text        not null,
  outcome      text        not null,
  actor_kind   text        not null,
  actor_id     text        not null,
  actor_role   text,
  subject_type text,
  subject_id   text,
  partner_id   uuid,
  domain       text,
  request_id   text,
  constraint audit_event_pk primary key (id, at),
  constraint audit_event_outcome check (outcome in ('success', 'failure', 'refused'))
) partition by range (at);
comment on table audit_event is 'The history. Append-only: event is the canonical JSON (RFC 8785) that proofs are made of, the other columns are copied from it for searching. Holds no personal data in clear.';
create index audit_event_at on audit_event (at desc, id desc);
create index audit_event_partner on audit_event (partner_id, at desc, id desc);

create table audit_personal (
  event_id  uuid  not null,
  slot      text  not null,
  person_id text,
  salt      bytea,
  content   text,
  constraint audit_personal_pk primary key (event_id, slot),
  constraint audit_personal_whole check ((salt is null) = (content is null))
);
comment on table audit_personal is 'Names, addresses, IP addresses and free text of an event, with the salt of the commitment that the event carries. Can be erased for a person while the event stays provable.';
create index audit_personal_person on audit_personal (person_id);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit history is append-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;
comment on function audit_is_append_only() is 'Trigger: refuses every statement that would change the history.';

create trigger audit_event_append_only before update or delete or truncate on audit_event
  for each statement execute function audit_is_append_only();

-- Partitions get no grants of their own: whoever names one directly is refused by the server.
grant select, insert on audit_event to portal_app;
grant select, insert on audit_personal to portal_app;
