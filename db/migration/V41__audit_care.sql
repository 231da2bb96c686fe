-- What becomes of the tree: checkpoints handed out, verifications, archives, erased people.

create table audit_hand_out (
  at   timestamptz not null,
  size bigint      not null,
  way  text        not null,
  constraint audit_hand_out_pk primary key (at, way),
  constraint audit_hand_out_way check (way in ('log', 'file', 'mail', 'export'))
);
comment on table audit_hand_out is 'When a checkpoint over which number of events left the portal, and how. Append-only.';
create index audit_hand_out_way_at on audit_hand_out (way, at desc);

create table audit_verification (
  id          uuid        not null,
  asked_at    timestamptz not null,
  asked_by    text        not null,
  started_at  timestamptz,
  finished_at timestamptz,
  done        bigint      not null default 0,
  total       bigint      not null default 0,
  result      text,
  constraint audit_verification_pk primary key (id),
  constraint audit_verification_finished check ((finished_at is null) = (result is null))
);
comment on table audit_verification is 'Runs of the verification: who asked, how far it is, and as JSON what it found.';
create index audit_verification_asked_at on audit_verification (asked_at desc);

create table audit_archive (
  month       date        not null,
  file        text        not null,
  sha256      text        not null,
  events      bigint      not null,
  first_index bigint      not null,
  last_index  bigint      not null,
  size        bigint      not null,
  event_id    uuid        not null,
  at          timestamptz not null,
  constraint audit_archive_pk primary key (month),
  constraint audit_archive_month check (extract(day from month) = 1),
  constraint audit_archive_order check (first_index >= 0 and last_index >= first_index and size > last_index)
);
comment on table audit_archive is 'Months whose events have left in a signed archive: the file and its hash, which leaves it holds, the size of the checkpoint in it, and the event that tells of it. Written by the owner alone.';

create table audit_erased (
  number bigint      not null generated always as identity,
  at     timestamptz not null,
  constraint audit_erased_pk primary key (number)
);
comment on table audit_erased is 'People whose personal data has been erased from the history, by the number under which they are shown from then on. Append-only; who they were is told nowhere.';

create trigger audit_hand_out_append_only before update or delete or truncate on audit_hand_out
  for each statement execute function audit_is_append_only();
create trigger audit_archive_append_only before update or delete or truncate on audit_archive
  for each statement execute function audit_is_append_only();
create trigger audit_erased_append_only before update or delete or truncate on audit_erased
  for each statement execute function audit_is_append_only();

-- The one way in which the portal takes something out of the history's reach. It keeps the rows, so that what was
-- committed to is still known to have been there.
create function audit_erase(whose text[], moment timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  erased bigint;
begin
  if not exists (select from audit_personal where person_id = any (whose) and content is not null) then
    return null;
  end if;
  insert into audit_erased (at) values (moment) returning number into erased;
  update audit_personal set salt = null, content = null, person_id = 'erased ' || erased
    where person_id = any (whose);
  return erased;
end
$$;
comment on function audit_erase is 'Erases a person, known by these ids, beside the history and returns the number under which the person is shown from now on; null when nothing is kept of them. To be called in the transaction that writes the event of it.';
revoke all on function audit_erase from public;
grant execute on function audit_erase to portal_app;

grant select, insert on audit_hand_out to portal_app;
grant select, insert, update on audit_verification to portal_app;
grant select on audit_archive, audit_erased to portal_app;
