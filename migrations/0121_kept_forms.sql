-- A form that is sent when the session has ended is kept until the account is signed in again.

-- Whose session it was: the browser still sends its token. Kept for as long as the browser may.
CREATE TABLE ended_sessions (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE ended_sessions IS 'Gives access to nothing: only tells which account a form is kept for';
CREATE INDEX ended_sessions_of_account ON ended_sessions (account_id);
CREATE INDEX ended_sessions_expired ON ended_sessions (expires_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'ended_sessions');

CREATE FUNCTION note_ended_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Sessions also go with their account, which is gone by then.
    INSERT INTO ended_sessions (token_hash, account_id, expires_at)
    SELECT g.token_hash, g.account_id, g.expires_at FROM gone g
    WHERE NOT g.must_choose_password AND EXISTS (SELECT FROM accounts a WHERE a.id = g.account_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER note_ended_sessions AFTER DELETE ON sessions
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION note_ended_sessions();

CREATE TABLE kept_forms (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key_id text NOT NULL,
    content bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE kept_forms IS 'Forms sent after the session had ended: a few for each account, for half an hour';
COMMENT ON COLUMN kept_forms.token_hash IS 'The browser holds the token, we its SHA-256';
COMMENT ON COLUMN kept_forms.content IS 'Sealed for the account: where it was sent from and to, and its fields but for passwords';
CREATE INDEX kept_forms_of_account ON kept_forms (account_id, created_at);
CREATE INDEX kept_forms_expired ON kept_forms (expires_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'kept_forms');
