-- Accounts with names, rights and locks that end; sessions; checks one by one; what is searched for
-- depends: registration-0001-views

-- migrate: apply

alter table views.accounts
    add column name          jsonb,            -- sealed
    add column first_name    jsonb,            -- sealed
    add column rights        jsonb,            -- a list; null: all of them
    add column locked_until  timestamptz;      -- of a locked account; null: until its codes are reissued

alter table views.requests
    add column document      text;             -- sha256 of the proposal's PDF

alter table views.bodies
    add column renewed_until  date,            -- last day of the Qualiopi certificate given since the acceptance
    add column words          text,            -- names and SIRET in small letters without accents: what is searched
    add column proofs         jsonb;           -- [{sha256, fields, at}], the newest last

create index bodies_by_time on views.bodies (accepted_on, id);

update views.bodies
set words = lower(concat_ws(' ', accepted ->> 'name', accepted ->> 'legal_name', accepted ->> 'siret'))
where accepted is not null;

alter table views.tickets
    add column dossier      text,
    add column refusal      text,
    add column happened_at  timestamptz,
    add column answer       jsonb;             -- sealed

update views.tickets t
set checks = (
    select coalesce(jsonb_agg(jsonb_build_object('check', word, 'passed', true)), '[]')
    from jsonb_array_elements_text(t.checks) word
);

alter table views.attempts
    add column locked_until  timestamptz;      -- nobody signs in with this login before

-- Which account an address is for: taken before the event, so that two accounts never get the same one at once.
create table views.logins (
    login_key   bytea primary key,
    account     uuid not null,
    claimed_at  timestamptz not null
);

comment on table views.logins is 'not derived from events: what must never be in one';

-- How often something was done in a quarter of an hour: sign-ins that failed from an address, resets of an account.
create table views.tallies (
    key      bytea not null,                   -- keyed hash of the address, or of the login
    quarter  timestamptz not null,
    made     integer not null,
    primary key (key, quarter)
);

comment on table views.tallies is 'not derived from events: nobody''s history, forgotten after a day';

-- A session is a family of refresh tokens, each used once for the next.
create table views.refresh_tokens (
    digest      bytea primary key,             -- sha256: the token itself is with its owner alone
    family      uuid not null,
    account     uuid,                          -- of a body's user,
    login_key   bytea,                         -- or of someone of Formiris
    generation  integer not null,              -- of the account's sessions: an earlier one is over
    began_at    timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz,
    ended_at    timestamptz
);

create index refresh_tokens_by_family on views.refresh_tokens (family);

create index refresh_tokens_by_login on views.refresh_tokens (login_key) where ended_at is null;

create index refresh_tokens_by_end on views.refresh_tokens (expires_at);

comment on table views.refresh_tokens is 'not derived from events: who is signed in';

-- migrate: rollback
