-- The ledger of one context: heads, events, commands; history is never rewritten
-- depends:
--
-- Run by the owner of the context's database, once the roles formelie_service and auditor exist.
-- Then, once, also as the owner:   select ledger.initialise('offerings', 8);
-- (repeating it is harmless; another context or another number of partitions is refused)

-- migrate: apply

create schema ledger;

-- What this ledger is. The number of partitions is fixed for ever: it decides where a stream lives,
-- here and in Kafka.
create table ledger.settings (
    only_row    boolean primary key default true check (only_row),
    context     text    not null,
    partitions  integer not null check (partitions between 1 and 1024)
);

-- The last position of each partition. Its row is the lock that makes sequences dense: whoever appends
-- holds it until the commit. Room is left in the page, so that every update stays in it.
create table ledger.heads (
    partition   integer primary key,
    sequence    bigint  not null default 0,
    hash        bytea   not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32),
    epoch       integer not null default 1
) with (fillfactor = 10);

-- The history. The record is the truth: bytes as the writer made them, hashed, published and archived
-- unchanged. Every other column is an index of it; deep verification checks that they agree.
create table ledger.events (
    partition   integer not null,
    sequence    bigint  not null,
    stream      text    collate "C" not null,
    version     bigint  not null,
    event_id    uuid    not null,
    hash        bytea   not null,
    record      bytea   not null,
    primary key (partition, sequence),
    unique (stream, version),
    constraint record_fits_the_broker check (octet_length(record) <= 1000000)
);

-- First answers: a command repeated under its id is answered from here, whatever partition it fell in.
create table ledger.commands (
    command_id  uuid    primary key,
    fingerprint bytea   not null,
    partition   integer not null,
    stream      text    not null,
    sequence    bigint  not null,
    version     bigint  not null
);

-- Not even the owner rewrites history by mistake.
create function ledger.refuse_rewriting() returns trigger
language plpgsql as $$
begin
    raise exception 'history is not rewritten: % on %.% refused', tg_op, tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end;
$$;

create trigger history_is_not_rewritten before update or delete or truncate on ledger.events
    for each statement execute function ledger.refuse_rewriting();

-- For people: the records as jsonb.
create view ledger.readable as
    select partition, sequence, stream, version, event_id, encode(hash, 'hex') as hash,
           convert_from(record, 'UTF8')::jsonb as record
    from ledger.events;

-- Fixes the context and the number of partitions, at the creation of the database.
create function ledger.initialise(in_context text, in_partitions integer) returns void
language plpgsql
set search_path = pg_catalog, pg_temp as $$
declare
    known ledger.settings;
begin
    insert into ledger.settings (context, partitions) values (in_context, in_partitions)
        on conflict (only_row) do nothing;
    select * into strict known from ledger.settings;
    if (known.context, known.partitions) <> (in_context, in_partitions) then
        raise exception 'this ledger is % with % partitions, not % with %',
            known.context, known.partitions, in_context, in_partitions;
    end if;
    insert into ledger.heads (partition) select generate_series(0, in_partitions - 1)
        on conflict (partition) do nothing;
end;
$$;

-- After a restore: every position written from now on says that it follows one. Returns the new epoch.
create function ledger.raise_epoch() returns integer
language sql
set search_path = pg_catalog, pg_temp as $$
    update ledger.heads set epoch = (select max(epoch) + 1 from ledger.heads);
    select max(epoch) from ledger.heads;
$$;

revoke execute on function ledger.refuse_rewriting(), ledger.initialise(text, integer), ledger.raise_epoch()
    from public;

grant usage on schema ledger to formelie_service, auditor;

grant select on all tables in schema ledger to formelie_service, auditor;

-- migrate: rollback
