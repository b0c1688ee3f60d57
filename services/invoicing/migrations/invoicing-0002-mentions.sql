-- Sessions from their offering on, bodies as invoices name them, what is asked of statements, documents once made
-- depends: invoicing-0001-views

-- migrate: apply

alter table views.sessions
    add column starts_on        date,
    add column moved_starts_on  date,
    add column cancelled        boolean not null default false;

alter table views.orders
    add column body_id      uuid,
    add column body_name    text,
    add column offering_id  uuid,
    add column title        text,
    add column starts_on    date,
    add column ends_on      date;

alter table views.attended
    add column body_id      uuid,
    add column offering_id  uuid,
    add column title        text,
    add column perimeter    text,
    add column territory    text;

-- Who answers for a territory is reference data.
drop table views.offices;

create table views.offerings (
    offering_id  uuid primary key,
    status       text not null            -- submitted, accepted, rejected, withdrawn
);

-- A body in the words of three events, of two streams: each lies over the one before. The IBAN stays sealed.
create table views.bodies (
    body_id    uuid primary key,
    submitted  jsonb not null default '{}',
    accepted   jsonb not null default '{}',
    changed    jsonb not null default '{}'
);

alter table views.invoices
    add column issued_on    date not null default '-infinity',
    add column document     text,          -- the last one deposited of this invoice
    add column supplements  jsonb not null default '[]',  -- papers brought beside it
    add column closed_on    date;          -- paid, rejected, corrected or credited
alter table views.invoices alter column issued_on drop default;

create index invoices_by_body_and_day on views.invoices (body_id, issued_on);
create index invoices_by_number on views.invoices (body_id, number);

create table views.papers (
    invoice_id  uuid primary key,
    sha256      text not null
);

comment on table views.papers is 'not derived from events: documents made from invoices, when first asked for';

-- What was learnt so far lacks the new columns: every event is read again, from the first.
truncate views.sessions, views.orders, views.attended, views.invoices;
do $$
begin
    if to_regclass('messaging.checkpoints') is not null then
        delete from messaging.parked where consumer like 'invoicing.%';
        delete from messaging.checkpoints where consumer like 'invoicing.%';
    end if;
end
$$;

-- migrate: rollback
