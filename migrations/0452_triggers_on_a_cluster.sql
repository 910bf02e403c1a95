-- Functions of triggers in a form that a cluster plans, too. A plan that is made before the values are known
-- (force_generic_plan) it makes for INSERT … VALUES and for statements over one table by the school's id, without a subquery:
-- EXISTS is one. It plans no statement that writes one of its tables from the rows that a trigger was given. On one
-- PostgreSQL each of these finds its rows by keys as before.

CREATE OR REPLACE FUNCTION mark_rollover() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    school uuid := nullif(current_setting('app.school_id', true), '')::uuid;
BEGIN
    PERFORM r.id FROM rollovers r WHERE r.school_id = school AND r.state = 'open';
    IF FOUND THEN
        INSERT INTO rollover_marks (school_id, id) VALUES (school, gen_random_uuid());
    END IF;
    RETURN NULL;
END $$;

-- Draft by draft, of which there is about one a year. The pupils of the class are found in the order that an index has, which
-- is what makes the planner take that one; then each is written by its key.
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
        LOOP
            UPDATE rollover_pupils SET class_sort = NEW.sort_key
            WHERE school_id = NEW.school_id AND rollover_id = draft AND member_id = pupil;
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION bury_manager_of_class() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE role_of text;
BEGIN
    SELECT m.role INTO role_of FROM members m WHERE m.school_id = OLD.school_id AND m.id = OLD.homeroom_member_id;
    IF role_of = 'manager' THEN
        PERFORM bury(OLD.school_id, 'user', OLD.homeroom_member_id::text, 'manager', NULL, NULL, OLD.homeroom_member_id);
    END IF;
    RETURN NULL;
END $$;

-- The class of the subject is gone with the last who taught it.
CREATE OR REPLACE FUNCTION bury_assignment() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    of_class text := OLD.class_id || '.' || OLD.subject_id;
    year uuid;
BEGIN
    SELECT c.school_year_id INTO year FROM classes c WHERE c.school_id = OLD.school_id AND c.id = OLD.class_id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO oneroster_tombstones AS t
        (school_id, kind, id, gone_at, role, school_year_id, class_id, member_id, subject_id)
    VALUES (OLD.school_id, 'enrollment', of_class || '.' || OLD.teacher_id, moment(), 'teacher', year, OLD.class_id,
        OLD.teacher_id, OLD.subject_id)
    ON CONFLICT (school_id, kind, id) DO UPDATE SET gone_at = excluded.gone_at;
    PERFORM a.id FROM timetable_assignments a
    WHERE a.school_id = OLD.school_id AND a.class_id = OLD.class_id AND a.subject_id = OLD.subject_id;
    IF NOT FOUND THEN
        INSERT INTO oneroster_tombstones AS t (school_id, kind, id, gone_at, school_year_id, class_id, subject_id)
        VALUES (OLD.school_id, 'class', of_class, moment(), year, OLD.class_id, OLD.subject_id)
        ON CONFLICT (school_id, kind, id) DO UPDATE SET gone_at = excluded.gone_at;
    END IF;
    RETURN NULL;
END $$;

-- Each owner is looked up by the key: there are a few of them.
CREATE OR REPLACE PROCEDURE expect_an_owner(school uuid) LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    owner uuid;
    status_of text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('roster:' || school::text, 0));
    FOR owner IN SELECT g.member_id FROM grants g WHERE g.school_id = school AND g."grant" = 'owner' LOOP
        SELECT m.status INTO status_of FROM members m WHERE m.school_id = school AND m.id = owner;
        IF status_of IN ('active', 'invited') THEN
            RETURN;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'school % would have no owner', school
        USING ERRCODE = 'check_violation', CONSTRAINT = 'school_keeps_an_owner';
END $$;

CREATE OR REPLACE FUNCTION staff_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE grants_of text[];
BEGIN
    SELECT array_agg(g."grant") INTO grants_of FROM grants g WHERE g.school_id = NEW.school_id AND g.member_id = NEW.id;
    IF 'owner' = ANY(grants_of) THEN
        CALL expect_an_owner(NEW.school_id);
    END IF;
    IF NEW.role = 'student' AND grants_of IS NOT NULL THEN
        RAISE EXCEPTION 'pupil % would hold grants', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pupils_hold_no_grants';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION grant_given() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE role_of text;
BEGIN
    SELECT m.role INTO role_of FROM members m WHERE m.school_id = NEW.school_id AND m.id = NEW.member_id;
    IF role_of = 'student' THEN
        RAISE EXCEPTION 'pupil % would hold a grant', NEW.member_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pupils_hold_no_grants';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION grants_given_keep_rank() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    actor uuid := acting_member();
    given record;
BEGIN
    IF actor IS NULL THEN
        RETURN NULL;
    END IF;
    -- An owner before this: nobody makes an owner of oneself.
    FOR given IN
        SELECT school_id, bool_or(member_id = actor AND "grant" = 'owner') AS makes_oneself_owner FROM new_rows
        GROUP BY school_id
    LOOP
        PERFORM g.member_id FROM grants g
        WHERE g.school_id = given.school_id AND g.member_id = actor AND g."grant" = 'owner';
        IF given.makes_oneself_owner OR NOT FOUND THEN
            RAISE EXCEPTION 'member % may not hand out grants', actor
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Sessions also go with their account, which is gone by then.
CREATE OR REPLACE FUNCTION note_ended_sessions() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE ended record;
BEGIN
    FOR ended IN
        SELECT token_hash, account_id, expires_at FROM gone WHERE NOT must_choose_password ORDER BY account_id, token_hash
    LOOP
        PERFORM a.id FROM accounts a WHERE a.id = ended.account_id;
        IF FOUND THEN
            INSERT INTO ended_sessions (token_hash, account_id, expires_at)
            VALUES (ended.token_hash, ended.account_id, ended.expires_at)
            ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION school_figures_begin() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE opened record;
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    FOR opened IN
        SELECT id, province_code, managing_unit_id, (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
            suspended_at IS NOT NULL AS is_suspended
        FROM new_rows ORDER BY id
    LOOP
        INSERT INTO school_figures (school_id, province_code, managing_unit_id, day, is_suspended)
        VALUES (opened.id, opened.province_code, opened.managing_unit_id, opened.day, opened.is_suspended);
    END LOOP;
    RETURN NULL;
END $$;
