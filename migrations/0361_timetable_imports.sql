-- Timetables that come as files: what was read waits until it is taken, and what names in files mean is remembered.

CREATE TABLE timetable_imports (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    file_name text NOT NULL CHECK (length(file_name) <= 200),
    lessons jsonb NOT NULL CHECK (jsonb_typeof(lessons) = 'object'),
    PRIMARY KEY (school_id, id)
);
COMMENT ON COLUMN timetable_imports.created_by IS 'The member who handed the file in; NULL for the system';
COMMENT ON COLUMN timetable_imports.lessons IS 'As they stand in the file, and what was not understood of it';
CALL make_tenant_table('timetable_imports', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE timetable_spellings (
    school_id uuid NOT NULL REFERENCES schools,
    kind text NOT NULL CHECK (kind IN ('class', 'subject', 'teacher', 'room')),
    spelling text NOT NULL CHECK (length(spelling) BETWEEN 1 AND 200),
    target_id uuid,
    PRIMARY KEY (school_id, kind, spelling)
);
COMMENT ON TABLE timetable_spellings IS 'What a name in a file means that the school itself writes otherwise';
COMMENT ON COLUMN timetable_spellings.target_id IS 'The class, subject, member or room; NULL where its lessons are left out';
CALL make_tenant_table('timetable_spellings', 'SELECT, INSERT, UPDATE, DELETE');
