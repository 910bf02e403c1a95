-- What keeps a row of a plan out, beside faults of its own values, blocks it: blockers. The former name stays for a program
-- of the release before, as in 0370.

ALTER TABLE plan_rows RENAME COLUMN lacks TO blockers;
-- Without rewriting the table: most rows are blocked by nothing.
ALTER TABLE plan_rows ADD COLUMN lacks jsonb DEFAULT '[]';
ALTER TABLE plan_rows ALTER COLUMN lacks DROP DEFAULT;
ALTER TABLE plan_rows NO FORCE ROW LEVEL SECURITY;
UPDATE plan_rows SET lacks = blockers WHERE blockers <> '[]';
ALTER TABLE plan_rows FORCE ROW LEVEL SECURITY;

CREATE FUNCTION keep_lacks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.blockers := coalesce(NEW.lacks, NEW.blockers);
    ELSIF NEW.lacks IS DISTINCT FROM OLD.lacks THEN
        NEW.blockers := NEW.lacks;
    END IF;
    NEW.lacks := NEW.blockers;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION keep_lacks() IS 'For a program of the release before, which names blockers lacks';
CREATE TRIGGER keep_lacks BEFORE INSERT OR UPDATE OF blockers, lacks ON plan_rows
    FOR EACH ROW EXECUTE FUNCTION keep_lacks();
