create sequence request_reference;
comment on sequence request_reference is 'Counts the references of requests (REQ-2026-0031).';
grant usage on sequence request_reference to portal_app;

create table partner_request (
  id           uuid        not null,
  version      bigint      not null,
  reference    text        not null,
  organisation text        not null,
  domain       text        not null,
  contact_name text        not null,
  address      text        not null,
  phone        text,
  reason       text        not null,
  state        text        not null,
  asked_at     timestamptz not null,
  confirmed_at timestamptz,
  decided_at   timestamptz,
  decided_by   uuid,
  answer       text,
  partner_id   uuid,
  constraint partner_request_pk primary key (id),
  constraint partner_request_reference_unique unique (reference),
  constraint partner_request_state check (state in ('ASKED', 'CONFIRMED', 'ACCEPTED', 'REJECTED', 'WITHDRAWN')),
  constraint partner_request_decided_by_fk foreign key (decided_by) references account (id),
  constraint partner_request_partner_fk foreign key (partner_id) references partnership (id),
  constraint partner_request_accepted check ((state = 'ACCEPTED') = (partner_id is not null)),
  constraint partner_request_rejected_why check (state <> 'REJECTED' or answer is not null),
  constraint partner_request_decided check (state not in ('ACCEPTED', 'REJECTED') or (decided_at is not null and decided_by is not null)),
  constraint partner_request_text check (length(organisation) <= 120 and length(contact_name) <= 120 and length(reason) <= 2000)
);
comment on table partner_request is 'What partners ask for on the public form. A request counts once its address is confirmed by a code; unconfirmed ones are deleted after a day.';
create unique index partner_request_waiting_unique on partner_request (domain) where state = 'CONFIRMED';
create index partner_request_decided_at on partner_request (decided_at desc) where state in ('ACCEPTED', 'REJECTED');
create index partner_request_unconfirmed on partner_request (asked_at) where state = 'ASKED';
grant select, insert, update, delete on partner_request to portal_app;
