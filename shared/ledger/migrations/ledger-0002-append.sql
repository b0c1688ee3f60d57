-- The append function: the only way into the history
-- depends: ledger-0001-tables

-- migrate: apply

-- Appends a batch of independent appends, to one partition or to several, in one statement.
--
-- An append is one command: the stream it writes to, the version it expects that stream to be at, and its
-- events (none is allowed: the command is remembered all the same). The arrays are parallel: an element an
-- append, in_counts telling how many events it has; then, in the same order, an element an event.
-- The caller sorts appends by partition, and gives no stream and no command twice.
--
-- Returns a row an append:
--   appended   written; sequence is its last (or the head, if it had no event), version the stream's after it
--   repeated   the command was answered before: that answer, which may lie in another partition
--   conflict   the stream is at `version`, not at what was expected; this append alone is refused
--   reused     the command's id was used for something else; this append alone is refused
--   busy       somebody else holds the head, and in_wait is false: call again for this partition, and wait
-- With in_together, one refusal keeps the whole batch out, and nothing is written.
--
-- Sequences are dense because the heads stay locked until the commit; they are locked in ascending order,
-- so that two batches never wait for each other. Only the chain needs a loop.
-- unique_violation on commands: the same new command is being answered elsewhere. Call again.
create function ledger.append(
    in_partitions   integer[],
    in_streams      text[],
    in_expected     bigint[],
    in_commands     uuid[],
    in_fingerprints bytea[],
    in_counts       integer[],
    in_event_ids    uuid[],
    in_records      bytea[],
    in_together     boolean default false,
    in_wait         boolean default true
) returns table (outcome text, "partition" integer, sequence bigint, version bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    -- an element a head, ascending
    heads       integer[];
    tips        bytea[];
    latest      bigint[];
    -- an element an append
    outcomes    text[];
    partitions  integer[];
    sequences   bigint[];
    versions    bigint[];
    -- an element an event; null where its append is refused
    owners      integer[] := array_fill(null::integer, array[cardinality(in_records)]);
    places      bigint[]  := array_fill(null::bigint, array[cardinality(in_records)]);
    numbers     bigint[]  := array_fill(null::bigint, array[cardinality(in_records)]);
    hashes      bytea[]   := array_fill(null::bytea, array[cardinality(in_records)]);
    -- where the chain is
    head        integer := 1;
    tip         bytea;
    place       bigint;
    number      bigint;
    event       integer := 0;
begin
    if in_wait then
        select array_agg(h.partition), array_agg(h.hash), array_agg(h.sequence) into heads, tips, latest
        from (select * from ledger.heads where partition = any (in_partitions)
              order by partition for update) h;
    else
        select array_agg(h.partition), array_agg(h.hash), array_agg(h.sequence) into heads, tips, latest
        from (select * from ledger.heads where partition = any (in_partitions)
              order by partition for update skip locked) h;
    end if;
    heads := coalesce(heads, '{}');

    select array_agg(case when c.fingerprint = a.fingerprint then 'repeated'
                          when c.fingerprint is not null then 'reused'
                          when a.partition <> all (heads) then 'busy'
                          when a.expected = coalesce(e.version, 0) then 'appended'
                          else 'conflict' end),
           array_agg(coalesce(c.partition, a.partition)),
           array_agg(c.sequence),
           array_agg(coalesce(c.version, e.version, 0))
    into outcomes, partitions, sequences, versions
    from unnest(in_partitions, in_streams, in_expected, in_commands, in_fingerprints)
             as a (partition, stream, expected, command_id, fingerprint)
    left join lateral (select * from ledger.commands k where k.command_id = a.command_id offset 0) c on true
    left join lateral (select version from ledger.events v where v.stream = a.stream
                       order by version desc limit 1) e on true;

    if in_together and outcomes && '{conflict,reused}' then
        return query select * from unnest(outcomes, partitions, sequences, versions);
        return;
    end if;

    tip := tips[1];
    place := latest[1];
    for i in 1 .. cardinality(in_streams) loop
        if outcomes[i] = 'appended' then
            while heads[head] < in_partitions[i] loop
                tips[head] := tip;
                latest[head] := place;
                head := head + 1;
                tip := tips[head];
                place := latest[head];
            end loop;
            number := in_expected[i];
            for j in event + 1 .. event + in_counts[i] loop
                place := place + 1;
                number := number + 1;
                tip := sha256(tip || int8send(place) || in_records[j]);
                owners[j] := i;
                places[j] := place;
                numbers[j] := number;
                hashes[j] := tip;
            end loop;
            sequences[i] := place;
            versions[i] := number;
        end if;
        event := event + in_counts[i];
    end loop;
    tips[head] := tip;
    latest[head] := place;

    insert into ledger.events (partition, sequence, stream, version, event_id, hash, record)
    select in_partitions[e.owner], e.place, in_streams[e.owner], e.number, e.id, e.hash, e.record
    from unnest(owners, places, numbers, hashes, in_event_ids, in_records)
             as e (owner, place, number, hash, id, record)
    where e.owner is not null;

    insert into ledger.commands (command_id, fingerprint, partition, stream, sequence, version)
    select a.command_id, a.fingerprint, a.partition, a.stream, a.sequence, a.version
    from unnest(in_commands, in_fingerprints, partitions, in_streams, sequences, versions, outcomes)
             as a (command_id, fingerprint, partition, stream, sequence, version, outcome)
    where a.outcome = 'appended';

    update ledger.heads h set sequence = n.sequence, hash = n.hash
    from unnest(heads, latest, tips) as n (partition, sequence, hash)
    where h.partition = n.partition;

    return query select * from unnest(outcomes, partitions, sequences, versions);
end;
$$;

revoke execute on function ledger.append(
    integer[], text[], bigint[], uuid[], bytea[], integer[], uuid[], bytea[], boolean, boolean) from public;

grant execute on function ledger.append(
    integer[], text[], bigint[], uuid[], bytea[], integer[], uuid[], bytea[], boolean, boolean) to formelie_service;

-- migrate: rollback
