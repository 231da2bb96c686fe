create table audit_export (
  id       uuid        not null,
  asked_by uuid        not null,
  asked_at timestamptz not null,
  format   text        not null,
  filter   text        not null,
  total    bigint      not null,
  written  bigint      not null,
  state    text        not null,
  problem  text,
  ended_at timestamptz,
  constraint audit_export_pk primary key (id),
  constraint audit_export_state check (state in ('WAITING', 'RUNNING', 'DONE', 'FAILED', 'GONE'))
);
comment on table audit_export is 'Large exports of the history, written in the background: what was asked for (the filter as JSON) and how far it is.';
create index audit_export_asked on audit_export (asked_by, asked_at desc);

create table audit_export_part (
  export_id uuid  not null,
  seq       int   not null,
  content   bytea not null,
  constraint audit_export_part_pk primary key (export_id, seq),
  constraint audit_export_part_export foreign key (export_id) references audit_export (id)
);
comment on table audit_export_part is 'The files of large exports, compressed (gzip) and cut into parts, so that neither writing nor reading needs memory for the whole. Taken away a week later.';
alter table audit_export_part alter column content set storage external;

grant select, insert, update on audit_export to portal_app;
grant select, insert, delete on audit_export_part to portal_app;
-- The files hold names and addresses; the auditor reads those where they stand.
revoke select on audit_export_part from portal_auditor;
