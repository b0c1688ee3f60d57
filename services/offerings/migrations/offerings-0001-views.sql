-- What offerings reads: bodies as registration tells of them, offerings, sessions, assignments, orders; and drafts
-- depends:

-- migrate: apply

-- The acceptance, a suspension and a change of name come from two streams, in any order: each has its columns.
create table views.bodies (
    id            uuid primary key,
    name          text,                -- as accepted
    changed_name  text,                -- as changed since
    perimeter     text,
    territory     text,
    accepted      boolean,
    suspended     boolean,
    correlation   text
);

create table views.offerings (
    id            uuid primary key,
    status        text not null,       -- submitted, accepted, rejected, withdrawn
    body          uuid not null,
    body_name     text not null,
    title         text not null,
    perimeter     text not null,
    territory     text,
    cost_type     text not null,
    revision      integer not null,
    form          jsonb not null,      -- as submitted; trainers sealed
    reasons       jsonb not null,      -- of the last rejection
    correlation   text not null,
    version       bigint not null,
    submitted_at  timestamptz not null -- for the first time
);

create index offerings_by_time on views.offerings (submitted_at, id);

create index offerings_by_body on views.offerings (body, submitted_at, id);

create table views.sessions (
    id         uuid primary key,
    offering   uuid not null,
    place_no   integer not null,       -- its place in the offering, from 1
    starts_on  date not null,
    ends_on    date not null,
    place      text not null,
    timetable  text,
    price      numeric(14, 2) not null,
    units      jsonb not null,         -- [{code, title, hours}]
    cancelled  text                    -- why
);

create index sessions_by_offering on views.sessions (offering, place_no);

create table views.assignments (
    session  uuid not null,
    unit     text not null,
    teacher  text not null,
    primary key (session, unit, teacher)
);

-- The version of each session's stream of assignments.
create table views.assignment_sets (
    session  uuid primary key,
    version  bigint not null
);

create table views.orders (
    id            uuid primary key,
    status        text not null,       -- issued, signed, signature-refused, cancelled
    number        text not null,
    body          uuid not null,
    offering      uuid not null,
    session       uuid not null,
    territory     text,
    amount        numeric(14, 2) not null,
    terms         jsonb not null,      -- as issued
    returned      text,                -- sha256 of the document last returned
    signatory     jsonb,               -- sealed
    signed_on     date,
    reasons       jsonb not null,      -- of the last refused signature
    cause         text,                -- of the cancellation
    correlation   text not null,
    version       bigint not null,
    issued_at     timestamptz not null
);

create index orders_by_time on views.orders (issued_at, id);

create index orders_by_offering on views.orders (offering);

create table views.drafts (
    id        uuid primary key,
    body      uuid not null,
    typed     jsonb not null,          -- sealed: the form as typed, a JSON object
    typed_at  timestamptz not null
);

create index drafts_by_body on views.drafts (body, typed_at);

comment on table views.drafts is 'not derived from events: what was typed and not submitted yet';

-- migrate: rollback
