alter table audit_archive add column class text not null default 'all';
alter table audit_archive add constraint audit_archive_class check (class in ('all', 'access', 'operation', 'record'));
alter table audit_archive drop constraint audit_archive_pk;
alter table audit_archive add constraint audit_archive_pk primary key (month, class);
comment on table audit_archive is 'Months whose events have left in a signed archive, wholly or those of one class: the file and its hash, which leaves it holds, the size of the checkpoint in it, and the event that tells of it. Written by the owner alone.';
