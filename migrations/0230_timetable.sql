-- The timetable of a school: what it stands on (bell times, subjects, rooms, who teaches what), its versions and their
-- lessons.

CREATE TABLE timetable_bells (
    school_id uuid NOT NULL REFERENCES schools,
    session text NOT NULL CHECK (session IN ('morning', 'afternoon')),
    period smallint NOT NULL CHECK (period BETWEEN 1 AND 6),
    begins time NOT NULL,
    ends time NOT NULL CHECK (ends > begins),
    PRIMARY KEY (school_id, session, period)
);
COMMENT ON TABLE timetable_bells IS 'When each period begins and ends; a period that is not here does not exist';
CALL make_tenant_table('timetable_bells', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_shifts (
    school_id uuid NOT NULL REFERENCES schools,
    grade text NOT NULL CHECK (length(grade) BETWEEN 1 AND 30),
    session text NOT NULL CHECK (session IN ('morning', 'afternoon')),
    PRIMARY KEY (school_id, grade)
);
COMMENT ON TABLE timetable_shifts IS 'The only session in which a grade has lessons; a grade that is not here may have them in both';
CALL make_tenant_table('timetable_shifts', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_subjects (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    code text CHECK (length(code) BETWEEN 1 AND 20),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_en text CHECK (length(name_en) <= 100),
    short_name text NOT NULL CHECK (length(short_name) BETWEEN 1 AND 20),
    periods jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(periods) = 'object'),
    is_heavy boolean NOT NULL DEFAULT false,
    PRIMARY KEY (school_id, id)
);
COMMENT ON COLUMN timetable_subjects.code IS 'Of the national list of subjects; NULL for one of the school''s own';
COMMENT ON COLUMN timetable_subjects.periods IS 'The usual periods a week, by grade';
COMMENT ON COLUMN timetable_subjects.is_heavy IS 'Better early in a session';
CREATE UNIQUE INDEX timetable_short_name_taken ON timetable_subjects (school_id, lower(short_name))
    WHERE short_name IS NOT NULL;
CALL make_tenant_table('timetable_subjects', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_rooms (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    capacity smallint NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 20),
    home_class_id uuid,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, home_class_id) REFERENCES classes ON DELETE CASCADE
);
COMMENT ON COLUMN timetable_rooms.capacity IS 'How many classes it holds at the same time';
COMMENT ON COLUMN timetable_rooms.home_class_id IS 'The class whose own room it is; NULL for a shared room';
CREATE UNIQUE INDEX timetable_room_name_taken ON timetable_rooms (school_id, lower(name)) WHERE name IS NOT NULL;
CALL make_tenant_table('timetable_rooms', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_assignments (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    periods smallint NOT NULL CHECK (periods BETWEEN 1 AND 30),
    doubles smallint NOT NULL DEFAULT 0 CHECK (doubles BETWEEN 0 AND 6 AND doubles * 2 <= periods),
    room_id uuid,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE,
    FOREIGN KEY (school_id, subject_id) REFERENCES timetable_subjects,
    FOREIGN KEY (school_id, teacher_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, room_id) REFERENCES timetable_rooms
);
COMMENT ON TABLE timetable_assignments IS 'Which teacher teaches which subject in which class, and how many periods a week';
COMMENT ON COLUMN timetable_assignments.doubles IS 'How many times a week two of the periods follow one another';
COMMENT ON COLUMN timetable_assignments.room_id IS 'The shared room that its lessons need; NULL for the class''s own room';
CREATE UNIQUE INDEX timetable_assigned ON timetable_assignments (school_id, class_id, subject_id, teacher_id)
    WHERE class_id IS NOT NULL;
CREATE INDEX timetable_assignments_of_teacher ON timetable_assignments (school_id, teacher_id)
    WHERE teacher_id IS NOT NULL;
CALL make_tenant_table('timetable_assignments', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_versions (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    holds_from date NOT NULL,
    made_by uuid,
    made_at timestamptz NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years
);
COMMENT ON COLUMN timetable_versions.holds_from IS 'Published, it holds from this day until the next published one of the school';
COMMENT ON COLUMN timetable_versions.made_by IS 'The member who made it; NULL for the system';
COMMENT ON COLUMN timetable_versions.published_at IS 'NULL while it is a draft';
CALL make_tenant_table('timetable_versions', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_lessons (
    school_id uuid NOT NULL REFERENCES schools,
    version_id uuid NOT NULL,
    class_id uuid NOT NULL,
    day smallint NOT NULL CHECK (day BETWEEN 1 AND 6),
    session text NOT NULL CHECK (session IN ('morning', 'afternoon')),
    period smallint NOT NULL CHECK (period BETWEEN 1 AND 6),
    subject_id uuid NOT NULL,
    teacher_id uuid,
    room_id uuid,
    room_place smallint NOT NULL DEFAULT 1,
    is_locked boolean NOT NULL DEFAULT false,
    CONSTRAINT timetable_class_taken PRIMARY KEY (school_id, version_id, class_id, day, session, period),
    FOREIGN KEY (school_id, version_id) REFERENCES timetable_versions ON DELETE CASCADE,
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE,
    FOREIGN KEY (school_id, subject_id) REFERENCES timetable_subjects,
    FOREIGN KEY (school_id, teacher_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, room_id) REFERENCES timetable_rooms
);
COMMENT ON TABLE timetable_lessons IS
    'The lessons of a version. A class, a teacher and a place in a room are each taken once at a time: the indexes hold that for whatever writes';
COMMENT ON COLUMN timetable_lessons.day IS '1 to 6: Monday to Saturday';
COMMENT ON COLUMN timetable_lessons.room_place IS 'Which of the places of a room that holds several classes: 1 to its capacity';
COMMENT ON COLUMN timetable_lessons.is_locked IS 'Stays where it is when the rest is made by the program';
CREATE UNIQUE INDEX timetable_teacher_taken
    ON timetable_lessons (school_id, version_id, teacher_id, day, session, period) WHERE teacher_id IS NOT NULL;
CREATE UNIQUE INDEX timetable_room_taken
    ON timetable_lessons (school_id, version_id, room_id, day, session, period, room_place) WHERE room_id IS NOT NULL;
CREATE INDEX timetable_lessons_of_teacher ON timetable_lessons (school_id, teacher_id) WHERE teacher_id IS NOT NULL;
CALL make_tenant_table('timetable_lessons', 'SELECT, INSERT, UPDATE, DELETE');
