-- People and classes as another system knows them (SCIM).

CREATE TABLE scim_people (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    external_id text CHECK (length(external_id) BETWEEN 1 AND 200),
    user_name text CHECK (length(user_name) BETWEEN 1 AND 254),
    changed_at timestamptz NOT NULL DEFAULT moment(),
    PRIMARY KEY (school_id, member_id),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE scim_people IS 'What another system calls a person';
COMMENT ON COLUMN scim_people.external_id IS 'The id that it has for the person';
COMMENT ON COLUMN scim_people.user_name IS 'The user name with which it made the person, where that did not become the login';
CREATE INDEX scim_people_by_external_id ON scim_people (school_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX scim_people_by_user_name ON scim_people (school_id, user_name) WHERE user_name IS NOT NULL;
CALL make_tenant_table('scim_people', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE scim_classes (
    school_id uuid NOT NULL,
    class_id uuid NOT NULL,
    external_id text CHECK (length(external_id) BETWEEN 1 AND 200),
    changed_at timestamptz NOT NULL DEFAULT moment(),
    PRIMARY KEY (school_id, class_id),
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE
);
COMMENT ON TABLE scim_classes IS 'What another system calls a class';
CALL make_tenant_table('scim_classes', 'SELECT, INSERT, UPDATE, DELETE');

-- Other systems have longer names of classes.
ALTER TABLE classes
    DROP CONSTRAINT classes_name_check,
    ADD CONSTRAINT classes_name_check CHECK (length(name) BETWEEN 1 AND 40);
ALTER TABLE registry_classes
    DROP CONSTRAINT registry_classes_name_check,
    ADD CONSTRAINT registry_classes_name_check CHECK (length(name) BETWEEN 1 AND 40);
ALTER TABLE rollover_targets
    DROP CONSTRAINT rollover_targets_name_check,
    ADD CONSTRAINT rollover_targets_name_check CHECK (length(name) BETWEEN 1 AND 40);
