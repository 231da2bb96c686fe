-- Mail to our own colleague comes back: marked where they answer, until somebody is named.
alter table partnership add column owner_returned_at timestamptz;
alter table partnership add column owner_returned_why text;
comment on column partnership.owner_returned_at is 'Since when mail to the owner comes back for good; null: it arrives.';
create index partnership_owner_returned on partnership (lower(owner_address)) where owner_returned_at is not null;
