-- Schools: the directory that every process may read. What happens inside one is in the tenant tables.

CREATE TABLE school_codes (
    folded text PRIMARY KEY CHECK (folded = lower(folded)),
    school_id uuid NOT NULL,
    UNIQUE (folded, school_id)
);
COMMENT ON TABLE school_codes IS
    'Every code that leads to a school: the one of today and, after mergers, the old ones. One table, so that no code can mean two schools';

CREATE TABLE schools (
    id uuid PRIMARY KEY,
    code text NOT NULL CHECK (code ~ '^[A-Za-z0-9_-]{3,20}$'),
    folded_code text NOT NULL GENERATED ALWAYS AS (lower(code)) STORED,
    kind text NOT NULL CHECK (kind IN ('k12', 'higher')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    province_code text NOT NULL REFERENCES provinces,
    managing_unit_id uuid NOT NULL,
    suspended_at timestamptz,
    homeroom_may_reset boolean NOT NULL DEFAULT false,
    teachers_may_create_students boolean NOT NULL,
    one_device_per_student boolean NOT NULL DEFAULT false,
    idle_minutes integer NOT NULL DEFAULT 60 CHECK (idle_minutes BETWEEN 15 AND 1440),
    year_starts_month integer NOT NULL DEFAULT 8 CHECK (year_starts_month BETWEEN 6 AND 12),
    created_at timestamptz NOT NULL,
    CONSTRAINT school_code_taken FOREIGN KEY (folded_code, id) REFERENCES school_codes (folded, school_id)
        DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (province_code, managing_unit_id) REFERENCES managing_units (province_code, id)
);
COMMENT ON COLUMN schools.teachers_may_create_students IS 'On in higher education, off in k12, unless the school says otherwise';
COMMENT ON COLUMN schools.idle_minutes IS 'After how many idle minutes a pupil''s device no longer counts, where one device is the rule';
CREATE INDEX schools_by_province ON schools (province_code, folded_code);

ALTER TABLE school_codes ADD FOREIGN KEY (school_id) REFERENCES schools DEFERRABLE INITIALLY DEFERRED;

CALL grant_to_program('SELECT, INSERT', 'school_codes');
CALL grant_to_program('SELECT, INSERT, UPDATE', 'schools');

CREATE TABLE school_words (
    word text COLLATE "C" NOT NULL,
    school_id uuid NOT NULL REFERENCES schools ON DELETE CASCADE,
    PRIMARY KEY (word, school_id)
);
COMMENT ON TABLE school_words IS 'The words of a school''s name and code without marks, for finding it by typing';
CALL grant_to_program('SELECT, INSERT, DELETE', 'school_words');
