-- Events of signing in by months. The table that is there becomes the partition before the first of them, with its rows and
-- its indexes as they are; statements of the release before find the new table under the same name.
--
-- One of the indexes is left out: only where rows are deleted one by one they are looked up by time alone.

ALTER TABLE sign_in_events RENAME TO sign_in_events_before;
ALTER INDEX sign_in_events_pkey RENAME TO sign_in_events_before_pkey;
ALTER INDEX sign_in_events_of_account RENAME TO sign_in_events_before_of_account;
ALTER INDEX sign_in_events_by_time RENAME TO sign_in_events_before_by_time;

CREATE TABLE sign_in_events (
    LIKE sign_in_events_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS
) PARTITION BY RANGE (hour);
COMMENT ON TABLE sign_in_events IS 'Partitions by months of the hour (UTC), which keep_sign_in_months makes and drops';
ALTER TABLE sign_in_events DROP CONSTRAINT sign_in_events_bound;
ALTER TABLE sign_in_events ADD PRIMARY KEY (account_id, kind, hour, place);
CREATE INDEX sign_in_events_of_account ON sign_in_events (account_id, last_at DESC);
CALL grant_to_program('SELECT, INSERT, DELETE', 'sign_in_events');
CALL grant_to_program('UPDATE (times, last_at, address, user_agent)', 'sign_in_events');

DO $$
DECLARE
    bound text := (
        SELECT substring(pg_get_constraintdef(oid) FROM '''(.+)''') FROM pg_constraint
        WHERE conrelid = 'sign_in_events_before'::regclass AND conname = 'sign_in_events_bound');
BEGIN
    EXECUTE format(
        'ALTER TABLE sign_in_events ATTACH PARTITION sign_in_events_before FOR VALUES FROM (MINVALUE) TO (%L)', bound);
    EXECUTE format('REVOKE ALL ON sign_in_events_before FROM %I', program_role());
END $$;
ALTER TABLE sign_in_events_before DROP CONSTRAINT sign_in_events_bound;
COMMENT ON TABLE sign_in_events_before IS 'The partition of before there were months; dropped like a month';

-- No sign-in fails because its month was not made in time, or because a clock is wrong.
CREATE TABLE sign_in_events_other PARTITION OF sign_in_events DEFAULT WITH (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02);
COMMENT ON TABLE sign_in_events_other IS 'The default partition: events of months that have none';
CREATE INDEX sign_in_events_other_by_time ON sign_in_events_other (last_at);

-- The partitions, and from when until when: the first begins at -infinity, and the default one has NULL for both.
CREATE FUNCTION sign_in_months() RETURNS TABLE (part regclass, begins timestamptz, ends timestamptz) LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
BEGIN
    RETURN QUERY SELECT c.oid::regclass,
        CASE WHEN b.bounds ~ 'FROM \(MINVALUE\)' THEN '-infinity'
            ELSE substring(b.bounds FROM 'FROM \(''(.+?)''\)') END::timestamptz,
        substring(b.bounds FROM 'TO \(''(.+?)''\)')::timestamptz
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid)) b (bounds)
    WHERE i.inhparent = 'sign_in_events'::regclass;
END $$;
REVOKE ALL ON FUNCTION sign_in_months FROM PUBLIC;

-- Made first and attached then: so the table is locked for no one who reads or writes it.
CREATE FUNCTION add_sign_in_month(month timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE part text := 'sign_in_events_' || to_char(month, 'YYYY_MM');
BEGIN
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE sign_in_events INCLUDING ALL EXCLUDING COMMENTS) WITH (
            autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
            autovacuum_analyze_scale_factor = 0.02)', part);
    EXECUTE format('ALTER TABLE sign_in_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        part, month, month + interval '1 month');
END $$;
REVOKE ALL ON FUNCTION add_sign_in_month FROM PUBLIC;

-- Takes one step and tells whether there may be more: makes a partition for this month or one of the three to come, drops
-- one of which no row is kept any longer, or deletes a thousand rows from one that is not a month's. One step a call, since
-- each holds its locks until the transaction ends.
--
-- To drop a partition the whole table is locked, and to attach one the default partition, which is looked through: nobody is
-- kept waiting for that. What is not to be had at once is left to the next hour, as is everything while another process is
-- at it. A month of which the default partition has rows already gets none of its own.
CREATE FUNCTION keep_sign_in_months(at timestamptz, kept_from timestamptz) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms' AS $$
DECLARE
    batch CONSTANT integer := 1000;
    missing timestamptz;
    old regclass;
    deleted bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('sign_in_months', 0)) THEN
        RETURN false;
    END IF;
    SELECT m INTO missing
    FROM generate_series(
        date_trunc('month', at), date_trunc('month', at) + interval '3 months', interval '1 month') m
    WHERE NOT EXISTS (SELECT FROM sign_in_months() p WHERE p.begins <= m AND m < p.ends)
        AND NOT EXISTS (
            SELECT FROM sign_in_events_other e WHERE e.hour >= m AND e.hour < m + interval '1 month')
    ORDER BY m LIMIT 1;
    IF missing IS NOT NULL THEN
        PERFORM add_sign_in_month(missing);
        RETURN true;
    END IF;
    SELECT p.part INTO old FROM sign_in_months() p WHERE p.ends <= kept_from ORDER BY p.ends LIMIT 1;
    IF old IS NOT NULL THEN
        EXECUTE format('DROP TABLE %s', old);
        RETURN true;
    END IF;
    FOR old IN SELECT p.part FROM sign_in_months() p WHERE p.ends IS NULL OR p.begins = '-infinity' LOOP
        EXECUTE format(
            'DELETE FROM %1$s WHERE ctid IN (
                 SELECT ctid FROM %1$s WHERE last_at < $1 ORDER BY last_at LIMIT $2)', old) USING kept_from, batch;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        IF deleted = batch THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
EXCEPTION WHEN lock_not_available OR check_violation THEN
    -- Somebody holds the table, or has just written an event of that month.
    RETURN false;
END $$;
REVOKE ALL ON FUNCTION keep_sign_in_months FROM PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT EXECUTE ON FUNCTION keep_sign_in_months TO %I', program_role()); END $$;
