-- A year that is over is not changed any more, except by an owner who has opened it and said why.
CREATE TABLE year_openings (
    school_id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    member_id uuid NOT NULL,
    until timestamptz NOT NULL,
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE year_openings IS 'Owners who may change a year that is over, until when; the reason is in the audit log';
CREATE INDEX year_openings_of_member ON year_openings (school_id, member_id);
ALTER TABLE year_openings ADD PRIMARY KEY (school_id, school_year_id, member_id);
CALL make_tenant_table('year_openings', 'SELECT, INSERT, UPDATE, DELETE');
