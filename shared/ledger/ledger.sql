-- The queries of the ledger. Everything that writes goes through the two append functions.

-- name: settings
select context, partitions from ledger.settings;

-- name: append
-- $1..$5 an element an append, ascending by partition; $6 events an append; $7, $8 an element an event
select outcome, partition, sequence, version from ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: append_one
select outcome, partition, sequence, version from ledger.append_one($1, $2, $3, $4, $5, $6, $7);

-- name: answer
select fingerprint, partition, sequence, version from ledger.commands where command_id = $1;

-- name: stream
select partition, sequence, stream, version, event_id, hash, record from ledger.events
where stream = $1 and version > $2 order by version;

-- name: streams
select partition, sequence, stream, version, event_id, hash, record from ledger.events
where stream = any ($1) order by stream, version;

-- name: linked
-- Events of streams after ($2, $3) in the order of (stream, version), each with the hash before it in its partition.
select e.partition, e.sequence, e.stream, e.version, e.event_id, e.hash, e.record, p.hash as previous
from ledger.events e left join ledger.events p on p.partition = e.partition and p.sequence = e.sequence - 1
where e.stream = any ($1) and ($2::text is null or (e.stream, e.version) > ($2, $3::bigint))
order by e.stream, e.version limit $4;

-- name: page
select partition, sequence, stream, version, event_id, hash, record from ledger.events
where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: records
select sequence, record from ledger.events where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: heads
select partition, sequence, hash, epoch from ledger.heads order by partition;
