-- What the search asks for, each in the order of the pages (newest first), so that a page is read from an index.
create index audit_event_actor on audit_event (actor_id, at desc, id desc);
create index audit_event_role on audit_event ((coalesce(actor_role, actor_kind)), at desc, id desc);
create index audit_event_code on audit_event (code, at desc, id desc);
create index audit_event_trouble on audit_event (outcome, at desc, id desc) where outcome <> 'success';
create index audit_event_domain on audit_event (domain, at desc, id desc) where domain is not null;
create index audit_event_subject on audit_event (subject_id, at desc, id desc) where subject_id is not null;
create index audit_event_request on audit_event (request_id, at desc, id desc) where request_id is not null;

-- Words are runs of letters and digits, so that "nordwind" finds nordwind.example and a half of an address finds it.
create function audit_words(content text) returns tsvector language sql immutable parallel safe
  return to_tsvector('simple'::regconfig, regexp_replace(content, '[^[:alnum:]]+', ' ', 'g'));
comment on function audit_words(text) is 'The words of a text for the search of the history';

create function audit_query(typed text) returns tsquery language sql immutable parallel safe
  return to_tsquery('simple'::regconfig, replace(btrim(regexp_replace(typed, '[^[:alnum:]]+', ' ', 'g')), ' ', ':* & ') || ':*');
comment on function audit_query(text) is 'What somebody typed into the search of the history: every word, each by its beginning';

-- Of an event its partner, domain, details and changes; not the ids, which have indexes of their own.
create function audit_event_words(event text) returns tsvector language plpgsql immutable parallel safe as $$
declare
  parsed jsonb := event::jsonb;
begin
  -- Named in full: vacuum and analyze look in no schema of ours.
  return public.audit_words(coalesce(parsed #>> '{partner,name}', '') || ' ' || coalesce(parsed ->> 'domain', '') || ' '
    || coalesce(parsed ->> 'details', '') || ' ' || coalesce(parsed ->> 'changes', ''));
end
$$;
comment on function audit_event_words(text) is 'The words of an event for the search of the history';
create index audit_event_words on audit_event using gin (audit_event_words(event));

-- Beside the event: reasons and people spoken of. Who acted is found by audit_name.
create index audit_personal_words on audit_personal using gin (audit_words(content))
  where slot <> 'actor' and slot not like 'search%';

create table audit_name (
  person_id text        not null,
  name      text        not null,
  address   text        not null,
  first_at  timestamptz not null,
  constraint audit_name_pk primary key (person_id, name, address)
);
comment on table audit_name is 'Every name and address under which somebody has acted, so that the history is searched by name, also by an old one. Personal data: goes when the person is erased.';
create index audit_name_words on audit_name using gin (audit_words(name || ' ' || address));
grant select, insert on audit_name to portal_app;
insert into audit_name (person_id, name, address, first_at)
select p.person_id, coalesce(p.content::jsonb ->> 'name', ''), coalesce(p.content::jsonb ->> 'address', ''), min(e.at)
from audit_personal p join audit_event e on e.id = p.event_id
where p.slot = 'actor' and p.content like '{%' and p.person_id is not null and p.content::jsonb ? 'name'
group by 1, 2, 3;
