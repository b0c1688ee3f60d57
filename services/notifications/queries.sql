-- name: hold_inboxes
select views.hold_inboxes($1::text[], $2::text[])

-- name: hold_acts
select views.hold_acts($1::text[], $2::text[])

-- name: shown
-- Alerts that are there already.
select alert_id from views.alerts where alert_id = any($1::uuid[])

-- name: keep_alerts
insert into views.alerts
    (alert_id, recipient_kind, recipient_id, posted_at, code, title, text, link, faq, cause_id, cause_type, version,
     theme, act, act_words, subject, caused_at, dossier, closed_at, changed)
select r.*, (select min(t) from views.acts a, unnest(a.done) t
             where a.act = r.act and a.subject = r.subject and t >= r.caused_at), nextval('views.changes')
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::uuid[], $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[],
            $17::timestamptz[], $18::uuid[])
     as r (alert_id, recipient_kind, recipient_id, posted_at, code, title, text, link, faq, cause_id, cause_type,
           version, theme, act, act_words, subject, caused_at, dossier)
on conflict (alert_id) do nothing

-- name: read_alerts
-- An alert that calls for nothing closes once it is read.
update views.alerts a set read_at = r.read_at, version = r.version, changed = nextval('views.changes'),
    closed_at = case when a.subject is null then coalesce(a.closed_at, r.read_at) else a.closed_at end
from unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) as r (alert_id, read_at, version)
where a.alert_id = r.alert_id

-- name: note_done
update views.acts a
set done = (select array_agg(distinct t order by t) from unnest(a.done || d.times) t)
from (select act, subject, array_agg(at) as times
      from unnest($1::text[], $2::text[], $3::timestamptz[]) as r (act, subject, at) group by act, subject) d
where a.act = d.act and a.subject = d.subject

-- name: called_for
-- The recipients of the alerts that these acts may close.
select distinct a.recipient_kind, a.recipient_id
from views.alerts a join unnest($1::text[], $2::text[]) as r (act, subject) on a.act = r.act and a.subject = r.subject

-- name: close_alerts
update views.alerts a set closed_at = d.closed_at, changed = nextval('views.changes')
from (select o.alert_id, min(t) as closed_at
      from unnest($1::text[], $2::text[]) as r (act, subject)
      join views.alerts o on o.act = r.act and o.subject = r.subject
      join views.acts c on c.act = r.act and c.subject = r.subject, unnest(c.done) t
      where t >= o.caused_at group by o.alert_id) d
where a.alert_id = d.alert_id and a.closed_at is distinct from d.closed_at

-- name: keep_emails
insert into views.emails (email_id, template, cause_id, cause_type, body_id, status, reason, at, account, dossier)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[],
                     $8::timestamptz[], $9::uuid[], $10::uuid[])
on conflict (email_id) do nothing

-- name: keep_mailboxes
-- The latest of each, in whatever order they are heard.
insert into views.mailboxes as m (person, body, sent_at, failed_at, reason)
select * from unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[])
on conflict (person) do update set
    body = greatest(m.body, excluded.body),
    sent_at = greatest(m.sent_at, excluded.sent_at),
    reason = case when m.failed_at is null or excluded.failed_at > m.failed_at then coalesce(excluded.reason, m.reason)
                  else m.reason end,
    failed_at = greatest(m.failed_at, excluded.failed_at)

-- name: keep_preferences
-- Laid over what was chosen before.
insert into views.preferences as p (account, themes)
select * from unnest($1::text[], $2::jsonb[])
on conflict (account) do update set themes = p.themes || excluded.themes

-- name: preferences
select account, themes from views.preferences where account = any($1::text[])

-- name: load_accounts
select id, to_jsonb(t) as row from views.accounts t where id = any($1::uuid[])

-- name: save_accounts
insert into views.accounts select * from jsonb_populate_recordset(null::views.accounts, $1::jsonb)
on conflict (id) do update set (role, body, territory, login, open, mended_at, name)
  = row(excluded.role, excluded.body, excluded.territory, excluded.login, excluded.open, excluded.mended_at,
        excluded.name)

