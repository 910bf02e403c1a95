-- A pupil's enrolments go before the pupil, so that what classes count can still be told. Who removes many pupils has let
-- their enrolments go by then, all at once: a statement for each of them, with its triggers, moved every counter as often as
-- there were pupils.

CREATE OR REPLACE FUNCTION end_enrolments_first() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM e.member_id FROM enrolments e WHERE e.school_id = OLD.school_id AND e.member_id = OLD.id LIMIT 1;
    IF FOUND THEN
        DELETE FROM enrolments WHERE school_id = OLD.school_id AND member_id = OLD.id;
    END IF;
    RETURN OLD;
END $$;
