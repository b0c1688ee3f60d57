-- name: keep_alerts
insert into views.alerts
    (alert_id, recipient_kind, recipient_id, posted_at, code, title, text, link, faq, cause_id, cause_type, version)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                     $8::text[], $9::text[], $10::uuid[], $11::text[], $12::bigint[])
on conflict (alert_id) do nothing

-- name: read_alerts
update views.alerts a set read_at = r.read_at, version = r.version
from unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) as r (alert_id, read_at, version)
where a.alert_id = r.alert_id

-- name: keep_emails
insert into views.emails (email_id, template, cause_id, cause_type, body_id, status, reason, at)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[],
                     $8::timestamptz[])
on conflict (email_id) do nothing

-- name: alerts
-- A page of one recipient's alerts, the newest first; null recipients see all.
select * from views.alerts a
where ($1::text is null or (a.recipient_kind, a.recipient_id) = ($1, $2))
  and (not $3::boolean or a.read_at is null)
  and ($4::uuid is null or (a.posted_at, a.alert_id) <
      (select p.posted_at, p.alert_id from views.alerts p where p.alert_id = $4))
order by a.posted_at desc, a.alert_id desc
limit $5

-- name: alert
select * from views.alerts where alert_id = $1

-- name: emails
-- What was sent or refused, and what still waits; the newest first.
select * from (
    select email_id, template, cause_id, cause_type, body_id, status, reason, at from views.emails
    union all
    select o.email_id, o.template, o.cause_id, o.cause_type, o.body_id, 'waiting', null, o.due_at
    from views.outbox o where not exists (select from views.emails e where e.email_id = o.email_id)
) e
where ($1::timestamptz is null or (e.at, e.email_id) < ($1, $2::uuid))
order by e.at desc, e.email_id desc
limit $3

-- name: put_out
-- An e-mail that was asked for; asked for twice, it stays as it is.
insert into views.outbox
    (email_id, template, cause_id, cause_type, body_id, correlation, words, recipient, due_at)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[],
                     $8::jsonb[], $9::timestamptz[])
on conflict (email_id) do nothing

-- name: take_due
-- Due e-mails, for this sender alone during $2; a sender that dies gives them back by not coming back.
update views.outbox set due_at = now() + $2::interval, attempts = attempts + 1
where email_id in (select email_id from views.outbox where due_at <= now()
                   order by due_at limit $1 for update skip locked)
returning *

-- name: put_off
update views.outbox set due_at = now() + $2::interval where email_id = $1

-- name: done
delete from views.outbox where email_id = $1

-- name: waiting
select count(*) as waiting, coalesce(max(attempts), 0) as attempts from views.outbox
