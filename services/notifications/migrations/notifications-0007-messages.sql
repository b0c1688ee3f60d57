-- What a body and Formiris write to each other about a dossier
-- depends: notifications-0006-staff

-- migrate: apply

create table views.messages (
    id           uuid primary key,
    dossier      uuid not null,
    at           timestamptz not null,
    side         text not null,
    by           text not null,
    text         jsonb not null,                    -- sealed
    pinned_to    jsonb,
    answers      uuid,
    owner        text,                              -- who must answer; null: nobody
    answer_by    date,
    answered_at  timestamptz,
    read_at      timestamptz,
    read_by      text
);

create index messages_by_dossier on views.messages (dossier, at desc, id desc);

create index messages_waiting on views.messages (dossier, answer_by) where owner is not null and answered_at is null;

-- migrate: rollback
