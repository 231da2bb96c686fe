-- One address may help several partners, and may confirm for one of them at most.
drop index account_partner_address_unique;
create unique index account_partner_address_unique on account (address_key, partner_id) where kind = 'PARTNER' and ended_at is null;
create unique index account_confirms_once on account (address_key) where kind = 'PARTNER' and ended_at is null and roles = 'PARTNER';
-- Whoever writes a letter looks for its reader's language, in ended accounts too.
create index account_address on account (address_key) where kind = 'PARTNER';
comment on table account is 'Who may sign in: staff by issuer and subject of their OpenID Connect provider, partners by their address, with one account for each partner.';

drop index invitation_one_pending;
create unique index invitation_one_pending on invitation (address_key, partner_id) where state = 'PENDING';

comment on column one_time_code.subject_id is 'What the code is about: a request, a hand-over, or the partner for which alone it signs in.';
