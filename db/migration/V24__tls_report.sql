create table tls_report (
  id           uuid        not null,
  digest       text        not null,
  organization text        not null,
  report_id    text,
  range_from   timestamptz,
  range_to     timestamptz,
  succeeded    bigint      not null,
  failed       bigint      not null,
  left_out     int         not null,
  uploaded_by  uuid        not null,
  uploaded_at  timestamptz not null,
  constraint tls_report_pk primary key (id),
  constraint tls_report_digest_unique unique (digest),
  constraint tls_report_uploaded_by_fk foreign key (uploaded_by) references account (id)
);
comment on table tls_report is 'Reports of other mail systems about TLS (RFC 8460), taken in by staff. Texts are cut and printable; digest is of the file, so that none counts twice.';
create index tls_report_uploaded_at on tls_report (uploaded_at desc, id desc);
grant select, insert on tls_report to portal_app;

create table tls_report_failure (
  tls_report_id uuid   not null,
  position      int    not null,
  domain        text,
  toward_us     boolean not null,
  policy_domain text   not null,
  policy_type   text   not null,
  result_type   text   not null,
  sessions      bigint not null,
  receiving_mx  text,
  reason        text,
  constraint tls_report_failure_pk primary key (tls_report_id, position),
  constraint tls_report_failure_report_fk foreign key (tls_report_id) references tls_report (id),
  constraint tls_report_failure_sessions check (sessions >= 0)
);
comment on table tls_report_failure is 'The failures that reports tell, with the partner''s domain that each is about where that is known.';
create index tls_report_failure_domain on tls_report_failure (domain);
grant select, insert on tls_report_failure to portal_app;
