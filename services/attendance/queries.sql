-- name: keep_sessions
-- Sessions as submitted with their offering, the newest revision last.
insert into views.sessions
    (session_id, offering_id, body_id, body_name, title, perimeter, territory, starts_on, ends_on, place, units,
     correlation, position)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::date[],
                     $9::date[], $10::text[], $11::jsonb[], $12::text[], $13::text[])
on conflict (session_id) do update set
    offering_id = excluded.offering_id, body_id = excluded.body_id, body_name = excluded.body_name,
    title = excluded.title, place = excluded.place,
    perimeter = excluded.perimeter, territory = excluded.territory, starts_on = excluded.starts_on,
    ends_on = excluded.ends_on, units = excluded.units, correlation = excluded.correlation,
    position = excluded.position

-- name: move_sessions
-- A move that says no place leaves it where it was.
insert into views.sessions as s (session_id, moved_starts_on, moved_ends_on, moved_place)
select * from unnest($1::uuid[], $2::date[], $3::date[], $4::text[])
on conflict (session_id) do update set
    moved_starts_on = excluded.moved_starts_on, moved_ends_on = excluded.moved_ends_on,
    moved_place = coalesce(excluded.moved_place, s.moved_place)

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
update views.orders o set status = u.status, words = u.words, changed_at = u.changed_at
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) as u (order_id, status, words, changed_at)
where o.order_id = u.order_id

-- name: keep_certificates
-- A deposit replaces the one before it, and its rejection.
insert into views.certificates
    (session_id, body_id, status, version, revision, lines, validated_lines, sheet_hash, submitted_at)
select session_id, body_id, 'submitted', version, revision, lines, validated_lines, sheet_hash, submitted_at
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::jsonb[], $6::jsonb[], $7::text[], $8::timestamptz[])
         as c (session_id, body_id, version, revision, lines, validated_lines, sheet_hash, submitted_at)
on conflict (session_id) do update set
    status = excluded.status, version = excluded.version, revision = excluded.revision, lines = excluded.lines,
    validated_lines = excluded.validated_lines, sheet_hash = excluded.sheet_hash, submitted_at = excluded.submitted_at,
    decided_on = null, rejection = null, totals = null

-- name: keep_sheets
insert into views.sheets (session_id, revision, sha256, size, media_type, deposited_at)
select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
on conflict do nothing

-- name: decide_certificates
update views.certificates c
set status = d.status, version = d.version, decided_on = d.decided_on, rejection = d.rejection, totals = d.totals,
    validated_lines = coalesce(d.validated_lines, c.validated_lines)
from unnest($1::uuid[], $2::text[], $3::bigint[], $4::date[], $5::jsonb[], $6::jsonb[], $7::jsonb[])
         as d (session_id, status, version, decided_on, rejection, totals, validated_lines)
where c.session_id = d.session_id

