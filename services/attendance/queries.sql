-- name: keep_sessions
-- Sessions as submitted with their offering, the newest revision last.
insert into views.sessions
    (session_id, offering_id, body_id, title, perimeter, territory, starts_on, ends_on, units, correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
                     $9::jsonb[], $10::text[], $11::text[])
on conflict (session_id) do update set
    offering_id = excluded.offering_id, body_id = excluded.body_id, title = excluded.title,
    perimeter = excluded.perimeter, territory = excluded.territory, starts_on = excluded.starts_on,
    ends_on = excluded.ends_on, units = excluded.units, correlation = excluded.correlation,
    position = excluded.position

-- name: move_sessions
insert into views.sessions (session_id, moved_starts_on, moved_ends_on)
select * from unnest($1::uuid[], $2::date[], $3::date[])
on conflict (session_id) do update set
    moved_starts_on = excluded.moved_starts_on, moved_ends_on = excluded.moved_ends_on

-- name: cancel_sessions
insert into views.sessions (session_id, cancelled)
select * from unnest($1::uuid[], $2::text[])
on conflict (session_id) do update set cancelled = excluded.cancelled

-- name: assign
insert into views.assignments (session_id, unit_code, teacher_number)
select * from unnest($1::uuid[], $2::text[], $3::text[])
on conflict do nothing

-- name: unassign
delete from views.assignments a using unnest($1::uuid[], $2::text[], $3::text[]) as u (session_id, unit_code, teacher_number)
where (a.session_id, a.unit_code, a.teacher_number) = (u.session_id, u.unit_code, u.teacher_number)

-- name: keep_orders
insert into views.orders
    (order_id, session_id, number, territory, perimeter, units, issued_at, correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[],
                     $8::text[], $9::text[])
on conflict (order_id) do nothing

-- name: move_orders
-- Where each order stands after the last of its events.
update views.orders o set status = u.status, words = u.words
from unnest($1::uuid[], $2::text[], $3::text[]) as u (order_id, status, words)
where o.order_id = u.order_id

-- name: keep_certificates
-- A deposit replaces the one before it, and its rejection.
insert into views.certificates
    (session_id, body_id, status, version, revision, lines, sheet_hash, submitted_at)
select session_id, body_id, 'submitted', version, revision, lines, sheet_hash, submitted_at
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::jsonb[], $6::text[], $7::timestamptz[])
         as c (session_id, body_id, version, revision, lines, sheet_hash, submitted_at)
on conflict (session_id) do update set
    status = excluded.status, version = excluded.version, revision = excluded.revision, lines = excluded.lines,
    sheet_hash = excluded.sheet_hash, submitted_at = excluded.submitted_at,
    decided_on = null, rejection = null, totals = null

-- name: decide_certificates
update views.certificates c
set status = d.status, version = d.version, decided_on = d.decided_on, rejection = d.rejection, totals = d.totals
from unnest($1::uuid[], $2::text[], $3::bigint[], $4::date[], $5::jsonb[], $6::jsonb[])
         as d (session_id, status, version, decided_on, rejection, totals)
where c.session_id = d.session_id

-- name: session
-- All that is known of a session: as ordered, else as offered; its certificates; its assignments.
-- A cancelled order gives way to a later one.
select s.session_id, s.offering_id, s.body_id, s.title, s.cancelled,
       coalesce(s.moved_starts_on, s.starts_on) as starts_on, coalesce(s.moved_ends_on, s.ends_on) as ends_on,
       coalesce(o.units, s.units) as units, coalesce(o.perimeter, s.perimeter) as perimeter,
       case when o.order_id is null then s.territory else o.territory end as territory,
       o.order_id, o.number, o.status as order_status, o.words, coalesce(o.correlation, s.correlation) as correlation,
       c.status, c.version, c.revision, c.lines, c.sheet_hash, c.submitted_at, c.decided_on, c.rejection, c.totals,
       (select coalesce(jsonb_agg(jsonb_build_array(a.teacher_number, a.unit_code) order by a.unit_code, a.teacher_number), '[]')
        from views.assignments a where a.session_id = s.session_id) as assigned
from views.sessions s
left join lateral (select * from views.orders o where o.session_id = s.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
left join views.certificates c on c.session_id = s.session_id
where s.session_id = $1 and s.offering_id is not null

-- name: to_decide
-- Certificates that wait for Formiris, a territory's or (null) all, the oldest first, after a session.
select c.session_id, c.body_id, s.title, c.revision, c.version, c.submitted_at
from views.certificates c
join views.sessions s on s.session_id = c.session_id
left join lateral (select * from views.orders o where o.session_id = s.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
where c.status = 'submitted'
  and ($1::text is null or $1 = case when o.order_id is null then s.territory else o.territory end)
  and ($2::uuid is null or (c.submitted_at, c.session_id) >
      (select submitted_at, session_id from views.certificates where session_id = $2))
order by c.submitted_at, c.session_id
limit $3
