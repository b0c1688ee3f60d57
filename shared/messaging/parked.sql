-- name: park
insert into messaging.parked (consumer, context, partition, reason, sequence, epoch, hash, kafka_offset, stream,
                              event_id, event_type, record, error_type, error, traceback, attempts)
select $1, $2, p.*
from unnest($3::int[], $4::text[], $5::bigint[], $6::int[], $7::bytea[], $8::bigint[], $9::text[], $10::text[],
            $11::text[], $12::bytea[], $13::text[], $14::text[], $15::text[], $16::int[]) as p
on conflict do nothing

-- name: streams
-- Whose later events must park as well.
select distinct partition, stream from messaging.parked
where consumer = $1 and context = $2 and partition = any($3::int[]) and reason <> 'malformed'

-- name: count
select consumer, count(*) as events, count(redrive_requested_at) as requested
from messaging.parked where consumer = any($1::text[]) group by consumer

-- name: requested
-- In the order in which they were asked for.
select context, partition, stream from messaging.parked
where consumer = $1 and redrive_requested_at is not null and reason <> 'malformed'
group by context, partition, stream
order by min(redrive_requested_at), partition, stream

-- name: next
select id, partition, sequence, epoch, hash, stream, record from messaging.parked
where consumer = $1 and context = $2 and partition = $3 and stream = $4 and reason <> 'malformed'
order by sequence limit 1

-- name: remove
delete from messaging.parked where id = $1

-- name: fail_again
with failed as (
    update messaging.parked
    set reason = 'failed', error_type = $2, error = $3, traceback = $4, attempts = attempts + 1
    where id = $1 returning consumer, context, partition, stream
)
update messaging.parked p set redrive_requested_at = null
from failed f
where (p.consumer, p.context, p.partition, p.stream) = (f.consumer, f.context, f.partition, f.stream)
  and p.id <> $1

-- name: withdraw
update messaging.parked set redrive_requested_at = null where id = $1

-- name: list
select id, consumer, context, partition, sequence, kafka_offset, stream, event_id, event_type, reason, error_type,
       error, attempts, parked_at, redrive_requested_at
from messaging.parked
where ($1::text is null or consumer = $1) and ($2::text is null or stream = $2)
order by consumer, context, partition, sequence nulls last, kafka_offset

-- name: show
select * from messaging.parked where id = $1

-- name: request
update messaging.parked set redrive_requested_at = clock_timestamp()
where reason <> 'malformed' and ($1::text is null or consumer = $1) and ($2::text is null or stream = $2)
returning id, consumer, context, partition, sequence, kafka_offset, stream, event_id, event_type, reason,
          error_type, error, attempts, parked_at, redrive_requested_at
