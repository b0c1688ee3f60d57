-- name: keep_bodies
-- What each event says of a body, beside what the others say.
insert into views.bodies (body_id, submitted, accepted, changed)
select b.body_id, coalesce(b.submitted, '{}'), coalesce(b.accepted, '{}'), coalesce(b.changed, '{}')
from unnest($1::uuid[], $2::jsonb[], $3::jsonb[], $4::jsonb[]) as b (body_id, submitted, accepted, changed)
on conflict (body_id) do update set
    submitted = case when excluded.submitted = '{}' then bodies.submitted else excluded.submitted end,
    accepted = case when excluded.accepted = '{}' then bodies.accepted else excluded.accepted end,
    changed = bodies.changed || excluded.changed

-- name: keep_offered
insert into views.offerings (offering_id, status)
select * from unnest($1::uuid[], $2::text[])
on conflict (offering_id) do update set status = excluded.status

-- name: keep_sessions
insert into views.sessions
    (session_id, offering_id, body_id, body_name, title, perimeter, territory, starts_on, ends_on, correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[],
                     $9::date[], $10::text[], $11::text[])
on conflict (session_id) do update set
    offering_id = excluded.offering_id, body_id = excluded.body_id, body_name = excluded.body_name,
    title = excluded.title, perimeter = excluded.perimeter, territory = excluded.territory,
    starts_on = excluded.starts_on, ends_on = excluded.ends_on, correlation = excluded.correlation,
    position = excluded.position

-- name: move_sessions
insert into views.sessions (session_id, moved_starts_on, moved_ends_on)
select * from unnest($1::uuid[], $2::date[], $3::date[])
on conflict (session_id) do update set
    moved_starts_on = excluded.moved_starts_on, moved_ends_on = excluded.moved_ends_on

-- name: cancel_sessions
insert into views.sessions (session_id, cancelled)
select session_id, true from unnest($1::uuid[]) as c (session_id)
on conflict (session_id) do update set cancelled = true

-- name: keep_orders
insert into views.orders
    (order_id, session_id, number, perimeter, territory, cost_type, price, ceiling, payment_days, issued_at,
     correlation, position, body_id, body_name, offering_id, title, starts_on, ends_on)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[],
                     $8::numeric[], $9::integer[], $10::timestamptz[], $11::text[], $12::text[], $13::uuid[],
                     $14::text[], $15::uuid[], $16::text[], $17::date[], $18::date[])
on conflict (order_id) do nothing

-- name: move_orders
update views.orders o set status = u.status
from unnest($1::uuid[], $2::text[]) as u (order_id, status)
where o.order_id = u.order_id

-- name: keep_attended
insert into views.attended (session_id, status, trainees, hours, body_id, offering_id, title, perimeter, territory)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::numeric[], $5::uuid[], $6::uuid[], $7::text[],
                     $8::text[], $9::text[])
on conflict (session_id) do update set
    status = excluded.status, trainees = excluded.trainees, hours = excluded.hours, body_id = excluded.body_id,
    offering_id = excluded.offering_id, title = excluded.title, perimeter = excluded.perimeter,
    territory = excluded.territory

-- name: keep_invoices
insert into views.invoices
    (invoice_id, body_id, session_id, perimeter, territory, number, kind, amount, submitted_at, submitted,
     correlation, version, issued_on, document)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::numeric[], $9::timestamptz[], $10::jsonb[], $11::text[], $12::bigint[], $13::date[],
                     $14::text[])
on conflict (invoice_id) do nothing

-- name: move_invoices
-- What happened since: a status with its outcome, or a step of an amendment, laid over the earlier ones.
update views.invoices i
set version = u.version, status = coalesce(u.status, i.status), outcome = coalesce(u.outcome, i.outcome),
    amendment = case when u.amendment is null then i.amendment
                     else coalesce(i.amendment, '{}') || u.amendment end,
    document = coalesce(u.document, i.document), closed_on = coalesce(u.closed_on, i.closed_on),
    supplements = i.supplements || u.supplements
from unnest($1::uuid[], $2::bigint[], $3::text[], $4::jsonb[], $5::jsonb[], $6::text[], $7::date[], $8::jsonb[])
         as u (invoice_id, version, status, outcome, amendment, document, closed_on, supplements)
where i.invoice_id = u.invoice_id

