-- A portal with :partners partners and a year behind it, made by a few statements. Of a hundred partners 84 are active,
-- 9 on their way, 7 over; names, owners, domains and dates are spread over all of them by their number.
create temporary table t as
select n, overlay(md5('partner' || n)::text placing '7' from 13 for 1)::uuid as id,
  case when n % 100 < 84 then 'ACTIVE' when n % 100 < 89 then 'ONBOARDING' when n % 100 < 93 then 'INVITED'
    when n % 100 < 95 then 'SUSPENDED' when n % 100 < 98 then 'ENDED' when n % 100 < 99 then 'EXPIRED' else 'WITHDRAWN' end as state,
  (array['Nordwind', 'Tailwind', 'Fabrikam', 'Wide World', 'Contoso', 'Adventure', 'Litware', 'Proseware', 'Northern', 'Alpine',
    'Blue Yonder', 'Coho', 'Fourth', 'Graphic', 'Humongous', 'Lucerne', 'Margie', 'Relecloud', 'Southridge', 'Trey'])[1 + n * 7 % 20]
    || ' ' || lpad(n::text, 5, '0') || (array[' GmbH', ' AG', ' Ltd', ' Inc', ' SE'])[1 + n % 5] as name,
  'partner-' || n || '.example' as domain,
  now() - interval '380 days' + n % 370 * interval '1 day' as invited_at,
  (array['Ines Falk', 'Olu Owens', 'Per Lund', 'Zoë Marek', 'Kim Ito', 'Ada Frei', 'Leo Roth', 'Eva Lang'])[1 + n * 3 % 8] as owner
from generate_series(1, :partners) n;

insert into account (id, version, kind, issuer, subject, address, name, roles, created_at)
select ('00000000-0000-7000-8000-00000000000' || n)::uuid, 0, 'STAFF', 'https://identity.example', 'subject-' || n,
  'admin' || n || '@contoso.example', 'Admin ' || n, 'ADMIN', now() - interval '400 days' from generate_series(1, 3) n;
insert into account (id, version, kind, address, address_key, name, roles, partner_id, created_at, ended_at)
select overlay(md5('account' || n)::text placing '7' from 13 for 1)::uuid, 0, 'PARTNER', 'it@' || domain, 'it@' || domain, 'Greta ' || n, 'PARTNER', id,
  invited_at, case when state in ('ENDED', 'EXPIRED', 'WITHDRAWN') then now() end from t;

insert into partnership (id, version, reference, name, state, owner_name, owner_address, invited_by, reason, invited_at,
  active_since, last_proof_at, next_due_at, changed_at)
select id, 3, 'TLS-2026-' || lpad(n::text, 5, '0'), name, state, owner, lower(replace(owner, ' ', '.')) || '@contoso.example',
  '00000000-0000-7000-8000-000000000001', 'Contracts with personal data', invited_at,
  case when state in ('ACTIVE', 'SUSPENDED', 'ENDED') then invited_at + interval '10 days' end,
  case when state in ('ACTIVE', 'SUSPENDED', 'ENDED') then invited_at + interval '10 days' end,
  case when state in ('ACTIVE', 'SUSPENDED', 'ENDED') then invited_at + interval '375 days' end, now() from t;

create temporary table d as
select t.*, k, case k when 1 then domain when 2 then 'mail.' || domain else 'group' || n || '-' || k || '.example' end as mail_domain
from t cross join lateral generate_series(1, case when n % 10 = 0 then 3 when n % 4 = 0 then 2 else 1 end) k;
insert into mail_domain (id, partnership_id, name, living, proof, token, asked_at, valid_until, proven_at, looked_up_at, seen)
select overlay(md5('domain' || mail_domain)::text placing '7' from 13 for 1)::uuid, id, mail_domain, state not in ('ENDED', 'EXPIRED', 'WITHDRAWN'),
  case when state in ('INVITED', 'EXPIRED', 'WITHDRAWN') or (state = 'ONBOARDING' and n % 2 = 0) then 'UNPROVEN' else 'PROVEN' end,
  md5(mail_domain), invited_at, invited_at + interval '14 days',
  case when not (state in ('INVITED', 'EXPIRED', 'WITHDRAWN') or (state = 'ONBOARDING' and n % 2 = 0)) then invited_at + interval '1 day' end,
  now() - interval '1 day', 'There is no TXT record at that name.' from d;

insert into contact (id, partnership_id, position, name, address, phone, role)
select overlay(md5('contact' || n)::text placing '7' from 13 for 1)::uuid, id, 0, 'Greta Hahn ' || n, 'it@' || domain, '+44 20 7946 0000', 'TECHNICAL' from t
union all
select overlay(md5('emergency' || n)::text placing '7' from 13 for 1)::uuid, id, 1, 'Ole Hahn ' || n, 'ole' || n || '@private.example', '+44 20 7946 0001', 'EMERGENCY' from t;

