-- Signing in to other applications with accounts of here (OpenID Connect). Like sessions, all of this belongs to accounts
-- and not to a school's data.

CREATE TABLE signing_keys (
    id text PRIMARY KEY,
    algorithm text NOT NULL CHECK (algorithm IN ('ES256', 'RS256')),
    public_key jsonb NOT NULL,
    sealed_key bytea NOT NULL,
    sealed_key_id text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
COMMENT ON TABLE signing_keys IS 'Keys that sign tokens for other applications. The newest of an algorithm signs';
COMMENT ON COLUMN signing_keys.id IS 'The thumbprint of the public key (RFC 7638), as tokens and the key set name it';
COMMENT ON COLUMN signing_keys.public_key IS 'A JSON Web Key (RFC 7517)';
COMMENT ON COLUMN signing_keys.sealed_key IS 'The private key (PKCS #8, PEM), sealed with the server''s key';
COMMENT ON COLUMN signing_keys.retired_at IS 'Since when a newer one signs; shown in the key set for a day more';
CREATE UNIQUE INDEX signing_key_in_use ON signing_keys (algorithm) WHERE retired_at IS NULL;
CALL grant_to_program('SELECT, INSERT, DELETE', 'signing_keys');
CALL grant_to_program('UPDATE (retired_at)', 'signing_keys');

CREATE TABLE openid_subjects (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    sector text NOT NULL,
    subject uuid NOT NULL UNIQUE,
    PRIMARY KEY (account_id, sector)
);
COMMENT ON TABLE openid_subjects IS
    'By which random name an account is known to the applications of one sector, so that two sectors cannot compare whom they know';
CALL grant_to_program('SELECT, INSERT', 'openid_subjects');

CREATE TABLE openid_consents (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_id uuid NOT NULL,
    scopes text[] NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, client_id)
);
COMMENT ON TABLE openid_consents IS 'What a person lets an application learn; taken back by deleting the row';
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'openid_consents');

CREATE TABLE openid_grants (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_id uuid NOT NULL,
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    session_hash bytea NOT NULL,
    idle_hours integer,
    scopes text[] NOT NULL,
    authenticated_at timestamptz NOT NULL,
    with_second_factor boolean NOT NULL,
    created_at timestamptz NOT NULL,
    ended boolean NOT NULL DEFAULT false,
    logout_told boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE openid_grants IS
    'One sign-in of an account to an application, in one school and out of one session. It ends with the session';
COMMENT ON COLUMN openid_grants.session_hash IS 'Of the session''s token; the session may be gone by now';
COMMENT ON COLUMN openid_grants.idle_hours IS 'How long the session may lie idle; NULL: as long as it lasts';
COMMENT ON COLUMN openid_grants.logout_told IS 'The application was told of the end (back-channel logout), or need not be';
CREATE INDEX openid_grants_of_session ON openid_grants (session_hash) WHERE NOT ended;
CREATE INDEX openid_grants_of_account ON openid_grants (account_id, client_id, created_at);
CREATE INDEX openid_grants_to_tell ON openid_grants (created_at) WHERE ended AND NOT logout_told;
CREATE INDEX openid_grants_by_age ON openid_grants (created_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'openid_grants');
CALL grant_to_program('UPDATE (ended, logout_told)', 'openid_grants');

CREATE TABLE openid_codes (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    grant_id uuid NOT NULL REFERENCES openid_grants ON DELETE CASCADE,
    redirect_uri text NOT NULL,
    nonce text,
    challenge text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE openid_codes IS 'Codes that an application exchanges for tokens, once, within a minute';
COMMENT ON COLUMN openid_codes.challenge IS 'The SHA-256 of the verifier, base64url (RFC 7636, S256)';
CREATE INDEX openid_codes_of_grant ON openid_codes (grant_id);
CALL grant_to_program('SELECT, INSERT', 'openid_codes');
CALL grant_to_program('UPDATE (used_at)', 'openid_codes');

CREATE TABLE openid_refresh_tokens (
    hash bytea PRIMARY KEY CHECK (length(hash) = 32),
    grant_id uuid NOT NULL REFERENCES openid_grants ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    used_at timestamptz
);
COMMENT ON TABLE openid_refresh_tokens IS 'Each is used once and replaced; a second use ends the grant (RFC 9700, 4.14.2)';
CREATE INDEX openid_refresh_tokens_of_grant ON openid_refresh_tokens (grant_id);
CALL grant_to_program('SELECT, INSERT', 'openid_refresh_tokens');
CALL grant_to_program('UPDATE (used_at)', 'openid_refresh_tokens');

-- Whatever ends a session or a membership (signing out, another device, a new password, suspension, leaving) ends what
-- applications hold of it: said here once, and not at each of those places.
CREATE FUNCTION end_grants_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE openid_grants SET ended = true WHERE session_hash = OLD.token_hash AND NOT ended;
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_end_grants AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION end_grants_of_session();

CREATE FUNCTION end_grants_of_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE openid_grants SET ended = true
    WHERE account_id = OLD.account_id AND school_id = OLD.school_id AND NOT ended;
    RETURN NULL;
END $$;
CREATE TRIGGER memberships_end_grants AFTER DELETE ON memberships
    FOR EACH ROW EXECUTE FUNCTION end_grants_of_membership();
