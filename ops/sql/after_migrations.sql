-- In a context's database, as its owner: the auditor reads the ledger and how far each consumer is; no view.
do $$
declare
    audited text;
begin
    for audited in select nspname from pg_namespace where nspname in ('ledger', 'messaging') loop
        execute format('grant usage on schema %I to auditor', audited);
        execute format('grant select on all tables in schema %I to auditor', audited);
    end loop;
end
$$;
