-- A school keeps an owner, pupils hold no grants, and nobody reaches up: in the database as on the pages.

-- Whoever changes who owns a school waits for the others (the lock is the roster's, see db::lock_roster); the look
-- behind it sees what the first of two has done. Somebody invited to own it counts: that is how a school begins.
CREATE PROCEDURE expect_an_owner(school uuid) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('roster:' || school::text, 0));
    IF NOT EXISTS (
        SELECT FROM grants g JOIN members m ON m.school_id = g.school_id AND m.id = g.member_id
        WHERE g.school_id = school AND g."grant" = 'owner' AND m.status IN ('active', 'invited')
    ) THEN
        RAISE EXCEPTION 'school % would have no owner', school
            USING ERRCODE = 'check_violation', CONSTRAINT = 'school_keeps_an_owner';
    END IF;
END $$;

CREATE FUNCTION owner_let_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CALL expect_an_owner(OLD.school_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER school_keeps_an_owner AFTER DELETE OR UPDATE ON grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD."grant" = 'owner') EXECUTE FUNCTION owner_let_go();

CREATE FUNCTION staff_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM grants g WHERE g.school_id = NEW.school_id AND g.member_id = NEW.id AND g."grant" = 'owner'
    ) THEN
        CALL expect_an_owner(NEW.school_id);
    END IF;
    IF NEW.role = 'student' AND EXISTS (
        SELECT FROM grants g WHERE g.school_id = NEW.school_id AND g.member_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'pupil % would hold grants', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pupils_hold_no_grants';
    END IF;
    RETURN NULL;
END $$;
-- Pupils own nothing: a list that takes ten thousand of them away is not looked at one by one.
CREATE CONSTRAINT TRIGGER school_keeps_an_owner AFTER UPDATE OF role, status ON members
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role <> 'student' AND (OLD.role <> NEW.role OR OLD.status <> NEW.status))
    EXECUTE FUNCTION staff_changed();

CREATE FUNCTION grant_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM members m WHERE m.school_id = NEW.school_id AND m.id = NEW.member_id AND m.role = 'student'
    ) THEN
        RAISE EXCEPTION 'pupil % would hold a grant', NEW.member_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pupils_hold_no_grants';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER pupils_hold_no_grants AFTER INSERT OR UPDATE ON grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grant_given();

-- Rank: pupil 0, teacher 1, manager or account_manager 2, owner 3 (access::Rank).
CREATE FUNCTION rank_of(school uuid, member uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM grants g WHERE g.school_id = school AND g.member_id = member AND g."grant" = 'owner')
            THEN 3
        WHEN m.role = 'manager' OR EXISTS (
            SELECT FROM grants g
            WHERE g.school_id = school AND g.member_id = member AND g."grant" = 'account_manager') THEN 2
        WHEN m.role = 'teacher' THEN 1
        ELSE 0 END
    FROM members m WHERE m.school_id = school AND m.id = member
$$;

-- The member who acts in this transaction; none for operators, the command line and whoever answers an invitation.
-- The acts on people say it when they look up whom they are about (members::subject).
CREATE FUNCTION acting_member() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('app.actor_id', true), '')::uuid $$;

CREATE FUNCTION members_keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor uuid := acting_member();
    actor_rank integer;
BEGIN
    IF actor IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(rank_of(school_id, actor), -1) INTO actor_rank FROM old_rows LIMIT 1;
    -- Nobody changes his own role or standing, nor those of his equals; managers are an owner's to make and unmake.
    IF EXISTS (
        SELECT FROM old_rows o JOIN new_rows n ON n.school_id = o.school_id AND n.id = o.id
        WHERE (o.role <> n.role OR o.status <> n.status)
            AND (o.id = actor
                OR actor_rank <= CASE o.role WHEN 'manager' THEN 2 WHEN 'teacher' THEN 1 ELSE 0 END
                OR actor_rank <= rank_of(n.school_id, n.id)
                OR o.role <> n.role AND 'manager' IN (o.role, n.role) AND actor_rank < 3)
    ) THEN
        RAISE EXCEPTION 'member % stands too low for this', actor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rank_is_kept AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION members_keep_rank();

CREATE FUNCTION grants_given_keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor uuid := acting_member();
BEGIN
    -- An owner before this: nobody makes himself one.
    IF actor IS NOT NULL AND EXISTS (
        SELECT FROM new_rows n WHERE NOT EXISTS (
            SELECT FROM grants g
            WHERE g.school_id = n.school_id AND g.member_id = actor AND g."grant" = 'owner' AND NOT EXISTS (
                SELECT FROM new_rows same WHERE same.member_id = actor AND same."grant" = 'owner'))
    ) THEN
        RAISE EXCEPTION 'member % may not hand out grants', actor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rank_is_kept_giving AFTER INSERT ON grants REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION grants_given_keep_rank();

CREATE FUNCTION grants_taken_keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor uuid := acting_member();
BEGIN
    -- What is one's own can be let go. Between owners nobody takes; what makes an account manager is an owner's to take.
    IF actor IS NOT NULL AND EXISTS (
        SELECT FROM old_rows o
        WHERE o.member_id <> actor AND (
            o."grant" = 'owner'
            OR o."grant" = 'account_manager' AND coalesce(rank_of(o.school_id, actor), -1) < 3
            OR coalesce(rank_of(o.school_id, actor), -1) < 2)
    ) THEN
        RAISE EXCEPTION 'member % may not take these grants away', actor
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER rank_is_kept_taking AFTER DELETE ON grants REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION grants_taken_keep_rank();
