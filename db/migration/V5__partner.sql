create sequence partner_reference;
comment on sequence partner_reference is 'Counts the references that stand on invitations (TLS-2026-0147).';
grant usage on sequence partner_reference to portal_app;

create table partnership (
  id            uuid        not null,
  version       bigint      not null,
  reference     text        not null,
  name          text        not null,
  state         text        not null,
  owner_name    text        not null,
  owner_address text        not null,
  invited_by    uuid        not null,
  reason        text        not null,
  invited_at    timestamptz not null,
  active_since  timestamptz,
  last_proof_at timestamptz,
  next_due_at   timestamptz,
  changed_at    timestamptz not null,
  constraint partnership_pk primary key (id),
  constraint partnership_reference_unique unique (reference),
  constraint partnership_state check (state in ('INVITED', 'ONBOARDING', 'ACTIVE', 'SUSPENDED', 'ENDED', 'EXPIRED', 'WITHDRAWN')),
  constraint partnership_active_is_proven check (state <> 'ACTIVE' or (active_since is not null and last_proof_at is not null and next_due_at is not null)),
  constraint partnership_invited_by_fk foreign key (invited_by) references account (id)
);
comment on table partnership is 'Organisations we exchange mail with, and how far we are with each.';
create index partnership_name on partnership (lower(name), id);
create index partnership_due on partnership (next_due_at) where state = 'ACTIVE';
grant select, insert, update on partnership to portal_app;

create table mail_domain (
  id             uuid        not null,
  partnership_id uuid        not null,
  name           text        not null,
  living         boolean     not null,
  proof          text        not null,
  token          text        not null,
  asked_at       timestamptz not null,
  valid_until    timestamptz not null,
  proven_at      timestamptz,
  looked_up_at   timestamptz,
  seen           text,
  waived_reason  text,
  waived_by      uuid,
  waived_at      timestamptz,
  constraint mail_domain_pk primary key (id),
  constraint mail_domain_partnership_fk foreign key (partnership_id) references partnership (id),
  constraint mail_domain_waived_by_fk foreign key (waived_by) references account (id),
  constraint mail_domain_proof check (proof in ('UNPROVEN', 'PROVEN', 'WAIVED')),
  constraint mail_domain_proven_when check ((proof = 'PROVEN') = (proven_at is not null)),
  constraint mail_domain_waived_why check ((proof = 'WAIVED') = (waived_reason is not null and waived_by is not null and waived_at is not null))
);
comment on table mail_domain is 'The mail domains of a partner as A-labels, and how we know that they are theirs: a text in the DNS, or a colleague who waived it.';
create unique index mail_domain_living_unique on mail_domain (name) where living;
create index mail_domain_partnership on mail_domain (partnership_id);
grant select, insert, update, delete on mail_domain to portal_app;

create table contact (
  id             uuid not null,
  partnership_id uuid not null,
  position       int  not null,
  name           text not null,
  address        text not null,
  phone          text,
  role           text not null,
  constraint contact_pk primary key (id),
  constraint contact_partnership_fk foreign key (partnership_id) references partnership (id),
  constraint contact_role check (role in ('TECHNICAL', 'EMERGENCY'))
);
comment on table contact is 'People at a partner: who looks after the mail servers, and who is reached elsewhere when mail to the partner is what breaks.';
create index contact_partnership on contact (partnership_id);
grant select, insert, update, delete on contact to portal_app;
