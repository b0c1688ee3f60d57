-- How far each subscriber's system has read over HTTP, and what it was last refused
-- depends: messaging-0001-tables

-- migrate: apply

create table messaging.readers (
    subscriber  text        not null,
    partition   integer     not null,
    sequence    bigint      not null,       -- the last that it says it has
    read_at     timestamptz not null default clock_timestamp(),
    primary key (subscriber, partition)
) with (fillfactor = 50);

create table messaging.reader_failures (
    subscriber  text        primary key,
    code        text        not null,       -- of the catalogue of refusals
    at          timestamptz not null default clock_timestamp()
);

grant select, insert, update, delete on messaging.readers, messaging.reader_failures to formelie_service;

grant select on messaging.readers, messaging.reader_failures to auditor;

-- migrate: rollback
