-- In a context's database, as its owner: the auditor reads the ledger, how far each consumer is, and the views, so
-- that anyone can compare them with their replay; personal values are sealed there too. What is not derived from
-- events (drafts, credentials) says so in its comment, and is nobody else's.
do $$
declare
    audited text;
begin
    for audited in select nspname from pg_namespace where nspname in ('ledger', 'messaging', 'views') loop
        execute format('grant usage on schema %I to auditor', audited);
        execute format('grant select on all tables in schema %I to auditor', audited);
    end loop;
    for audited in select c.relname from pg_class c where c.relnamespace = 'views'::regnamespace and c.relkind in ('r', 'p')
                   and obj_description(c.oid, 'pg_class') like 'not derived from events%' loop
        execute format('revoke all on table views.%I from auditor', audited);
    end loop;
end
$$;
