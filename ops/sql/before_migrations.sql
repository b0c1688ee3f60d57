-- In a context's database, as its owner: the service may use whatever tables its migrations make in `views`.
create schema if not exists views;
grant usage on schema views to formelie_service;
alter default privileges in schema views grant select, insert, update, delete on tables to formelie_service;
alter default privileges in schema views grant usage, select on sequences to formelie_service;
alter default privileges in schema views grant execute on functions to formelie_service;
