-- Alerts and e-mails as they are read, and the e-mails that are still to be sent
-- depends:

-- migrate: apply

create table views.alerts (
    alert_id        uuid primary key,
    recipient_kind  text not null,      -- body, office, assistance
    recipient_id    text not null,
    posted_at       timestamptz not null,
    code            text not null,
    title           text not null,
    text            text not null,
    link            text not null,
    faq             text,
    cause_id        uuid not null,
    cause_type      text not null,
    version         bigint not null,
    read_at         timestamptz
);

create index alerts_by_recipient on views.alerts (recipient_kind, recipient_id, posted_at desc, alert_id desc);
create index alerts_by_date on views.alerts (posted_at desc, alert_id desc);

create table views.emails (
    email_id    uuid primary key,
    template    text not null,
    cause_id    uuid not null,
    cause_type  text not null,
    body_id     uuid,
    status      text not null,          -- sent, failed
    reason      text,
    at          timestamptz not null
);

create index emails_by_date on views.emails (at desc, email_id desc);

-- What must be sent: written with the checkpoint of the event that asks for it, deleted with the event that says
-- it was sent or refused. Taking a row moves `due_at` away, so that a sender that dies gives it back by itself.
create table views.outbox (
    email_id     uuid primary key,
    template     text not null,
    cause_id     uuid not null,
    cause_type   text not null,
    body_id      uuid,
    correlation  text not null,
    words        jsonb not null,        -- what the text says, personal values sealed
    recipient    jsonb not null,        -- the address, sealed
    due_at       timestamptz not null,
    attempts     integer not null default 0
);

create index outbox_by_due on views.outbox (due_at);

comment on table views.outbox is 'not derived from events: the senders'' work list, empty once all is sent';

-- migrate: rollback
