-- What every page asks: how many alerts are unread
-- depends: notifications-0002-standing

-- migrate: apply

create index alerts_unread on views.alerts (recipient_kind, recipient_id) where read_at is null;

-- migrate: rollback