-- name: keep_offices
insert into views.offices (territory, name, email, phone, learnt_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (territory) do update set
    name = excluded.name, email = excluded.email, phone = excluded.phone, learnt_at = excluded.learnt_at
where (excluded.learnt_at, excluded.email, excluded.name) > (offices.learnt_at, offices.email, offices.name)

-- name: begin_waits
insert into views.waits (dossier, decision, began) select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
on conflict do nothing

-- name: end_waits
-- Each ends with the first decision after it; one that began again before any is the same wait, from its beginning.
update views.waits w set ended = d.ended
from (select o.dossier, o.decision, o.began, min(r.at) as ended
      from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as r (dossier, decision, at)
      join views.waits o on o.dossier = r.dossier and o.decision = r.decision and o.began <= r.at and o.ended is null
      group by o.dossier, o.decision, o.began) d
where (w.dossier, w.decision, w.began) = (d.dossier, d.decision, d.began)

-- name: usual_wait
select percentile_disc(0.5) within group (order by w.ended - w.began) as median, count(*) as of
from views.waits w join views.dossiers d on d.id = w.dossier
where w.decision = $1 and d.territory is not distinct from $2 and w.ended > $3

-- name: load_dossiers
select id, to_jsonb(t) as row from views.hold_dossiers($1::uuid[]) t

-- name: save_dossiers
update views.dossiers d
set (kind, title, body, perimeter, territory, state, holder, leads, since, offering, facts)
  = row(r.kind, r.title, r.body, r.perimeter, r.territory, r.state, r.holder, r.leads, r.since, r.offering, r.facts)
from jsonb_populate_recordset(null::views.dossiers, $1::jsonb) r
where d.id = r.id

-- name: dossier
-- A dossier, the offering that a session belongs to, the body's name, and the office of its territory.
select d.*, p.kind as plan_kind, p.facts as plan_facts, b.title as body_name, o.name as office_name,
       o.email as office_email, o.phone as office_phone
from views.dossiers d
left join views.dossiers p on p.id = d.offering
left join views.dossiers b on b.id = d.body
left join views.offices o on o.territory = d.territory
where d.id = $1 and d.state is not null

-- name: dossiers
-- A page, the oldest first, of what a body ($1) or a manager's territories ($2) see; null sees all. $9: in small
-- letters without accents, part of the title or of the body's name; $10: older than that; $11: followed by one of
-- these people, by nobody when there is none; $12: the day on which people are away or not.
select d.*, b.title as body_name, o.name as office_name, o.email as office_email, o.phone as office_phone,
       f.person as follower, a.ends_on as away_until, a.replacement
from views.dossiers d
left join views.dossiers b on b.id = d.body
left join views.offices o on o.territory = d.territory
left join views.following f on f.dossier = d.id
left join views.absences a on a.person = f.person and $12::date between a.starts_on and a.ends_on
where d.state is not null
  and ($1::uuid is null or d.body = $1) and ($2::text[] is null or d.territory = any($2))
  and ($3::boolean is null or (case when $3 then d.leads else not d.leads end))
  and ($4::text[] is null or d.kind = any($4)) and ($5::text is null or d.holder = $5) and ($6::text is null or d.state = $6)
  and ($7::timestamptz is null or (d.since, d.id) > ($7, $8::uuid))
  and ($9::text is null or translate(lower(concat_ws(' ', d.title, b.title)), 'àâäéèêëîïôöùûüÿç', 'aaaeeeeiioouuuyc')
                           like '%' || $9 || '%')
  and ($10::timestamptz is null or d.since < $10)
  and ($11::text[] is null or (case when cardinality($11) = 0 then f.person is null else f.person = any($11) end))
order by d.since, d.id
limit $13

-- name: dossier_counts
-- How many of these there are, by kind and holder, and how many are older than $8; $7 and $9 as $9 and $11 above.
select d.kind, d.holder, count(*) as count, count(*) filter (where d.since < $8) as older
from views.dossiers d
left join views.dossiers b on b.id = d.body
left join views.following f on f.dossier = d.id
where d.state is not null
  and ($1::uuid is null or d.body = $1) and ($2::text[] is null or d.territory = any($2))
  and ($3::boolean is null or (case when $3 then d.leads else not d.leads end))
  and ($4::text[] is null or d.kind = any($4)) and ($5::text is null or d.holder = $5) and ($6::text is null or d.state = $6)
  and ($7::text is null or translate(lower(concat_ws(' ', d.title, b.title)), 'àâäéèêëîïôöùûüÿç', 'aaaeeeeiioouuuyc')
                           like '%' || $7 || '%')
  and ($9::text[] is null or (case when cardinality($9) = 0 then f.person is null else f.person = any($9) end))
group by d.kind, d.holder
order by d.kind, d.holder

-- name: replaced_by
-- Whose dossiers are also this person's on that day.
select person from views.absences where replacement = $1 and $2::date between starts_on and ends_on order by person

-- name: absences
-- Those of that day, and those to come.
select person, starts_on, ends_on, replacement from views.absences where ends_on >= $1::date order by starts_on, person

-- name: follower
select f.person as follower, f.note, f.by, f.at, a.ends_on as away_until, a.replacement
from views.following f
left join views.absences a on a.person = f.person and $2::date between a.starts_on and a.ends_on
where f.dossier = $1

-- name: exports
select id, address, rows, by, at from views.exports
where $1::timestamptz is null or (at, id) < ($1, $2::uuid)
order by at desc, id desc limit $3

-- name: keep_following
insert into views.following (dossier, person, note, by, at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (dossier) do update set
    person = excluded.person, note = excluded.note, by = excluded.by, at = excluded.at

-- name: keep_absences
insert into views.absences (person, starts_on, ends_on, replacement, by)
select * from unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[])
on conflict (person) do update set
    starts_on = excluded.starts_on, ends_on = excluded.ends_on, replacement = excluded.replacement, by = excluded.by

-- name: keep_readings
insert into views.readings (dossier, by, what, at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
on conflict do nothing

-- name: keep_exports
insert into views.exports (id, address, rows, by, at)
select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::timestamptz[])
on conflict (id) do nothing

-- name: delivery
-- What was written about a dossier: sent, refused, or still to be sent; the oldest first. `read_at`: when somebody of
-- the body first opened the dossier after that.
select m.*, (select min(r.at) from views.readings r
             where r.dossier = $1 and r.by like 'body:%' and m.status = 'sent' and r.at >= m.at) as read_at
from (
    select template, status, reason, at from views.emails where dossier = $1
    union all
    select o.template, 'queued', null, o.asked_at from views.outbox o
    where o.dossier = $1 and not exists (select from views.emails e where e.email_id = o.email_id)
    union all
    select a.template, 'queued', null, a.asked_at from views.announcements a where a.dossier = $1 and a.decision
) m
order by m.at, m.template

-- name: alerts
-- A page of some recipients' alerts, the newest first; without kind, everybody's.
select * from views.alerts a
where ($1::text is null or (a.recipient_kind = $1 and a.recipient_id = any($2::text[])))
  and (not $3::boolean or a.read_at is null)
  and ($4::boolean is null or (case when $4 then a.closed_at is null else a.closed_at is not null end))
  and ($5::uuid is null or (a.posted_at, a.alert_id) <
      (select p.posted_at, p.alert_id from views.alerts p where p.alert_id = $5))
order by a.posted_at desc, a.alert_id desc
limit $6

-- name: alert
select * from views.alerts where alert_id = $1

-- name: counted
-- How many are open, how many unread; no more than a page of figures is worth counting.
select (select count(*) from (select from views.alerts
        where recipient_kind = $1 and recipient_id = any($2::text[]) and closed_at is null limit 1000) o) as open,
       (select count(*) from (select from views.alerts
        where recipient_kind = $1 and recipient_id = any($2::text[]) and read_at is null limit 1000) u) as unread

-- name: last_change
-- One look at the index for each inbox, however many alerts there are in it.
select coalesce(max(l.changed), 0) from unnest($2::text[]) as i (id)
cross join lateral (select changed from views.alerts where recipient_kind = $1 and recipient_id = i.id
                    order by changed desc limit 1) l

-- name: last_change_of_all
select coalesce(max(l.changed), 0) from views.inboxes i
cross join lateral (select changed from views.alerts where recipient_kind = i.kind and recipient_id = i.id
                    order by changed desc limit 1) l

-- name: numbering
-- Which numbering the changes are in: another database counts anew.
select id from views.numbering

-- name: missed
select count(*) from (select from views.alerts where (recipient_kind, recipient_id) = ($1, $2) and changed > $3
                      limit $4) m

-- name: changed_alerts
-- What changed for each recipient beyond what was last seen of it.
select a.* from unnest($1::text[], $2::text[], $3::bigint[]) as r (kind, id, seen)
cross join lateral (select * from views.alerts a where a.recipient_kind = r.kind and a.recipient_id = r.id
                    and a.changed > r.seen order by a.changed limit $4) a
order by a.changed

-- name: unreachable
-- The mailboxes of a body that refused for good, and neither took an e-mail nor were mended since.
select m.reason, m.failed_at from views.mailboxes m
left join lateral (select max(a.mended_at) as mended_at from views.accounts a where a.body = m.body) a on true
where m.body = $1 and m.failed_at is not null and m.failed_at > coalesce(greatest(m.sent_at, a.mended_at), '-infinity')
order by m.failed_at desc

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

-- name: email
select email_id, template, cause_id, cause_type, body_id, status, reason, at, account, dossier from views.emails
where email_id = $1

-- name: put_out
-- An e-mail that was asked for; asked for twice, it stays as it is.
insert into views.outbox
    (email_id, template, cause_id, cause_type, body_id, correlation, words, recipient, due_at, account, dossier, theme,
     asked_at)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[],
                     $8::jsonb[], $9::timestamptz[], $10::uuid[], $11::uuid[], $12::text[], $13::timestamptz[])
