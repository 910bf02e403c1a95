-- Submissions: plans over a school's part of the registry, which an operator applies by approving them.

ALTER TABLE plans
    ADD COLUMN book text NOT NULL DEFAULT 'roster' CHECK (book IN ('roster', 'registry')),
    DROP CONSTRAINT plans_source_check,
    ADD CONSTRAINT plans_source_check CHECK (source IN
        ('students', 'teachers', 'classes', 'registry', 'registry_classes', 'oneroster', 'rollover'));
COMMENT ON COLUMN plans.book IS 'What the plan changes: the school''s roster, or its part of the registry (a submission)';
CREATE INDEX plans_of_book ON plans (school_id, book, made_at DESC);

ALTER TABLE plan_rows ADD COLUMN is_absent boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN plan_rows.is_absent IS
    'The sheet has no such row: the registry has somebody whom a whole list no longer names. Its line is behind those of the sheet';
CREATE INDEX plan_rows_about ON plan_rows (school_id, plan_id, member_id) WHERE member_id IS NOT NULL;

CREATE TABLE submissions (
    school_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('staff', 'classes', 'pupils')),
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'submitted', 'approving', 'returned', 'approved', 'withdrawn', 'replaced')),
    remark text CHECK (length(remark) <= 1000),
    made_at timestamptz NOT NULL,
    submitted_by uuid,
    submitted_at timestamptz,
    decided_by uuid,
    decided_at timestamptz,
    token_id uuid,
    PRIMARY KEY (school_id, plan_id),
    FOREIGN KEY (school_id, plan_id) REFERENCES plans ON DELETE CASCADE
);
COMMENT ON COLUMN submissions.state IS
    'draft: checked or being checked, as its plan says; submitted: waits for an operator; approving: a worker is at it; returned: with a remark; replaced: by a newer one of the kind';
COMMENT ON COLUMN submissions.submitted_by IS 'The member; NULL for a token and for the command line';
COMMENT ON COLUMN submissions.decided_by IS 'The account of the operator; NULL for the command line';
CREATE INDEX submissions_by_time ON submissions (school_id, made_at DESC);
CREATE UNIQUE INDEX submission_waits ON submissions (school_id, kind) WHERE state IN ('submitted', 'approving');
COMMENT ON INDEX submission_waits IS 'One of a kind waits at a time: a newer one replaces it';
CALL make_tenant_table('submissions', 'SELECT, INSERT, UPDATE, DELETE');

-- What operators list: outside of the schools' scopes, without a word about a person.
CREATE TABLE submission_queue (
    plan_id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES schools,
    province_code text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    submitted_at timestamptz NOT NULL,
    decided_at timestamptz,
    counts jsonb NOT NULL,
    quality jsonb NOT NULL
);
COMMENT ON TABLE submission_queue IS 'The submissions as operators list them; kept with them in one transaction';
COMMENT ON COLUMN submission_queue.counts IS 'Rows by outcome';
COMMENT ON COLUMN submission_queue.quality IS 'How many rows lack what they should have, by the key of a word';
CREATE INDEX submission_queue_by_age ON submission_queue (state, submitted_at, plan_id);
CREATE INDEX submission_queue_of_province ON submission_queue (province_code, state, submitted_at, plan_id);
CREATE INDEX submission_queue_of_school ON submission_queue (school_id, state, submitted_at, plan_id);
CALL grant_to_program('SELECT, INSERT, UPDATE', 'submission_queue');

CREATE TABLE submission_counts (
    province_code text NOT NULL,
    state text NOT NULL,
    submissions bigint NOT NULL,
    PRIMARY KEY (province_code, state)
);
COMMENT ON TABLE submission_counts IS 'Submissions by what the operators'' list can be filtered by. Kept by triggers';
CALL grant_to_program('SELECT, INSERT, UPDATE', 'submission_counts');

CREATE FUNCTION move_submission_count(province text, in_state text, delta bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO submission_counts AS c (province_code, state, submissions) VALUES (province, in_state, delta)
    ON CONFLICT (province_code, state) DO UPDATE SET submissions = c.submissions + excluded.submissions;
END $$;

CREATE FUNCTION count_submission() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM move_submission_count(NEW.province_code, NEW.state, 1);
    -- In the order of their keys, so that two transactions do not wait for each other.
    ELSIF (OLD.province_code, OLD.state) < (NEW.province_code, NEW.state) THEN
        PERFORM move_submission_count(OLD.province_code, OLD.state, -1);
        PERFORM move_submission_count(NEW.province_code, NEW.state, 1);
    ELSIF (OLD.province_code, OLD.state) > (NEW.province_code, NEW.state) THEN
        PERFORM move_submission_count(NEW.province_code, NEW.state, 1);
        PERFORM move_submission_count(OLD.province_code, OLD.state, -1);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_submission AFTER INSERT OR UPDATE OF province_code, state ON submission_queue
    FOR EACH ROW EXECUTE FUNCTION count_submission();

-- The queue follows a school into another province.
CREATE FUNCTION move_submissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE submission_queue SET province_code = NEW.province_code WHERE school_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER move_submissions AFTER UPDATE OF province_code ON schools
    FOR EACH ROW WHEN (OLD.province_code IS DISTINCT FROM NEW.province_code) EXECUTE FUNCTION move_submissions();
