-- Who waits for a sync of the accounts: people of the registry who were changed since they were compared, and those who are
-- there and never were. Kept by triggers, so that no page looks at everybody to count a few.
--
-- A program of the release before may serve on: it writes the registry and the links, and knows nothing of this table. Those
-- who wait already are noted by the next migration, school by school.

CREATE TABLE registry_due (
    school_id uuid NOT NULL REFERENCES schools,
    registry_person_id uuid NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (school_id, registry_person_id)
);
COMMENT ON TABLE registry_due IS
    'The people of the registry who wait for a sync; counted by the counter registry_due. Triggers keep it, so no foreign key looks at each person once more';
COMMENT ON COLUMN registry_due.version IS 'Of the person, as in registry_people';
CALL make_tenant_table('registry_due', 'SELECT, INSERT, UPDATE, DELETE');

-- What becomes of these people of a school, whatever was done to them or to their links. Each is asked for by the key. A
-- cluster plans for a school that it knows, and would send what is written through COPY, which row-level security refuses,
-- if nothing asked for it back.
CREATE FUNCTION note_registry_due(of_school uuid, people uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    noted uuid;
    done uuid[];
BEGIN
    FOR noted IN INSERT INTO registry_due AS d (school_id, registry_person_id, version)
    SELECT of_school, p.id, p.version
    FROM unnest(people) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT id, version, left_at FROM registry_people WHERE school_id = of_school AND id = wanted.id OFFSET 0) p
    LEFT JOIN LATERAL (
        SELECT synced_version FROM registry_links
        WHERE school_id = of_school AND registry_person_id = wanted.id OFFSET 0) l ON true
    WHERE CASE WHEN l.synced_version IS NULL THEN p.left_at IS NULL ELSE l.synced_version <> p.version END
    ORDER BY p.id
    ON CONFLICT (school_id, registry_person_id) DO UPDATE SET version = excluded.version
    RETURNING registry_person_id LOOP END LOOP;
    SELECT array_agg(p.id) INTO done
    FROM unnest(people) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT id, version, left_at FROM registry_people WHERE school_id = of_school AND id = wanted.id OFFSET 0) p
    LEFT JOIN LATERAL (
        SELECT synced_version FROM registry_links
        WHERE school_id = of_school AND registry_person_id = wanted.id OFFSET 0) l ON true
    WHERE CASE WHEN l.synced_version IS NULL THEN p.left_at IS NOT NULL ELSE l.synced_version = p.version END;
    IF done IS NOT NULL THEN
        DELETE FROM registry_due WHERE school_id = of_school AND registry_person_id = ANY(done);
    END IF;
END $$;

CREATE FUNCTION registry_people_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed record;
BEGIN
    FOR changed IN SELECT school_id, array_agg(id) AS people FROM new_rows GROUP BY school_id ORDER BY school_id
    LOOP PERFORM note_registry_due(changed.school_id, changed.people); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_people_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE gone record;
BEGIN
    FOR gone IN SELECT school_id, array_agg(id) AS people FROM old_rows GROUP BY school_id ORDER BY school_id LOOP
        DELETE FROM registry_due WHERE school_id = gone.school_id AND registry_person_id = ANY(gone.people);
    END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_links_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed record;
BEGIN
    FOR changed IN
        SELECT school_id, array_agg(registry_person_id) AS people FROM new_rows GROUP BY school_id ORDER BY school_id
    LOOP PERFORM note_registry_due(changed.school_id, changed.people); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_links_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed record;
BEGIN
    FOR changed IN
        SELECT school_id, array_agg(registry_person_id) AS people FROM old_rows GROUP BY school_id ORDER BY school_id
    LOOP PERFORM note_registry_due(changed.school_id, changed.people); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_registry_due_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN SELECT school_id, count(*) AS delta FROM new_rows GROUP BY school_id ORDER BY school_id
    LOOP PERFORM move_counter(moved.school_id, 'registry_due', moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE FUNCTION count_registry_due_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN SELECT school_id, -count(*) AS delta FROM old_rows GROUP BY school_id ORDER BY school_id
    LOOP PERFORM move_counter(moved.school_id, 'registry_due', moved.delta); END LOOP;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
    setting text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'registry_people_due()', 'registry_people_gone()', 'registry_links_due()',
        'registry_links_gone()', 'count_registry_due_in()', 'count_registry_due_out()'
    ] LOOP
        FOREACH setting IN ARRAY ARRAY[
            'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = force_generic_plan'
        ] LOOP
            EXECUTE format('ALTER ROUTINE %s SET %s', name, setting);
        END LOOP;
    END LOOP;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON registry_due REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_registry_due_in();
CREATE TRIGGER count_out AFTER DELETE ON registry_due REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_registry_due_out();
CREATE TRIGGER due_in AFTER INSERT ON registry_people REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_people_due();
CREATE TRIGGER due_moved AFTER UPDATE ON registry_people REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_people_due();
CREATE TRIGGER due_out AFTER DELETE ON registry_people REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_people_gone();
CREATE TRIGGER due_in AFTER INSERT ON registry_links REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_links_due();
CREATE TRIGGER due_moved AFTER UPDATE ON registry_links REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_links_due();
CREATE TRIGGER due_out AFTER DELETE ON registry_links REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_links_gone();
