create table letter (
  id         uuid        not null,
  recipient  text        not null,
  template   text        not null,
  model      text        not null,
  partner_id uuid,
  state      text        not null,
  tries      int         not null default 0,
  error      text,
  created_at timestamptz not null,
  sent_at    timestamptz,
  constraint letter_pk primary key (id),
  constraint letter_state check (state in ('WAITING', 'SENT', 'FAILED'))
);
comment on table letter is 'Messages to people, written in the transaction that wants them told and sent by a job.';
create index letter_partner on letter (partner_id, created_at desc);
grant select, insert, update on letter to portal_app;
