-- Staff may sign in with an account of work at another service, where their schools allow it and they have linked the two.

ALTER TABLE schools ADD COLUMN provider_sign_in boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schools.provider_sign_in IS 'Staff may sign in with a linked account at Google or Microsoft';

CREATE TABLE linked_sign_ins (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    provider text NOT NULL CHECK (provider IN ('google', 'microsoft')),
    subject_hash bytea NOT NULL UNIQUE CHECK (length(subject_hash) = 32),
    linked_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (account_id, provider)
);
COMMENT ON TABLE linked_sign_ins IS
    'With which account at another service a person signs in. It goes with the password that it was linked under';
COMMENT ON COLUMN linked_sign_ins.subject_hash IS
    'Of the service''s name and of its name for the person there (iss and sub), which never change; addresses do';
CALL grant_to_program('SELECT, INSERT, DELETE', 'linked_sign_ins');
CALL grant_to_program('UPDATE (last_used_at)', 'linked_sign_ins');

-- A session that was opened that way asks for the password before anything that is kept behind it.
ALTER TABLE sessions ALTER COLUMN password_checked_at DROP NOT NULL;
COMMENT ON COLUMN sessions.password_checked_at IS 'When the password was last typed in this session; NULL: never';
ALTER TABLE pending_sign_ins ADD COLUMN by_provider boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN pending_sign_ins.by_provider IS 'Signed in at another service, without the password';
ALTER TABLE openid_grants ADD COLUMN by_password boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN openid_grants.by_password IS 'The password was typed in the session: what applications are told (amr)';

ALTER TABLE sign_in_events DROP CONSTRAINT sign_in_events_kind_check;
ALTER TABLE sign_in_events ADD CONSTRAINT sign_in_events_kind_check CHECK (kind IN (
    'signed_in', 'signed_in_by_provider', 'wrong_password', 'password_locked', 'wrong_code', 'code_locked',
    'wrong_release', 'release_locked', 'refused'));
