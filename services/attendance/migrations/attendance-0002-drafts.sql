-- Drafts of certificates, what was deposited as sheets, who to ask in a territory, what a certificate says
-- depends: attendance-0001-views

-- migrate: apply

alter table views.sessions
    add column body_name    text,
    add column place        text,
    add column moved_place  text;

alter table views.orders
    add column changed_at  timestamptz;   -- when it came to its status

alter table views.certificates
    add column validated_lines  jsonb;    -- [{teacher_number, unit_code}]: those that no longer change

-- Every sheet that was deposited with certificates, in its order.
create table views.sheets (
    session_id    uuid not null,
    revision      integer not null,
    sha256        text not null,
    size          bigint,
    media_type    text,
    deposited_at  timestamptz not null,
    primary key (session_id, revision)
);

-- The office of a territory, as the last referencing event of that territory named it.
create table views.offices (
    territory  text primary key,
    name       text not null,
    email      text not null,
    phone      text,
    learnt_at  timestamptz not null
);

-- One draft a session: the deposit that it prepares is `revision`. The rows of the last import that were not kept are
-- sealed, for a person's file may hold more than we asked for.
create table views.drafts (
    session_id    uuid primary key,
    revision      integer not null,
    version       bigint not null,
    lines         jsonb not null,      -- [[teacher, unit, hours, from, to]], as typed
    sheet         text,                -- sha256
    sheet_hours   text not null,       -- the total that a person read on the sheet
    refused       jsonb,               -- {person, sealed}
    changed_by    text not null,
    changed_at    timestamptz not null
);

comment on table views.drafts is 'not derived from events: what was typed and not deposited yet';

-- Documents that a body sent: its own certificates may name them, nobody else's.
create table views.uploads (
    body_id     uuid not null,
    sha256      text not null,
    size        bigint not null,
    media_type  text not null,
    sent_at     timestamptz not null,
    primary key (body_id, sha256)
);

comment on table views.uploads is 'not derived from events: documents sent, whether or not they were deposited';

-- migrate: rollback
