-- The directory stands on every node of a cluster, and its triggers run on each of them; what they write for operators is
-- kept on the coordinator alone, and written there.

CREATE OR REPLACE FUNCTION school_figures_begin() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    INSERT INTO school_figures (school_id, province_code, managing_unit_id, day, is_suspended)
    SELECT id, province_code, managing_unit_id, (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
        suspended_at IS NOT NULL
    FROM new_rows;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION school_figures_follow() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    UPDATE school_figures SET province_code = NEW.province_code, managing_unit_id = NEW.managing_unit_id,
        is_suspended = NEW.suspended_at IS NOT NULL
    WHERE school_id = NEW.id;
    RETURN NULL;
END $$;
