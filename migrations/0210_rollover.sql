-- The draft for the coming year: what becomes of each class and each pupil of this one. It grows for weeks beside the daily
-- work, one for a school at a time; a plan is made of it, and is reviewed, applied and taken back as any other.

CREATE TABLE rollovers (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    from_year_id uuid NOT NULL,
    to_year_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'applied')),
    plan_id uuid,
    made_by uuid,
    made_at timestamptz NOT NULL,
    applied_at timestamptz,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, from_year_id) REFERENCES school_years,
    FOREIGN KEY (school_id, to_year_id) REFERENCES school_years,
    CHECK (from_year_id <> to_year_id)
);
COMMENT ON COLUMN rollovers.plan_id IS 'The last plan that was made of it';
CREATE UNIQUE INDEX rollover_is_open ON rollovers (school_id) WHERE state = 'open';
CREATE UNIQUE INDEX rollover_is_applied ON rollovers (school_id, to_year_id) WHERE state = 'applied';
CALL make_tenant_table('rollovers', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollover_targets (
    school_id uuid NOT NULL,
    rollover_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
    sort_key text COLLATE "C" NOT NULL,
    grade text CHECK (length(grade) <= 30),
    homeroom_member_id uuid,
    PRIMARY KEY (school_id, rollover_id, name),
    FOREIGN KEY (school_id, rollover_id) REFERENCES rollovers ON DELETE CASCADE
);
COMMENT ON TABLE rollover_targets IS 'The classes of the coming year';
COMMENT ON COLUMN rollover_targets.homeroom_member_id IS 'The homeroom teacher to be; checked again when it is applied';
CALL make_tenant_table('rollover_targets', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollover_classes (
    school_id uuid NOT NULL,
    rollover_id uuid NOT NULL,
    class_id uuid NOT NULL,
    target text,
    PRIMARY KEY (school_id, rollover_id, class_id),
    FOREIGN KEY (school_id, rollover_id) REFERENCES rollovers ON DELETE CASCADE,
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE,
    FOREIGN KEY (school_id, rollover_id, target) REFERENCES rollover_targets
);
COMMENT ON COLUMN rollover_classes.target IS 'Where its pupils go; NULL where they finish school';
CALL make_tenant_table('rollover_classes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollover_pupils (
    school_id uuid NOT NULL,
    rollover_id uuid NOT NULL,
    member_id uuid NOT NULL,
    class_id uuid NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('promoted', 'kept_back', 'awaiting', 'finished', 'leaving')),
    target text,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    is_chosen boolean NOT NULL DEFAULT false,
    class_sort text COLLATE "C" NOT NULL,
    given_name text COLLATE "vi-x-icu" NOT NULL,
    family_name text COLLATE "vi-x-icu" NOT NULL,
    middle_name text COLLATE "vi-x-icu" NOT NULL,
    plan_id uuid,
    PRIMARY KEY (school_id, rollover_id, member_id),
    FOREIGN KEY (school_id, rollover_id) REFERENCES rollovers ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, rollover_id, target) REFERENCES rollover_targets,
    CONSTRAINT one_class_for_an_outcome CHECK ((outcome IN ('promoted', 'kept_back')) = (target IS NOT NULL)),
    CONSTRAINT a_reason_for_leaving CHECK ((outcome = 'leaving') = (reason IS NOT NULL))
);
COMMENT ON TABLE rollover_pupils IS 'What becomes of each pupil: one row, one outcome and, where they stay, one class';
COMMENT ON COLUMN rollover_pupils.class_id IS 'The class of this year';
COMMENT ON COLUMN rollover_pupils.is_chosen IS 'A person has said so; otherwise it follows from the class';
COMMENT ON COLUMN rollover_pupils.plan_id IS 'The plan that has written it; NULL as long as none has';
CREATE INDEX rollover_pupils_in_order ON rollover_pupils
    (school_id, rollover_id, class_sort, given_name, family_name, middle_name, member_id) WHERE class_sort IS NOT NULL;
CREATE INDEX rollover_pupils_by_outcome ON rollover_pupils
    (school_id, rollover_id, outcome, class_sort, given_name, family_name, middle_name, member_id)
    WHERE outcome IS NOT NULL;
