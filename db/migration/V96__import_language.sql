alter table partner_import_row add column language text;
-- The languages of the portal (Words.LANGUAGES).
alter table partner_import_row add constraint partner_import_row_language check (language in ('en', 'de'));
comment on column partner_import_row.language is 'In which language the contact is written to, until it is invited; null: nobody has said.';
