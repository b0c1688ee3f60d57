-- Every paper of an order, its amendments, and which sessions have taken place
-- depends: offerings-0002-drafts

-- migrate: apply

alter table views.orders
    add column amendment integer not null default 0,    -- the last one; 0: the order as issued
    add column documents jsonb not null default '[]';   -- [{kind: order|amendment|returned, sha256, at, by, ...}]

create table views.attended (
    session    uuid primary key,
    deposited  boolean not null        -- certificates are, and were not rejected
);

-- migrate: rollback
