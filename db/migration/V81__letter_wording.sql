create table letter_wording (
  letter     text        not null,
  language   text        not null,
  version    int         not null,
  text       text,
  changed_at timestamptz not null,
  changed_by text        not null,
  constraint letter_wording_pk primary key (letter, language, version),
  constraint letter_wording_language check (language in ('en', 'de')),
  constraint letter_wording_version check (version > 0)
);
comment on table letter_wording is 'Our own wording of letters: each version ever in force, the highest counts. Null text: the portal''s own again. Append-only.';
grant select, insert on letter_wording to portal_app;
