-- Keeps 24 months of audit partitions ahead, each with its own deny trigger (the parent's does not fire on a
-- partition that is named directly), and a default partition so that no event is ever lost for want of one.
do $$
declare
  month     date := date_trunc('month', now() at time zone 'UTC')::date;
  partition text;
begin
  for i in 0..24 loop
    partition := 'audit_event_' || to_char(month, 'YYYY_MM');
    if to_regclass(partition) is null then
      execute format('create table %I partition of audit_event for values from (%L) to (%L)', partition,
        month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
      execute format('create trigger %I before update or delete or truncate on %I for each statement execute function audit_is_append_only()',
        partition || '_append_only', partition);
      execute format('revoke all on %I from portal_auditor', partition);
      execute format('comment on table %I is %L', partition, 'The history of ' || to_char(month, 'YYYY-MM'));
    end if;
    month := (month + interval '1 month')::date;
  end loop;
  if to_regclass('audit_event_default') is null then
    create table audit_event_default partition of audit_event default;
    create trigger audit_event_default_append_only before update or delete or truncate on audit_event_default
      for each statement execute function audit_is_append_only();
    revoke all on audit_event_default from portal_auditor;
    comment on table audit_event_default is 'Events outside the prepared months; stays empty while migrate runs at least every other year';
  end if;
end
$$;

-- The portal looks at its start whether the schema is new enough.
grant select on flyway_schema_history to portal_app, portal_auditor;