-- name: keep_offices
insert into views.offices (territory, name, email, phone, learnt_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (territory) do update set
    name = excluded.name, email = excluded.email, phone = excluded.phone, learnt_at = excluded.learnt_at
where (excluded.learnt_at, excluded.email, excluded.name) > (offices.learnt_at, offices.email, offices.name)

-- name: session
-- All that is known of a session: as ordered, else as offered; its certificates; its assignments.
-- A cancelled order gives way to a later one.
select s.session_id, s.offering_id, s.body_id, s.body_name, s.title, s.cancelled,
       coalesce(s.moved_place, s.place) as place,
       coalesce(s.moved_starts_on, s.starts_on) as starts_on, coalesce(s.moved_ends_on, s.ends_on) as ends_on,
       coalesce(o.units, s.units) as units, coalesce(o.perimeter, s.perimeter) as perimeter,
       case when o.order_id is null then s.territory else o.territory end as territory,
       o.order_id, o.number, o.status as order_status, o.words, coalesce(o.changed_at, o.issued_at) as order_since,
       f.name as office_name, f.email as office_email, f.phone as office_phone, coalesce(o.correlation, s.correlation) as correlation,
       c.status, c.version, c.revision, c.lines, c.validated_lines, c.sheet_hash, c.submitted_at, c.decided_on, c.rejection, c.totals,
       (select coalesce(jsonb_agg(jsonb_build_array(a.teacher_number, a.unit_code) order by a.unit_code, a.teacher_number), '[]')
        from views.assignments a where a.session_id = s.session_id) as assigned
from views.sessions s
left join lateral (select * from views.orders o where o.session_id = s.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
left join views.offices f on f.territory = case when o.order_id is null then s.territory else o.territory end
left join views.certificates c on c.session_id = s.session_id
where s.session_id = $1 and s.offering_id is not null

-- name: sessions
-- A page of the sessions of a body ($1), or of some territories ($2), null: any, that are at a stage ($3) on a day
-- ($4): the first to end comes first, or ($5) last. $6: the last session of the page before.
select t.* from (
    select s.session_id, s.offering_id, s.body_id, s.body_name, s.title, s.cancelled,
           coalesce(s.moved_place, s.place) as place,
           coalesce(s.moved_starts_on, s.starts_on) as starts_on, coalesce(s.moved_ends_on, s.ends_on) as ends_on,
           coalesce(o.units, s.units) as units, coalesce(o.perimeter, s.perimeter) as perimeter,
           case when o.order_id is null then s.territory else o.territory end as territory,
           o.order_id, o.number, o.status as order_status, o.words, coalesce(o.changed_at, o.issued_at) as order_since,
           f.name as office_name, f.email as office_email, f.phone as office_phone,
           c.status, c.submitted_at, c.decided_on, c.totals, '[]' as assigned,
           case when c.status in ('submitted', 'validated') then c.status
                when s.cancelled is not null then 'cancelled'
                when o.status = 'signed' and coalesce(s.moved_ends_on, s.ends_on) <= $4 then 'open'
                else 'not-yet' end as stage
    from views.sessions s
    left join lateral (select * from views.orders o where o.session_id = s.session_id
                       order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
    left join views.offices f on f.territory = case when o.order_id is null then s.territory else o.territory end
    left join views.certificates c on c.session_id = s.session_id
    where s.offering_id is not null and ($1::uuid is null or s.body_id = $1)
) t
where ($2::text[] is null or t.territory = any($2)) and t.stage = $3
  and ($6::uuid is null or (
      select case when $5::boolean then (t.ends_on, t.session_id) < (coalesce(p.moved_ends_on, p.ends_on), p.session_id)
                  else (t.ends_on, t.session_id) > (coalesce(p.moved_ends_on, p.ends_on), p.session_id) end
      from views.sessions p where p.session_id = $6))
order by case when $5::boolean then t.ends_on end desc, case when $5::boolean then t.session_id end desc,
         t.ends_on, t.session_id
limit $7

-- name: to_decide
-- Certificates that wait for Formiris, of some territories or (null) all, the oldest first, after a session.
select c.session_id, c.body_id, s.title, c.revision, c.version, c.submitted_at,
       jsonb_array_length(c.lines) as lines,
       jsonb_array_length(c.lines) - coalesce(jsonb_array_length(c.validated_lines), 0) as to_decide
from views.certificates c
join views.sessions s on s.session_id = c.session_id
left join lateral (select * from views.orders o where o.session_id = s.session_id
                   order by o.status = 'cancelled', o.issued_at desc limit 1) o on true
where c.status = 'submitted'
  and ($1::text[] is null or case when o.order_id is null then s.territory else o.territory end = any($1))
  and ($2::uuid is null or (c.submitted_at, c.session_id) >
      (select submitted_at, session_id from views.certificates where session_id = $2))
order by c.submitted_at, c.session_id
limit $3

-- name: sheets
-- Every sheet deposited with the certificates of a session, the last one first.
select revision, sha256, size, media_type, deposited_at from views.sheets where session_id = $1 order by revision desc

-- name: sheet
-- A sheet of the session ($1): deposited with its certificates, or ($4) sent by its body ($3) for the draft.
select media_type from views.sheets where session_id = $1 and sha256 = $2
union all
select u.media_type from views.drafts d join views.uploads u on u.sha256 = d.sheet
where $4::boolean and d.session_id = $1 and d.sheet = $2 and u.body_id = $3
limit 1

-- name: draft
select revision, version, lines, sheet, sheet_hours, refused, changed_by, changed_at
from views.drafts where session_id = $1

-- name: keep_draft
-- Only over the version that was read ($3); none: another person's change came between.
insert into views.drafts as d
    (session_id, revision, version, lines, sheet, sheet_hours, refused, changed_by, changed_at)
select $1::uuid, $2::integer, $3::bigint + 1, $4::jsonb, $5::text, $6::text, $7::jsonb, $8::text, now()
where $3::bigint = coalesce((select version from views.drafts where session_id = $1::uuid), 0)
on conflict (session_id) do update set
    revision = excluded.revision, version = excluded.version, lines = excluded.lines, sheet = excluded.sheet,
    sheet_hours = excluded.sheet_hours, refused = excluded.refused, changed_by = excluded.changed_by,
    changed_at = excluded.changed_at
where d.version = excluded.version - 1
returning d.version

-- name: keep_upload
insert into views.uploads (body_id, sha256, size, media_type, sent_at) values ($1, $2, $3, $4, now())
on conflict do nothing

-- name: upload
select size, media_type from views.uploads where body_id = $1 and sha256 = $2
