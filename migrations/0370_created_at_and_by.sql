-- When something was created, and by whom, is created_at and created_by everywhere.
--
-- A program of the release before may serve on while this runs and afterwards. It reads and writes the former names, so
-- these stand beside the new ones, and triggers keep both the same, until a migration of the next release drops them.

CREATE FUNCTION keep_made_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.created_at := coalesce(NEW.made_at, NEW.created_at);
    ELSIF NEW.made_at IS DISTINCT FROM OLD.made_at THEN
        NEW.created_at := NEW.made_at;
    END IF;
    NEW.made_at := NEW.created_at;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_made_at() IS 'For a program of the release before, which names created_at made_at';

CREATE FUNCTION keep_made_by() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_by := coalesce(NEW.made_by, NEW.created_by);
    NEW.made_by := NEW.created_by;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_made_by() IS 'For a program of the release before, which names created_by made_by';

CREATE PROCEDURE rename_creation(target regclass, has_creator boolean) LANGUAGE plpgsql AS $$
DECLARE is_forced boolean := (SELECT relforcerowsecurity FROM pg_class WHERE oid = target);
BEGIN
    EXECUTE format('ALTER TABLE %s RENAME COLUMN made_at TO created_at', target);
    EXECUTE format('ALTER TABLE %s ADD COLUMN made_at timestamptz', target);
    IF has_creator THEN
        EXECUTE format('ALTER TABLE %s RENAME COLUMN made_by TO created_by', target);
        EXECUTE format('ALTER TABLE %s ADD COLUMN made_by uuid', target);
    END IF;
    -- Row-level security holds for the owner as well, but for this one statement.
    IF is_forced THEN EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', target); END IF;
    EXECUTE format(
        'UPDATE %s SET made_at = created_at %s', target, CASE WHEN has_creator THEN ', made_by = created_by' END);
    IF is_forced THEN EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target); END IF;
    EXECUTE format(
        'CREATE TRIGGER keep_made_at BEFORE INSERT OR UPDATE OF created_at, made_at ON %s
            FOR EACH ROW EXECUTE FUNCTION keep_made_at()',
        target);
    IF has_creator THEN
        EXECUTE format(
            'CREATE TRIGGER keep_made_by BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION keep_made_by()', target);
    END IF;
END $$;

CALL rename_creation('plans', true);
CALL rename_creation('submissions', false);
CALL rename_creation('idempotency_keys', false);
CALL rename_creation('api_tokens', true);
CALL rename_creation('oauth_clients', true);
CALL rename_creation('calendar_feeds', false);
CALL rename_creation('releases', false);
CALL rename_creation('merges', true);
CALL rename_creation('rollovers', true);
CALL rename_creation('timetable_versions', true);
CALL rename_creation('timetable_absences', true);

DROP PROCEDURE rename_creation(regclass, boolean);
