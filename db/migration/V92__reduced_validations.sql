-- The results of validations may name whom the message went to: pseudonyms take their place.
grant update (tasks) on connector_validation to portal_app;
