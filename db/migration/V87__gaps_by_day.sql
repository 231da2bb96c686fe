-- The gaps that end first come from an index in their order: one for both ways, as a day.
drop index attestation_gap_to_us;
drop index attestation_gap_from_us;
alter table attestation drop column gap_to_us_until, drop column gap_from_us_until;

create function day_of(text) returns date language sql immutable parallel safe
  return case when $1 ~ '^\d{4}-\d\d-\d\d$'
    then make_date(left($1, 4)::int, substr($1, 6, 2)::int, right($1, 2)::int) end;
comment on function day_of(text) is 'The day of a text like 2026-12-31 (ISO 8601), whatever the session''s DateStyle; nothing for another text';

alter table attestation
  add column gap_until date generated always as (least(
    day_of(answers::jsonb #>> '{confirmation,toUs,until}'), day_of(answers::jsonb #>> '{confirmation,fromUs,until}'))) stored;
comment on column attestation.gap_until is 'The first day on which a gap that was accepted for a time ends, from the answers';
create index attestation_gap on attestation (gap_until) where state = 'APPROVED' and gap_until is not null;
-- Nothing is known of the values of a new column until somebody looks.
analyze attestation;
