-- Days that differ from the week of the timetable: holidays, and days with other bell times.

CREATE TABLE timetable_days (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    from_day date NOT NULL,
    to_day date NOT NULL CHECK (to_day BETWEEN from_day AND from_day + 366),
    is_free boolean NOT NULL,
    PRIMARY KEY (school_id, id)
);
COMMENT ON COLUMN timetable_days.is_free IS 'There are no lessons; otherwise those of the bell times that the day has instead';
CALL make_tenant_table('timetable_days', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_day_bells (
    school_id uuid NOT NULL REFERENCES schools,
    day_id uuid NOT NULL,
    session text NOT NULL CHECK (session IN ('morning', 'afternoon')),
    period smallint NOT NULL CHECK (period BETWEEN 1 AND 6),
    begins time NOT NULL,
    ends time NOT NULL CHECK (ends > begins),
    PRIMARY KEY (school_id, day_id, session, period),
    FOREIGN KEY (school_id, day_id) REFERENCES timetable_days ON DELETE CASCADE
);
COMMENT ON TABLE timetable_day_bells IS 'When the periods begin and end on such a day; a period that is not here is not held';
CALL make_tenant_table('timetable_day_bells', 'SELECT, INSERT, UPDATE, DELETE');
