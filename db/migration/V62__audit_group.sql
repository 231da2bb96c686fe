-- A group of acts is asked for as one value, in the order of the pages; as a list of its codes it could not be.
create index audit_event_group on audit_event ((split_part(code, '.', 1)), at desc, id desc);
