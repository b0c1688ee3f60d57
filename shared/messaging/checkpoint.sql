-- name: create
-- The rows of a consumer, once; after that they only move.
insert into messaging.checkpoints (consumer, context, partition)
select $1, $2, unnest($3::int[])
on conflict do nothing

-- name: load
select partition, epoch, sequence, hash, next_offset, parkings
from messaging.checkpoints
where consumer = $1 and context = $2 and partition = any($3::int[])

-- name: all
select consumer, context, partition, epoch, sequence, hash
from messaging.checkpoints
order by consumer, context, partition

-- name: reached
select consumer, sequence from messaging.checkpoints where context = $1 and partition = $2

-- name: move
-- Compare and set, all partitions of a batch at once. Fewer rows than asked: another process was here before,
-- and the batch must not apply. The same statement bounds how long a stopped process can hold these rows.
with bounded as materialized (
    select set_config('idle_in_transaction_session_timeout', '3s', true)
)
update messaging.checkpoints c
set epoch = m.epoch, sequence = m.sequence, hash = m.hash, next_offset = m.next_offset
from unnest($3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::bytea[], $8::bigint[])
         as m (partition, expected, epoch, sequence, hash, next_offset), bounded
where c.consumer = $1 and c.context = $2 and c.partition = m.partition and c.sequence = m.expected
returning c.partition, c.parkings

-- name: hold
-- Take the row as a batch would, to change what is parked between two batches.
with bounded as materialized (
    select set_config('idle_in_transaction_session_timeout', '3s', true)
)
update messaging.checkpoints c set parkings = c.parkings + 1 from bounded
where c.consumer = $1 and c.context = $2 and c.partition = $3
returning c.parkings