-- name: sessions
-- A page of the sessions of a body ($1), or of some territories ($2), null: any, by the answer to « Puis-je
-- facturer ? » ($3), the last to end first. $4: the last session of the page before.
select t.session_id from (
    select s.session_id, coalesce(s.moved_ends_on, s.ends_on) as ends_on,
           case when o.order_id is null then s.territory else o.territory end as territory,
           case when exists (select from views.invoices i where i.session_id = s.session_id and i.kind <> '381'
                             and i.status in ('submitted', 'returned', 'accepted', 'paid')) then 'invoiced'
                when a.status = 'validated' and o.status = 'signed' then 'yes'
                when s.cancelled and a.status is distinct from 'validated' then 'cancelled'
                else 'not-yet' end as answer
    from views.sessions s
    left join lateral (select * from views.orders o where o.session_id = s.session_id
                       order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
    left join views.attended a on a.session_id = s.session_id
    where s.offering_id is not null and ($1::uuid is null or s.body_id = $1)
) t
where ($2::text[] is null or t.territory = any($2)) and t.answer = $3
  and ($4::uuid is null or (t.ends_on, t.session_id) <
      (select coalesce(p.moved_ends_on, p.ends_on), p.session_id from views.sessions p where p.session_id = $4))
order by t.ends_on desc, t.session_id desc
limit $5

-- name: billing
-- All that the invoices of some sessions rest on, and the invoice that holds each. A cancelled order gives way to a later
-- one. The offering, the order and the certificates are told apart: any of them makes the session known.
select k.session_id, coalesce(s.offering_id, o.offering_id, a.offering_id) as offering_id,
       coalesce(s.body_id, o.body_id, a.body_id) as body_id, coalesce(s.body_name, o.body_name, '') as body_name,
       coalesce(s.title, o.title, a.title, '') as title, coalesce(s.cancelled, false) as cancelled,
       coalesce(s.moved_starts_on, s.starts_on, o.starts_on) as starts_on,
       coalesce(s.moved_ends_on, s.ends_on, o.ends_on) as ends_on,
       coalesce(o.correlation, s.correlation) as correlation, f.status as offered,
       case when o.order_id is not null then o.territory when s.offering_id is not null then s.territory
            else a.territory end as territory,
       o.order_id, o.number as order_number, o.status as order_status, o.perimeter, o.cost_type, o.price, o.ceiling,
       o.payment_days, a.status as attended, a.trainees, a.hours, b.submitted || b.accepted || b.changed as seller,
       i.invoice_id, i.number, i.amount, i.status, i.version
from unnest($1::uuid[]) as k (session_id)
left join views.sessions s on s.session_id = k.session_id
left join lateral (select * from views.orders o where o.session_id = k.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
left join views.attended a on a.session_id = k.session_id
left join views.offerings f on f.offering_id = coalesce(s.offering_id, o.offering_id, a.offering_id)
left join views.bodies b on b.body_id = coalesce(s.body_id, o.body_id, a.body_id)
left join lateral (select * from views.invoices i where i.session_id = k.session_id and i.kind <> '381'
                   and i.status in ('submitted', 'returned', 'accepted', 'paid')
                   order by i.submitted_at desc limit 1) i on true
where coalesce(s.body_id, o.body_id, a.body_id) is not null

-- name: body
-- What registration tells of a body, as its invoices name it.
select b.submitted || b.accepted || b.changed as seller from views.bodies b where b.body_id = $1

-- name: invoice
select i.* from views.invoices i where i.invoice_id = $1

-- name: invoices
-- A page, the newest first, of what a body ($1) or a manager of territories ($2) sees; null sees all.
select i.* from views.invoices i
where ($1::uuid is null or i.body_id = $1) and ($2::text[] is null or i.territory = any($2))
  and ($3::text is null or i.status = $3)
  and ($4::date is null or i.issued_on >= $4) and ($5::date is null or i.issued_on <= $5)
  and ($6::uuid is null or (i.submitted_at, i.invoice_id) <
      (select p.submitted_at, p.invoice_id from views.invoices p where p.invoice_id = $6))
order by i.submitted_at desc, i.invoice_id desc
limit $7

-- name: number_taken
-- The invoice of a body ($1) that bears a number ($2).
select invoice_id from views.invoices where body_id = $1 and number = $2

-- name: paper
select sha256 from views.papers where invoice_id = $1

-- name: keep_paper
-- The first one made stays.
insert into views.papers (invoice_id, sha256) values ($1, $2) on conflict (invoice_id) do nothing

-- name: body_name
-- Of a body ($1) that a manager of territories ($2) has invoices of.
select i.submitted->>'body_name' from views.invoices i
where i.body_id = $1 and ($2::text[] is null or i.territory = any($2))
order by i.submitted_at desc limit 1

-- name: movements
-- What a body ($1) asked for and got, up to a day ($2): each line adds to what is due to it, or takes off.
-- A manager of territories ($3) sees theirs. An invoice that was credited stays: its credit note takes it off.
select * from (
    select i.issued_on as day, 1 as step,
           case i.kind when '380' then 'invoice' when '384' then 'corrective-invoice' else 'credit-note' end as kind,
           case i.kind when '381' then -i.amount else i.amount end as amount, i.invoice_id, i.number, i.submitted,
           i.outcome, i.territory
    from views.invoices i where i.body_id = $1
    union all
    select i.closed_on, 2, case i.status when 'paid' then 'payment' else i.status end, -i.amount, i.invoice_id,
           i.number, i.submitted, i.outcome, i.territory
    from views.invoices i where i.body_id = $1 and i.status in ('paid', 'rejected', 'corrected')
) m
where m.day <= $2 and ($3::text[] is null or m.territory = any($3))
order by m.day, m.step, m.number
