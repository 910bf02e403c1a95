-- The registry: the people and classes that a school has handed in and an operator has approved, or that it keeps here
-- itself. The roster's accounts are synced from it.

ALTER TABLE schools
    ADD COLUMN registry_source text NOT NULL DEFAULT 'submissions' CHECK (registry_source IN ('submissions', 'own')),
    ADD COLUMN nightly_sync text NOT NULL DEFAULT 'off' CHECK (nightly_sync IN ('off', 'prepare', 'apply'));
COMMENT ON COLUMN schools.registry_source IS
    'submissions: the registry changes by approved submissions; own: the owners of the school keep it in the pages';
COMMENT ON COLUMN schools.nightly_sync IS 'Whether the accounts are synced with the registry at night: prepare makes a plan and tells the owners';

CREATE TABLE registry_classes (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    school_year_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
    sort_key text COLLATE "C" NOT NULL,
    grade text CHECK (length(grade) <= 30),
    origin text NOT NULL CHECK (origin IN ('submission', 'own')),
    gone_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    CONSTRAINT registry_class_name_taken UNIQUE (school_id, school_year_id, name),
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years
);
COMMENT ON COLUMN registry_classes.sort_key IS 'Natural order: 10A2 before 10A10';
COMMENT ON COLUMN registry_classes.gone_at IS 'When a later list no longer had it';
CREATE INDEX registry_classes_of_year ON registry_classes (school_id, school_year_id, sort_key);
CALL make_tenant_table('registry_classes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE registry_people (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('student', 'staff')),
    full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 100),
    given_name text COLLATE "vi-x-icu" NOT NULL,
    family_name text COLLATE "vi-x-icu" NOT NULL,
    middle_name text COLLATE "vi-x-icu" NOT NULL,
    birth_date date,
    email text CHECK (length(email) <= 254),
    moet_id text CHECK (length(moet_id) <= 20),
    class_id uuid,
    fields jsonb NOT NULL,
    left_at timestamptz,
    left_reason text CHECK (left_reason IN ('gone', 'moved')),
    origin text NOT NULL CHECK (origin IN ('submission', 'own')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    CONSTRAINT registry_moet_id_taken UNIQUE (school_id, moet_id),
    CHECK ((left_at IS NULL) = (left_reason IS NULL)),
    FOREIGN KEY (school_id, class_id) REFERENCES registry_classes
);
COMMENT ON COLUMN registry_people.fields IS
    'All values by the keys of their fields, in their normal form, except the class; name, birth date, e-mail and identifier stand beside it to be found by';
COMMENT ON COLUMN registry_people.class_id IS 'Of a pupil: the latest class, of whatever year';
COMMENT ON COLUMN registry_people.left_reason IS 'gone: no longer in the school''s list; moved: another school has them now';
COMMENT ON COLUMN registry_people.version IS 'Grows with every change: a plan made over an older version drops that row';
CREATE INDEX registry_people_by_name ON registry_people (school_id, kind, given_name, family_name, middle_name, id);
CREATE INDEX registry_people_of_class ON registry_people (school_id, class_id, given_name, family_name, middle_name, id);
CALL make_tenant_table('registry_people', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE registry_changes (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'operator', 'system', 'other_school')),
    actor_id uuid,
    plan_id uuid,
    subject text NOT NULL CHECK (subject IN ('person', 'class')),
    subject_id uuid NOT NULL,
    change text NOT NULL CHECK (change IN ('create', 'update', 'leave', 'moved')),
    before jsonb NOT NULL DEFAULT '{}',
    after jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (school_id, id)
);
COMMENT ON TABLE registry_changes IS 'The history of the registry: who changed what when, and by which submission';
COMMENT ON COLUMN registry_changes.actor_id IS 'The member, or the operator''s account; a school does not learn which other school has taken a pupil over';
CREATE INDEX registry_changes_of_subject ON registry_changes (school_id, subject_id, id);
CALL make_tenant_table('registry_changes', 'SELECT, INSERT, DELETE');

CREATE TABLE registry_links (
    school_id uuid NOT NULL,
    registry_person_id uuid NOT NULL,
    member_id uuid NOT NULL,
    base jsonb NOT NULL,
    synced_version bigint NOT NULL,
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, registry_person_id),
    CONSTRAINT registry_link_of_member UNIQUE (school_id, member_id),
    FOREIGN KEY (school_id, registry_person_id) REFERENCES registry_people ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE registry_links IS 'Which member of the roster a person of the registry is';
COMMENT ON COLUMN registry_links.base IS 'What the registry said at the last sync, field by field';
COMMENT ON COLUMN registry_links.synced_version IS 'The version of the registry''s person at the last sync: where it is older, a change waits';
CALL make_tenant_table('registry_links', 'SELECT, INSERT, UPDATE, DELETE');

-- How many there are, kept in the transaction that changes it.

CREATE FUNCTION counters_of_registry_person(kind text, class_id uuid, left_at timestamptz)
    RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'registry:' || kind WHERE left_at IS NULL
    UNION ALL SELECT 'registry_class:' || class_id WHERE left_at IS NULL AND class_id IS NOT NULL
$$;

CREATE FUNCTION count_registry_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT p.school_id, name, count(*) AS delta
        FROM new_rows p, counters_of_registry_person(p.kind, p.class_id, p.left_at) name
        GROUP BY p.school_id, name ORDER BY p.school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_registry_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT p.school_id, name, -count(*) AS delta
        FROM old_rows p, counters_of_registry_person(p.kind, p.class_id, p.left_at) name
        GROUP BY p.school_id, name ORDER BY p.school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_registry_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, name, sum(delta)::bigint AS delta FROM (
            SELECT p.school_id, name, 1 AS delta
            FROM new_rows p, counters_of_registry_person(p.kind, p.class_id, p.left_at) name
            UNION ALL
            SELECT p.school_id, name, -1
            FROM old_rows p, counters_of_registry_person(p.kind, p.class_id, p.left_at) name
        ) each
        GROUP BY school_id, name HAVING sum(delta) <> 0 ORDER BY school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON registry_people REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_registry_in();
CREATE TRIGGER count_out AFTER DELETE ON registry_people REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_registry_out();
CREATE TRIGGER count_moved AFTER UPDATE ON registry_people REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_registry_moved();
