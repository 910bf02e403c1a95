-- What a country fills is vacuumed and looked at long before a fifth of it has changed: of eighteen million rows that would
-- be three million dead ones, and pages of the list are read off indexes alone only where vacuuming has been. A counter
-- that moves finds room beside itself, so that its index is not written.
--
-- On a cluster the shards of a school's table are small, and stay with the usual settings.

DO $$
DECLARE
    name text;
    early text := 'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.02';
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'accounts', 'attempts', 'ended_sessions', 'links', 'mails', 'memberships', 'sent_forms', 'sessions', 'sign_in_events'
    ] LOOP
        EXECUTE format('ALTER TABLE %I SET (%s)', name, early);
    END LOOP;
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN RETURN; END IF;
    FOREACH name IN ARRAY ARRAY[
        'audit_events', 'enrolments', 'entries', 'guardians', 'member_words', 'members', 'plan_rows', 'registry_people'
    ] LOOP
        EXECUTE format('ALTER TABLE %I SET (%s)', name, early);
    END LOOP;
    ALTER TABLE counters SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
END $$;