on conflict (email_id) do nothing

-- name: take_due
-- Due e-mails, for this sender alone during $2; a sender that dies gives them back by not coming back.
update views.outbox o set due_at = now() + $2::interval, attempts = attempts + 1
from (select e.email_id, a.login, coalesce(a.name, a.id::text) as account_name from views.outbox e left join views.accounts a on a.id = e.account and a.open
      where e.due_at <= now() order by e.due_at limit $1 for update of e skip locked) due
where o.email_id = due.email_id
returning o.*, due.login, due.account_name

-- name: put_off
update views.outbox set due_at = now() + $2::interval where email_id = $1

-- name: done
delete from views.outbox where email_id = $1

-- name: work_to_do
-- One look at the three lists, five times a second: how much waits, which of them have something due, and whether
-- a decision waits since $1.
select count(*) as waiting, coalesce(max(attempts), 0) as attempts, coalesce(bool_or(due_at <= now()), false) as emails,
       exists (select from views.announcements where due_at <= now()) as announcements,
       exists (select from views.announcements
               where decision and unheard_at is null and asked_at < now() - $1::interval) as unheard,
       exists (select from views.digests where due_at <= now()) as digests
from views.outbox

-- name: announce
insert into views.announcements
    (alert_id, recipient_kind, recipient_id, theme, decision, template, cause_id, cause_type, correlation, body_id,
     dossier, words, asked_at, due_at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::uuid[], $8::text[],
                     $9::text[], $10::uuid[], $11::uuid[], $12::jsonb[], $13::timestamptz[], $14::timestamptz[])
