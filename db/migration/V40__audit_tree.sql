-- The history as a Merkle tree (RFC 6962), beside the events. The order is that of (xid, id) below the snapshot
-- horizon, so that a row is sealed only when no row before it can still be committed.
create index audit_event_order on audit_event (xid, id);

create table audit_leaf (
  index    bigint      not null,
  event_id uuid        not null,
  at       timestamptz not null,
  xid      xid8        not null,
  hash     bytea       not null,
  constraint audit_leaf_pk primary key (index),
  constraint audit_leaf_event unique (event_id),
  constraint audit_leaf_counted check (index >= 0),
  constraint audit_leaf_sha256 check (octet_length(hash) = 32)
);
comment on table audit_leaf is 'The leaves of the history''s Merkle tree: which event stands where, and SHA-256(0x00 || its stored text). Append-only; stays when the event itself has left in an archive.';

create table audit_node (
  height smallint not null,
  index  bigint   not null,
  hash   bytea    not null,
  constraint audit_node_pk primary key (height, index),
  constraint audit_node_stored check (height in (8, 16, 24, 32, 40) and index >= 0),
  constraint audit_node_sha256 check (octet_length(hash) = 32)
);
comment on table audit_node is 'Every eighth row of the history''s Merkle tree above the leaves: the hash of leaves index * 2^height up to the next. Append-only; spares proofs from reading more than 256 hashes of a row.';

create table audit_checkpoint (
  size bigint      not null,
  root bytea       not null,
  at   timestamptz not null,
  note text        not null,
  constraint audit_checkpoint_pk primary key (size),
  constraint audit_checkpoint_counted check (size >= 0),
  constraint audit_checkpoint_sha256 check (octet_length(root) = 32)
);
comment on table audit_checkpoint is 'Signed tree heads (C2SP tlog-checkpoint): note is what was signed, with its signature. Append-only.';

create trigger audit_leaf_append_only before update or delete or truncate on audit_leaf
  for each statement execute function audit_is_append_only();
create trigger audit_node_append_only before update or delete or truncate on audit_node
  for each statement execute function audit_is_append_only();
create trigger audit_checkpoint_append_only before update or delete or truncate on audit_checkpoint
  for each statement execute function audit_is_append_only();

grant select, insert on audit_leaf, audit_node, audit_checkpoint to portal_app;
