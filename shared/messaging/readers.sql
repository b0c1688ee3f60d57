-- name: note
insert into messaging.readers (subscriber, partition, sequence) values ($1, $2, $3)
on conflict (subscriber, partition) do update set sequence = excluded.sequence, read_at = clock_timestamp()

-- name: fail
insert into messaging.reader_failures (subscriber, code) values ($1, $2)
on conflict (subscriber) do update set code = excluded.code, at = clock_timestamp()

-- name: readers
select subscriber, partition, sequence, read_at from messaging.readers order by subscriber, partition

-- name: failures
select subscriber, code, at from messaging.reader_failures order by subscriber

-- name: parked
-- How many events a consumer has set aside of each context, and why the first of them was.
select distinct on (consumer, context) consumer, context, count(*) over (partition by consumer, context) as parked,
       event_type, error_type, parked_at
from messaging.parked
order by consumer, context, (reason <> 'failed'), parked_at
