-- Read models: a row as JSON by id, and rows of JSON in.

-- name: load_requests
select id, to_jsonb(t) as row from views.requests t where id = any($1::uuid[])

-- name: save_requests
insert into views.requests select * from jsonb_populate_recordset(null::views.requests, $1::jsonb)
on conflict (id) do update set
    (status, name, kind, perimeter, territory, office, contact_name, contact_email, siret, revision, reasons, version,
     document)
  = row(excluded.status, excluded.name, excluded.kind, excluded.perimeter, excluded.territory, excluded.office,
        excluded.contact_name, excluded.contact_email, excluded.siret, excluded.revision, excluded.reasons,
        excluded.version, excluded.document)

-- name: load_bodies
select id, to_jsonb(t) as row from views.bodies t where id = any($1::uuid[])

-- name: save_bodies
insert into views.bodies select * from jsonb_populate_recordset(null::views.bodies, $1::jsonb)
on conflict (id) do update set
    (accepted, accepted_on, territory, correlation, suspension, details, version, renewed_until, words, proofs)
  = row(excluded.accepted, excluded.accepted_on, excluded.territory, excluded.correlation, excluded.suspension,
        excluded.details, excluded.version, excluded.renewed_until, excluded.words, excluded.proofs)

-- name: load_accounts
select id, to_jsonb(t) as row from views.accounts t where id = any($1::uuid[])

-- name: save_accounts
insert into views.accounts select * from jsonb_populate_recordset(null::views.accounts, $1::jsonb)
on conflict (id) do update set
    (status, login, login_ref, code_ref, password_ref, version, rights, locked_until)
  = row(excluded.status, excluded.login, excluded.login_ref, excluded.code_ref, excluded.password_ref,
        excluded.version, excluded.rights, excluded.locked_until)

-- name: load_tickets
select id, to_jsonb(t) as row from views.tickets t where id = any($1::uuid[])

-- name: save_tickets
insert into views.tickets select * from jsonb_populate_recordset(null::views.tickets, $1::jsonb)
on conflict (id) do update set (status, outcome, checks, version, answer)
  = row(excluded.status, excluded.outcome, excluded.checks, excluded.version, excluded.answer)

-- Reading.

-- name: request
select to_jsonb(t) as row from views.requests t where id = $1

-- name: requests
-- The newest first, in some territories ($1, null: anywhere) and a state ($2, null: any); $3: the last of the page
-- before.
select to_jsonb(t) as row from views.requests t
where ($1::text[] is null or territory = any($1))
  and ($2::text is null or status = $2)
  and ($3::uuid is null or (requested_at, id) < (select requested_at, id from views.requests where id = $3))
order by requested_at desc, id desc
limit $4

-- name: alike
-- Others that may be the same body as a request ($1): by SIREN ($2); by its contact's address, which signs in there ($3);
-- by name, as typed ($4) or as a search compares it ($5), where neither SIREN nor territory ($6) tells them apart.
-- The referenced first, then the newest.
with others as (
    select r.id, r.status, coalesce(b.details ->> 'name', r.name) as name, r.siret, r.territory, r.office, r.requested_at,
           coalesce(left(r.siret, 9) = $2::text, false) as siren,
           exists (select from views.credentials c join views.accounts a on a.login_ref = c.id
                   where c.login_key = $3::bytea and a.body = r.id) as email,
           coalesce(lower(r.name) = lower($4) or b.words like '%' || $5::text || '%', false)
               and coalesce(left(r.siret, 9) = $2::text, true)
               and coalesce(r.territory = $6::text, true) as name_alike
    from views.requests r left join views.bodies b on b.id = r.id and b.accepted is not null
    where r.id <> $1
)
select to_jsonb(o) as row from others o
where siren or email or name_alike
order by status = 'accepted' desc, requested_at desc, id
limit $7

-- name: body
select to_jsonb(t) as row from views.bodies t where id = $1 and accepted is not null

-- name: bodies
-- The newest first, in some territories ($1, null: anywhere), with these words ($2, null: any); $3: the last of the
-- page before.
select to_jsonb(t) as row from views.bodies t
where accepted is not null
  and ($1::text[] is null or territory = any($1))
  and ($2::text is null or words like '%' || $2 || '%')
  and ($3::uuid is null or (accepted_on, id) < (select accepted_on, id from views.bodies where id = $3))
order by accepted_on desc, id desc
limit $4

-- name: expired_bodies
-- Referenced bodies whose Qualiopi certificate ended before $1 and that nothing suspends yet.
select id from views.bodies
where accepted is not null and suspension is null
  and coalesce(renewed_until, (accepted ->> 'qualiopi_valid_until')::date) < $1

-- name: ticket
select to_jsonb(t) as row from views.tickets t where id = $1

-- name: tickets
-- The newest first, in a state ($1, null: any); $2: the last of the page before.
select to_jsonb(t) as row from views.tickets t
where ($1::text is null or status = $1)
  and ($2::uuid is null or (requested_at, id) < (select requested_at, id from views.tickets where id = $2))
order by requested_at desc, id desc
limit $3

-- name: tickets_by_age
-- The oldest first, likewise.
select to_jsonb(t) as row from views.tickets t
where ($1::text is null or status = $1)
  and ($2::uuid is null or (requested_at, id) > (select requested_at, id from views.tickets where id = $2))
order by requested_at, id
limit $3

-- name: account_of_body
select id from views.accounts where body = $1 and status <> 'closed' order by opened_at limit 1

-- name: accounts_of_body
-- The oldest first; $2: the last of the page before.
select to_jsonb(t) as row from views.accounts t
where body = $1
  and ($2::uuid is null or (opened_at, id) > (select opened_at, id from views.accounts where id = $2))
