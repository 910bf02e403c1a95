-- The second factor: a code from a device beside the password (RFC 6238), and codes on paper for when it is lost.

CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    secret bytea NOT NULL,
    key_id text NOT NULL,
    begun_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN second_factors.secret IS 'Sealed with the server''s key and bound to this account';
COMMENT ON COLUMN second_factors.confirmed_at IS 'When a first code was right; NULL while it is being set up: nothing is asked for then';
COMMENT ON COLUMN second_factors.last_step IS 'The half minute whose code was accepted last: no code is accepted twice';
CREATE INDEX second_factors_by_key ON second_factors (key_id);
CALL grant_to_program('SELECT, INSERT, DELETE', 'second_factors');
CALL grant_to_program('UPDATE (secret, key_id, begun_at, confirmed_at, last_step)', 'second_factors');

CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES second_factors ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (account_id, code_hash)
);
COMMENT ON TABLE recovery_codes IS 'Codes of 76 random bits, hashed; each lets somebody in once and is deleted by that';
CALL grant_to_program('SELECT, INSERT, DELETE', 'recovery_codes');

CREATE TABLE pending_sign_ins (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    must_choose_password boolean NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE pending_sign_ins IS
    'Whose password was right and whose code is still to come: no session, and nothing is open to it. The browser holds the token';
CREATE INDEX pending_sign_ins_of_account ON pending_sign_ins (account_id);
CALL grant_to_program('SELECT, INSERT, DELETE', 'pending_sign_ins');

-- Whose second factor is not his own choice.
ALTER TABLE operators ADD COLUMN needs_second_factor boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN operators.needs_second_factor IS 'False of those that the demo makes and prints';
CALL grant_to_program('UPDATE (needs_second_factor)', 'operators');
ALTER TABLE schools ADD COLUMN second_factor_for_managers boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schools.second_factor_for_managers IS 'Owners and who manages accounts come in with a second factor only';

-- Before what weighs much, the password is asked for again unless it was typed a moment ago.
ALTER TABLE sessions ADD COLUMN password_checked_at timestamptz;
UPDATE sessions SET password_checked_at = created_at;
ALTER TABLE sessions ALTER COLUMN password_checked_at SET NOT NULL;
CALL grant_to_program('UPDATE (password_checked_at)', 'sessions');
