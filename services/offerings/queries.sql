-- Read models: a row as JSON by id, and rows of JSON in.

-- name: load_bodies
select id, to_jsonb(t) as row from views.bodies t where id = any($1::uuid[])

-- name: save_bodies
insert into views.bodies select * from jsonb_populate_recordset(null::views.bodies, $1::jsonb)
on conflict (id) do update set (name, changed_name, perimeter, territory, accepted, suspended, correlation)
  = row(excluded.name, excluded.changed_name, excluded.perimeter, excluded.territory, excluded.accepted,
        excluded.suspended, excluded.correlation)

-- name: load_offerings
select id, to_jsonb(t) as row from views.offerings t where id = any($1::uuid[])

-- name: save_offerings
insert into views.offerings select * from jsonb_populate_recordset(null::views.offerings, $1::jsonb)
on conflict (id) do update set
    (status, body_name, title, perimeter, territory, cost_type, revision, form, reasons, version)
  = row(excluded.status, excluded.body_name, excluded.title, excluded.perimeter, excluded.territory,
        excluded.cost_type, excluded.revision, excluded.form, excluded.reasons, excluded.version)

-- name: load_sessions
select id, to_jsonb(t) as row from views.sessions t where id = any($1::uuid[])

-- name: save_sessions
insert into views.sessions select * from jsonb_populate_recordset(null::views.sessions, $1::jsonb)
on conflict (id) do update set (place_no, starts_on, ends_on, place, timetable, price, units, cancelled)
  = row(excluded.place_no, excluded.starts_on, excluded.ends_on, excluded.place, excluded.timetable, excluded.price,
        excluded.units, excluded.cancelled)

-- name: drop_sessions
-- Sessions that a corrected form has no more: those of $1 that are not among its first $2.
delete from views.sessions s using unnest($1::uuid[], $2::integer[]) as kept (offering, count)
where s.offering = kept.offering and s.place_no > kept.count

-- name: load_orders
select id, to_jsonb(t) as row from views.orders t where id = any($1::uuid[])

-- name: save_orders
insert into views.orders select * from jsonb_populate_recordset(null::views.orders, $1::jsonb)
on conflict (id) do update set
    (status, terms, returned, signatory, signed_on, reasons, cause, amendment, documents, version)
  = row(excluded.status, excluded.terms, excluded.returned, excluded.signatory, excluded.signed_on, excluded.reasons,
        excluded.cause, excluded.amendment, excluded.documents, excluded.version)

-- name: assign
insert into views.assignments (session, unit, teacher) select * from unnest($1::uuid[], $2::text[], $3::text[])
on conflict do nothing

-- name: unassign
delete from views.assignments a using unnest($1::uuid[], $2::text[], $3::text[]) as gone (session, unit, teacher)
where (a.session, a.unit, a.teacher) = (gone.session, gone.unit, gone.teacher)

-- name: keep_versions
insert into views.assignment_sets (session, version) select * from unnest($1::uuid[], $2::bigint[])
on conflict (session) do update set version = excluded.version

-- name: keep_attended
insert into views.attended (session, deposited) select * from unnest($1::uuid[], $2::boolean[])
on conflict (session) do update set deposited = excluded.deposited

-- Reading.

-- name: body
-- What registration told of a body; a body that it never told of is not accepted.
select coalesce(changed_name, name) as name, coalesce(accepted, false) as accepted,
       coalesce(suspended, false) as suspended, perimeter, territory, correlation
from views.bodies where id = $1

-- name: offering
select to_jsonb(t) as row from views.offerings t where id = $1

-- name: offerings
-- The newest first: of a body ($1), in some territories ($2), in a state ($3), null: any; $4: the last of the page before.
select to_jsonb(t) - 'form' as row from views.offerings t
where ($1::uuid is null or body = $1)
  and ($2::text[] is null or territory = any($2))
  and ($3::text is null or status = $3)
  and ($4::uuid is null or (submitted_at, id) < (select submitted_at, id from views.offerings where id = $4))
order by submitted_at desc, id desc
limit $5

-- name: sessions_of
-- The sessions of offerings, each with its order in force, if there is one.
select s.offering, to_jsonb(s) || jsonb_build_object('order', o.id, 'order_status', o.status) as row
from views.sessions s
left join lateral (select id, status from views.orders
                   where session = s.id and status <> 'cancelled' order by issued_at desc limit 1) o on true
where s.offering = any($1::uuid[])
order by s.place_no

-- name: offering_of_session
select offering from views.sessions where id = $1

-- name: ordered
-- Whether an order of the offering is in force.
select exists (select from views.orders where offering = $1 and status <> 'cancelled')

-- name: attended
-- Whether certificates of the session are deposited, as far as attendance has told.
select coalesce((select deposited from views.attended where session = $1), false)

-- name: assignments
-- After (unit, teacher), in that order.
select unit, teacher from views.assignments
where session = $1 and ($2::text is null or (unit, teacher) > ($2, $3::text))
order by unit, teacher
limit $4

-- name: assignments_version
select version from views.assignment_sets where session = $1

-- name: order
select to_jsonb(t) as row from views.orders t where id = $1

-- name: orders
-- The newest first: of a body ($1), in some territories ($2), in a state ($3), null: any; $4: the last of the page before.
select to_jsonb(t) as row from views.orders t
where ($1::uuid is null or body = $1)
  and ($2::text[] is null or territory = any($2))
  and ($3::text is null or status = $3)
  and ($4::uuid is null or (issued_at, id) < (select issued_at, id from views.orders where id = $4))
order by issued_at desc, id desc
limit $5
