-- name: keep_offices
insert into views.offices (territory, name, email, phone, learnt_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (territory) do update set
    name = excluded.name, email = excluded.email, phone = excluded.phone, learnt_at = excluded.learnt_at
where (excluded.learnt_at, excluded.email, excluded.name) > (offices.learnt_at, offices.email, offices.name)

-- name: keep_sessions
insert into views.sessions
    (session_id, offering_id, body_id, body_name, title, perimeter, territory, ends_on, correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[],
                     $9::text[], $10::text[])
on conflict (session_id) do update set
    offering_id = excluded.offering_id, body_id = excluded.body_id, body_name = excluded.body_name,
    title = excluded.title, perimeter = excluded.perimeter, territory = excluded.territory,
    ends_on = excluded.ends_on, correlation = excluded.correlation, position = excluded.position

-- name: move_sessions
insert into views.sessions (session_id, moved_ends_on)
select * from unnest($1::uuid[], $2::date[])
on conflict (session_id) do update set moved_ends_on = excluded.moved_ends_on

-- name: keep_orders
insert into views.orders
    (order_id, session_id, number, perimeter, territory, cost_type, price, ceiling, payment_days, issued_at,
     correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[],
                     $8::numeric[], $9::integer[], $10::timestamptz[], $11::text[], $12::text[])
on conflict (order_id) do nothing

-- name: move_orders
update views.orders o set status = u.status
from unnest($1::uuid[], $2::text[]) as u (order_id, status)
where o.order_id = u.order_id

-- name: keep_attended
insert into views.attended (session_id, status, trainees, hours)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::numeric[])
on conflict (session_id) do update set
    status = excluded.status, trainees = excluded.trainees, hours = excluded.hours

-- name: keep_invoices
insert into views.invoices
    (invoice_id, body_id, session_id, perimeter, territory, number, kind, amount, submitted_at, submitted,
     correlation, version)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::numeric[], $9::timestamptz[], $10::jsonb[], $11::text[], $12::bigint[])
on conflict (invoice_id) do nothing

-- name: move_invoices
-- What happened since: a status with its outcome, or a step of an amendment, laid over the earlier ones.
update views.invoices i
set version = u.version, status = coalesce(u.status, i.status), outcome = coalesce(u.outcome, i.outcome),
    amendment = case when u.amendment is null then i.amendment
                     else coalesce(i.amendment, '{}') || u.amendment end
from unnest($1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::jsonb[])
         as u (invoice_id, version, status, outcome, amendment)
where i.invoice_id = u.invoice_id

-- name: billing
-- All that the invoice of a session rests on, and the invoice that holds it. A cancelled order gives way to a later one.
select s.session_id, s.offering_id, s.body_id, s.body_name, s.title,
       coalesce(s.moved_ends_on, s.ends_on) as ends_on, coalesce(o.correlation, s.correlation) as correlation,
       case when o.order_id is null then s.territory else o.territory end as territory,
       o.order_id, o.number as order_number, o.status as order_status, o.perimeter, o.cost_type, o.price, o.ceiling,
       o.payment_days, a.status as attended, a.trainees, a.hours, i.invoice_id, i.number, i.amount, i.status, i.version
from views.sessions s
left join lateral (select * from views.orders o where o.session_id = s.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
left join views.attended a on a.session_id = s.session_id
left join lateral (select * from views.invoices i where i.session_id = s.session_id and i.kind <> '381'
                   and i.status in ('submitted', 'accepted', 'paid') order by i.submitted_at desc limit 1) i on true
where s.session_id = $1 and s.offering_id is not null

-- name: invoice
select i.*, o.name as office_name, o.email as office_email, o.phone as office_phone
from views.invoices i left join views.offices o on o.territory = i.territory
where i.invoice_id = $1

-- name: invoices
-- A page, the newest first, of what a body ($1) or a manager's territory ($2) sees; null sees all.
select i.*, o.name as office_name, o.email as office_email, o.phone as office_phone
from views.invoices i left join views.offices o on o.territory = i.territory
where ($1::uuid is null or i.body_id = $1) and ($2::text is null or i.territory = $2)
  and ($3::text is null or i.status = $3)
  and ($4::uuid is null or (i.submitted_at, i.invoice_id) <
      (select p.submitted_at, p.invoice_id from views.invoices p where p.invoice_id = $4))
order by i.submitted_at desc, i.invoice_id desc
limit $5
