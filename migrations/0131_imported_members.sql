-- What lists did to people, for the history on their pages. A table beside the audit log: a list of ten thousand people
-- is one line of that log, and a short row here for each of them.

CREATE TABLE imported_members (
    school_id uuid NOT NULL REFERENCES schools,
    member_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('created', 'changed', 'left', 'undone')),
    at timestamptz NOT NULL,
    actor_id uuid,
    PRIMARY KEY (school_id, member_id, plan_id, what)
);
COMMENT ON TABLE imported_members IS 'Ids only, as in the audit log: erasing a person erases them here too';
COMMENT ON COLUMN imported_members.actor_id IS 'The member who applied the plan or took it back; NULL for the system';
CALL make_tenant_table('imported_members', 'SELECT, INSERT');
