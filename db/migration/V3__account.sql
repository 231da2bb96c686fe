create table account (
  id         uuid        not null,
  version    bigint      not null,
  kind       text        not null,
  issuer     text,
  subject    text,
  address    text,
  address_key text,
  name       text        not null,
  roles      text        not null,
  partner_id uuid,
  ended_at   timestamptz,
  created_at timestamptz not null,
  constraint account_pk primary key (id),
  constraint account_kind check (kind in ('STAFF', 'PARTNER')),
  constraint account_staff_has_subject check (kind <> 'STAFF' or (issuer is not null and subject is not null)),
  constraint account_partner_has_address check (kind <> 'PARTNER' or (address_key is not null and partner_id is not null)),
  constraint account_subject_unique unique (issuer, subject)
);
comment on table account is 'Who may sign in: staff by issuer and subject of their OpenID Connect provider, partners by their address.';
create unique index account_partner_address_unique on account (address_key) where kind = 'PARTNER' and ended_at is null;
create index account_partner on account (partner_id);
grant select, insert, update on account to portal_app;

create table one_time_code (
  id          uuid        not null,
  purpose     text        not null,
  subject_id  uuid,
  address     text        not null,
  address_key text        not null,
  known       boolean     not null,
  browser     text        not null,
  code        text,
  made_at     timestamptz,
  expires_at  timestamptz,
  tries       int         not null default 0,
  used_at     timestamptz,
  asked_at    timestamptz not null,
  asked_from  text        not null,
  constraint one_time_code_pk primary key (id),
  constraint one_time_code_purpose check (purpose in ('SIGN_IN', 'REQUEST'))
);
comment on table one_time_code is 'Codes that prove an address. Bound to the browser that asked (SHA-256 of its cookie); the code itself is stored by a password encoder and made by the mail job.';
create index one_time_code_address on one_time_code (address_key, asked_at);
create index one_time_code_from on one_time_code (asked_from, asked_at);
grant select, insert, update, delete on one_time_code to portal_app;
revoke all on one_time_code from portal_auditor;