insert into attestation (id, version, partner_id, kind, state, nonce, answers, level, shaped_by, shaped_by_name, opened_at,
  submitted_at, decided_at, changed_at, changed_by, changed_what)
select overlay(md5('attestation' || n)::text placing '7' from 13 for 1)::uuid, 4, id, 'FIRST',
  case when state <> 'ONBOARDING' then 'APPROVED' when n % 10 < 5 then 'OPEN' when n % 10 < 7 then 'SUBMITTED' when n % 10 < 8 then 'RETURNED' else 'APPROVED' end,
  md5('nonce' || n), '{"receivingSeen":true,"platforms":["POSTFIX"],"otherSenders":null,"ipRanges":[],"certificateName":null,"setup":"BOTH","confirmation":{"name":"Greta Hahn","role":"Mail administrator","toUs":{"choice":"YES","reason":null,"owner":null,"until":null},"fromUs":{"choice":"'
    || case when n % 50 = 0 then 'NOT_YET","reason":"Server is replaced","owner":"Greta Hahn","until":"' || (current_date + n % 200)::text || '"' else 'YES","reason":null,"owner":null,"until":null' end
    || '},"at":"2026-01-01T00:00:00Z"}}',
  'CERTIFICATE_VALIDATION', '00000000-0000-7000-8000-000000000001', 'Admin 1', invited_at + interval '2 days',
  invited_at + interval '5 days', invited_at + interval '6 days', invited_at + interval '6 days', 'Admin 2', 'approved'
from t where state in ('ACTIVE', 'ONBOARDING', 'SUSPENDED', 'ENDED');
insert into inbound_proof (id, attestation_id, partner_id, source, message_key, encrypted, sentence, sent_at, seen_at)
select overlay(md5('proof' || n)::text placing '7' from 13 for 1)::uuid, overlay(md5('attestation' || n)::text placing '7' from 13 for 1)::uuid, id, 'MAILBOX', 'key-' || n, true,
  'The message came over TLS 1.3.', invited_at + interval '4 days', invited_at + interval '4 days' from t where state in ('ACTIVE', 'SUSPENDED', 'ENDED');

insert into connector_change (id, version, partner_id, partner_name, attestation_id, tenant_id, kind, state, plan, plan_hash,
  outbound_guid, inbound_guid, validated_at, proof_at, enforce_at, why, proposed_at, approved_at, started_at, finished_at)
select overlay(md5('change' || n || '-' || k)::text placing '7' from 13 for 1)::uuid, 9, id, name,
  overlay(md5('attestation' || n)::text placing '7' from 13 for 1)::uuid, ':tenant', 'ENFORCE',
  case when k = 1 and n % 400 = 0 then 'NEEDS_ATTENTION' when k = 1 and n % 500 = 1 then 'PLANNED' else 'DONE' end,
  replace(replace(replace(':plan', 'some-domain.example', domain), 'Some Partner', name), '00000000-0000-7000-8000-00000000abcd', id::text),
  md5('hash' || n) || md5('hash' || n), md5('out' || n)::uuid::text, md5('in' || n)::uuid::text, invited_at + interval '7 days',
  invited_at + interval '7 days', invited_at + interval '10 days', case when k = 1 and n % 400 = 0 then 'The connector was refused.' end,
  invited_at + k * interval '6 days', case when not (k = 1 and n % 500 = 1) then invited_at + interval '6 days' end,
  case when not (k = 1 and n % 500 = 1) then invited_at + interval '6 days' end,
  case when not (k = 1 and (n % 400 = 0 or n % 500 = 1)) then invited_at + interval '10 days' end
from t cross join generate_series(1, 2) k where state in ('ACTIVE', 'SUSPENDED') and (k = 1 or n % 3 = 0);
insert into push_step (id, version, change_id, seq, kind, title, state, fence, tries, duration_ms, started_at, ended_at)
select gen_random_uuid(), 1, c.id, steps.k, steps.kind, steps.kind, 'DONE', 1, 1, 800, c.started_at, c.started_at
from connector_change c cross join unnest(array['OUTBOUND_WRITE', 'OUTBOUND_READ_BACK', 'INBOUND_WRITE', 'INBOUND_READ_BACK']) with ordinality steps(kind, k)
where c.started_at is not null;
insert into connector (id, version, partner_id, partner_name, tenant_id, direction, guid, name, form, enforced_since, seen_at)
select overlay(md5(direction || n)::text placing '7' from 13 for 1)::uuid, 3, id, name, ':tenant', direction, md5(direction || n)::uuid::text,
  case direction when 'OUTBOUND' then 'To ' else 'From ' end || domain, '{}',
  case when state = 'ACTIVE' and not (direction = 'INBOUND' and n % 12 = 0) then invited_at + interval '10 days' end, now()
