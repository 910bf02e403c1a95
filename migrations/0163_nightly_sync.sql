-- One sync a night: whatever runs twice finds that it was begun.

CREATE TABLE nightly_syncs (
    school_id uuid NOT NULL REFERENCES schools,
    night date NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (school_id, night)
);
COMMENT ON COLUMN nightly_syncs.night IS 'By the date in Vietnam on which it ends';
CALL make_tenant_table('nightly_syncs', 'SELECT, INSERT');
CREATE INDEX schools_synced_at_night ON schools (id) WHERE nightly_sync <> 'off';
