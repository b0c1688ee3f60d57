-- What registration reads: requests, bodies, accounts, tickets; and what no event tells: drafts and credentials
-- depends:

-- migrate: apply

create table views.requests (
    id             uuid primary key,
    status         text not null,      -- requested, proposed, submitted, accepted, rejected
    name           text not null,
    kind           text not null,
    perimeter      text not null,
    territory      text,
    office         jsonb not null,     -- {name, email, phone}: who answers
    contact_name   jsonb not null,     -- sealed
    contact_email  jsonb not null,     -- sealed
    siret          text,
    revision       integer not null,
    reasons        jsonb not null,     -- of the last rejection
    correlation    text not null,
    version        bigint not null,
    requested_at   timestamptz not null
);

create index requests_by_time on views.requests (requested_at, id);

-- The acceptance and the suspension are events of two streams, and either may be read first: each has its columns.
create table views.bodies (
    id           uuid primary key,
    accepted     jsonb,                -- as accepted: name, legal_name, siret, kind, perimeter, territory, office...
    accepted_on  date,
    territory    text,
    correlation  text,
    suspension   jsonb,                -- {cause, reasons, on}; null when it is not suspended
    details      jsonb,                -- what changed since
    version      bigint                -- of the body's own stream
);

create table views.accounts (
    id            uuid primary key,
    status        text not null,       -- waiting, active, locked
    body          uuid,
    login         jsonb not null,      -- sealed
    login_ref     uuid,                -- rows of views.credentials, by the id of the event that they go with
    code_ref      uuid,
    password_ref  uuid,
    version       bigint not null,
    opened_at     timestamptz not null
);

create index accounts_by_login on views.accounts (login_ref);

create index accounts_by_body on views.accounts (body);

create table views.tickets (
    id            uuid primary key,
    status        text not null,       -- open, resolved
    subject       text not null,
    email         jsonb,               -- sealed
    message       jsonb,               -- sealed
    account       uuid,
    body          uuid,
    outcome       text,
    checks        jsonb not null,
    version       bigint not null,
    requested_at  timestamptz not null
);

create index tickets_by_time on views.tickets (requested_at, id);

-- Whose key was destroyed: nothing looks them up any more.
create table views.erased (
    person  text primary key
);

create table views.drafts (
    id        uuid primary key,        -- the request's
    typed     jsonb not null,          -- sealed: the form as typed, a JSON object
    typed_at  timestamptz not null
);

comment on table views.drafts is 'not derived from events: what was typed and not submitted yet';

-- Written before the event that they go with, under its id: a row that no account names is an attempt that failed.
create table views.credentials (
    id         uuid primary key,
    account    uuid not null,
    login_key  bytea,                  -- keyed hash of the address that signs in
    digest     text                    -- of the activation code (keyed sha256), or of the password (argon2id)
);

create index credentials_by_login on views.credentials (login_key);

comment on table views.credentials is 'not derived from events: what must never be in one';

create table views.attempts (
    login_key  bytea not null,
    since      uuid not null,          -- the code that was valid: new codes start a new count
    made       integer not null,
    last_at    timestamptz not null,
    primary key (login_key, since)
);

comment on table views.attempts is 'not derived from events: wrong passwords in a row';

-- migrate: rollback
