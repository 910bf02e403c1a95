-- People who are there twice: pairs that a person has told apart, merges with what they found, and by what the one who went
-- is still known.

CREATE TABLE told_apart (
    school_id uuid NOT NULL,
    a uuid NOT NULL,
    b uuid NOT NULL CHECK (a < b),
    at timestamptz NOT NULL,
    by uuid,
    PRIMARY KEY (school_id, a, b),
    FOREIGN KEY (school_id, a) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, b) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE told_apart IS 'Members who are two people, whatever they have in common: they are not proposed as one again';
CREATE INDEX told_apart_by_second ON told_apart (school_id, b) WHERE b IS NOT NULL;
CALL make_tenant_table('told_apart', 'SELECT, INSERT, DELETE');

CREATE TABLE merges (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    kept_id uuid NOT NULL,
    gone_id uuid NOT NULL,
    before jsonb,
    after jsonb,
    made_by uuid,
    made_at timestamptz NOT NULL,
    undone_by uuid,
    undone_at timestamptz,
    stays jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, kept_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON COLUMN merges.before IS
    'Every row about the two as it was, by table; forgotten with the time in which the merge can be undone';
COMMENT ON COLUMN merges.after IS 'The same as the merge has left it: what differs from it has been changed since';
COMMENT ON COLUMN merges.stays IS 'What undoing left as it was, because it had been changed since: keys of words';
CREATE INDEX merges_of_kept ON merges (school_id, kept_id) WHERE kept_id IS NOT NULL;
CALL make_tenant_table('merges', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE member_aliases (
    school_id uuid NOT NULL,
    merge_id uuid NOT NULL,
    member_id uuid NOT NULL,
    "values" jsonb NOT NULL,
    PRIMARY KEY (school_id, merge_id),
    FOREIGN KEY (school_id, merge_id) REFERENCES merges ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE member_aliases IS
    'What a member who was merged into another was known by: lists that still name them are about the other';
CREATE INDEX member_aliases_of_member ON member_aliases (school_id, member_id) WHERE member_id IS NOT NULL;
CALL make_tenant_table('member_aliases', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE login_aliases (
    login text PRIMARY KEY,
    account_id uuid REFERENCES accounts ON DELETE CASCADE,
    until timestamptz NOT NULL
);
COMMENT ON TABLE login_aliases IS
    'Logins of accounts that were merged into another: until when they lead to that one. Without one, or afterwards, they lead nowhere';
CREATE INDEX login_aliases_of_account ON login_aliases (account_id);
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'login_aliases');
