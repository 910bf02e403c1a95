-- no-transaction
-- Those who waited for a sync before it was noted: school by school, each in a transaction of its own, so that a school's
-- registry is held for the moment that its own people take. Run again, it finds them noted.
--
-- Their rows and their links are held until they are noted: what changes one of them at the same time either is seen here or
-- comes afterwards, and then triggers see to it.
DO $$
DECLARE
    school uuid;
    schools uuid[];
    waiting uuid[];
BEGIN
    SELECT array_agg(id ORDER BY id) INTO schools FROM schools;
    FOREACH school IN ARRAY coalesce(schools, '{}') LOOP
        EXECUTE format('SET LOCAL app.school_id = %L', school);
        PERFORM pg_advisory_xact_lock(hashtextextended('registry:' || school, 0));
        SELECT array_agg(p.id ORDER BY p.id) INTO waiting FROM registry_people p
        LEFT JOIN registry_links l ON l.school_id = school AND l.registry_person_id = p.id
        WHERE p.school_id = school
            AND CASE WHEN l.synced_version IS NULL THEN p.left_at IS NULL ELSE l.synced_version <> p.version END;
        IF waiting IS NOT NULL THEN
            PERFORM id FROM registry_people WHERE school_id = school AND id = ANY(waiting) ORDER BY id FOR UPDATE;
            PERFORM registry_person_id FROM registry_links
            WHERE school_id = school AND registry_person_id = ANY(waiting) ORDER BY registry_person_id FOR UPDATE;
            PERFORM note_registry_due(school, waiting);
        END IF;
        COMMIT;
    END LOOP;
END $$;
