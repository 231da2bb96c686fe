create table names_told (
  partner_id uuid        not null,
  told_at    timestamptz not null,
  names      text        not null,
  constraint names_told_pk primary key (partner_id)
);
comment on table names_told is 'Which of our names a partner last confirmed a setup for, as JSON: mail domains, MX names, sending names. Whoever has other names than those of today must be told.';

create table inbound_trace (
  attestation_id uuid        not null,
  trace_id       text        not null,
  partner_id     uuid        not null,
  received_at    timestamptz not null,
  status         text        not null,
  connector      text,
  seen_at        timestamptz not null,
  constraint inbound_trace_pk primary key (attestation_id, trace_id),
  constraint inbound_trace_attestation_fk foreign key (attestation_id) references attestation (id)
);
comment on table inbound_trace is 'Test messages as Exchange Online''s message trace tells of them. connector: the name of the inbound connector that took the message; null: it took none, or the trace does not say.';
create index inbound_trace_partner on inbound_trace (partner_id, received_at desc);

grant select, insert, update on names_told, inbound_trace to portal_app;
