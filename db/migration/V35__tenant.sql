create table connection_check (
  tenant_id  text        not null,
  checked_at timestamptz not null,
  findings   text        not null,
  constraint connection_check_pk primary key (tenant_id)
);
comment on table connection_check is 'What the last look at the connection to a tenant came to: token, permission, role, cmdlets, domains, room, clock, as JSON.';

create table connector_validation (
  id           uuid        not null,
  change_id    uuid        not null,
  partner_id   uuid        not null,
  guid         text        not null,
  at           timestamptz not null,
  successful   boolean     not null,
  tasks        text        not null,
  request_id   text        not null,
  duration_ms  bigint      not null,
  constraint connector_validation_pk primary key (id),
  constraint connector_validation_change foreign key (change_id) references connector_change (id)
);
comment on table connector_validation is 'Each validation of an outbound connector with the results of its tasks in Exchange Online''s words, as JSON.';
create index connector_validation_partner on connector_validation (partner_id, at desc);

create table mail_path (
  tenant_id  text        not null,
  partner_id uuid        not null,
  direction  text        not null,
  checked_at timestamptz not null,
  obstacles  text        not null,
  notes      text        not null,
  constraint mail_path_pk primary key (tenant_id, partner_id, direction),
  constraint mail_path_direction check (direction in ('OUTBOUND', 'INBOUND'))
);
comment on table mail_path is 'Whether mail with a partner really takes our connectors. obstacles: why a direction cannot be enforced here, notes: what was seen, both JSON lists of sentences.';

create table tenant_reading (
  id        uuid        not null,
  tenant_id text        not null,
  read_at   timestamptz not null,
  by_id     text        not null,
  by_name   text        not null,
  outbound  text        not null,
  inbound   text        not null,
  hash      text        not null,
  constraint tenant_reading_pk primary key (id),
  constraint tenant_reading_hash check (hash ~ '^[0-9a-f]{64}$')
);
comment on table tenant_reading is 'The tenant''s connectors as an administrator pasted them, in script mode: evidence, and what plans are made against. hash: SHA-256 over both texts as pasted.';
create index tenant_reading_newest on tenant_reading (tenant_id, read_at desc);

grant select, insert, update on connection_check, mail_path to portal_app;
grant select, insert on connector_validation, tenant_reading to portal_app;
