-- What invoicing learns from registration, offerings and attendance, and the invoices as they are read
-- depends:

-- migrate: apply

-- The office of a territory, as the last referencing event of that territory named it.
create table views.offices (
    territory  text primary key,
    name       text not null,
    email      text not null,
    phone      text,
    learnt_at  timestamptz not null
);

-- A session as the last submission of its offering tells it. The move and the cancellation are events of another
-- stream, which may arrive first: their columns stand apart, and a row may hold nothing else yet.
create table views.sessions (
    session_id     uuid primary key,
    offering_id    uuid,
    body_id        uuid,
    body_name      text,
    title          text,
    perimeter      text,
    territory      text,
    ends_on        date,
    moved_ends_on  date,
    correlation    text,
    position       text
);

create table views.orders (
    order_id      uuid primary key,
    session_id    uuid not null,
    number        text not null,
    perimeter     text not null,
    territory     text,
    cost_type     text not null,
    price         numeric(14, 2) not null,
    ceiling       numeric(14, 2) not null,
    payment_days  integer,
    issued_at     timestamptz not null,
    status        text not null default 'issued',   -- then signed, signature-refused, cancelled
    correlation   text not null,
    position      text not null
);

create index orders_by_session on views.orders (session_id, issued_at);

create table views.attended (
    session_id  uuid primary key,
    status      text not null,            -- submitted, validated, rejected
    trainees    integer not null,         -- of validated certificates
    hours       numeric(8, 2) not null
);

create table views.invoices (
    invoice_id    uuid primary key,
    body_id       uuid not null,
    session_id    uuid not null,
    perimeter     text not null,
    territory     text,
    number        text not null,
    kind          text not null,
    amount        numeric(14, 2) not null,
    submitted_at  timestamptz not null,
    submitted     jsonb not null,         -- InvoiceSubmitted, as it was
    correlation   text not null,
    version       bigint not null,
    status        text not null default 'submitted',  -- accepted, rejected, corrected, credited, paid
    outcome       jsonb,                  -- of the event that gave the status: reasons, replacement, payment
    amendment     jsonb                   -- the last request for a change, and what was answered
);

create index invoices_by_body on views.invoices (body_id, submitted_at, invoice_id);
create index invoices_by_session on views.invoices (session_id);
create index invoices_by_date on views.invoices (submitted_at, invoice_id);

-- migrate: rollback
