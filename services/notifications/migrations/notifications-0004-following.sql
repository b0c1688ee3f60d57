-- Who follows a dossier, who is away, what was read, what was taken away
-- depends: notifications-0003-unread

-- migrate: apply

create table views.following (
    dossier  uuid primary key,
    person   text,                       -- null: nobody any more
    note     text,
    by       text not null,
    at       timestamptz not null
);

create index following_by_person on views.following (person);

create table views.absences (
    person       text primary key,
    starts_on    date not null,
    ends_on      date not null,
    replacement  text,
    by           text not null
);

create table views.readings (
    dossier  uuid not null,
    by       text not null,
    what     text not null,
    at       timestamptz not null,
    primary key (dossier, at, by, what)
);

create table views.exports (
    id       uuid primary key,
    address  text not null,
    rows     integer not null,
    by       text not null,
    at       timestamptz not null
);

create index exports_by_date on views.exports (at desc, id desc);

-- migrate: rollback
