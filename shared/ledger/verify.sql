-- What verification reads. It needs SELECT on the schema ledger, nothing more.

-- name: context
select context from ledger.settings;

-- name: partitions
select partition from ledger.heads order by partition;

-- name: head
select partition, sequence, hash, epoch from ledger.heads where partition = $1;

-- name: page
select sequence, hash, record from ledger.events
where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: deep_page
select sequence, hash, record, stream, version, event_id from ledger.events
where partition = $1 and sequence > $2 order by sequence limit $3;

-- name: astray
-- Events that no partition's chain accounts for.
select partition, sequence, 'no such partition' as reason from ledger.events
where not partition = any (select h.partition from ledger.heads h)
order by partition, sequence limit 1;

-- name: stream_gap
-- Streams whose versions are not 1, 2, 3...: the last event of one.
select partition, max(sequence) as sequence, 'versions of stream ' || stream || ' are not dense' as reason
from ledger.events group by partition, stream
having count(*) <> max(version) or min(version) <> 1
order by 1, 2 limit 1;

-- name: twice
-- Event ids given twice: the later event.
select min(partition) as partition, max(sequence) as sequence, 'event id given twice: ' || event_id as reason
from ledger.events group by event_id having count(*) > 1
order by 1, 2 limit 1;
