create table attestation (
  id              uuid        not null,
  version         bigint      not null,
  partner_id      uuid        not null,
  kind            text        not null,
  state           text        not null,
  nonce           text        not null,
  answers         text        not null,
  level           text        not null,
  tls_domain      text,
  shaped_by       uuid        not null,
  shaped_by_name  text        not null,
  opened_at       timestamptz not null,
  submitted_at    timestamptz,
  decided_at      timestamptz,
  comment         text,
  comment_task    text,
  changed_at      timestamptz not null,
  changed_by      text        not null,
  changed_what    text        not null,
  constraint attestation_pk primary key (id),
  constraint attestation_nonce_unique unique (nonce),
  constraint attestation_kind check (kind in ('FIRST', 'CHANGE', 'RECERTIFICATION')),
  constraint attestation_state check (state in ('OPEN', 'SUBMITTED', 'APPROVED', 'RETURNED', 'REJECTED')),
  constraint attestation_level check (level in ('ENCRYPTION_ONLY', 'CERTIFICATE_VALIDATION', 'DOMAIN_VALIDATION'))
);
comment on table attestation is 'One pass of the task list: what a partner stated, and what we decided. answers is JSON; nonce makes the address for its test message; shaped_by is the last internal person who shaped it and may therefore not approve it.';
create unique index attestation_one_living on attestation (partner_id) where state in ('OPEN', 'SUBMITTED', 'RETURNED');
create index attestation_partner on attestation (partner_id, opened_at desc);
grant select, insert, update on attestation to portal_app;

create table inbound_proof (
  id             uuid        not null,
  attestation_id uuid        not null,
  partner_id     uuid        not null,
  source         text        not null,
  message_key    text        not null,
  encrypted      boolean,
  sentence       text        not null,
  hop            text,
  sent_at        timestamptz,
  seen_at        timestamptz not null,
  constraint inbound_proof_pk primary key (id),
  constraint inbound_proof_attestation_fk foreign key (attestation_id) references attestation (id),
  constraint inbound_proof_source check (source in ('MAILBOX', 'STAFF', 'PARTNER')),
  constraint inbound_proof_once unique (attestation_id, source, message_key)
);
comment on table inbound_proof is 'What test messages showed. encrypted is null where the headers cannot tell; what a partner pasted is unverified and starts nothing.';
create index inbound_proof_partner on inbound_proof (partner_id, seen_at desc);
grant select, insert on inbound_proof to portal_app;
