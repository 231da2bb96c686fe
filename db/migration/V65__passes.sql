-- Passes after the first: what they build on, who opened them and what for.
alter table attestation
  add column basis_id     uuid,
  add column scope        text not null default '',
  add column opened_by    text not null default 'PORTAL',
  add column opened_name  text not null default '',
  add column opened_why   text,
  add column difference   text,
  add column our_proof_at timestamptz,
  add column our_proof    text,
  add column held         text;
update attestation set opened_by = 'STAFF', opened_name = shaped_by_name;
alter table attestation
  add constraint attestation_basis_fk foreign key (basis_id) references attestation (id),
  add constraint attestation_opened_by check (opened_by in ('PARTNER', 'STAFF', 'PORTAL')),
  drop constraint attestation_state,
  add constraint attestation_state
    check (state in ('OPEN', 'SUBMITTED', 'APPROVED', 'RETURNED', 'REJECTED', 'WITHDRAWN'));
comment on table attestation is 'One pass of the task list: what a partner stated, and what we decided. answers is JSON; nonce makes the address for its test message; shaped_by is the last internal person who shaped it and may therefore not approve it. basis_id: the pass that this one is prefilled from; scope: which tasks it is about, empty for all; opened_why: what for, in words; difference: what a check of mail servers saw, of which a pass is proposed once; our_proof: how the validation of our own connectors ended, null before it did; held: why the portal left a re-certification without changes to a person.';
create index attestation_difference on attestation (partner_id, difference) where difference is not null;
create index attestation_living on attestation (opened_at) where state in ('OPEN', 'SUBMITTED', 'RETURNED');

create table recertification_reminder (
  partner_id uuid        not null,
  due_at     timestamptz not null,
  step       text        not null,
  at         timestamptz not null,
  letters    int         not null,
  constraint recertification_reminder_pk primary key (partner_id, due_at, step)
);
comment on table recertification_reminder is 'Which reminders of which due date were sent: the key lets each go out once. letters: to how many people; 0: passed over, since a later one was due already.';

create table recertification_postponement (
  id         uuid        not null,
  partner_id uuid        not null,
  due_at     timestamptz not null,
  until      timestamptz not null,
  reason     text        not null,
  by_id      uuid        not null,
  by_name    text        not null,
  at         timestamptz not null,
  constraint recertification_postponement_pk primary key (id)
);
comment on table recertification_postponement is 'Due dates that an administrator put off, from when to when and why.';
create index recertification_postponement_partner on recertification_postponement (partner_id, at desc);

grant select, insert on recertification_reminder, recertification_postponement to portal_app;
