-- Days on which a teacher is away, and which teacher takes which of the lessons.

CREATE TABLE timetable_absences (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    from_day date NOT NULL,
    to_day date NOT NULL CHECK (to_day BETWEEN from_day AND from_day + 366),
    made_by uuid,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, teacher_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON COLUMN timetable_absences.made_by IS 'The member who noted it; NULL for the system';
CREATE INDEX timetable_absences_of_teacher ON timetable_absences (school_id, teacher_id) WHERE teacher_id IS NOT NULL;
CALL make_tenant_table('timetable_absences', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_substitutions (
    school_id uuid NOT NULL REFERENCES schools,
    absence_id uuid NOT NULL,
    day date NOT NULL,
    session text NOT NULL CHECK (session IN ('morning', 'afternoon')),
    period smallint NOT NULL CHECK (period BETWEEN 1 AND 6),
    class_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    substitute_id uuid NOT NULL,
    PRIMARY KEY (school_id, absence_id, day, session, period),
    FOREIGN KEY (school_id, absence_id) REFERENCES timetable_absences ON DELETE CASCADE,
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE,
    FOREIGN KEY (school_id, subject_id) REFERENCES timetable_subjects,
    FOREIGN KEY (school_id, substitute_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE timetable_substitutions IS 'Lessons of a teacher who is away that another one takes, each on its day';
CREATE UNIQUE INDEX timetable_substitute_taken
    ON timetable_substitutions (school_id, substitute_id, day, session, period) WHERE substitute_id IS NOT NULL;
CREATE UNIQUE INDEX timetable_substituted
    ON timetable_substitutions (school_id, class_id, day, session, period) WHERE class_id IS NOT NULL;
CALL make_tenant_table('timetable_substitutions', 'SELECT, INSERT, UPDATE, DELETE');
