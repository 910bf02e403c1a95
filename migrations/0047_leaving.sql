-- Going to another school: what the school that lets go has printed.

CREATE TABLE releases (
    code_hash bytea PRIMARY KEY CHECK (length(code_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    school_id uuid NOT NULL REFERENCES schools,
    member_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT one_release_a_member UNIQUE (school_id, member_id)
);
COMMENT ON TABLE releases IS
    'Codes on paper, hashed, by which another school takes a pupil''s account along, once. Ids only: what the code tells is read in the school that made it';
CREATE INDEX releases_of_account ON releases (account_id);
CALL grant_to_program('SELECT, INSERT, DELETE', 'releases');

-- Erasing a person takes the plans' rows about him and the files that he stood in.
CREATE INDEX plan_rows_of_member ON plan_rows (school_id, member_id);
