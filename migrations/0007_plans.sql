-- Plans: a stored list of changes to one school's roster, whatever it was made from.

CREATE TABLE plans (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    source text NOT NULL CHECK (source IN ('students', 'teachers', 'registry', 'oneroster', 'rollover')),
    state text NOT NULL CHECK (state IN ('reading', 'refused', 'ready', 'applying', 'applied', 'failed')),
    school_year_id uuid NOT NULL,
    file_name text,
    sheet_name text,
    header_line integer,
    columns jsonb NOT NULL DEFAULT '[]',
    notes jsonb NOT NULL DEFAULT '{}',
    reading jsonb NOT NULL DEFAULT '{}',
    refusal text,
    counts jsonb NOT NULL DEFAULT '{}',
    made_by uuid,
    made_at timestamptz NOT NULL,
    applied_by uuid,
    applied_at timestamptz,
    stage text,
    done_rows integer NOT NULL DEFAULT 0,
    purged_at timestamptz,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years
);
COMMENT ON COLUMN plans.state IS
    'reading: the file is being read and matched; refused: the file could not be read; ready: may be reviewed and applied; applying: a worker is at it; failed: applying met something unforeseen, nothing was written';
COMMENT ON COLUMN plans.columns IS 'Headers of the sheet in their order, each with the field it was taken for: [{"header": …, "field": …}]';
COMMENT ON COLUMN plans.counts IS 'Rows by outcome, kept with every change of a row';
COMMENT ON COLUMN plans.made_by IS 'The member who made it; NULL for the command line (the system)';
COMMENT ON COLUMN plans.notes IS 'What the reader has to say of the file: {"encoding": {"name", "sample"}, "other_sheets": […], "shape"}';
COMMENT ON COLUMN plans.reading IS 'How a person wants the file read: {"encoding", "mapping": {column: field or null}}';
CREATE INDEX plans_by_time ON plans (school_id, made_at DESC);
CALL make_tenant_table('plans', 'SELECT, INSERT, UPDATE');

CREATE TABLE column_mappings (
    school_id uuid NOT NULL REFERENCES schools,
    source text NOT NULL,
    shape text NOT NULL,
    mapping jsonb NOT NULL,
    PRIMARY KEY (school_id, source, shape)
);
COMMENT ON TABLE column_mappings IS 'What somebody of the school said of the columns of files of this shape: the next such file is read the same way';
CALL make_tenant_table('column_mappings', 'SELECT, INSERT, UPDATE');

CREATE TABLE plan_uploads (
    school_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    content bytea NOT NULL,
    key_id text NOT NULL,
    PRIMARY KEY (school_id, plan_id),
    FOREIGN KEY (school_id, plan_id) REFERENCES plans ON DELETE CASCADE
);
COMMENT ON TABLE plan_uploads IS 'The file as it came, sealed, since it may hold passwords. In the database, since any worker on any machine may read it; purged with the rows after 90 days';
ALTER TABLE plan_uploads ALTER COLUMN content SET STORAGE EXTERNAL;
CALL make_tenant_table('plan_uploads', 'SELECT, INSERT, DELETE');

CREATE TABLE plan_rows (
    school_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    line integer NOT NULL,
    outcome text NOT NULL
        CHECK (outcome IN ('create', 'update', 'unchanged', 'leave', 'skip', 'duplicate', 'error')),
    "values" jsonb NOT NULL,
    before jsonb,
    cells jsonb NOT NULL DEFAULT '[]',
    faults jsonb NOT NULL DEFAULT '[]',
    warnings jsonb NOT NULL DEFAULT '[]',
    guesses jsonb NOT NULL DEFAULT '[]',
    lacks jsonb NOT NULL DEFAULT '[]',
    keys jsonb NOT NULL DEFAULT '[]',
    values_key bigint NOT NULL DEFAULT 0,
    decision text CHECK (decision IN ('same', 'new', 'drop')),
    member_id uuid,
    member_version bigint,
    account_id uuid,
    password bytea,
    password_key_id text,
    result text CHECK (result IN ('done', 'stale')),
    PRIMARY KEY (school_id, plan_id, line),
    FOREIGN KEY (school_id, plan_id) REFERENCES plans ON DELETE CASCADE
);
COMMENT ON COLUMN plan_rows.faults IS 'What is wrong with the row''s own values';
COMMENT ON COLUMN plan_rows.lacks IS 'What else keeps it out: what a new person needs, or who may not be changed';
COMMENT ON COLUMN plan_rows.line IS 'The row as the sheet numbers it, from 1';
COMMENT ON COLUMN plan_rows.before IS 'Of an update: what the school had, field by field';
COMMENT ON COLUMN plan_rows.keys IS 'Hashes of what tells a person apart: rows that share one are perhaps the same person';
COMMENT ON COLUMN plan_rows.values_key IS 'Hash of all values: rows that share it say the same';
COMMENT ON COLUMN plan_rows.decision IS 'What a person said of the row: the same as the member it is about, somebody new, or to be left out';
COMMENT ON COLUMN plan_rows.member_id IS 'Of a create: the id that the new member will have; otherwise whom the row is about';
COMMENT ON COLUMN plan_rows.account_id IS 'Of a pupil to be created: the id that the account will have';
COMMENT ON COLUMN plan_rows.password IS 'The sheet''s own password, sealed for that account; it stands nowhere else';
COMMENT ON COLUMN plan_rows.member_version IS 'The version of the member that the plan was made over';
CREATE INDEX plan_rows_by_outcome ON plan_rows (school_id, plan_id, outcome, line);
CALL make_tenant_table('plan_rows', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE plan_classes (
    school_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    name text NOT NULL,
    wanted boolean NOT NULL DEFAULT true,
    PRIMARY KEY (school_id, plan_id, name),
    FOREIGN KEY (school_id, plan_id) REFERENCES plans ON DELETE CASCADE
);
COMMENT ON TABLE plan_classes IS 'Classes that the rows name and the year does not have yet; made with the plan where wanted';
CALL make_tenant_table('plan_classes', 'SELECT, INSERT, UPDATE, DELETE');
