create table check_round (
  id             uuid        not null,
  asked_by       text        not null,
  started_at     timestamptz not null,
  finished_at    timestamptz,
  domains        int,
  failing        int,
  inconclusive   int,
  alarmed_at     timestamptz,
  constraint check_round_pk primary key (id),
  constraint check_round_counted check (finished_at is null or (domains is not null and failing is not null and inconclusive is not null))
);
comment on table check_round is 'Rounds over all watched domains: one is under way at a time, and it has finished when each domain was checked since it began. The numbers are what it came to; alarmed_at is when it was missed.';
create unique index check_round_one_under_way on check_round ((true)) where finished_at is null;
create index check_round_started on check_round (started_at desc);
grant select, insert, update, delete on check_round to portal_app;

create table self_test (
  one      boolean     not null,
  at       timestamptz not null,
  resolver boolean     not null,
  egress   boolean     not null,
  clock    boolean     not null,
  words    text        not null,
  constraint self_test_pk primary key (one),
  constraint self_test_one check (one)
);
comment on table self_test is 'Whether our own DNS, way out and clock worked when we last looked: one row. While one of them does not, no domain''s state changes.';
grant select, insert, update on self_test to portal_app;

alter table tls_check
  add column outcome      text,
  add column forced_tls   text,
  add column sentence     text,
  add column expires_at   timestamptz,
  add column became       text,
  add column counted      boolean,
  add constraint tls_check_outcome check (outcome in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  add constraint tls_check_forced_tls check (forced_tls in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  add constraint tls_check_became check (became in ('GOOD', 'FAILING'));
comment on column tls_check.outcome is 'At the level approved for the domain, as judged when it ran; rules_version says by which rules.';
comment on column tls_check.forced_tls is 'At the lowest level.';
comment on column tls_check.became is 'The state that the domain came to by this check, where it changed.';
comment on column tls_check.counted is 'False when our own outage is to blame: then it changed no state.';
create index tls_check_asked_by on tls_check (asked_by, asked_at);
create index tls_check_finished_at on tls_check (finished_at);
grant delete on tls_check to portal_app;

create table watched_domain (
  domain           text        not null,
  partner_id       uuid,
  partner_name     text,
  watched_since    timestamptz,
  due_at           timestamptz,
  level            text        not null,
  approved         text,
  state            text        not null,
  state_since      timestamptz not null,
  failures         int         not null,
  first_failed_at  timestamptz,
  unclear          int         not null,
  unclear_since    timestamptz,
  deep_at          timestamptz,
  check_id         uuid,
  checked_at       timestamptz,
  rules_version    int         not null,
  outcome          text,
  forced_tls       text,
  sentence         text,
  expires_at       timestamptz,
  expiring_from    timestamptz,
  platform         text,
  difference       text,
  difference_since timestamptz,
  constraint watched_domain_pk primary key (domain),
  constraint watched_domain_check_fk foreign key (check_id) references tls_check (id),
  constraint watched_domain_due check ((watched_since is null) = (due_at is null) and (watched_since is null or partner_id is not null)),
  constraint watched_domain_level check (level in ('ENCRYPTION_ONLY', 'CERTIFICATE_VALIDATION', 'DOMAIN_VALIDATION')),
  constraint watched_domain_state check (state in ('UNKNOWN', 'GOOD', 'FAILING')),
  constraint watched_domain_outcome check (outcome in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  constraint watched_domain_forced_tls check (forced_tls in ('PASS', 'FAIL', 'INCONCLUSIVE')),
  constraint watched_domain_failing check ((failures = 0) = (first_failed_at is null)),
  constraint watched_domain_unclear check ((unclear = 0) = (unclear_since is null)),
  constraint watched_domain_differs check ((difference is null) = (difference_since is null))
);
comment on table watched_domain is 'Domains whose mail servers were ever looked at: watched while watched_since is set, with what was approved (JSON), the state that repeated checks came to, and the newest check''s verdict copied so that lists are fast.';
create index watched_domain_due_at on watched_domain (due_at) where due_at is not null;
create index watched_domain_partner on watched_domain (partner_id) where partner_id is not null;
create index watched_domain_failing on watched_domain (domain) where state = 'FAILING';
create index watched_domain_unclear on watched_domain (domain) where outcome = 'INCONCLUSIVE';
create index watched_domain_not_forced on watched_domain (domain) where forced_tls = 'FAIL';
create index watched_domain_differs on watched_domain (domain) where difference is not null;
create index watched_domain_expiring on watched_domain (expiring_from) where expiring_from is not null;
create index watched_domain_checked on watched_domain (checked_at) where watched_since is not null;
create index watched_domain_rules on watched_domain (rules_version);
grant select, insert, update on watched_domain to portal_app;

insert into watched_domain (domain, level, state, state_since, failures, unclear, check_id, checked_at, rules_version)
select distinct on (domain) domain, 'CERTIFICATE_VALIDATION', 'UNKNOWN', asked_at, 0, 0,
  case when finished_at is not null then id end, finished_at, 0
from tls_check order by domain, (finished_at is null), asked_at desc;

create table server_rest (
  host    text        not null,
  address text        not null,
  report  text        not null,
  times   int         not null,
  until   timestamptz not null,
  constraint server_rest_pk primary key (host, address)
);
comment on table server_rest is 'Mail servers that put us off, with what they said (JSON): left alone until then, by all domains on them.';
create index server_rest_until on server_rest (until);
grant select, insert, update, delete on server_rest to portal_app;

create table certificate_warning (
  domain     text        not null,
  sha256     text        not null,
  expires_at timestamptz not null,
  warned_at  timestamptz not null,
  constraint certificate_warning_pk primary key (domain, sha256)
);
comment on table certificate_warning is 'Which certificates were warned about before they expire, so that each is once.';
grant select, insert on certificate_warning to portal_app;
