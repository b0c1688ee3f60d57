-- What attendance learns from offerings, and the certificates as they are read
-- depends:

-- migrate: apply

-- A session as the last submission of its offering tells it. The move and the cancellation are events of another
-- stream, which may arrive first: their columns stand apart, and a row may hold nothing else yet.
create table views.sessions (
    session_id       uuid primary key,
    offering_id      uuid,
    body_id          uuid,
    title            text,
    perimeter        text,
    territory        text,
    starts_on        date,
    ends_on          date,
    units            jsonb,            -- [{code, title, hours}]
    moved_starts_on  date,
    moved_ends_on    date,
    cancelled        text,             -- why
    correlation      text,
    position         text
);

create index sessions_by_body on views.sessions (body_id, session_id);

create table views.orders (
    order_id     uuid primary key,
    session_id   uuid not null,
    number       text not null,
    territory    text,
    perimeter    text not null,
    units        jsonb not null,       -- as ordered
    issued_at    timestamptz not null,
    status       text not null default 'issued',   -- then signed, signature-refused, cancelled
    words        text not null default '',         -- reasons of the refused signature, cause of the cancellation
    correlation  text not null,
    position     text not null
);

create index orders_by_session on views.orders (session_id, issued_at);

create table views.assignments (
    session_id      uuid not null,
    unit_code       text not null,
    teacher_number  text not null,
    primary key (session_id, unit_code, teacher_number)
);

create table views.certificates (
    session_id    uuid primary key,
    body_id       uuid not null,
    status        text not null,       -- submitted, validated, rejected
    version       bigint not null,
    revision      integer not null,
    lines         jsonb not null,      -- [{teacher_number, unit_code, hours, starts_on, ends_on}]
    sheet_hash    text not null,
    submitted_at  timestamptz not null,
    decided_on    date,
    rejection     jsonb,               -- {reasons, lines}
    totals        jsonb                -- {units, trainees, hours}
);

create index certificates_to_decide on views.certificates (submitted_at, session_id) where status = 'submitted';

-- migrate: rollback
