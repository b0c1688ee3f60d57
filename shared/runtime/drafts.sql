-- Drafts of forms: the same table in each context that has forms.

-- name: made
-- A first word makes the draft; the same id is nobody else's to make.
insert into views.drafts (id, body, typed, typed_at) values ($1, $2, $3, $4) on conflict (id) do nothing

-- name: held
-- Held to the end of the transaction: two who keep at once follow each other.
select body, typed, revisions, typed_at from views.drafts where id = $1 for update

-- name: kept
update views.drafts set typed = $2, revisions = $3, typed_at = $4, deadline = $5, remind_on = $6 where id = $1

-- name: read
select body, typed, revisions, typed_at from views.drafts where id = $1

-- name: listed
-- Newest first.
select id, body, typed, revisions, typed_at from views.drafts where body = $1 order by typed_at desc, id limit $2

-- name: dropped
delete from views.drafts where id = $1 and body is not distinct from $2

-- name: due
-- Those whose reminder's day has come, while it is of use.
select id, deadline from views.drafts where remind_on <= $1 and (deadline is null or deadline >= $1)
order by remind_on, id limit $2

-- name: reminded
-- Unless somebody typed meanwhile.
update views.drafts set remind_on = null where id = $1 and remind_on <= $2
