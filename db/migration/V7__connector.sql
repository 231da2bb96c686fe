create table connector_change (
  id             uuid        not null,
  version        bigint      not null,
  partner_id     uuid        not null,
  partner_name   text        not null,
  attestation_id uuid,
  tenant_id      text        not null,
  kind           text        not null,
  state          text        not null,
  plan           text        not null,
  plan_hash      text        not null,
  shaped_by      uuid,
  outbound_guid  text,
  inbound_guid   text,
  validated_at   timestamptz,
  proof_at       timestamptz,
  enforce_at     timestamptz,
  why            text,
  proposed_at    timestamptz not null,
  approved_at    timestamptz,
  started_at     timestamptz,
  finished_at    timestamptz,
  due_at         timestamptz,
  constraint connector_change_pk primary key (id),
  constraint connector_change_kind check (kind in ('ENFORCE', 'SUSPEND', 'REMOVE')),
  constraint connector_change_state check (state in ('PLANNED', 'APPROVED', 'PUSHING', 'PROVING', 'DONE', 'NEEDS_ATTENTION', 'VOID')),
  constraint connector_change_hash check (plan_hash ~ '^[0-9a-f]{64}$'),
  constraint connector_change_finished check ((finished_at is not null) = (state in ('DONE', 'VOID')))
);
comment on table connector_change is 'A reviewed change of a partner''s connectors: the plan as JSON, its hash (what approvals are for), how far it is. due_at: when the push has something to do; null: it waits for somebody or something else.';
create index connector_change_partner on connector_change (partner_id, proposed_at desc);
create index connector_change_due on connector_change (tenant_id, due_at) where due_at is not null;
create index connector_change_attestation on connector_change (attestation_id);

create table connector_approval (
  change_id     uuid        not null,
  approver_id   uuid        not null,
  approver_name text        not null,
  plan_hash     text        not null,
  at            timestamptz not null,
  constraint connector_approval_pk primary key (change_id, approver_id),
  constraint connector_approval_change foreign key (change_id) references connector_change (id)
);
comment on table connector_approval is 'Who approved which plan of a change, by its hash.';

create table push_step (
  id          uuid        not null,
  version     bigint      not null,
  change_id   uuid        not null,
  seq         int         not null,
  kind        text        not null,
  title       text        not null,
  state       text        not null,
  fence       bigint      not null,
  tries       int         not null,
  request_id  text,
  duration_ms bigint,
  detail      text,
  started_at  timestamptz,
  ended_at    timestamptz,
  not_before  timestamptz,
  constraint push_step_pk primary key (id),
  constraint push_step_change foreign key (change_id) references connector_change (id),
  constraint push_step_once unique (change_id, kind),
  constraint push_step_state check (state in ('WAITING', 'RUNNING', 'DONE', 'FAILED'))
);
comment on table push_step is 'The steps of a push as people watch them. fence: the number under which somebody carries the step out; a report under an older number counts for nothing.';

create table connector (
  id             uuid        not null,
  version        bigint      not null,
  partner_id     uuid        not null,
  partner_name   text        not null,
  tenant_id      text        not null,
  direction      text        not null,
  guid           text        not null,
  name           text        not null,
  form           text        not null,
  enforced_since timestamptz,
  seen_at        timestamptz not null,
  constraint connector_pk primary key (id),
  constraint connector_direction check (direction in ('OUTBOUND', 'INBOUND')),
  constraint connector_one unique (partner_id, direction, tenant_id),
  constraint connector_guid unique (tenant_id, direction, guid)
);
comment on table connector is 'The connectors that we made: at most one per partner, direction and tenant. form: the settings as last seen, as JSON.';
create index connector_name on connector (tenant_id, name);

create table connector_relief (
  id           uuid        not null,
  version      bigint      not null,
  partner_id   uuid        not null,
  partner_name text        not null,
  tenant_id    text        not null,
  step         text        not null,
  state        text        not null,
  direction    text        not null,
  guid         text        not null,
  name         text        not null,
  reason       text        not null,
  by_id        text        not null,
  by_name      text        not null,
  before       text,
  wanted_at    timestamptz not null,
  applied_at   timestamptz,
  until        timestamptz not null,
  reminded_at  timestamptz,
  ended_at     timestamptz,
  ended_by     text,
  fence        bigint      not null,
  tries        int         not null,
  request_id   text,
  detail       text,
  due_at       timestamptz,
  constraint connector_relief_pk primary key (id),
  constraint connector_relief_step check (step in ('OUTBOUND_ENCRYPTION_ONLY', 'INBOUND_CLEAR_TEXT', 'OUTBOUND_OFF')),
  constraint connector_relief_state check (state in ('WANTED', 'ACTIVE', 'ENDING', 'ENDED', 'FAILED')),
  constraint connector_relief_direction check (direction in ('OUTBOUND', 'INBOUND')),
  constraint connector_relief_until check (until > wanted_at)
);
comment on table connector_relief is 'Enforcement loosened in an emergency, one step a row, with the settings as they were before (JSON). While one is open, no change of the partner is pushed.';
create unique index connector_relief_open on connector_relief (partner_id, step) where state <> 'ENDED';
create index connector_relief_due on connector_relief (tenant_id, due_at) where due_at is not null;

create sequence connector_fence;
comment on sequence connector_fence is 'Numbers under which work on the tenant is carried out; a newer one makes older ones void.';

create table connector_lease (
  tenant_id text   not null,
  fence     bigint not null,
  constraint connector_lease_pk primary key (tenant_id)
);
comment on table connector_lease is 'Which run of the push is the one writer of a tenant.';

grant select, insert, update on connector_change, connector, connector_relief, connector_lease to portal_app;
grant select, insert on connector_approval to portal_app;
grant select, insert, update, delete on push_step to portal_app;
grant delete on connector to portal_app;
grant usage on sequence connector_fence to portal_app;
