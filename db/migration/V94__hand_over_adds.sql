-- Who was a contact before a hand-over stays one when it is stopped. An older portal adds whoever is named.
alter table hand_over add column added boolean not null default true;
comment on column hand_over.added is 'Whether the hand-over put the person who follows into the list, so that stopping it takes them out again.';
