create table invitation (
  id             uuid        not null,
  version        bigint      not null,
  partner_id     uuid        not null,
  name           text        not null,
  address        text        not null,
  address_key    text        not null,
  role           text        not null,
  invited_by     text        not null,
  request        text        not null,
  state          text        not null,
  first_sent_at  timestamptz not null,
  sent_at        timestamptz not null,
  sendings       int         not null,
  expires_at     timestamptz not null,
  opened_at      timestamptz,
  ended_at       timestamptz,
  why            text,
  asked_again_at timestamptz,
  constraint invitation_pk primary key (id),
  constraint invitation_partner_fk foreign key (partner_id) references partnership (id),
  constraint invitation_state check (state in ('PENDING', 'OPENED', 'EXPIRED', 'REVOKED')),
  constraint invitation_role check (role in ('TECHNICAL', 'HELPER')),
  constraint invitation_opened_when check ((state = 'OPENED') = (opened_at is not null)),
  constraint invitation_ended_when check ((state in ('EXPIRED', 'REVOKED')) = (ended_at is not null))
);
comment on table invitation is 'Who was invited to sign in for which partner, until when, and what came of it. There is no secret in an invitation: it leads to a page, and a code proves the address.';
create unique index invitation_one_pending on invitation (address_key) where state = 'PENDING';
create index invitation_partner on invitation (partner_id, sent_at desc);
create index invitation_list on invitation (state, sent_at desc, id);
create index invitation_due on invitation (expires_at) where state = 'PENDING';
grant select, insert, update on invitation to portal_app;
