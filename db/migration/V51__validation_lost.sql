alter table connector add column validated boolean not null default false;
comment on column connector.validated is 'Whether the tenant had it recorded as validated when we last left it.';

alter table connector_drift drop constraint connector_drift_kind;
alter table connector_drift add constraint connector_drift_kind
  check (kind in ('GONE', 'SWITCHED_OFF', 'LOOSENED', 'CHANGED', 'UNVALIDATED'));
alter table connector_drift add column alarm_since timestamptz;
comment on column connector_drift.alarm_since is 'Since when mail may travel in clear text or unguarded: when it was changed by the tenant''s clock, or else when it was found.';
