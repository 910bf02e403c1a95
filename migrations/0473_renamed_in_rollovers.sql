-- A pupil who is being moved to another class of the draft at the same moment is waited for, and left alone if they are not of
-- the renamed class any more: by the member's key alone, the order of the old class would be written into the new one.
CREATE OR REPLACE FUNCTION rename_in_rollovers() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    draft uuid;
    pupil uuid;
BEGIN
    FOR draft IN SELECT r.id FROM rollovers r WHERE r.school_id = NEW.school_id ORDER BY r.id LOOP
        FOR pupil IN
            SELECT p.member_id FROM rollover_pupils p
            WHERE p.school_id = NEW.school_id AND p.rollover_id = draft AND p.class_sort = OLD.sort_key
                AND p.class_id = NEW.id
            ORDER BY p.given_name, p.family_name, p.middle_name, p.member_id
            FOR NO KEY UPDATE
        LOOP
            UPDATE rollover_pupils SET class_sort = NEW.sort_key
            WHERE school_id = NEW.school_id AND rollover_id = draft AND member_id = pupil;
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;
