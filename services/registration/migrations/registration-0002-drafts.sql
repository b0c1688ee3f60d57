-- A draft keeps a revision a field, so that two people never lose each other's words; the same table as in offerings
-- depends: registration-0001-views

-- migrate: apply

alter table views.drafts
    add column body       uuid,                            -- whose, where an id alone does not say it
    add column revisions  jsonb not null default '{}';     -- field -> {revision, by, at}

-- migrate: rollback
