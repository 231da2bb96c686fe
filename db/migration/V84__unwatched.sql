-- The list of TLS checks counts each choice; every other one has its index already.
create index watched_domain_unwatched on watched_domain (domain) where watched_since is null;
