-- OneRoster: when people, classes and enrolments last changed, what is gone, and what a school lets out.

ALTER TABLE schools
    ADD COLUMN shares_demographics boolean NOT NULL DEFAULT false,
    ADD COLUMN shares_guardians boolean NOT NULL DEFAULT false,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
COMMENT ON COLUMN schools.shares_demographics IS 'OneRoster carries birth dates, sex and the ministry''s identifiers';
COMMENT ON COLUMN schools.shares_guardians IS 'OneRoster carries mothers and guardians';
COMMENT ON COLUMN schools.changed_at IS 'When what OneRoster says of the school last changed';

-- To the millisecond, as OneRoster writes it, so that a filter compares what was read.
CREATE FUNCTION moment() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT date_trunc('milliseconds', clock_timestamp()) $$;

CREATE FUNCTION mark_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Later than before in any case, so that two changes within a millisecond are two.
    NEW.changed_at := greatest(moment(), OLD.changed_at + interval '1 millisecond');
    RETURN NEW;
END $$;

ALTER TABLE school_years ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE members ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE guardians ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE classes ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE enrolments ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE school_years ALTER COLUMN changed_at SET DEFAULT moment();
ALTER TABLE members ALTER COLUMN changed_at SET DEFAULT moment();
ALTER TABLE guardians ALTER COLUMN changed_at SET DEFAULT moment();
ALTER TABLE classes ALTER COLUMN changed_at SET DEFAULT moment();
ALTER TABLE enrolments ALTER COLUMN changed_at SET DEFAULT moment();

COMMENT ON COLUMN members.changed_at IS 'When what OneRoster says of the person last changed';
COMMENT ON COLUMN classes.changed_at IS 'When what OneRoster says of the class last changed';
COMMENT ON COLUMN enrolments.changed_at IS 'When the pupil came into the class or left it';

CREATE TRIGGER schools_changed BEFORE UPDATE ON schools FOR EACH ROW
    WHEN ((OLD.code, OLD.name, OLD.kind) IS DISTINCT FROM (NEW.code, NEW.name, NEW.kind))
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER school_years_changed BEFORE UPDATE ON school_years FOR EACH ROW
    WHEN ((OLD.name, OLD.starts_on, OLD.ends_on) IS DISTINCT FROM (NEW.name, NEW.starts_on, NEW.ends_on))
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER members_changed BEFORE UPDATE ON members FOR EACH ROW
    WHEN ((OLD.role, OLD.status, OLD.full_name, OLD.gender, OLD.birth_date, OLD.username, OLD.email, OLD.phone,
           OLD.moet_id)
        IS DISTINCT FROM (NEW.role, NEW.status, NEW.full_name, NEW.gender, NEW.birth_date, NEW.username, NEW.email,
           NEW.phone, NEW.moet_id))
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER guardians_changed BEFORE UPDATE ON guardians FOR EACH ROW
    WHEN (OLD.full_name IS DISTINCT FROM NEW.full_name)
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER classes_changed BEFORE UPDATE ON classes FOR EACH ROW
    WHEN ((OLD.name, OLD.grade, OLD.homeroom_member_id) IS DISTINCT FROM (NEW.name, NEW.grade, NEW.homeroom_member_id))
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER enrolments_changed BEFORE UPDATE ON enrolments FOR EACH ROW
    WHEN ((OLD.class_id, OLD.ended_at) IS DISTINCT FROM (NEW.class_id, NEW.ended_at))
    EXECUTE FUNCTION mark_changed();

-- What is gone, for programs that ask for changes only: ids, nothing about a person.
CREATE TABLE oneroster_tombstones (
    school_id uuid NOT NULL REFERENCES schools,
    kind text NOT NULL CHECK (kind IN ('user', 'class', 'enrollment')),
    id text NOT NULL,
    gone_at timestamptz NOT NULL,
    role text,
    school_year_id uuid,
    class_id uuid,
    member_id uuid,
    PRIMARY KEY (school_id, kind, id)
);
COMMENT ON TABLE oneroster_tombstones IS 'What was deleted, by its OneRoster id: told as tobedeleted for 90 days';
CALL make_tenant_table('oneroster_tombstones', 'SELECT, INSERT, UPDATE (gone_at), DELETE');

CREATE FUNCTION bury(
    school uuid, what text, gone text, of_role text, year uuid, class uuid, member uuid
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO oneroster_tombstones AS t (school_id, kind, id, gone_at, role, school_year_id, class_id, member_id)
    VALUES (school, what, gone, moment(), of_role, year, class, member)
    ON CONFLICT (school_id, kind, id) DO UPDATE SET gone_at = excluded.gone_at;
END $$;

CREATE FUNCTION bury_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bury(OLD.school_id, 'user', OLD.id::text, OLD.role, NULL, NULL, OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER members_buried AFTER DELETE ON members FOR EACH ROW EXECUTE FUNCTION bury_member();

CREATE FUNCTION bury_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bury(OLD.school_id, 'enrollment', OLD.class_id || '.' || OLD.member_id, 'student', OLD.school_year_id,
        OLD.class_id, OLD.member_id);
    RETURN NULL;
END $$;
CREATE TRIGGER enrolments_buried AFTER DELETE ON enrolments FOR EACH ROW EXECUTE FUNCTION bury_enrolment();
CREATE TRIGGER enrolments_moved AFTER UPDATE ON enrolments FOR EACH ROW
    WHEN (OLD.class_id IS DISTINCT FROM NEW.class_id)
    EXECUTE FUNCTION bury_enrolment();

CREATE FUNCTION bury_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM bury(OLD.school_id, 'class', OLD.id::text, NULL, OLD.school_year_id, OLD.id, NULL);
    END IF;
    IF OLD.homeroom_member_id IS NOT NULL THEN
        PERFORM bury(OLD.school_id, 'enrollment', OLD.id || '.' || OLD.homeroom_member_id, 'teacher',
            OLD.school_year_id, OLD.id, OLD.homeroom_member_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER classes_buried AFTER DELETE ON classes FOR EACH ROW EXECUTE FUNCTION bury_class();
CREATE TRIGGER classes_homeroom_changed AFTER UPDATE ON classes FOR EACH ROW
    WHEN (OLD.homeroom_member_id IS NOT NULL AND OLD.homeroom_member_id IS DISTINCT FROM NEW.homeroom_member_id)
    EXECUTE FUNCTION bury_class();

-- A grade in OneRoster's vocabulary: two digits, or an extension for the labels of kindergartens.
CREATE FUNCTION oneroster_grade(grade text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN grade ~ '^[0-9]{1,2}$' THEN lpad(grade, 2, '0')
        WHEN grade <> '' THEN 'ext:' || regexp_replace(translate(lower(normalize(grade, NFC) COLLATE "vi-x-icu"),
            'àáạảãâầấậẩẫăằắặẳẵèéẹẻẽêềếệểễìíịỉĩòóọỏõôồốộổỗơờớợởỡùúụủũưừứựửữỳýỵỷỹđ',
            'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd'), '[^a-z0-9._-]+', '-', 'g')
        END
$$;

-- A class is of a course, which is the grade of a year: what its pupils learn in common.
CREATE FUNCTION oneroster_course(year uuid, grade text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT year || '.' || CASE
        WHEN grade ~ '^[0-9A-Za-z]{1,10}$' THEN grade
        WHEN grade <> '' THEN substr(md5(grade), 1, 16)
        ELSE 'all' END
$$;

-- A moment as OneRoster writes it.
CREATE FUNCTION oneroster_moment(moment timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
