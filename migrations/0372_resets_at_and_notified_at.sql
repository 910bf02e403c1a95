-- When a throttle is reset by itself, and when a school was notified of a registration. The former names stay for a program
-- of the release before, as in 0370.

ALTER TABLE attempts RENAME COLUMN free_at TO resets_at;
ALTER TABLE attempts ADD COLUMN free_at timestamptz;
UPDATE attempts SET free_at = resets_at;
COMMENT ON COLUMN attempts.resets_at IS 'When all attempts are given back; each one that is charged moves it forward';

CREATE FUNCTION keep_free_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.resets_at := coalesce(NEW.free_at, NEW.resets_at);
    ELSIF NEW.free_at IS DISTINCT FROM OLD.free_at THEN
        NEW.resets_at := NEW.free_at;
    END IF;
    NEW.free_at := NEW.resets_at;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_free_at() IS 'For a program of the release before, which names resets_at free_at';
CREATE TRIGGER keep_free_at BEFORE INSERT OR UPDATE OF resets_at, free_at ON attempts
    FOR EACH ROW EXECUTE FUNCTION keep_free_at();

ALTER TABLE registrations RENAME COLUMN told_at TO notified_at;
ALTER TABLE registrations ADD COLUMN told_at timestamptz;
CALL grant_to_program('UPDATE (told_at)', 'registrations');
UPDATE registrations SET told_at = notified_at WHERE notified_at IS NOT NULL;
COMMENT ON COLUMN registrations.notified_at IS 'When those who answer were mailed of it';

CREATE FUNCTION keep_told_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.notified_at := coalesce(NEW.told_at, NEW.notified_at);
    ELSIF NEW.told_at IS DISTINCT FROM OLD.told_at THEN
        NEW.notified_at := NEW.told_at;
    END IF;
    NEW.told_at := NEW.notified_at;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_told_at() IS 'For a program of the release before, which names notified_at told_at';
CREATE TRIGGER keep_told_at BEFORE INSERT OR UPDATE OF notified_at, told_at ON registrations
    FOR EACH ROW EXECUTE FUNCTION keep_told_at();
