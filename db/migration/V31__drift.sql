create table connector_drift (
  id           uuid        not null,
  version      bigint      not null,
  tenant_id    text        not null,
  partner_id   uuid        not null,
  partner_name text        not null,
  direction    text        not null,
  guid         text        not null,
  name         text        not null,
  kind         text        not null,
  wanted       text        not null,
  found        text,
  changed_at   timestamptz,
  found_at     timestamptz not null,
  seen_at      timestamptz not null,
  ended_at     timestamptz,
  ended_how    text,
  constraint connector_drift_pk primary key (id),
  constraint connector_drift_direction check (direction in ('OUTBOUND', 'INBOUND')),
  constraint connector_drift_kind check (kind in ('GONE', 'SWITCHED_OFF', 'LOOSENED', 'CHANGED')),
  constraint connector_drift_how check (ended_how in ('RETURNED', 'PUSHED', 'ACCEPTED')),
  constraint connector_drift_ended check ((ended_at is null) = (ended_how is null)),
  constraint connector_drift_found check ((found is null) = (kind = 'GONE'))
);
comment on table connector_drift is 'Differences between a connector as we left it (wanted, as JSON) and as it was found in the tenant (found, as JSON; null: it is gone). changed_at: when it was changed by the tenant''s clock.';
create unique index connector_drift_open on connector_drift (tenant_id, partner_id, direction) where ended_at is null;
create index connector_drift_partner on connector_drift (partner_id, found_at desc);

create table connector_drift_check (
  tenant_id  text        not null,
  checked_at timestamptz not null,
  compared   int         not null,
  differing  int         not null,
  calls      int         not null,
  took_ms    bigint      not null,
  failure    text,
  failed_at  timestamptz,
  constraint connector_drift_check_pk primary key (tenant_id)
);
comment on table connector_drift_check is 'The last comparison of all connectors of a tenant with what we left there. failure: why the newest try could not compare.';

grant select, insert, update on connector_drift, connector_drift_check to portal_app;
