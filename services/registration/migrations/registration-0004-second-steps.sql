-- The codes of a second step serve once
-- depends: registration-0003-accounts

-- migrate: apply

create table views.second_steps (
    login_key  bytea primary key,
    period     bigint not null                 -- of the last code that was accepted (RFC 6238's T)
);

comment on table views.second_steps is 'not derived from events: a code that served, or an earlier one, serves no more';

-- migrate: rollback
