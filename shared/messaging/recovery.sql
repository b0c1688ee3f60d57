-- For a restored ledger: run by the owner of the database, who alone may write into the history.

-- name: lock
-- Nobody appends until the commit.
select partition, sequence, hash from ledger.heads order by partition for update

-- name: import_tail
insert into ledger.events (partition, sequence, stream, version, event_id, hash, record)
select $1, * from unnest($2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::bytea[], $7::bytea[])

-- name: advance
update ledger.heads set sequence = $2, hash = $3 where partition = $1

-- name: raise_epoch
select ledger.raise_epoch()
