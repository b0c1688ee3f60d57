-- Formiris's own people are written to as well; a decision that reached nobody is said to have
-- depends: notifications-0005-waits

-- migrate: apply

alter table views.accounts add column name text;   -- as sign-in names somebody of Formiris; null: the account's id

alter table views.announcements add column unheard_at timestamptz;   -- when it was said that nobody could be written to

-- migrate: rollback
