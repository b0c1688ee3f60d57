-- Roles of the cluster. Passwords are set apart, one by one. Safe to run again.
do $$
declare
    context text;
    login text;
begin
    -- formelie_service: what migrations grant to; every service's role is a member
    if not exists (select from pg_roles where rolname = 'formelie_service') then
        create role formelie_service nologin;
    end if;
    -- <context>_owner: owns a context's database and schemas; migrations run as it
    foreach context in array array['registration', 'offerings', 'attendance', 'invoicing', 'notifications', 'keyring'] loop
        if not exists (select from pg_roles where rolname = context || '_owner') then
            execute format('create role %I nologin', context || '_owner');
        end if;
    end loop;
    -- who logs in: the services, the auditor (reads ledgers), the eraser (destroys keys)
    foreach login in array array['registration', 'offerings', 'attendance', 'invoicing', 'notifications', 'auditor', 'eraser'] loop
        if not exists (select from pg_roles where rolname = login) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole', login);
        end if;
    end loop;
    grant formelie_service to registration, offerings, attendance, invoicing, notifications;
end
$$;