on conflict (alert_id) do nothing

-- name: take_announcements
select * from views.announcements where due_at <= now() order by due_at limit $1 for update skip locked

-- name: take_unheard
-- Decisions that wait for an account since $1, and of which nobody was told yet: taken here, told by whoever takes them.
update views.announcements a set unheard_at = now()
from (select w.alert_id, d.territory, b.title as body_name
      from views.announcements w
      left join views.dossiers d on d.id = w.dossier
      left join views.dossiers b on b.id = w.body_id
      where w.unheard_at is null and w.decision and w.recipient_kind = 'body' and w.asked_at < now() - $1::interval
        and not exists (select from views.accounts c where c.open and c.body = w.recipient_id::uuid)
      order by w.asked_at limit $2 for update of w skip locked) found
where a.alert_id = found.alert_id
returning a.*, found.territory, found.body_name

-- name: announced
delete from views.announcements where alert_id = any($1::uuid[])

-- name: announce_later
update views.announcements set due_at = now() + $2::interval where alert_id = any($1::uuid[])

-- name: audience
-- The accounts of each recipient: a body's, an office's (that of the territory which answers for it now, $3),
-- Assistance's; and the names by which they chose what they want.
select r.kind, r.id as recipient, a.id as account, coalesce(a.name, a.id::text) as name
from unnest($1::text[], $2::text[], $3::text[]) as r (kind, id, answering)
join views.accounts a on a.open and case r.kind
    when 'body' then a.body = r.id::uuid
    when 'office' then a.role = 'manager' and coalesce(a.territory, 'national') = r.answering
    else a.role = 'assistance' end
order by r.kind, r.id, a.id

-- name: keep_for_the_day
insert into views.digests (account, alert_id, theme, words, due_at)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[])
on conflict do nothing

-- name: take_digests
-- What is due to the accounts whose turn it is, and whether somebody did it meanwhile.
select d.*, a.closed_at is not null or a.read_at is not null as over
from views.digests d left join views.alerts a on a.alert_id = d.alert_id
where d.account in (select account from views.digests where due_at <= now() order by due_at limit $1)
  and d.due_at <= now()
order by d.account, a.posted_at, d.alert_id for update of d skip locked

-- name: digested
delete from views.digests d using unnest($1::uuid[], $2::uuid[]) as r (account, alert_id)
where d.account = r.account and d.alert_id = r.alert_id

-- name: keep_messages
insert into views.messages (id, dossier, at, side, by, text, pinned_to, answers, owner, answer_by)
select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[],
                     $8::uuid[], $9::text[], $10::date[])
on conflict (id) do nothing

-- name: answer_messages
-- The messages that these answer.
update views.messages m set answered_at = a.at
from views.messages a where a.id = any($1::uuid[]) and m.id = a.answers

-- name: read_messages
update views.messages m set read_at = r.at, read_by = r.by
from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as r (id, at, by) where m.id = r.id

-- name: messages
-- A page of a dossier's, the newest first.
select * from views.messages
where dossier = $1 and ($2::timestamptz is null or (at, id) < ($2, $3::uuid))
order by at desc, id desc limit $4

-- name: unread_messages
-- Whether something that the other side than $2 wrote was not read yet.
select exists (select from views.messages where dossier = $1 and side <> $2 and read_at is null)

-- name: thread
-- How many messages a dossier has, and the first answer due.
select (select count(*) from views.messages where dossier = $1) as count, w.owner, w.answer_by
from (select) one left join lateral (select owner, answer_by from views.messages
     where dossier = $1 and owner is not null and answered_at is null order by answer_by, at limit 1) w on true
