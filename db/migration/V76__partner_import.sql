create table partner_import (
  id          uuid        not null,
  by_id       uuid        not null,
  imported_at timestamptz not null,
  changed     int         not null,
  constraint partner_import_pk primary key (id),
  constraint partner_import_by_fk foreign key (by_id) references account (id)
);
comment on table partner_import is 'Lists of partners that somebody of the staff has taken in as CSV.';
create index partner_import_at on partner_import (imported_at desc);

create table partner_import_row (
  import_id     uuid not null,
  line          int  not null,
  organisation  text not null,
  domain        text not null,
  contact_name  text,
  address       text,
  owner_name    text not null,
  owner_address text not null,
  reason        text not null,
  warning       text,
  state         text not null,
  asked_by      uuid,
  partner_id    uuid,
  problem       text,
  constraint partner_import_row_pk primary key (import_id, line),
  constraint partner_import_row_import_fk foreign key (import_id) references partner_import (id),
  constraint partner_import_row_asked_by_fk foreign key (asked_by) references account (id),
  constraint partner_import_row_partner_fk foreign key (partner_id) references partnership (id) deferrable initially deferred,
  constraint partner_import_row_state check (state in ('WAITING', 'ASKED', 'INVITED', 'REFUSED')),
  constraint partner_import_row_invited check ((state = 'INVITED') = (partner_id is not null)),
  constraint partner_import_row_contact check (state = 'INVITED' or (contact_name is not null and address is not null)),
  constraint partner_import_row_refused check ((state = 'REFUSED') = (problem is not null))
);
comment on table partner_import_row is 'New partners of such a list. They are no partners until somebody invites them; from then on the contact stands with the partner only.';
create unique index partner_import_row_waiting on partner_import_row (domain) where state in ('WAITING', 'ASKED');
create index partner_import_row_partner on partner_import_row (partner_id) where partner_id is not null;

grant select, insert on partner_import to portal_app;
grant select, insert, update on partner_import_row to portal_app;