from t cross join unnest(array['OUTBOUND', 'INBOUND']) direction where state in ('ACTIVE', 'SUSPENDED');
insert into mail_path (tenant_id, partner_id, direction, checked_at, obstacles, notes)
select ':tenant', id, direction, now(), case when n % 300 = 0 then '["a transport rule sends it elsewhere"]' else '[]' end, '[]'
from t cross join unnest(array['OUTBOUND', 'INBOUND']) direction where state = 'ACTIVE';
insert into connector_drift (id, version, tenant_id, partner_id, partner_name, direction, guid, name, kind, wanted, found, found_at, seen_at, ended_at, ended_how)
select gen_random_uuid(), 1, ':tenant', id, name, 'INBOUND', md5('INBOUND' || n)::uuid::text, 'From ' || domain, 'CHANGED', '{}', '{}',
  now() - n % 300 * interval '1 day', now(), case when n % 700 <> 0 then now() end, case when n % 700 <> 0 then 'RETURNED' end
from t where state = 'ACTIVE' and n % 35 = 0;

-- A check of each domain every fortnight, as they are kept.
insert into tls_check (id, domain, asked_at, asked_by, started_at, finished_at, rules_version, report, outcome, forced_tls, sentence, expires_at, counted)
select overlay(md5('check' || mail_domain || f)::text placing '7' from 13 for 1)::uuid, mail_domain, now() - f * interval '14 days', 'tls-check-round',
  now() - f * interval '14 days', now() - f * interval '14 days', 2, replace(':report', 'some-domain.example', mail_domain),
  case when n % 60 = 0 then 'FAIL' else 'PASS' end, 'PASS', 'Encryption works.', now() + interval '40 days', true
from d cross join generate_series(0, 12) f where state in ('ACTIVE', 'ONBOARDING', 'SUSPENDED');
insert into watched_domain (domain, partner_id, partner_name, watched_since, due_at, level, state, state_since, failures,
  first_failed_at, unclear, check_id, checked_at, rules_version, outcome, forced_tls, sentence, expires_at, expiring_from, difference, difference_since)
select mail_domain, id, name, invited_at, now() + interval '1 day', 'CERTIFICATE_VALIDATION', case when n % 60 = 0 then 'FAILING' else 'GOOD' end,
  now() - n % 200 * interval '1 day', case when n % 60 = 0 then 3 else 0 end, case when n % 60 = 0 then now() - interval '3 days' end, 0,
  overlay(md5('check' || mail_domain || 0)::text placing '7' from 13 for 1)::uuid, now(), 2, case when n % 60 = 0 then 'FAIL' else 'PASS' end, 'PASS', 'Encryption works.',
  now() + (5 + n % 80) * interval '1 day', now() + (5 + n % 80 - 14) * interval '1 day',
  case when n % 90 = 0 then 'The mail servers are others.' end, case when n % 90 = 0 then now() end
from d where state in ('ACTIVE', 'ONBOARDING', 'SUSPENDED');

insert into partner_request (id, version, reference, organisation, domain, contact_name, address, reason, state, asked_at, confirmed_at)
select gen_random_uuid(), 1, 'REQ-2026-' || n, 'Newcomer ' || n, 'newcomer-' || n || '.example', 'Kim New', 'kim@newcomer-' || n || '.example',
  'Contracts', 'CONFIRMED', now() - n * interval '1 hour', now() - n * interval '1 hour' from generate_series(1, greatest(2, :partners / 500)) n;
insert into letter (id, recipient, template, model, partner_id, state, tries, created_at, sent_at)
select gen_random_uuid(), 'it@' || domain, 'partner-approved', '{}', id, 'SENT', 1, invited_at + k * interval '9 days', invited_at + k * interval '9 days'
from t cross join generate_series(1, 8) k;

-- Forty events a partner and year.
insert into audit_event (id, at, event, code, outcome, actor_kind, actor_id, actor_role, subject_type, subject_id, partner_id, domain)
select id, at, json_build_object('v', '1', 'id', id, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'code', code, 'outcome', 'success',
    'actor', json_build_object('kind', 'SYSTEM', 'id', 'portal'), 'partner', json_build_object('id', partner, 'name', name), 'domain', domain)::text,
  code, 'success', 'SYSTEM', 'portal', null, 'partner', partner::text, partner, domain
from (select overlay(md5('event' || n || '-' || k)::text placing '7' from 13 for 1)::uuid as id, t.id as partner, name, domain,
    date_trunc('microseconds', now() - k * interval '9 days' - n % 9 * interval '1 day' - n * interval '1 second') as at,
    (array['tlscheck.finished', 'mail.sent', 'domain.looked-up', 'attestation.answered', 'connector.compared', 'sign-in.partner', 'partner.proven', 'tlscheck.recovered'])[1 + (n + k) % 8] as code
  from t cross join generate_series(1, 40) k) e order by at;
drop table d, t;
