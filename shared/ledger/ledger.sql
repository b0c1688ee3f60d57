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

-- name: page
select partition, sequence, stream, version, event_id, hash, record from ledger.events
where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: records
select sequence, record from ledger.events where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: heads
select partition, sequence, hash, epoch from ledger.heads order by partition;
