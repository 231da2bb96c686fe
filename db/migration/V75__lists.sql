-- Lists at thousands of partners: what the search, the filters, the rail and the work list ask for, each from an index.

-- Parts of names are found by trigrams. The extension is trusted, so the owner of the database may make it; where the
-- server does not have it, the search still works and reads more.
do $$
begin
  create extension if not exists pg_trgm;
exception when others then
  raise notice 'pg_trgm is not to be had (%), so that searches for parts of names read whole tables', sqlerrm;
end
$$;
do $$
begin
  if exists (select from pg_extension where extname = 'pg_trgm') then
    create index partnership_words on partnership using gin ((lower(name || ' ' || reference)) gin_trgm_ops);
    create index partnership_owner_words on partnership using gin ((lower(owner_name || ' ' || owner_address)) gin_trgm_ops);
    create index mail_domain_words on mail_domain using gin (name gin_trgm_ops);
    create index contact_words on contact using gin ((lower(name || ' ' || address)) gin_trgm_ops);
  end if;
end
$$;

create index partnership_state_name on partnership (state, lower(name), id);
create index partnership_invited on partnership (invited_at desc, id desc);
create index partnership_next_due on partnership (coalesce(next_due_at, timestamptz 'infinity'), id);
create index partnership_waiting on partnership (invited_at) where state = 'INVITED';
create index mail_domain_unproven on mail_domain (asked_at) where living and proof = 'UNPROVEN';
create index attestation_submitted on attestation (submitted_at) where state = 'SUBMITTED';
create index attestation_exception_to_us on attestation ((answers::jsonb #>> '{confirmation,toUs,until}'))
  where state = 'APPROVED' and answers::jsonb #>> '{confirmation,toUs,until}' is not null;
create index attestation_exception_from_us on attestation ((answers::jsonb #>> '{confirmation,fromUs,until}'))
  where state = 'APPROVED' and answers::jsonb #>> '{confirmation,fromUs,until}' is not null;
create index connector_change_open on connector_change (proposed_at) where state in ('PLANNED', 'NEEDS_ATTENTION');
create index connector_change_newest on connector_change (proposed_at desc, id desc);
create index connector_loose on connector (partner_id) where enforced_since is null;
create index mail_path_blocked on mail_path (partner_id) where obstacles <> '[]';
create index scheduled_tasks_failing on scheduled_tasks (consecutive_failures desc) where consecutive_failures > 0;

create table saved_view (
  account_id uuid        not null,
  name       text        not null,
  query      text        not null,
  saved_at   timestamptz not null,
  constraint saved_view_pk primary key (account_id, name),
  constraint saved_view_account_fk foreign key (account_id) references account (id),
  constraint saved_view_name check (length(name) between 1 and 60),
  constraint saved_view_query check (length(query) <= 1000)
);
comment on table saved_view is 'Searches of the list of partners that somebody of the staff has kept under a name.';
grant select, insert, update, delete on saved_view to portal_app;