CREATE INDEX rollover_pupils_of_member ON rollover_pupils (school_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX rollover_pupils_by_target ON rollover_pupils (school_id, rollover_id, target) WHERE target IS NOT NULL;
CALL make_tenant_table('rollover_pupils', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollover_counts (
    school_id uuid NOT NULL,
    rollover_id uuid NOT NULL,
    class_id uuid NOT NULL,
    outcome text NOT NULL,
    target text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (school_id, rollover_id, class_id, outcome, target),
    FOREIGN KEY (school_id, rollover_id) REFERENCES rollovers ON DELETE CASCADE
);
COMMENT ON TABLE rollover_counts IS 'How many pupils of a class have which outcome, kept by triggers: what pages add up';
CALL make_tenant_table('rollover_counts', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE rollover_marks (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    PRIMARY KEY (school_id, id)
);
COMMENT ON TABLE rollover_marks IS
    'Classes of pupils have changed since the draft was last brought up to date: one row for each statement, so that none waits for another';
CALL make_tenant_table('rollover_marks', 'SELECT, INSERT, DELETE');

CREATE TABLE rollover_news (
    school_id uuid NOT NULL,
    rollover_id uuid NOT NULL,
    at timestamptz NOT NULL,
    member_id uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('came', 'moved', 'left')),
    PRIMARY KEY (school_id, rollover_id, at, member_id),
    FOREIGN KEY (school_id, rollover_id) REFERENCES rollovers ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE rollover_news IS 'Pupils who came, changed class or left while the draft was open';
CREATE INDEX rollover_news_of_member ON rollover_news (school_id, member_id) WHERE member_id IS NOT NULL;
CALL make_tenant_table('rollover_news', 'SELECT, INSERT, DELETE');

CREATE TABLE closings (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    due_on date NOT NULL,
    PRIMARY KEY (school_id, member_id),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE closings IS 'Pupils who have finished school: from when on their accounts are closed';
CREATE INDEX closings_due ON closings (school_id, due_on) WHERE due_on IS NOT NULL;
CALL make_tenant_table('closings', 'SELECT, INSERT, UPDATE, DELETE');

ALTER TABLE schools ADD COLUMN finished_days integer NOT NULL DEFAULT 60 CHECK (finished_days BETWEEN 0 AND 365);
COMMENT ON COLUMN schools.finished_days IS 'For how many days the accounts of those who have finished school stay open';

ALTER TABLE plan_classes ADD COLUMN homeroom_member_id uuid;
COMMENT ON COLUMN plan_classes.homeroom_member_id IS 'Of a rollover: the homeroom teacher of the class when it is made';

-- Counting. A statement reads transition tables or tables, never both; counters move one by one, in the order of their keys.

CREATE FUNCTION move_rollover_count(school uuid, draft uuid, class uuid, becomes text, goes_to text, delta bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollover_counts AS c (school_id, rollover_id, class_id, outcome, target, value)
    VALUES (school, draft, class, becomes, goes_to, delta)
    ON CONFLICT (school_id, rollover_id, class_id, outcome, target) DO UPDATE SET value = c.value + excluded.value;
END $$;

CREATE FUNCTION count_rollover_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, rollover_id, class_id, outcome, coalesce(target, '') AS target, count(*) AS delta FROM new_rows
        GROUP BY school_id, rollover_id, class_id, outcome, coalesce(target, '')
        ORDER BY school_id, rollover_id, class_id, outcome, coalesce(target, '')
    LOOP PERFORM move_rollover_count(
        moved.school_id, moved.rollover_id, moved.class_id, moved.outcome, moved.target, moved.delta);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_rollover_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, rollover_id, class_id, outcome, target, sum(delta)::bigint AS delta FROM (
            SELECT school_id, rollover_id, class_id, outcome, coalesce(target, '') AS target, 1 AS delta FROM new_rows
            UNION ALL
            SELECT school_id, rollover_id, class_id, outcome, coalesce(target, ''), -1 FROM old_rows
        ) each
        GROUP BY school_id, rollover_id, class_id, outcome, target HAVING sum(delta) <> 0
        ORDER BY school_id, rollover_id, class_id, outcome, target
    LOOP PERFORM move_rollover_count(
        moved.school_id, moved.rollover_id, moved.class_id, moved.outcome, moved.target, moved.delta);
    END LOOP;
    RETURN NULL;
END $$;

-- A draft that goes takes its counts along: what it no longer has is not counted.
CREATE FUNCTION count_rollover_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, rollover_id, class_id, outcome, coalesce(target, '') AS target, count(*) AS delta FROM old_rows
        GROUP BY school_id, rollover_id, class_id, outcome, coalesce(target, '')
        ORDER BY school_id, rollover_id, class_id, outcome, coalesce(target, '')
    LOOP
        UPDATE rollover_counts c SET value = c.value - moved.delta
        WHERE c.school_id = moved.school_id AND c.rollover_id = moved.rollover_id AND c.class_id = moved.class_id
            AND c.outcome = moved.outcome AND c.target = moved.target;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON rollover_pupils REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_rollover_in();
CREATE TRIGGER count_out AFTER DELETE ON rollover_pupils REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_rollover_out();
CREATE TRIGGER count_moved AFTER UPDATE ON rollover_pupils REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_rollover_moved();

-- Whatever changes classes of pupils leaves a mark where a draft is open.
CREATE FUNCTION mark_rollover() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    school uuid := nullif(current_setting('app.school_id', true), '')::uuid;
BEGIN
    IF EXISTS (SELECT FROM rollovers r WHERE r.school_id = school AND r.state = 'open') THEN
        INSERT INTO rollover_marks (school_id, id) VALUES (school, gen_random_uuid());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mark_rollover AFTER INSERT OR UPDATE OR DELETE ON enrolments
    FOR EACH STATEMENT EXECUTE FUNCTION mark_rollover();

DO $$
DECLARE
    each record;
    setting text;
BEGIN
    FOR each IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname IN ('move_rollover_count', 'count_rollover_in',
            'count_rollover_moved', 'count_rollover_out', 'mark_rollover')
    LOOP
        FOREACH setting IN ARRAY ARRAY[
            'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = force_generic_plan'
        ] LOOP
            EXECUTE format('ALTER ROUTINE %s SET %s', each.name, setting);
        END LOOP;
    END LOOP;
END $$;
