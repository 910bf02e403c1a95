-- From which day on a pupil is in a class, and the classes of the year that they were in before: so that lists can be
-- shown as they were on a day. An enrolment is the class of now; what is before is kept when the class changes.

ALTER TABLE enrolments ADD COLUMN from_day date;
ALTER TABLE enrolments ALTER COLUMN from_day SET DEFAULT (moment() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
COMMENT ON COLUMN enrolments.from_day IS
    'The first day in this class; NULL where the pupil was in it before days were kept';

CREATE TABLE past_stays (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    class_id uuid NOT NULL,
    from_day date,
    to_day date NOT NULL,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE
);
COMMENT ON TABLE past_stays IS 'Classes that pupils were in before they changed class, or left and came back';
COMMENT ON COLUMN past_stays.to_day IS 'The first day on which the pupil was not in the class any more';
CREATE INDEX past_stays_of_class ON past_stays (school_id, class_id);
ALTER TABLE past_stays ADD PRIMARY KEY (school_id, member_id, school_year_id, class_id, to_day);
CALL make_tenant_table('past_stays', 'SELECT, INSERT, UPDATE, DELETE');

CREATE FUNCTION begin_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.from_day := (moment() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
    RETURN NEW;
END $$;
CREATE TRIGGER enrolments_begin BEFORE UPDATE ON enrolments FOR EACH ROW
    WHEN (OLD.class_id IS DISTINCT FROM NEW.class_id OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
    EXECUTE FUNCTION begin_stay();

-- A class that lasted no day is no stay.
CREATE FUNCTION keep_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    until date := coalesce((OLD.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, NEW.from_day);
BEGIN
    IF OLD.from_day IS NULL OR OLD.from_day < until THEN
        INSERT INTO past_stays (school_id, member_id, school_year_id, class_id, from_day, to_day)
        VALUES (OLD.school_id, OLD.member_id, OLD.school_year_id, OLD.class_id, OLD.from_day, until)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enrolments_kept AFTER UPDATE ON enrolments FOR EACH ROW
    WHEN (OLD.class_id IS DISTINCT FROM NEW.class_id OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
    EXECUTE FUNCTION keep_stay();

DO $$
DECLARE
    name text;
    setting text;
BEGIN
    FOREACH name IN ARRAY ARRAY['begin_stay()', 'keep_stay()'] LOOP
        FOREACH setting IN ARRAY ARRAY[
            'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = force_generic_plan'
        ] LOOP
            EXECUTE format('ALTER ROUTINE %s SET %s', name, setting);
        END LOOP;
    END LOOP;
END $$;
