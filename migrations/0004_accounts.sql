-- Accounts: how one person gets in. Global, read by identity alone; no school's data stands here.

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    login text NOT NULL CHECK (login = lower(login) AND length(login) BETWEEN 3 AND 254),
    password_hash text,
    password_set_at timestamptz,
    temporary_password bytea,
    temporary_key_id text,
    temporary_expires_at timestamptz,
    language text CHECK (language IN ('vi', 'en')),
    last_school_id uuid REFERENCES schools,
    created_at timestamptz NOT NULL,
    CONSTRAINT login_taken UNIQUE (login),
    CHECK ((temporary_password IS NULL) = (temporary_key_id IS NULL)),
    CHECK ((temporary_password IS NULL) = (temporary_expires_at IS NULL))
);
COMMENT ON COLUMN accounts.login IS 'An e-mail address, or a pupil''s username@{code of the school that made it}; for life';
COMMENT ON COLUMN accounts.password_hash IS 'argon2id, as a PHC string; NULL until the person has chosen a password';
COMMENT ON COLUMN accounts.temporary_password IS
    'Sealed with the server''s key and bound to this account; spent by choosing an own password';
COMMENT ON COLUMN accounts.last_school_id IS 'Where someone of several schools lands after signing in';

CREATE TABLE memberships (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    school_id uuid NOT NULL REFERENCES schools,
    member_id uuid NOT NULL,
    PRIMARY KEY (account_id, school_id),
    UNIQUE (school_id, member_id)
);
COMMENT ON TABLE memberships IS
    'Which member of which school an account is, and nothing else: the way from a session into a school''s scope';

CREATE TABLE operators (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    name text NOT NULL,
    is_national boolean NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE operator_provinces (
    account_id uuid NOT NULL REFERENCES operators ON DELETE CASCADE,
    province_code text NOT NULL REFERENCES provinces,
    PRIMARY KEY (account_id, province_code)
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    must_choose_password boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address inet,
    user_agent text NOT NULL CHECK (length(user_agent) <= 300)
);
COMMENT ON TABLE sessions IS 'One row a signed-in device; the browser holds the token, we its SHA-256. Ended means deleted';
COMMENT ON COLUMN sessions.must_choose_password IS 'Opened by a temporary password: good for choosing an own one and nothing else';
COMMENT ON COLUMN sessions.last_seen_at IS 'Written at most once a minute';
CREATE INDEX sessions_of_account ON sessions (account_id, last_seen_at);
CREATE INDEX sessions_expired ON sessions (expires_at);

CREATE TABLE links (
    id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'password_reset', 'email_verification')),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    school_id uuid REFERENCES schools,
    member_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CHECK ((school_id IS NULL) = (member_id IS NULL))
);
COMMENT ON TABLE links IS
    'What a mailed link may do, once. The person holds its token, we the SHA-256';
CREATE INDEX links_of_account ON links (account_id, purpose);
CREATE INDEX links_of_member ON links (school_id, member_id) WHERE school_id IS NOT NULL;

CREATE TABLE attempts (
    subject text PRIMARY KEY,
    free_at timestamptz NOT NULL
);
COMMENT ON TABLE attempts IS
    'Throttling: for each account or address (hashed) the time at which all its wrong tries are forgiven. Every wrong try moves it forward';

CALL grant_to_program('SELECT (id, login, password_hash, password_set_at, temporary_password, temporary_key_id, temporary_expires_at, language, last_school_id, created_at)', 'accounts');
CALL grant_to_program('INSERT (id, login, temporary_password, temporary_key_id, temporary_expires_at, language, created_at)', 'accounts');
CALL grant_to_program('UPDATE (login, password_hash, password_set_at, temporary_password, temporary_key_id, temporary_expires_at, language, last_school_id)', 'accounts');
CALL grant_to_program('SELECT, INSERT, DELETE', 'memberships');
CALL grant_to_program('SELECT, INSERT', 'operators');
CALL grant_to_program('SELECT, INSERT', 'operator_provinces');
CALL grant_to_program('SELECT, INSERT, DELETE', 'sessions');
CALL grant_to_program('UPDATE (last_seen_at, expires_at, must_choose_password)', 'sessions');
CALL grant_to_program('SELECT, INSERT', 'links');
CALL grant_to_program('UPDATE (used_at)', 'links');
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'attempts');

CREATE TABLE account_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_account_id uuid,
    account_id uuid NOT NULL,
    action text NOT NULL,
    address inet
);
COMMENT ON TABLE account_events IS 'The audit of what belongs to an account and to no school: passwords chosen, operators made. Append-only for the program';
CREATE INDEX account_events_of_account ON account_events (account_id, at);
CALL grant_to_program('SELECT, INSERT', 'account_events');
