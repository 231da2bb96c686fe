-- Run once by the image of PostgreSQL, after db/roles.sql: gives the roles their passwords and the owner its schema.
\getenv owner_password PORTAL_OWNER_PASSWORD
\getenv app_password PORTAL_APP_PASSWORD
\getenv auditor_password PORTAL_AUDITOR_PASSWORD
alter role portal_owner password :'owner_password';
alter role portal_app password :'app_password';
alter role portal_auditor password :'auditor_password';
alter database portal owner to portal_owner;
alter schema public owner to portal_owner;
