alter table connector_drift_check add column lost_at timestamptz;
comment on column connector_drift_check.lost_at is 'When the history was told that nobody can look at the tenant any more; null: somebody can.';
