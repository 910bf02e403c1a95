-- OneRoster tells every change to programs that ask for changes alone: who manages only by now, guardians who were taken
-- away, pupils whose class got another grade, and since when a class has its homeroom teacher.

ALTER TABLE classes ADD COLUMN homeroom_changed_at timestamptz, ADD COLUMN grade_changed_at timestamptz;
COMMENT ON COLUMN classes.homeroom_changed_at IS
    'When the class got its homeroom teacher or lost one; NULL: no later than changed_at says';
COMMENT ON COLUMN classes.grade_changed_at IS 'When the class got another grade than it was made with; NULL: never';

CREATE FUNCTION mark_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.homeroom_changed_at := CASE
        WHEN OLD.homeroom_member_id IS DISTINCT FROM NEW.homeroom_member_id THEN moment()
        ELSE coalesce(OLD.homeroom_changed_at, OLD.changed_at) END;
    IF OLD.grade IS DISTINCT FROM NEW.grade THEN
        NEW.grade_changed_at := moment();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER classes_marked BEFORE UPDATE ON classes FOR EACH ROW
    WHEN ((OLD.name, OLD.grade, OLD.homeroom_member_id) IS DISTINCT FROM (NEW.name, NEW.grade, NEW.homeroom_member_id))
    EXECUTE FUNCTION mark_class();

CREATE FUNCTION bury_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bury(OLD.school_id, 'user', OLD.member_id || '.' || OLD.relation,
        CASE OLD.relation WHEN 'mother' THEN 'parent' ELSE 'guardian' END, NULL, NULL, OLD.member_id);
    RETURN NULL;
END $$;
CREATE TRIGGER guardians_buried AFTER DELETE ON guardians FOR EACH ROW EXECUTE FUNCTION bury_guardian();

-- Managers are told of with a homeroom class alone. Those who have one, or get one again, are not gone whatever is
-- written here (oneroster::tables).
CREATE FUNCTION bury_new_manager() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bury(NEW.school_id, 'user', NEW.id::text, OLD.role, NULL, NULL, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER members_manage AFTER UPDATE ON members FOR EACH ROW
    WHEN (NEW.role = 'manager' AND OLD.role IS DISTINCT FROM NEW.role)
    EXECUTE FUNCTION bury_new_manager();

CREATE FUNCTION bury_manager_of_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM members m
        WHERE m.school_id = OLD.school_id AND m.id = OLD.homeroom_member_id AND m.role = 'manager') THEN
        PERFORM bury(OLD.school_id, 'user', OLD.homeroom_member_id::text, 'manager', NULL, NULL, OLD.homeroom_member_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER classes_manager_buried AFTER DELETE ON classes FOR EACH ROW
    WHEN (OLD.homeroom_member_id IS NOT NULL)
    EXECUTE FUNCTION bury_manager_of_class();
CREATE TRIGGER classes_manager_changed AFTER UPDATE ON classes FOR EACH ROW
    WHEN (OLD.homeroom_member_id IS NOT NULL AND OLD.homeroom_member_id IS DISTINCT FROM NEW.homeroom_member_id)
    EXECUTE FUNCTION bury_manager_of_class();

DO $$
DECLARE
    name text;
    setting text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'mark_class()', 'bury_guardian()', 'bury_new_manager()', 'bury_manager_of_class()'
    ] LOOP
        FOREACH setting IN ARRAY ARRAY[
            'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = force_generic_plan'
        ] LOOP
            EXECUTE format('ALTER ROUTINE %s SET %s', name, setting);
        END LOOP;
    END LOOP;
END $$;
