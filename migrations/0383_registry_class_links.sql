-- What the registry said of a class at the last sync: so that a grade that the school has changed itself stays.

CREATE TABLE registry_class_links (
    school_id uuid NOT NULL,
    registry_class_id uuid NOT NULL,
    grade text,
    synced_version bigint NOT NULL,
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, registry_class_id),
    FOREIGN KEY (school_id, registry_class_id) REFERENCES registry_classes ON DELETE CASCADE
);
COMMENT ON TABLE registry_class_links IS 'Classes of the registry as they were compared last; the class of the school has the same name';
COMMENT ON COLUMN registry_class_links.grade IS 'What the registry said at the last sync';
COMMENT ON COLUMN registry_class_links.synced_version IS 'The version of the registry''s class at the last sync: where it is older, a change waits';
CALL make_tenant_table('registry_class_links', 'SELECT, INSERT, UPDATE, DELETE');
