-- In the administrator's database: nobody else has anything to do there.
do $$
begin
    execute format('revoke all on database %I from public', current_database());
    revoke all on database template1 from public;
end
$$;
