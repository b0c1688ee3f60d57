-- One append alone: the rules of ledger.append without its arrays, at half the cost
-- depends: ledger-0002-append

-- migrate: apply

-- One append to one partition; what it returns means the same as a row of ledger.append.
create function ledger.append_one(
    in_partition    integer,
    in_stream       text,
    in_expected     bigint,
    in_command      uuid,
    in_fingerprint  bytea,
    in_event_ids    uuid[],
    in_records      bytea[]
) returns table (outcome text, "partition" integer, sequence bigint, version bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    tip     bytea;
    place   bigint;
    number  bigint;
    answer  ledger.commands;
begin
    select h.sequence, h.hash into strict place, tip from ledger.heads h
    where h.partition = in_partition for update;

    select * into answer from ledger.commands c where c.command_id = in_command;
    if found then
        return query values (case when answer.fingerprint = in_fingerprint then 'repeated' else 'reused' end,
                             answer.partition, answer.sequence, answer.version);
        return;
    end if;

    select coalesce((select e.version from ledger.events e where e.stream = in_stream
                     order by e.version desc limit 1), 0) into number;
    if number <> in_expected then
        return query values ('conflict', in_partition, place, number);
        return;
    end if;

    for j in 1 .. cardinality(in_records) loop
        place := place + 1;
        number := number + 1;
        tip := sha256(tip || int8send(place) || in_records[j]);
        insert into ledger.events (partition, sequence, stream, version, event_id, hash, record)
        values (in_partition, place, in_stream, number, in_event_ids[j], tip, in_records[j]);
    end loop;

    insert into ledger.commands (command_id, fingerprint, partition, stream, sequence, version)
    values (in_command, in_fingerprint, in_partition, in_stream, place, number);

    update ledger.heads h set sequence = place, hash = tip where h.partition = in_partition;

    return query values ('appended', in_partition, place, number);
end;
$$;

revoke execute on function ledger.append_one(integer, text, bigint, uuid, bytea, uuid[], bytea[]) from public;

grant execute on function ledger.append_one(integer, text, bigint, uuid, bytea, uuid[], bytea[])
    to formelie_service;

-- migrate: rollback
