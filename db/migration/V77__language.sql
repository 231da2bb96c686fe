alter table account add column language text;
alter table account add column zone text;
alter table account add constraint account_language check (language in ('en', 'de'));
alter table account add constraint account_zone check (zone <> '' and length(zone) <= 60);
comment on column account.language is 'In which language this person reads pages and letters: what they chose, else what whoever invited them chose or their browser said; null: nobody has said.';
comment on column account.zone is 'In which time zone this person reads times, by its IANA name; null: in the organisation''s.';

alter table one_time_code add column language text not null default 'en';
alter table one_time_code add constraint one_time_code_language check (language in ('en', 'de'));
comment on column one_time_code.language is 'The language of the page on which the code was asked for: the letter with the code is in it where the address has no account.';

alter table partner_request add column language text not null default 'en';
alter table partner_request add constraint partner_request_language check (language in ('en', 'de'));
comment on column partner_request.language is 'The language of the page on which it was asked: the invitation is in it.';
