alter table letter_wording add column editor text;
comment on column letter_wording.editor is 'The id of whoever made it, by which their name is found when they are erased.';
grant update (changed_by) on letter_wording to portal_app;
