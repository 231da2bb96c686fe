-- Shape given by db-scheduler 16 (its postgresql_tables.sql).
create table scheduled_tasks (
  task_name            text                     not null,
  task_instance        text                     not null,
  task_data            bytea,
  execution_time       timestamp with time zone not null,
  picked               boolean                  not null,
  picked_by            text,
  last_success         timestamp with time zone,
  last_failure         timestamp with time zone,
  consecutive_failures int,
  last_heartbeat       timestamp with time zone,
  version              bigint                   not null,
  priority             smallint,
  constraint scheduled_tasks_pk primary key (task_name, task_instance)
);
comment on table scheduled_tasks is 'Durable work (db-scheduler): one row per piece of work that is due now or later, written in the transaction that wants it.';
create index scheduled_tasks_execution_time on scheduled_tasks (execution_time);
create index scheduled_tasks_last_heartbeat on scheduled_tasks (last_heartbeat);
create index scheduled_tasks_priority on scheduled_tasks (priority desc, execution_time asc);
grant select, insert, update, delete on scheduled_tasks to portal_app;

-- Shape given by Spring Session 4 (its schema-postgresql.sql).
create table spring_session (
  primary_id            char(36) not null,
  session_id            char(36) not null,
  creation_time         bigint   not null,
  last_access_time      bigint   not null,
  max_inactive_interval int      not null,
  expiry_time           bigint   not null,
  principal_name        varchar(100),
  constraint spring_session_pk primary key (primary_id)
);
comment on table spring_session is 'Signed-in browsers (Spring Session). There is no row before sign-in.';
create unique index spring_session_ix1 on spring_session (session_id);
create index spring_session_ix2 on spring_session (expiry_time);
create index spring_session_ix3 on spring_session (principal_name);

create table spring_session_attributes (
  session_primary_id char(36)     not null,
  attribute_name     varchar(200) not null,
  attribute_bytes    bytea        not null,
  constraint spring_session_attributes_pk primary key (session_primary_id, attribute_name),
  constraint spring_session_attributes_fk foreign key (session_primary_id) references spring_session (primary_id) on delete cascade
);
comment on table spring_session_attributes is 'What a session holds: account id and kind.';
grant select, insert, update, delete on spring_session, spring_session_attributes to portal_app;
-- Whoever reads a living session id could take that session over.
revoke all on spring_session, spring_session_attributes from portal_auditor;
