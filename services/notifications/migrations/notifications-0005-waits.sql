-- How long Formiris takes to decide
-- depends: notifications-0004-following

-- migrate: apply

create table views.waits (
    dossier   uuid not null,
    decision  text not null,
    began     timestamptz not null,
    ended     timestamptz,                 -- null: not decided yet, or never (withdrawn)
    primary key (dossier, decision, began)
);

create index waits_ended on views.waits (decision, ended) where ended is not null;

-- migrate: rollback
