create table partner_move (
  id            uuid        not null,
  version       bigint      not null,
  partner_id    uuid        not null,
  kind          text        not null,
  connectors    text        not null,
  reason        text        not null,
  asked_by      uuid        not null,
  asked_by_name text        not null,
  asked_at      timestamptz not null,
  after_relief  boolean     not null,
  change_id     uuid,
  state         text        not null,
  ended_at      timestamptz,
  note          text,
  constraint partner_move_pk primary key (id),
  constraint partner_move_partner_fk foreign key (partner_id) references partnership (id),
  constraint partner_move_asked_by_fk foreign key (asked_by) references account (id),
  constraint partner_move_kind check (kind in ('SUSPEND', 'RESUME', 'END')),
  constraint partner_move_connectors check (connectors in ('KEEP', 'SWITCH_OFF', 'REMOVE', 'SWITCH_ON')),
  constraint partner_move_state check (state in ('WAITING', 'DONE', 'DROPPED')),
  constraint partner_move_ended_when check ((state = 'WAITING') = (ended_at is null))
);
comment on table partner_move is 'Suspending, resuming and ending: who asked and why, and the connector change that has to be done first. The partnership moves when that is done.';
create unique index partner_move_one_waiting on partner_move (partner_id) where state = 'WAITING';
create index partner_move_partner on partner_move (partner_id, asked_at desc);
grant select, insert, update on partner_move to portal_app;
