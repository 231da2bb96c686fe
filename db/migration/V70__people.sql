alter table contact
  drop constraint contact_role,
  add constraint contact_role check (role in ('TECHNICAL', 'SECURITY', 'BUSINESS', 'EMERGENCY', 'HELPER')),
  add column added_by text,
  add column since timestamptz,
  add column phone_since timestamptz,
  add column left_at timestamptz,
  add column returned_at timestamptz,
  add column returned_why text;
comment on column contact.added_by is 'Who named a person that somebody at the partner or of ours has added, in words.';
comment on column contact.returned_at is 'When mail to the address last came back for good; null: it arrives, as far as we know.';

alter table partnership
  add column ended_at timestamptz,
  add column returns_from uuid,
  add column reduced_at timestamptz,
  add constraint partnership_returns_from_fk foreign key (returns_from) references partnership (id),
  add constraint partnership_reduced_is_over check (reduced_at is null or ended_at is not null);
comment on column partnership.returns_from is 'The partnership of before, where the same organisation has come back.';
comment on column partnership.reduced_at is 'When the people of a partnership that is over were replaced by pseudonyms.';
create index partnership_to_reduce on partnership (ended_at) where reduced_at is null and ended_at is not null;
create index partnership_owner on partnership (lower(owner_address));
update partnership set ended_at = changed_at where state in ('ENDED', 'EXPIRED', 'WITHDRAWN');

create sequence person_pseudonym;
comment on sequence person_pseudonym is 'Counts the pseudonyms that stand for people of partnerships that are over.';
grant usage on sequence person_pseudonym to portal_app;

alter table mail_domain add column next_look_at timestamptz;
comment on column mail_domain.next_look_at is 'When the DNS is asked again by itself; null: not before somebody asks.';

alter table letter
  drop constraint letter_state,
  add constraint letter_state check (state in ('WAITING', 'SENT', 'FAILED', 'RETURNED')),
  add column returned_at timestamptz;
comment on column letter.returned_at is 'When a server said for good that nobody is reached there.';
create index letter_recipient on letter (lower(recipient), created_at desc);

alter table attestation add column reminded_at timestamptz;
comment on column attestation.reminded_at is 'When the partner was last reminded of an unfinished task list.';
