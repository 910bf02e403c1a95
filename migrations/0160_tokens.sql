-- Tokens by which other programs act for one school.

CREATE TABLE api_tokens (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    made_by uuid,
    made_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    PRIMARY KEY (school_id, id)
);
COMMENT ON TABLE api_tokens IS 'What the owners call the tokens of their school, and what each may be used for';
COMMENT ON COLUMN api_tokens.scopes IS 'Keys of the program''s; one that it does not know permits nothing';
COMMENT ON COLUMN api_tokens.made_by IS 'The member who made it; NULL for the command line (the system)';
COMMENT ON COLUMN api_tokens.last_used_at IS 'To the minute: a request does not write each time';
CALL make_tenant_table('api_tokens', 'SELECT, INSERT, UPDATE (last_used_at, revoked_by, revoked_at)');

CREATE TABLE token_hashes (
    hash bytea PRIMARY KEY,
    school_id uuid NOT NULL,
    token_id uuid NOT NULL
);
COMMENT ON TABLE token_hashes IS
    'Which school a token belongs to: hashes and ids, outside of the schools'' scope, since a request brings nothing but its token. A revoked token is deleted here';
CREATE INDEX token_hashes_of_token ON token_hashes (school_id, token_id);
CALL grant_to_program('SELECT, INSERT, DELETE', 'token_hashes');

-- A token acts as itself: it is on record by its id.
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_actor_kind_check,
    ADD CONSTRAINT audit_events_actor_kind_check CHECK (actor_kind IN ('member', 'operator', 'token', 'system'));
