alter table letter_wording add column editor text;
comment on column letter_wording.editor is 'The id of whoever made it, by which their name is found when they are erased.';
grant update (changed_by) on letter_wording to portal_app;
comment on table letter_wording is 'Our own wording of letters: each version ever in force, the highest counts. Null text: the portal''s own again. Append-only, but for the name of whoever is erased.';
