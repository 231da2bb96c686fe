-- The gaps that end first are taken from an index in their order, which a text of a day does not give: as days.
-- Texts that are none (nobody could have written one) are no gap that ends.
drop index attestation_gap_to_us;
drop index attestation_gap_from_us;
alter table attestation drop column gap_to_us_until, drop column gap_from_us_until;

create function day_of(text) returns date language sql immutable parallel safe
  return case when $1 ~ '^\d{4}-\d\d-\d\d$'
    then make_date(left($1, 4)::int, substr($1, 6, 2)::int, right($1, 2)::int) end;
comment on function day_of(text) is 'The day of a text like 2026-12-31 (ISO 8601), whatever the session''s DateStyle';

alter table attestation
  add column gap_to_us_until date generated always as (day_of(answers::jsonb #>> '{confirmation,toUs,until}')) stored,
  add column gap_from_us_until date generated always as (day_of(answers::jsonb #>> '{confirmation,fromUs,until}')) stored;
comment on column attestation.gap_to_us_until is 'The day until which mail to us without TLS was accepted, from the answers';
comment on column attestation.gap_from_us_until is 'The same for mail from us';
create index attestation_gap_to_us on attestation (gap_to_us_until) where state = 'APPROVED' and gap_to_us_until is not null;
create index attestation_gap_from_us on attestation (gap_from_us_until) where state = 'APPROVED' and gap_from_us_until is not null;
-- Nothing is known of the values of new columns until somebody looks, and with guesses all answers are read.
analyze attestation;