order by opened_at, id
limit $3

-- name: accounts_found
-- Of the login ($1), or of the bodies with these words ($2, null: any); $3: the last of the page before.
select to_jsonb(t) as row from views.accounts t
where ($2::text is null
       or login_ref in (select id from views.credentials where login_key = $1)
       or body in (select id from views.bodies where words like '%' || $2 || '%'))
  and ($3::uuid is null or (opened_at, id) > (select opened_at, id from views.accounts where id = $3))
order by opened_at, id
limit $4

-- name: account
select to_jsonb(t) as row from views.accounts t where id = $1

-- name: account_by_login
-- Who signs in with an address, and with what.
select a.id, a.status, a.body, a.login ->> 'person' as person, a.code_ref, a.password_ref,
       code.digest as code, password.digest as password
from views.credentials login
join views.accounts a on a.login_ref = login.id
left join views.credentials code on code.id = a.code_ref
left join views.credentials password on password.id = a.password_ref
where login.login_key = $1 and a.status <> 'closed'
  and not exists (select from views.erased where person = a.login ->> 'person')
order by a.opened_at
limit 1

-- Credentials.

-- name: keep_credential
-- The same command tried again brings the same.
insert into views.credentials (id, account, login_key, digest) values ($1, $2, $3, $4) on conflict (id) do nothing

-- name: claim_login
-- An address for an account, or which one has it. A claim that no account made good within a minute may be taken over.
with claimed as (
    insert into views.logins as l (login_key, account, claimed_at) values ($1, $2, now())
    on conflict (login_key) do update set account = excluded.account, claimed_at = excluded.claimed_at
    where l.account = excluded.account
       or (l.claimed_at < now() - interval '1 minute'
           and not exists (
               select from views.credentials c join views.accounts a on a.login_ref = c.id
               where c.login_key = $1 and a.id = l.account and a.status <> 'closed'
                 and not exists (select from views.erased where person = a.login ->> 'person')))
    returning account
)
select account from claimed
union all
select account from views.logins where login_key = $1 and not exists (select from claimed)

-- name: erase_persons
insert into views.erased (person) select unnest($1::text[]) on conflict do nothing

-- name: forget_credentials
delete from views.credentials c using views.accounts a
where c.account = a.id and a.login ->> 'person' = any($1::text[])

-- name: attempt
-- Counted before the password is compared, so that attempts made at once count too; 15 minutes of silence forget them.
-- With the $3rd the login is locked for 15 minutes, and no longer whatever is tried meanwhile.
insert into views.attempts as a (login_key, since, made, last_at) values ($1, $2, 1, now())
on conflict (login_key, since) do update set
    made = case
        when coalesce(a.locked_until, a.last_at + interval '15 minutes') <= now() then 1 else a.made + 1
    end,
    locked_until = case
        when a.locked_until > now() then a.locked_until
        when a.locked_until is null and a.last_at + interval '15 minutes' > now() and a.made + 1 >= $3
        then now() + interval '15 minutes'
    end,
    last_at = now()
returning made, locked_until

-- name: signed_in
delete from views.attempts where login_key = $1

-- name: use_code
-- Nothing when that code, or a later one, has served: of attempts made at once, one is let in.
insert into views.second_steps as s (login_key, period) values ($1, $2)
on conflict (login_key) do update set period = excluded.period where s.period < excluded.period
returning period

-- name: tally
-- How often it was done in this quarter of an hour.
select coalesce(sum(made), 0) from views.tallies
where key = $1 and quarter = date_bin('15 minutes', now(), 'epoch')

-- name: count_one
insert into views.tallies as t (key, quarter, made) values ($1, date_bin('15 minutes', now(), 'epoch'), 1)
on conflict (key, quarter) do update set made = t.made + 1
returning made

-- name: credential
select account, digest from views.credentials where id = $1

-- Sessions.

-- name: begin_session
insert into views.refresh_tokens (digest, family, account, login_key, generation, began_at, expires_at)
values ($1, $2, $3, $4, $5, now(), now() + interval '12 hours')

-- name: refresh_token
select family, account, login_key, generation, ended_at is not null or expires_at <= now() as over,
       coalesce(used_at < now() - interval '20 seconds', false) as stale
from views.refresh_tokens where digest = $1

-- name: next_token
-- The next token of a session, two weeks after it began at most; nothing when its token may serve no more. A token may
-- serve again for 20 seconds: pages asked for at the same moment, or an answer that was lost, end nobody's session.
with used as (
    update views.refresh_tokens set used_at = coalesce(used_at, now())
    where digest = $1 and ended_at is null and expires_at > now()
      and (used_at is null or used_at >= now() - interval '20 seconds')
    returning family, account, login_key, generation, began_at
)
insert into views.refresh_tokens (digest, family, account, login_key, generation, began_at, expires_at)
select $2, family, account, login_key, generation, began_at,
       least(now() + interval '12 hours', began_at + interval '14 days')
from used
returning expires_at

-- name: end_family
update views.refresh_tokens set ended_at = now() where family = $1 and ended_at is null

-- name: end_session_of
update views.refresh_tokens set ended_at = now()
where family = (select family from views.refresh_tokens where digest = $1) and ended_at is null

-- name: end_sessions_of_login
update views.refresh_tokens set ended_at = now() where login_key = $1 and ended_at is null

-- name: is_erased
select exists (select from views.erased where person = $1)

-- name: forget_attempts
delete from views.attempts where last_at < now() - interval '1 day'

-- name: forget_tallies
delete from views.tallies where quarter < now() - interval '1 day'

-- name: forget_tokens
delete from views.refresh_tokens where expires_at < now() - interval '1 day'
