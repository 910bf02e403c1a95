-- A submission that waits for an operator is a plan that nobody may change meanwhile.

ALTER TABLE plans
    DROP CONSTRAINT plans_state_check,
    ADD CONSTRAINT plans_state_check CHECK (state IN
        ('reading', 'refused', 'ready', 'submitted', 'applying', 'applied', 'failed', 'undoing', 'undone'));
COMMENT ON COLUMN plans.state IS
    'reading: the file is being read and matched; refused: the file could not be read; ready: may be reviewed and applied; submitted: handed in and waiting for an operator; applying: a worker is at it; failed: applying met something unforeseen, nothing was written; undoing: a worker takes it back; undone: taken back, but for what stays';

ALTER TABLE registry_people ADD COLUMN words text NOT NULL DEFAULT '';
COMMENT ON COLUMN registry_people.words IS 'The words of the name without marks, each behind a space: what a row about them is found by';

-- Who has an address already: asked when a person is typed in.
CREATE INDEX registry_people_by_email ON registry_people (school_id, lower(email)) WHERE email IS NOT NULL;

-- Programs of a school hand in by a token.
ALTER TABLE registry_changes
    DROP CONSTRAINT registry_changes_actor_kind_check,
    ADD CONSTRAINT registry_changes_actor_kind_check
        CHECK (actor_kind IN ('member', 'operator', 'token', 'system', 'other_school'));
