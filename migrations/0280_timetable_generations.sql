-- What teachers wish, and the drafts that the program makes.

CREATE TABLE timetable_wishes (
    school_id uuid NOT NULL REFERENCES schools,
    teacher_id uuid NOT NULL,
    blocked text[] NOT NULL DEFAULT '{}',
    most_a_day smallint CHECK (most_a_day BETWEEN 1 AND 12),
    most_sessions smallint CHECK (most_sessions BETWEEN 1 AND 12),
    most_gaps smallint CHECK (most_gaps BETWEEN 0 AND 30),
    PRIMARY KEY (school_id, teacher_id),
    FOREIGN KEY (school_id, teacher_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE timetable_wishes IS 'When a teacher does not teach, and how much at most';
COMMENT ON COLUMN timetable_wishes.blocked IS 'Periods, each as day-session-period: 2-morning-3';
COMMENT ON COLUMN timetable_wishes.most_sessions IS 'Of a week: a morning or an afternoon at school is one';
COMMENT ON COLUMN timetable_wishes.most_gaps IS 'Free periods between lessons of a session, over the week';
CALL make_tenant_table('timetable_wishes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_generations (
    school_id uuid NOT NULL REFERENCES schools,
    version_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'taken', 'discarded', 'failed')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    seconds smallint NOT NULL CHECK (seconds BETWEEN 1 AND 1800),
    seed bigint NOT NULL CHECK (seed >= 0),
    asked_by uuid,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    wanted integer NOT NULL DEFAULT 0,
    placed integer NOT NULL DEFAULT 0,
    is_stopping boolean NOT NULL DEFAULT false,
    result_id uuid,
    failure text,
    PRIMARY KEY (school_id, version_id),
    FOREIGN KEY (school_id, version_id) REFERENCES timetable_versions ON DELETE CASCADE
);
COMMENT ON TABLE timetable_generations IS
    'A draft that the program makes or made from a version: the last time of each. What came of it is read from the draft itself';
COMMENT ON COLUMN timetable_generations.name IS 'Of the draft';
COMMENT ON COLUMN timetable_generations.asked_by IS 'The member who asked for it; NULL for the system';
COMMENT ON COLUMN timetable_generations.wanted IS 'How many blocks of lessons are to be placed';
COMMENT ON COLUMN timetable_generations.result_id IS 'The draft, once it is made; it may have been deleted since';
COMMENT ON COLUMN timetable_generations.failure IS 'The key of why there is none';
CALL make_tenant_table('timetable_generations', 'SELECT, INSERT, UPDATE, DELETE');
