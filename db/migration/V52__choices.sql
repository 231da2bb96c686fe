alter table attestation add column choices text;
comment on column attestation.choices is 'What the reviewer chose beside the TLS level, as JSON: what mail from the partner must come with, DANE, MTA-STS; null: the usual.';

create table our_domains (
  partner_id uuid        not null,
  domains    text        not null,
  chosen_at  timestamptz not null,
  constraint our_domains_pk primary key (partner_id)
);
comment on table our_domains is 'Which of our mail domains a partner is told in recipes, as a JSON list; no row: all of them.';
grant select, insert, update, delete on our_domains to portal_app;
