-- Messaging of one context: what each consumer has done, who publishes, what was parked
-- depends:
--
-- Run by the owner of the context's database, once the roles formelie_service and auditor exist.

-- migrate: apply

create schema messaging;

-- Where each consumer is, in the same database as its effects and moved in their transaction. These rows,
-- not Kafka's committed offsets, decide what was done. `parkings` counts changes of the consumer's parked
-- events, so that a cached set of parked keys is known to be current. Updated often: room is left in the page.
create table messaging.checkpoints (
    consumer    text    not null,
    context     text    not null,
    partition   integer not null,
    epoch       integer not null default 1,
    sequence    bigint  not null default 0,
    hash        bytea   not null default decode(repeat('00', 32), 'hex') check (octet_length(hash) = 32),
    next_offset bigint  not null default 0,
    parkings    bigint  not null default 0,
    primary key (consumer, context, partition)
) with (fillfactor = 20);

-- Who does a job on a partition that only one process may do at a time. `token` grows at each change of
-- holder; a lease whose time is over belongs to whoever takes it.
create table messaging.leases (
    job         text        not null,
    partition   integer     not null,
    holder      text        not null,
    token       bigint      not null default 1,
    expires_at  timestamptz not null,
    primary key (job, partition)
) with (fillfactor = 20);

-- Events set aside. failed: its handling fails for a lasting reason; behind: it waits for an earlier event
-- of its stream; malformed: it is no event of the chain at all, known by its Kafka offset only.
create table messaging.parked (
    id          bigint generated always as identity primary key,
    consumer    text        not null,
    context     text        not null,
    partition   integer     not null,
    reason      text        not null check (reason in ('failed', 'behind', 'malformed')),
    sequence    bigint,
    epoch       integer,
    hash        bytea,
    kafka_offset bigint,
    stream      text        collate "C",
    event_id    text,
    event_type  text,
    record      bytea       not null,
    error_type  text,
    error       text,
    traceback   text,
    attempts    integer     not null default 0,
    parked_at   timestamptz not null default clock_timestamp(),
    redrive_requested_at timestamptz,
    check ((reason = 'malformed') = (sequence is null)),
    unique (consumer, context, partition, sequence)
);

create unique index malformed_once on messaging.parked (consumer, context, partition, kafka_offset)
    where reason = 'malformed';

create index parked_of_a_stream on messaging.parked (consumer, context, partition, stream, sequence);

create index parked_to_redrive on messaging.parked (consumer) where redrive_requested_at is not null;

grant usage on schema messaging to formelie_service, auditor;

grant select, insert, update, delete on all tables in schema messaging to formelie_service;

grant select on all tables in schema messaging to auditor;

-- migrate: rollback
