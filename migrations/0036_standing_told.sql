-- Why somebody is kept out or gone, in the words of whoever decided it, and that somebody invited has said no.
ALTER TABLE members ADD COLUMN status_reason text CHECK (length(status_reason) BETWEEN 1 AND 500);
ALTER TABLE members ADD COLUMN declined_at timestamptz;
COMMENT ON COLUMN members.status_reason IS
    'Of somebody suspended or gone: why, as the school put it. It stands here and not in the audit, so that it goes with the person';
COMMENT ON COLUMN members.declined_at IS 'When the invitation was declined; NULL while it waits';

-- What somebody did, the newest first.
CREATE INDEX audit_events_of_actor ON audit_events (school_id, actor_id, at DESC);
-- The newest of one kind.
CREATE INDEX audit_events_of_action ON audit_events (school_id, action, at DESC);
