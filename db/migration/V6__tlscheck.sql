create table tls_check (
  id            uuid        not null,
  domain        text        not null,
  asked_at      timestamptz not null,
  asked_by      text        not null,
  started_at    timestamptz,
  finished_at   timestamptz,
  progress      text,
  rules_version int,
  report        text,
  constraint tls_check_pk primary key (id),
  constraint tls_check_whole check ((finished_at is null) = (report is null) and (finished_at is null) = (rules_version is null))
);
comment on table tls_check is 'Checks of how domains'' mail servers do TLS: asked for in a transaction, run by a job, kept with all that was seen (report, JSON) so that newer rules can judge it again. asked_by is an account id or the name of a job, never a person''s name.';
create index tls_check_domain on tls_check (domain, asked_at desc, id desc);
create index tls_check_asked_at on tls_check (asked_at desc, id desc);
grant select, insert, update on tls_check to portal_app;
