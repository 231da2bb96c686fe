create table push_pause (
  tenant_id text        not null,
  paused_at timestamptz not null,
  by_id     text        not null,
  by_name   text        not null,
  constraint push_pause_pk primary key (tenant_id)
);
comment on table push_pause is 'Whoever has paused all pushes to a tenant, while they are paused. Reliefs go on.';

create table connector_rollout (
  id         uuid        not null,
  tenant_id  text        not null,
  portion    int         not null,
  begun_at   timestamptz not null,
  stopped_at timestamptz,
  ended_at   timestamptz,
  constraint connector_rollout_pk primary key (id),
  constraint connector_rollout_portion check (portion > 0)
);
comment on table connector_rollout is 'A bulk push: many changes that begin in portions. stopped_at: it has stopped by itself after failures and waits for somebody.';
create unique index connector_rollout_open on connector_rollout (tenant_id) where ended_at is null;

alter table connector_change
  add column rollout_id uuid,
  add column portion int,
  add constraint connector_change_rollout foreign key (rollout_id) references connector_rollout (id),
  drop constraint connector_change_kind,
  add constraint connector_change_kind check (kind in ('ENFORCE', 'SUSPEND', 'REMOVE', 'APPLY_AGAIN', 'ACCEPT', 'GO_BACK'));
create index connector_change_rollout_members on connector_change (rollout_id) where rollout_id is not null;

-- The validation is recorded together with switching on; waiting changes go straight there.
delete from push_step where kind = 'OUTBOUND_RECORD';

grant select, insert, delete on push_pause to portal_app;
grant select, insert, update on connector_rollout to portal_app;
