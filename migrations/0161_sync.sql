-- Syncs of the roster with the registry: plans whose rows remember what the registry says and said.

ALTER TABLE plan_rows ADD COLUMN registry jsonb;
COMMENT ON COLUMN plan_rows.registry IS
    'Of a sync: the person of the registry with their version, what the registry says, and the link as it was before: {"person", "version", "is_student", "member", "base", "base_version", "said"}';

ALTER TABLE registry_links
    ADD COLUMN member_version bigint NOT NULL DEFAULT 0,
    ADD COLUMN school_year_id uuid,
    ADD COLUMN differs boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN registry_links.member_version IS 'The version of the member after the last sync: where it is the same, the school has changed nothing';
COMMENT ON COLUMN registry_links.school_year_id IS 'The year whose classes were compared';
COMMENT ON COLUMN registry_links.differs IS 'The school keeps something else than the registry says: shown at every sync';

CREATE TABLE registry_syncs (
    school_id uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('classes', 'accounts')),
    plan_id uuid NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, what, plan_id),
    FOREIGN KEY (school_id, plan_id) REFERENCES plans ON DELETE CASCADE
);
COMMENT ON TABLE registry_syncs IS 'The syncs that were applied and not taken back: what the registry has changed after the last of them waits';
COMMENT ON COLUMN registry_syncs.read_at IS 'When the registry was read for it';
CREATE INDEX registry_syncs_by_time ON registry_syncs (school_id, what, read_at DESC);
CALL make_tenant_table('registry_syncs', 'SELECT, INSERT, DELETE');

CREATE INDEX registry_people_by_change ON registry_people (school_id, changed_at);
CREATE INDEX registry_classes_by_change ON registry_classes (school_id, changed_at);
