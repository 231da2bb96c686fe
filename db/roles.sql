-- The portal's three database roles. Run once by an administrator of the server, as often as you like;
-- passwords are set apart from this file (alter role … password …).
--   portal_owner    owns the schema; used by "migrate" only
--   portal_app      the running portal: reads and writes, but cannot change the history or the schema
--   portal_auditor  reads; for verification and for people with psql
do $$
declare
  wanted text;
begin
  foreach wanted in array array['portal_owner', 'portal_app', 'portal_auditor'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', wanted);
    end if;
  end loop;
end
$$;
