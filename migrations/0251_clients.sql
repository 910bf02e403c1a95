-- Programs that ask by OAuth 2: of one school, or of the operators, who see the schools of one province or of all.

CREATE TABLE oauth_clients (
    id uuid PRIMARY KEY,
    school_id uuid REFERENCES schools,
    province_code text REFERENCES provinces,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    redirect_uris text[] NOT NULL DEFAULT '{}',
    secret_hash bytea NOT NULL,
    made_by uuid,
    made_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    CHECK (school_id IS NULL OR province_code IS NULL)
);
COMMENT ON TABLE oauth_clients IS
    'Outside of the schools'' scopes, since a request brings nothing but the client''s id: what it is called and may do, no word about a person';
COMMENT ON COLUMN oauth_clients.school_id IS 'NULL for a client of the operators';
COMMENT ON COLUMN oauth_clients.province_code IS 'Of a client of the operators: its province; NULL for the whole country';
COMMENT ON COLUMN oauth_clients.made_by IS 'A member''s id, or an operator''s account; NULL for the command line';
COMMENT ON COLUMN oauth_clients.last_used_at IS 'To the minute: a request does not write each time';
CREATE INDEX oauth_clients_of_school ON oauth_clients (school_id, made_at DESC) WHERE school_id IS NOT NULL;
CALL grant_to_program(
    'SELECT, INSERT, UPDATE (name, scopes, redirect_uris, last_used_at, revoked_by, revoked_at)', 'oauth_clients');

CREATE TABLE oauth_access_tokens (
    hash bytea PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES oauth_clients,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE oauth_access_tokens IS 'What a client asks with for an hour: hashes';
CREATE INDEX oauth_access_tokens_of_client ON oauth_access_tokens (client_id);
CALL grant_to_program('SELECT, INSERT, DELETE', 'oauth_access_tokens');

-- A program that reads or writes by a client is on record by the client's id.
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_actor_kind_check,
    ADD CONSTRAINT audit_events_actor_kind_check
        CHECK (actor_kind IN ('member', 'operator', 'token', 'client', 'system'));
ALTER TABLE registry_changes
    DROP CONSTRAINT registry_changes_actor_kind_check,
    ADD CONSTRAINT registry_changes_actor_kind_check
        CHECK (actor_kind IN ('member', 'operator', 'token', 'client', 'system', 'other_school'));
