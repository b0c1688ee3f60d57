-- The sessions of a body are listed
-- depends: invoicing-0002-mentions

-- migrate: apply

create index sessions_by_body on views.sessions (body_id, session_id);

-- migrate: rollback
