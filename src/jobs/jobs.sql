-- What the program's role may do with the queue. Run by the owner's role after graphile_worker's own migrations,
-- on every `migrate`: it can be repeated, and it covers whatever tables a newer graphile_worker brings.
--
-- graphile_worker's tables belong to the owner and have row-level security without policies, so that nobody else
-- finds anything in them. The queue holds ids and no school's data, therefore the program, which both enqueues and
-- works, gets all rows by a policy of its own; it gets no way to change a table, and none to become the owner.
--
-- Processes that begin run it while others work: what is there is not made again, since that would take locks that each
-- of the two waits for while it holds what the other wants.
SET LOCAL lock_timeout = '5s';

DO $install$
DECLARE
    program text := current_setting('schoolgate.program_role');
    queue_table regclass;
BEGIN
    -- Two concurrent GRANTs on one object fail with "tuple concurrently updated".
    PERFORM pg_advisory_xact_lock(hashtext('schoolgate.jobs'));

    EXECUTE format('GRANT USAGE ON SCHEMA graphile_worker TO %I', program);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO %I', program);
    -- A worker looks up at its start whether it knows this version of the schema.
    EXECUTE format('GRANT SELECT ON graphile_worker.migrations TO %I', program);

    FOR queue_table IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'graphile_worker'::regnamespace AND relkind = 'r' AND relname LIKE '\_private\_%'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', queue_table, program);
        IF NOT EXISTS (
            SELECT FROM pg_policy WHERE polrelid = queue_table AND polname = 'program'
                AND polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = program)]
        ) THEN
            EXECUTE format('DROP POLICY IF EXISTS program ON %s', queue_table);
            EXECUTE format('CREATE POLICY program ON %s TO %I USING (true) WITH CHECK (true)', queue_table, program);
        END IF;
    END LOOP;
END
$install$;

-- graphile_worker waits e^attempts seconds after a failure, up to six hours. A mail server that is back after a long
-- outage should not wait that long for its mails: no failure delays a job by more than five minutes.
CREATE OR REPLACE FUNCTION graphile_worker.schoolgate_cap_backoff() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $cap$
BEGIN
    NEW.run_at := least(NEW.run_at, greatest(OLD.run_at, now()) + interval '5 minutes');
    RETURN NEW;
END
$cap$;

-- With another condition it needs another name.
DO $trigger$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = 'graphile_worker._private_jobs'::regclass AND tgname = 'schoolgate_cap_backoff'
    ) THEN
        CREATE TRIGGER schoolgate_cap_backoff
            BEFORE UPDATE OF run_at ON graphile_worker._private_jobs
            FOR EACH ROW
            -- Only where a worker lets go of a job: a job may be planned as far ahead as its maker likes.
            WHEN (OLD.locked_by IS NOT NULL AND NEW.locked_by IS NULL)
            EXECUTE FUNCTION graphile_worker.schoolgate_cap_backoff();
    END IF;
END
$trigger$;
