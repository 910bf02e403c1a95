-- What a person wants to know of signing in: who was in, who tried, what was refused. Wrong tries are counted by the hour,
-- so that nobody can fill the table by guessing.

CREATE TABLE sign_in_events (
    account_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'signed_in', 'wrong_password', 'password_locked', 'wrong_code', 'code_locked', 'refused')),
    hour timestamptz NOT NULL,
    place text NOT NULL DEFAULT '',
    school_id uuid,
    times integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL,
    address inet,
    user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 300),
    PRIMARY KEY (account_id, kind, hour, place)
);
COMMENT ON COLUMN sign_in_events.account_id IS
    'The nil id for logins that are no account''s: writing costs the same, so that its time tells nothing';
COMMENT ON COLUMN sign_in_events.place IS 'Of who was let in, the network; of what was refused, the school; else empty: one row an hour';
COMMENT ON COLUMN sign_in_events.school_id IS 'In which school something was refused';
COMMENT ON COLUMN sign_in_events.address IS 'Of the last time in that hour, as is the device';
CREATE INDEX sign_in_events_of_account ON sign_in_events (account_id, last_at DESC);
CREATE INDEX sign_in_events_by_time ON sign_in_events (last_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'sign_in_events');
CALL grant_to_program('UPDATE (times, last_at, address, user_agent)', 'sign_in_events');

-- No foreign key, for the sake of the nil id: what belongs to an account goes with it all the same.
CREATE FUNCTION sign_in_events_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sign_in_events WHERE account_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER sign_in_events_go AFTER DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION sign_in_events_go();
