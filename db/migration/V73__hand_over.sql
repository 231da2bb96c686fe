create table hand_over (
  id           uuid        not null,
  version      bigint      not null,
  partner_id   uuid        not null,
  from_name    text        not null,
  from_address text        not null,
  to_name      text        not null,
  to_address   text        not null,
  asked_by     text        not null,
  reason       text        not null,
  state        text        not null,
  asked_at     timestamptz not null,
  due_at       timestamptz not null,
  ended_at     timestamptz,
  ended_why    text,
  constraint hand_over_pk primary key (id),
  constraint hand_over_partner_fk foreign key (partner_id) references partnership (id),
  constraint hand_over_asked_by check (asked_by in ('CONTACT', 'COLLEAGUE', 'STAFF')),
  constraint hand_over_state check (state in ('ASKED', 'WAITING', 'DONE', 'REFUSED')),
  constraint hand_over_ended_when check ((state in ('ASKED', 'WAITING')) = (ended_at is null))
);
comment on table hand_over is 'A contact of a partner hands over to another person, or a colleague takes over; whoever is replaced is told and may object until it takes effect.';
create unique index hand_over_one_waiting on hand_over (partner_id, lower(from_address)) where state = 'WAITING';
create index hand_over_due on hand_over (due_at) where state = 'WAITING';
create index hand_over_partner on hand_over (partner_id, asked_at desc);
grant select, insert, update, delete on hand_over to portal_app;
