-- People who register themselves. Global: before the school has said yes, nobody is in it, and what is found out about
-- an address is found out where accounts are.

CREATE TABLE registration_forms (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    password_hash text NOT NULL,
    form jsonb NOT NULL,
    language text NOT NULL CHECK (language IN ('vi', 'en')),
    address inet,
    sent_at timestamptz NOT NULL
);
COMMENT ON TABLE registration_forms IS
    'Forms as they came, for the moment until a job has looked whether the address has an account: whoever sends one is told the same in the same time. Deleted by that job';
CREATE INDEX registration_forms_by_time ON registration_forms (sent_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'registration_forms');

CREATE TABLE unverified_addresses (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    since timestamptz NOT NULL
);
COMMENT ON TABLE unverified_addresses IS
    'Accounts that registered themselves and have not shown yet that the address is theirs';
CREATE INDEX unverified_addresses_by_time ON unverified_addresses (since);
CALL grant_to_program('SELECT, INSERT, DELETE', 'unverified_addresses');
-- To lock a row.
CALL grant_to_program('UPDATE (since)', 'unverified_addresses');

CREATE TABLE registrations (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    school_id uuid NOT NULL REFERENCES schools,
    member_id uuid NOT NULL,
    registered_at timestamptz NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (account_id, school_id),
    UNIQUE (school_id, member_id)
);
COMMENT ON TABLE registrations IS
    'Who waits for which school''s word: from a session to what its owner waits for. Not a membership: it opens nothing. Gone with the answer';
COMMENT ON COLUMN registrations.told_at IS 'When those who answer were mailed of it';
CALL grant_to_program('SELECT, INSERT, DELETE', 'registrations');
CALL grant_to_program('UPDATE (told_at)', 'registrations');

CREATE TABLE registration_digests (
    school_id uuid PRIMARY KEY REFERENCES schools,
    sent_at timestamptz NOT NULL
);
COMMENT ON TABLE registration_digests IS 'When those who answer for a school were last mailed: once an hour at most';
CALL grant_to_program('SELECT, INSERT, UPDATE', 'registration_digests');
