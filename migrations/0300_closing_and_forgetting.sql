-- What a draft, a merge and its logins leave behind follows the class, the person and the time.

-- A class that is renamed while a draft is open stays where its name stands in the draft's lists.
CREATE FUNCTION rename_in_rollovers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rollover_pupils p SET class_sort = NEW.sort_key FROM rollovers r
    WHERE r.school_id = NEW.school_id AND p.school_id = NEW.school_id AND p.rollover_id = r.id
        AND p.class_sort = OLD.sort_key AND p.class_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER rename_in_rollovers AFTER UPDATE OF sort_key ON classes
    FOR EACH ROW WHEN (OLD.sort_key IS DISTINCT FROM NEW.sort_key) EXECUTE FUNCTION rename_in_rollovers();

ALTER TABLE merges ADD COLUMN ended_account_id uuid;
COMMENT ON COLUMN merges.ended_account_id IS
    'The account of the two that does not live on: it is deleted with the person';

CREATE INDEX login_aliases_until ON login_aliases (until);

DO $$
DECLARE setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = force_generic_plan'
    ] LOOP
        EXECUTE format('ALTER ROUTINE rename_in_rollovers() SET %s', setting);
    END LOOP;
END $$;
