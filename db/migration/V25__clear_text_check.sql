create table clear_text_check (
  id          uuid        not null,
  domain      text        not null,
  asked_by    uuid        not null,
  asked_at    timestamptz not null,
  recipient   text        not null,
  finished_at timestamptz,
  outcome     text,
  result      text,
  constraint clear_text_check_pk primary key (id),
  constraint clear_text_check_asked_by_fk foreign key (asked_by) references account (id),
  constraint clear_text_check_outcome check (outcome in ('REFUSED', 'ACCEPTED', 'NOT_CLEAR')),
  constraint clear_text_check_whole check ((finished_at is null) = (result is null) and (finished_at is null) = (outcome is null))
);
comment on table clear_text_check is 'Whether a partner''s servers refuse mail from us in clear text: tried only when a person of the partner asks, never with a message. The recipient is an address of the person who asked, and emptied when it has ended.';
create index clear_text_check_domain on clear_text_check (domain, asked_at desc);
grant select, insert, update on clear_text_check to portal_app;
