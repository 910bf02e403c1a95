-- The roster of a school: years, classes, people, and what is counted and searched about them.

CREATE TABLE school_years (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    name text NOT NULL CHECK (name ~ '^[0-9]{4}-[0-9]{4}$'),
    starts_on date NOT NULL,
    ends_on date NOT NULL CHECK (ends_on > starts_on),
    PRIMARY KEY (school_id, id),
    CONSTRAINT school_year_taken UNIQUE (school_id, name)
);
COMMENT ON COLUMN school_years.starts_on IS 'The year is the current one from this day until the next begins';
CALL make_tenant_table('school_years', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE members (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    account_id uuid REFERENCES accounts ON DELETE SET NULL,
    role text NOT NULL CHECK (role IN ('manager', 'teacher', 'student')),
    status text NOT NULL CHECK (status IN ('invited', 'pending', 'active', 'suspended', 'left')),
    full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 100),
    given_name text COLLATE "vi-x-icu" NOT NULL,
    family_name text COLLATE "vi-x-icu" NOT NULL,
    middle_name text COLLATE "vi-x-icu" NOT NULL,
    gender text CHECK (gender IN ('male', 'female', 'other')),
    birth_date date,
    username text CHECK (username ~ '^[a-z0-9._-]{2,40}$'),
    email text CHECK (length(email) <= 254),
    phone text CHECK (length(phone) <= 20),
    address text CHECK (length(address) <= 200),
    national_id text CHECK (national_id ~ '^[0-9]{9}([0-9]{3})?$'),
    moet_id text CHECK (length(moet_id) <= 20),
    department text CHECK (length(department) <= 200),
    slip_printed_at timestamptz,
    temporary_until timestamptz,
    first_signed_in_at timestamptz,
    last_signed_in_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (school_id, id),
    CONSTRAINT username_taken UNIQUE (school_id, username),
    CONSTRAINT moet_id_taken UNIQUE (school_id, moet_id),
    CONSTRAINT member_of_account_taken UNIQUE (school_id, account_id)
);
COMMENT ON TABLE members IS 'What one school knows of one person';
COMMENT ON COLUMN members.account_id IS 'NULL while an invitation waits: a school does not learn whether the person has an account elsewhere';
COMMENT ON COLUMN members.email IS 'For staff also what they sign in with; for a pupil the family''s address, which siblings share';
COMMENT ON COLUMN members.temporary_until IS 'Until when the temporary password handed out here is good; NULL when there is none or it was spent';
COMMENT ON COLUMN members.version IS 'Grows with every change of the profile: a plan made over an older version drops that row';
CREATE INDEX members_by_name ON members
    (school_id, role, given_name, family_name, middle_name, id);
CREATE INDEX members_by_birth_date ON members (school_id, birth_date);
CREATE UNIQUE INDEX staff_email_taken ON members (school_id, lower(email)) WHERE role <> 'student';
CALL make_tenant_table('members', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE guardians (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    relation text NOT NULL CHECK (relation IN ('mother', 'guardian')),
    full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 100),
    birth_year integer CHECK (birth_year BETWEEN 1900 AND 2100),
    PRIMARY KEY (school_id, member_id, relation),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
CALL make_tenant_table('guardians', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE classes (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
    sort_key text COLLATE "C" NOT NULL,
    grade text CHECK (length(grade) <= 30),
    department text CHECK (length(department) <= 200),
    homeroom_member_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    CONSTRAINT class_name_taken UNIQUE (school_id, school_year_id, name),
    UNIQUE (school_id, school_year_id, id),
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years,
    FOREIGN KEY (school_id, homeroom_member_id) REFERENCES members ON DELETE SET NULL (homeroom_member_id)
);
COMMENT ON COLUMN classes.sort_key IS 'Natural order: 10A2 before 10A10';
CREATE INDEX classes_of_year ON classes (school_id, school_year_id, sort_key);
CREATE INDEX classes_of_homeroom_teacher ON classes (school_id, homeroom_member_id);
CALL make_tenant_table('classes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE enrolments (
    school_id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    member_id uuid NOT NULL,
    class_id uuid NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (school_id, school_year_id, member_id),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, school_year_id, class_id) REFERENCES classes (school_id, school_year_id, id)
);
COMMENT ON TABLE enrolments IS 'A pupil''s class of a year: one a year, kept through the years';
COMMENT ON COLUMN enrolments.ended_at IS 'When the pupil left during the year: no longer counted or listed, but remembered';
CREATE INDEX enrolments_of_class ON enrolments (school_id, class_id);
CALL make_tenant_table('enrolments', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE grants (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    "grant" text NOT NULL CHECK ("grant" IN ('owner', 'account_manager', 'timetable', 'exams', 'reports')),
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, member_id, "grant"),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
CALL make_tenant_table('grants', 'SELECT, INSERT, DELETE');

CREATE TABLE member_words (
    school_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (school_id, word, member_id),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE member_words IS
    'Every word by which a member is found, without marks. Ranges in collation "C" stay on the index behind row-level security; ILIKE would not';
CREATE INDEX member_words_of_member ON member_words (school_id, member_id);
CALL make_tenant_table('member_words', 'SELECT, INSERT, DELETE');

CREATE TABLE counters (
    school_id uuid NOT NULL REFERENCES schools,
    counter text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (school_id, counter)
);
COMMENT ON TABLE counters IS
    'What pages count, kept by triggers in the transaction that changes it: member:{role}:{status}, never_signed_in:{role}, class:{id}';
CALL make_tenant_table('counters', 'SELECT, INSERT, UPDATE');
