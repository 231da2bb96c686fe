-- The work list takes the first three of each kind: from an index in their order.
create index watched_domain_failing_since on watched_domain (state_since) where state = 'FAILING' and watched_since is not null;
create index watched_domain_differs_since on watched_domain (difference_since) where difference is not null;
create index scheduled_tasks_failed on scheduled_tasks (last_failure) where consecutive_failures > 0;

-- Until when a gap was accepted, beside the answers that say so, since reading those takes as long as all the rest.
alter table attestation
  add column gap_to_us_until text generated always as (answers::jsonb #>> '{confirmation,toUs,until}') stored,
  add column gap_from_us_until text generated always as (answers::jsonb #>> '{confirmation,fromUs,until}') stored;
comment on column attestation.gap_to_us_until is 'The day (ISO 8601) until which mail to us without TLS was accepted, from the answers';
comment on column attestation.gap_from_us_until is 'The same for mail from us';
drop index attestation_exception_to_us;
drop index attestation_exception_from_us;
create index attestation_gap_to_us on attestation (gap_to_us_until) where state = 'APPROVED' and gap_to_us_until is not null;
create index attestation_gap_from_us on attestation (gap_from_us_until) where state = 'APPROVED' and gap_from_us_until is not null;
