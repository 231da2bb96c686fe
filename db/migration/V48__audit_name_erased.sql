-- Whoever is erased is no longer found by any of their names either.
create or replace function audit_erase(whose text[], moment timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  erased bigint;
begin
  if not exists (select from audit_personal where person_id = any (whose) and content is not null) then
    return null;
  end if;
  insert into audit_erased (at) values (moment) returning number into erased;
  update audit_personal set salt = null, content = null, person_id = 'erased ' || erased
    where person_id = any (whose);
  delete from audit_name where person_id = any (whose);
  return erased;
end
$$;
