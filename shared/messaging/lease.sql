-- name: take
-- Renew what is ours, take what is free. The answer is what we hold from now on.
insert into messaging.leases as l (job, partition, holder, expires_at)
select $1, partition, $3, clock_timestamp() + $4 * interval '1 second' from unnest($2::int[]) as partition
order by partition
on conflict (job, partition) do update
set holder = excluded.holder,
    expires_at = excluded.expires_at,
    token = l.token + case when l.holder = excluded.holder then 0 else 1 end
where l.holder = excluded.holder or l.expires_at < clock_timestamp()
returning partition

-- name: free
-- Whether there is anything to take: asked often by those who wait.
select count(*) from unnest($2::int[]) as wanted (partition)
left join messaging.leases l on l.job = $1 and l.partition = wanted.partition
where l.holder is null or l.holder = $3 or l.expires_at < clock_timestamp()

-- name: hand_over
delete from messaging.leases where job = $1 and holder = $2
