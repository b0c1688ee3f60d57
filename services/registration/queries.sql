-- Read models: a row as JSON by id, and rows of JSON in.

-- name: load_requests
select id, to_jsonb(t) as row from views.requests t where id = any($1::uuid[])

-- name: save_requests
insert into views.requests select * from jsonb_populate_recordset(null::views.requests, $1::jsonb)
on conflict (id) do update set
    (status, name, kind, perimeter, territory, office, contact_name, contact_email, siret, revision, reasons, version)
  = row(excluded.status, excluded.name, excluded.kind, excluded.perimeter, excluded.territory, excluded.office,
        excluded.contact_name, excluded.contact_email, excluded.siret, excluded.revision, excluded.reasons,
        excluded.version)

-- name: load_bodies
select id, to_jsonb(t) as row from views.bodies t where id = any($1::uuid[])

-- name: save_bodies
insert into views.bodies select * from jsonb_populate_recordset(null::views.bodies, $1::jsonb)
on conflict (id) do update set
    (accepted, accepted_on, territory, correlation, suspension, details, version)
  = row(excluded.accepted, excluded.accepted_on, excluded.territory, excluded.correlation, excluded.suspension,
        excluded.details, excluded.version)

-- name: load_accounts
select id, to_jsonb(t) as row from views.accounts t where id = any($1::uuid[])

-- name: save_accounts
insert into views.accounts select * from jsonb_populate_recordset(null::views.accounts, $1::jsonb)
on conflict (id) do update set
    (status, login, login_ref, code_ref, password_ref, version)
  = row(excluded.status, excluded.login, excluded.login_ref, excluded.code_ref, excluded.password_ref,
        excluded.version)

-- name: load_tickets
select id, to_jsonb(t) as row from views.tickets t where id = any($1::uuid[])

-- name: save_tickets
insert into views.tickets select * from jsonb_populate_recordset(null::views.tickets, $1::jsonb)
on conflict (id) do update set (status, outcome, checks, version)
  = row(excluded.status, excluded.outcome, excluded.checks, excluded.version)

-- Reading.

-- name: request
select to_jsonb(t) as row from views.requests t where id = $1

-- name: requests
-- The newest first, in a territory ($1, null: anywhere) and a state ($2, null: any); $3: the last of the page before.
select to_jsonb(t) as row from views.requests t
where ($1::text is null or territory = $1)
  and ($2::text is null or status = $2)
  and ($3::uuid is null or (requested_at, id) < (select requested_at, id from views.requests where id = $3))
order by requested_at desc, id desc
limit $4

-- name: body
select to_jsonb(t) as row from views.bodies t where id = $1 and accepted is not null

-- name: ticket
select to_jsonb(t) as row from views.tickets t where id = $1

-- name: tickets
-- The newest first, in a state ($1, null: any); $2: the last of the page before.
select to_jsonb(t) as row from views.tickets t
where ($1::text is null or status = $1)
  and ($2::uuid is null or (requested_at, id) < (select requested_at, id from views.tickets where id = $2))
order by requested_at desc, id desc
limit $3

-- name: account_of_body
select id from views.accounts where body = $1 order by opened_at limit 1

-- name: account_by_login
-- Who signs in with an address, and with what.
select a.id, a.status, a.body, a.login ->> 'person' as person, a.code_ref, a.password_ref,
       code.digest as code, password.digest as password
from views.credentials login
join views.accounts a on a.login_ref = login.id
left join views.credentials code on code.id = a.code_ref
left join views.credentials password on password.id = a.password_ref
where login.login_key = $1
  and not exists (select from views.erased where person = a.login ->> 'person')
order by a.opened_at
limit 1

-- Drafts and credentials.

-- name: draft
select typed from views.drafts where id = $1

-- name: keep_draft
insert into views.drafts (id, typed, typed_at) values ($1, $2, now())
on conflict (id) do update set typed = excluded.typed, typed_at = excluded.typed_at

-- name: keep_credential
-- The same command tried again brings the same.
insert into views.credentials (id, account, login_key, digest) values ($1, $2, $3, $4) on conflict (id) do nothing

-- name: erase_persons
insert into views.erased (person) select unnest($1::text[]) on conflict do nothing

-- name: forget_credentials
delete from views.credentials c using views.accounts a
where c.account = a.id and a.login ->> 'person' = any($1::text[])

-- name: attempt
-- Counted before the password is compared, so that attempts made at once count too; 15 minutes of silence forget them.
insert into views.attempts as a (login_key, since, made, last_at) values ($1, $2, 1, now())
on conflict (login_key, since) do update set
    made = case when a.last_at < now() - interval '15 minutes' then 1 else a.made + 1 end, last_at = now()
returning made

-- name: signed_in
delete from views.attempts where login_key = $1
