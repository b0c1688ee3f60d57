-- A draft keeps a revision a field, so that two people never lose each other's words; the same table as in registration
-- depends: offerings-0001-views

-- migrate: apply

alter table views.drafts
    add column revisions  jsonb not null default '{}';     -- field -> {revision, by, at}

-- migrate: rollback
