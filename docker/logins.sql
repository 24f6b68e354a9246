-- The users that compose's processes log in as, each with the role that it needs and no other.
-- psql runs this once, after core/ledger/roles.sql, when the database's volume is made.
\getenv migrating MIGRATING_PASSWORD
\getenv serving SERVING_PASSWORD
\getenv projecting PROJECTING_PASSWORD

create role ssp_migrating login noinherit password :'migrating';
create role ssp_serving login noinherit password :'serving';
create role ssp_projecting login noinherit password :'projecting';

grant ssp_migrator to ssp_migrating;
-- A writer may read as well, and a projector too.
grant ssp_writer to ssp_serving;
grant ssp_projector to ssp_projecting;
