-- Alerts that close, the stream of changes, preferences, who is written to, and where every dossier stands
-- depends: notifications-0001-views

-- migrate: apply

alter table views.alerts
    add column theme      text,
    add column act        text,             -- what it calls for; null when there is nothing to do
    add column act_words  text,
    add column subject    text,             -- what the act is done on
    add column caused_at  timestamptz,
    add column dossier    uuid,
    add column closed_at  timestamptz,      -- the act was done, or, where there is none, the alert was read
    add column changed    bigint not null default 0;

comment on column views.alerts.changed is
    'not derived from events: the order in which a recipient''s alerts changed here, by which a stream resumes';

create index alerts_open on views.alerts (recipient_kind, recipient_id, posted_at desc, alert_id desc)
    where closed_at is null;
create index alerts_changed on views.alerts (recipient_kind, recipient_id, changed);
create index alerts_by_act on views.alerts (act, subject) where act is not null;

create sequence views.changes;

create table views.numbering (
    id  uuid not null default gen_random_uuid()
);

comment on table views.numbering is 'not derived from events: names this database''s numbering of changes';

insert into views.numbering default values;

-- Whoever changes alerts of a recipient holds this row until the commit: their changes are numbered in the order in
-- which they can be seen.
create table views.inboxes (
    kind  text not null,
    id    text not null,
    primary key (kind, id)
);

-- When an act was done on something, whether an alert called for it before, after, or never.
create table views.acts (
    act      text not null,
    subject  text not null,
    done     timestamptz[] not null default '{}',   -- ascending
    primary key (act, subject)
);

create table views.accounts (
    id         uuid primary key,
    role       text,
    body       uuid,
    territory  text,
    login      jsonb,                    -- sealed
    open       boolean not null,
    mended_at  timestamptz               -- when its address last changed
);

create index accounts_by_body on views.accounts (body);

create table views.preferences (
    account  text primary key,
    themes   jsonb not null              -- {theme: frequency}; what is not here is as for everybody
);

-- What became of the e-mails to a person: the last that left, the last that was refused for good.
create table views.mailboxes (
    person     text primary key,
    body       uuid,
    sent_at    timestamptz,
    failed_at  timestamptz,
    reason     text
);

create index mailboxes_by_body on views.mailboxes (body) where failed_at is not null;

alter table views.emails
    add column account  uuid,
    add column dossier  uuid;

create index emails_by_dossier on views.emails (dossier, at);

alter table views.outbox
    alter column recipient drop not null,    -- an account's address is looked up to send
    add column account   uuid,
    add column dossier   uuid,
    add column theme     text,               -- null: a letter that nobody can decline
    add column asked_at  timestamptz not null default now();

create index outbox_by_dossier on views.outbox (dossier);

-- Alerts whose recipients are still to be written to, by what each of their accounts prefers.
create table views.announcements (
    alert_id        uuid primary key,
    recipient_kind  text not null,
    recipient_id    text not null,
    theme           text not null,
    decision        boolean not null,
    template        text not null,
    cause_id        uuid not null,
    cause_type      text not null,
    correlation     text not null,
    body_id         uuid,
    dossier         uuid,
    words           jsonb not null,
    asked_at        timestamptz not null,
    due_at          timestamptz not null
);

comment on table views.announcements is 'not derived from events: the senders'' work list, empty once all is sent';

create index announcements_by_due on views.announcements (due_at);
create index announcements_by_dossier on views.announcements (dossier);

-- What waits for an account's daily e-mail.
create table views.digests (
    account   uuid not null,
    alert_id  uuid not null,
    theme     text not null,
    words     jsonb not null,
    due_at    timestamptz not null,
    primary key (account, alert_id)
);

comment on table views.digests is 'not derived from events: the senders'' work list, empty once all is sent';

create index digests_by_due on views.digests (due_at);

-- The office of a territory, as the last referencing event of that territory named it.
create table views.offices (
    territory  text primary key,
    name       text not null,
    email      text not null,
    phone      text,
    learnt_at  timestamptz not null
);

-- Where every dossier stands: referencing, offering, session, order, invoice, ticket. What comes before the event that
-- founds a dossier is kept in `facts`, and shows nothing.
create table views.dossiers (
    id         uuid primary key,
    kind       text,
    title      text,
    body       uuid,
    perimeter  text,
    territory  text,
    state      text,
    holder     text,                     -- body, office, assistance, nobody
    leads      boolean,                  -- somebody must act on this very dossier
    since      timestamptz,
    offering   uuid,                     -- of a session
    facts      jsonb not null default '{}'
);

create index dossiers_of_body on views.dossiers (body, since, id) where leads;
create index dossiers_of_territory on views.dossiers (territory, since, id) where leads;
create index dossiers_by_age on views.dossiers (since, id) where leads;
create index dossiers_all_of_body on views.dossiers (body, since, id);

-- migrate: rollback
