create table alarm (
  id              uuid        not null,
  version         bigint      not null,
  cause           text        not null,
  subject         text        not null,
  partner_id      uuid,
  partner_name    text,
  sentence        text        not null,
  page            text        not null,
  since           timestamptz not null,
  state           text        not null,
  opened_at       timestamptz not null,
  escalate_at     timestamptz,
  escalated_at    timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by uuid,
  note            text,
  closed_at       timestamptz,
  constraint alarm_pk primary key (id),
  constraint alarm_state check (state in ('OPEN', 'ACKNOWLEDGED', 'CLOSED')),
  constraint alarm_acknowledged check ((acknowledged_at is null) = (acknowledged_by is null) and (state <> 'ACKNOWLEDGED' or acknowledged_at is not null)),
  constraint alarm_closed check ((closed_at is null) = (state <> 'CLOSED'))
);
comment on table alarm is 'What an administrator has to know at once: one living alarm for each cause and subject. It opens and closes by what is found; people acknowledge it. since: when the cause began, where known. escalate_at: when it goes to the second address, unless somebody has acknowledged it.';
create unique index alarm_living on alarm (cause, subject) where state <> 'CLOSED';
create index alarm_open on alarm (escalate_at) where state = 'OPEN';
create index alarm_partner on alarm (partner_id, id desc) where partner_id is not null;

create table alarm_delivery (
  id         uuid        not null,
  alarm_id   uuid,
  hook       text        not null,
  event      text        not null,
  body       text        not null,
  state      text        not null,
  tries      int         not null,
  status     int,
  answer     text,
  created_at timestamptz not null,
  ended_at   timestamptz,
  constraint alarm_delivery_pk primary key (id),
  constraint alarm_delivery_alarm_fk foreign key (alarm_id) references alarm (id),
  constraint alarm_delivery_state check (state in ('WAITING', 'SENT', 'FAILED', 'GIVEN_UP')),
  constraint alarm_delivery_ended check ((ended_at is null) = (state in ('WAITING', 'FAILED')))
);
comment on table alarm_delivery is 'Messages about alarms to webhooks, written in the transaction that tells and sent by a job: what was sent and what came back. Without an alarm: somebody tried the webhook.';
create index alarm_delivery_alarm on alarm_delivery (alarm_id) where alarm_id is not null;
create index alarm_delivery_hook on alarm_delivery (hook, created_at desc);

grant select, insert, update on alarm, alarm_delivery to portal_app;
