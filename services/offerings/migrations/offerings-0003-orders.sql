-- Every paper of an order, its amendments, and which sessions have taken place
-- depends: offerings-0002-drafts

-- migrate: apply

alter table views.orders
    add column amendment integer not null default 0,    -- the last one; 0: the order as issued
    add column documents jsonb not null default '[]';   -- [{kind: order|amendment|returned, sha256, at, by, ...}]

-- What is known of the papers of earlier orders: the one to sign, and the last that was returned.
update views.orders set documents =
    jsonb_build_array(jsonb_build_object(
        'kind', 'order', 'amendment', 0, 'sha256', terms->>'document_hash', 'media_type', 'application/pdf',
        'at', issued_at, 'by', terms->>'issued_by'))
    || case when returned is null then '[]' else jsonb_build_array(jsonb_build_object(
        'kind', 'returned', 'amendment', 0, 'sha256', returned, 'media_type', 'application/pdf', 'signed_on', signed_on,
        'at', signed_on, 'by', body)) end;

create table views.attended (
    session    uuid primary key,
    deposited  boolean not null        -- certificates are, and were not rejected
);

-- migrate: rollback
