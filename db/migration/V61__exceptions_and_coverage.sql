create table exception_entry (
  id               uuid        not null,
  version          bigint      not null,
  partner_id       uuid,
  partner_name     text,
  domain           text,
  what             text        not null,
  owner_name       text        not null,
  owner_address    text        not null,
  reason           text        not null,
  ends_on          date        not null,
  state            text        not null,
  asked_by         uuid        not null,
  asked_by_name    text        not null,
  asked_at         timestamptz not null,
  accepted_by      uuid,
  accepted_by_name text,
  accepted_at      timestamptz,
  ended_at         timestamptz,
  told             text        not null,
  constraint exception_entry_pk primary key (id),
  constraint exception_entry_state check (state in ('ASKED', 'ACCEPTED', 'ENDED')),
  constraint exception_entry_about check (partner_id is not null or domain is not null),
  constraint exception_entry_accepted check (state <> 'ACCEPTED' or (accepted_by is not null and accepted_at is not null)),
  constraint exception_entry_four_eyes check (accepted_by is null or accepted_by <> asked_by),
  constraint exception_entry_ended check ((state = 'ENDED') = (ended_at is not null)),
  constraint exception_entry_told check (told in ('NOTHING', 'SOON', 'OVER')),
  constraint exception_entry_partner_fk foreign key (partner_id) references partnership (id)
);
comment on table exception_entry is 'Exceptions written down by hand, for a partner or for a mail domain that nobody onboarded: who answers for it, why, until when, and who accepted it. told: what people were told of its end.';
create index exception_entry_living on exception_entry (ends_on) where state <> 'ENDED';
grant select, insert, update on exception_entry to portal_app;

create table mail_volume (
  day      date   not null,
  domain   text   not null,
  sent     bigint not null,
  received bigint not null,
  constraint mail_volume_pk primary key (day, domain)
);
comment on table mail_volume is 'How many messages were delivered between us and an external domain on a day (UTC), counted from the message trace. Counts only; no address is kept.';
create index mail_volume_domain on mail_volume (domain, day);

create table mail_volume_day (
  day     date        not null,
  reached timestamptz not null,
  done    boolean     not null,
  counted bigint      not null,
  problem text,
  constraint mail_volume_day_pk primary key (day)
);
comment on table mail_volume_day is 'How far a day has been counted, from its end backwards: all that was received at that second or later is in mail_volume. problem: why it does not go on, or why the counts are too low.';
grant select, insert, update, delete on mail_volume, mail_volume_day to portal_app;
