-- The keyring: a key a person, wrapped; destroying it erases what it sealed
-- depends:
--
-- Run by the owner of the database keyring, once the roles formelie_service, auditor and eraser exist.

-- migrate: apply

create schema keyring;

-- A person's key, wrapped by the secret of the services (AES-256-GCM). Destroyed, the row stays and says
-- when: nobody makes a new key for an erased person by mistake.
create table keyring.keys (
    person       text        collate "C" primary key,
    wrapped      bytea,
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    check ((wrapped is null) = (destroyed_at is not null))
);

-- The wrapped keys of these persons; in_wrapped proposes one for each that has none yet.
-- A null key is a destroyed one. Two statements, so that the second sees whoever was faster.
create function keyring.obtain(in_persons text[], in_wrapped bytea[])
returns table (person text, wrapped bytea)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
    insert into keyring.keys (person, wrapped)
    select p.person, p.wrapped from unnest(in_persons, in_wrapped) as p (person, wrapped)
    where not exists (select from keyring.keys k where k.person = p.person)
    order by p.person
    on conflict (person) do nothing;

    return query select k.person, k.wrapped from keyring.keys k where k.person = any (in_persons);
end;
$$;

-- Destroys a person's key, for ever. True when there was one to destroy; a person without a key gets none later.
create function keyring.destroy(in_person text) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp as $$
declare
    destroyed boolean;
begin
    select true into destroyed from keyring.keys k
    where k.person = in_person and k.wrapped is not null for update;
    insert into keyring.keys as k (person, wrapped, destroyed_at) values (in_person, null, now())
    on conflict (person) do update set wrapped = null, destroyed_at = now() where k.wrapped is not null;
    return coalesce(destroyed, false);
end;
$$;

revoke execute on function keyring.obtain(text[], bytea[]), keyring.destroy(text) from public;

grant usage on schema keyring to formelie_service, auditor, eraser;

grant select on keyring.keys to formelie_service;

grant select (person, created_at, destroyed_at) on keyring.keys to auditor, eraser;

grant execute on function keyring.obtain(text[], bytea[]) to formelie_service;

grant execute on function keyring.destroy(text) to eraser;

-- migrate: rollback
