-- Identifiers of the ministry that a second school names. Outside of the schools' scopes, as `registry_identifiers` is:
-- the operators of both provinces see both schools. Ids and keyed hashes, no word about a person.

CREATE TABLE registry_conflicts (
    id uuid PRIMARY KEY,
    identifier_hash bytea NOT NULL CHECK (octet_length(identifier_hash) = 32),
    school_id uuid NOT NULL REFERENCES schools,
    holder_id uuid NOT NULL REFERENCES schools,
    plan_id uuid,
    person_id uuid,
    state text NOT NULL CHECK (state IN ('open', 'moved', 'kept')),
    found_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by uuid,
    CONSTRAINT registry_conflict_is_known UNIQUE (identifier_hash, school_id),
    CHECK (num_nonnulls(plan_id, person_id) = 1),
    CHECK (school_id <> holder_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
COMMENT ON TABLE registry_conflicts IS 'Identifiers that one school holds and another one names';
COMMENT ON COLUMN registry_conflicts.school_id IS 'The school that names it';
COMMENT ON COLUMN registry_conflicts.holder_id IS 'The school that held it when that was found';
COMMENT ON COLUMN registry_conflicts.plan_id IS 'The submission that names it';
COMMENT ON COLUMN registry_conflicts.person_id IS 'The person of the registry of a school that keeps its own';
COMMENT ON COLUMN registry_conflicts.state IS
    'open: to be decided; moved: the pupil is in the school that named it; kept: the school that held it still does';
COMMENT ON COLUMN registry_conflicts.decided_by IS 'The account of the operator; NULL where nobody decided';
CREATE INDEX registry_conflicts_by_time ON registry_conflicts (state, found_at DESC, id DESC);
CREATE INDEX registry_conflicts_of_plan ON registry_conflicts (plan_id) WHERE plan_id IS NOT NULL;
CREATE INDEX registry_conflicts_of_person ON registry_conflicts (school_id, person_id) WHERE person_id IS NOT NULL;
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'registry_conflicts');
