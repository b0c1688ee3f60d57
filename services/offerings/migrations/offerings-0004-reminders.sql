-- A draft that was not submitted is reminded of, once; the same columns as in registration
-- depends: offerings-0003-orders

-- migrate: apply

alter table views.drafts
    add column deadline   date,                            -- that the draft itself says, if any
    add column remind_on  date;                            -- null: nobody is to be reminded, or was already

update views.drafts set remind_on = (typed_at at time zone 'Europe/Paris')::date + 15;

-- migrate: rollback
