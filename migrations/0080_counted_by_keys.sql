-- The trigger functions find people, classes and grants by their keys, whatever the statistics say.
--
-- A join of a transition table with a table is planned by what the planner believes of the table: of one that was never
-- looked at, or of a school that it has not met yet, it believes that there is next to nothing in it, and walks through
-- all of it for each row. Here a statement reads transition tables or tables, never both, which a cluster demands as well,
-- and asks the table for one key at a time (LATERAL ... OFFSET 0: the planner may not turn it round). Transition tables
-- are not joined with each other: what was and what is are added up. Counters move one by one, in the order of their names.
--
-- Even a single key is not safe: every index begins with the school, and where the planner believes that this school has
-- one row, each of them is as good as the key's. `school_id = (SELECT school)` keeps from it which school it is, so that it
-- takes one of the usual size; and what goes over many keys is planned anew each time (force_custom_plan), for a table that
-- was small when a session first planned does not stay so.

-- What a class counts of a pupil with these properties: the first half of the counters' names.
CREATE FUNCTION class_kinds_of_member(
    status text, first_signed_in_at timestamptz, temporary_until timestamptz, slip_printed_at timestamptz
) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'class_never:' WHERE status = 'active' AND first_signed_in_at IS NULL
    UNION ALL SELECT 'class_slip_waiting:'
        WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
$$;

CREATE FUNCTION move_counter(school uuid, name text, delta bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value) VALUES (school, name, delta)
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
END $$;

-- The school's own counters.

CREATE OR REPLACE FUNCTION count_members_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT m.school_id, name, count(*) AS delta FROM new_rows m,
            counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
        GROUP BY m.school_id, name ORDER BY m.school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_members_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT m.school_id, name, -count(*) AS delta FROM old_rows m,
            counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
        GROUP BY m.school_id, name ORDER BY m.school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_members_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, name, sum(delta)::bigint AS delta FROM (
            SELECT m.school_id, name, 1 AS delta FROM new_rows m,
                counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
            UNION ALL
            SELECT m.school_id, name, -1 FROM old_rows m,
                counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
        ) each
        GROUP BY school_id, name HAVING sum(delta) <> 0 ORDER BY school_id, name
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

-- The pupils of a class.

CREATE OR REPLACE FUNCTION count_enrolments_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, 'class:' || class_id AS name, count(*) AS delta FROM new_rows WHERE ended_at IS NULL
        GROUP BY school_id, class_id ORDER BY school_id, class_id
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_enrolments_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, 'class:' || class_id AS name, -count(*) AS delta FROM old_rows WHERE ended_at IS NULL
        GROUP BY school_id, class_id ORDER BY school_id, class_id
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_enrolments_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT school_id, 'class:' || class_id AS name, sum(delta)::bigint AS delta FROM (
            SELECT school_id, class_id, 1 AS delta FROM new_rows WHERE ended_at IS NULL
            UNION ALL
            SELECT school_id, class_id, -1 FROM old_rows WHERE ended_at IS NULL
        ) each
        GROUP BY school_id, class_id HAVING sum(delta) <> 0 ORDER BY school_id, class_id
    LOOP PERFORM move_counter(moved.school_id, moved.name, moved.delta); END LOOP;
    RETURN NULL;
END $$;

-- What a class counts of its pupils.

-- Whose properties changed, and in which classes they are: first the one, then the other.
CREATE OR REPLACE FUNCTION count_members_of_class() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
    moved record;
BEGIN
    FOR changed IN
        SELECT school_id, array_agg(id) AS members, array_agg(kind) AS kinds, array_agg(delta) AS deltas FROM (
            SELECT school_id, id, kind, sum(delta)::bigint AS delta FROM (
                SELECT m.school_id, m.id, kind, 1 AS delta FROM new_rows m,
                    class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
                UNION ALL
                SELECT m.school_id, m.id, kind, -1 FROM old_rows m,
                    class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
            ) each
            GROUP BY school_id, id, kind HAVING sum(delta) <> 0
        ) of_member
        GROUP BY school_id ORDER BY school_id
    LOOP
        FOR moved IN
            SELECT c.kind || e.class_id AS name, sum(c.delta)::bigint AS delta
            FROM unnest(changed.members, changed.kinds, changed.deltas) AS c (member_id, kind, delta)
            CROSS JOIN LATERAL (
                SELECT class_id FROM enrolments
                WHERE school_id = (SELECT changed.school_id) AND member_id = c.member_id AND ended_at IS NULL OFFSET 0
            ) e
            GROUP BY c.kind || e.class_id HAVING sum(c.delta) <> 0 ORDER BY c.kind || e.class_id
        LOOP PERFORM move_counter(changed.school_id, moved.name, moved.delta); END LOOP;
    END LOOP;
    RETURN NULL;
END $$;

-- Moves what classes count by people who come into one (1) and go out of one (-1), with what the people are now.
CREATE FUNCTION count_placed(school uuid, members uuid[], classes uuid[], deltas bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT kind || p.class_id AS name, sum(p.delta)::bigint AS delta
        FROM unnest(count_placed.members, count_placed.classes, count_placed.deltas) AS p (member_id, class_id, delta)
        CROSS JOIN LATERAL (
            SELECT m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at FROM members m
            WHERE m.school_id = (SELECT school) AND m.id = p.member_id OFFSET 0
        ) m
        CROSS JOIN LATERAL
            class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
        GROUP BY kind || p.class_id HAVING sum(p.delta) <> 0 ORDER BY kind || p.class_id
    LOOP PERFORM move_counter(school, moved.name, moved.delta); END LOOP;
END $$;

CREATE OR REPLACE FUNCTION count_class_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE placed record;
BEGIN
    FOR placed IN
        SELECT school_id, array_agg(member_id) AS members, array_agg(class_id) AS classes,
            array_agg(1::bigint) AS deltas
        FROM new_rows WHERE ended_at IS NULL GROUP BY school_id ORDER BY school_id
    LOOP PERFORM count_placed(placed.school_id, placed.members, placed.classes, placed.deltas); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_class_out() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE placed record;
BEGIN
    FOR placed IN
        SELECT school_id, array_agg(member_id) AS members, array_agg(class_id) AS classes,
            array_agg(-1::bigint) AS deltas
        FROM old_rows WHERE ended_at IS NULL GROUP BY school_id ORDER BY school_id
    LOOP PERFORM count_placed(placed.school_id, placed.members, placed.classes, placed.deltas); END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_class_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE placed record;
BEGIN
    FOR placed IN
        SELECT school_id, array_agg(member_id) AS members, array_agg(class_id) AS classes, array_agg(delta) AS deltas
        FROM (
            SELECT school_id, member_id, class_id, sum(delta)::bigint AS delta FROM (
                SELECT school_id, member_id, class_id, 1 AS delta FROM new_rows WHERE ended_at IS NULL
                UNION ALL
                SELECT school_id, member_id, class_id, -1 FROM old_rows WHERE ended_at IS NULL
            ) each
            GROUP BY school_id, member_id, class_id HAVING sum(delta) <> 0
        ) of_member
        GROUP BY school_id ORDER BY school_id
    LOOP PERFORM count_placed(placed.school_id, placed.members, placed.classes, placed.deltas); END LOOP;
    RETURN NULL;
END $$;

DROP FUNCTION class_counters_of_member;

CREATE OR REPLACE FUNCTION take_counters_of_school() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    school uuid := nullif(current_setting('app.school_id', true), '')::uuid;
BEGIN
    PERFORM c.counter FROM counters c WHERE c.school_id = school AND c.counter NOT LIKE 'class%'
    ORDER BY c.counter FOR UPDATE;
    RETURN NULL;
END $$;

-- Who owns a school, and who stands where.

CREATE OR REPLACE PROCEDURE expect_an_owner(school uuid) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('roster:' || school::text, 0));
    IF NOT EXISTS (
        SELECT FROM grants g
        CROSS JOIN LATERAL (
            SELECT m.status FROM members m WHERE m.school_id = school AND m.id = g.member_id OFFSET 0
        ) m
        WHERE g.school_id = school AND g."grant" = 'owner' AND m.status IN ('active', 'invited')
    ) THEN
        RAISE EXCEPTION 'school % would have no owner', school
            USING ERRCODE = 'check_violation', CONSTRAINT = 'school_keeps_an_owner';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION rank_of(school uuid, member uuid) RETURNS integer LANGUAGE plpgsql STABLE AS $$
DECLARE
    role_of text;
    grants_of text[];
BEGIN
    SELECT m.role INTO role_of FROM members m WHERE m.school_id = school AND m.id = member;
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT array_agg(g."grant") INTO grants_of FROM grants g WHERE g.school_id = school AND g.member_id = member;
    RETURN CASE
        WHEN 'owner' = ANY(grants_of) THEN 3
        WHEN role_of = 'manager' OR 'account_manager' = ANY(grants_of) THEN 2
        WHEN role_of = 'teacher' THEN 1
        ELSE 0 END;
END $$;

CREATE OR REPLACE FUNCTION members_keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    actor uuid := acting_member();
    actor_rank integer;
    changed record;
BEGIN
    IF actor IS NULL THEN
        RETURN NULL;
    END IF;
    -- Nobody changes an own role or standing, nor those of equals; managers are an owner's to make and unmake.
    FOR changed IN
        SELECT school_id, id, max(role) FILTER (WHERE delta < 0) AS was, max(role) FILTER (WHERE delta > 0) AS is_now
        FROM (
            SELECT school_id, id, role, sum(delta) AS delta FROM (
                SELECT school_id, id, role, status, 1 AS delta FROM new_rows
                UNION ALL
                SELECT school_id, id, role, status, -1 FROM old_rows
            ) each
            GROUP BY school_id, id, role, status HAVING sum(delta) <> 0
        ) of_member
        GROUP BY school_id, id
    LOOP
        actor_rank := coalesce(actor_rank, rank_of(changed.school_id, actor), -1);
        IF changed.id = actor
            OR actor_rank <= (CASE changed.was WHEN 'manager' THEN 2 WHEN 'teacher' THEN 1 ELSE 0 END)
            OR actor_rank <= rank_of(changed.school_id, changed.id)
            OR changed.was <> changed.is_now AND 'manager' IN (changed.was, changed.is_now) AND actor_rank < 3
        THEN
            RAISE EXCEPTION 'member % stands too low for this', actor
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION grants_given_keep_rank() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF given.makes_oneself_owner OR NOT EXISTS (
            SELECT FROM grants g WHERE g.school_id = given.school_id AND g.member_id = actor AND g."grant" = 'owner'
        ) THEN
            RAISE EXCEPTION 'member % may not hand out grants', actor
                USING ERRCODE = 'check_violation', CONSTRAINT = 'rank_is_kept';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Names are those of this schema, whoever calls. What asks for one key at a time is planned once, for any school.
DO $$
DECLARE
    each record;
    setting text;
BEGIN
    FOR each IN
        SELECT p.oid::regprocedure AS name, f.plans
        FROM (VALUES
            ('move_counter', 'auto'), ('count_members_in', 'auto'), ('count_members_out', 'auto'),
            ('count_members_moved', 'auto'), ('count_enrolments_in', 'auto'), ('count_enrolments_out', 'auto'),
            ('count_enrolments_moved', 'auto'), ('count_class_in', 'auto'), ('count_class_out', 'auto'),
            ('count_class_moved', 'auto'), ('take_counters_of_school', 'auto'), ('owner_let_go', 'auto'),
            ('members_keep_rank', 'auto'), ('grants_taken_keep_rank', 'auto'),
            ('count_placed', 'force_custom_plan'), ('count_members_of_class', 'force_custom_plan'),
            ('end_enrolments_first', 'force_generic_plan'), ('expect_an_owner', 'force_generic_plan'),
            ('staff_changed', 'force_generic_plan'), ('grant_given', 'force_generic_plan'),
            ('rank_of', 'force_generic_plan'), ('grants_given_keep_rank', 'force_generic_plan')
        ) AS f (name, plans)
        JOIN pg_proc p ON p.proname = f.name AND p.pronamespace = 'public'::regnamespace
    LOOP
        FOREACH setting IN ARRAY ARRAY[
            'search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off', 'plan_cache_mode = ' || each.plans
        ] LOOP
            EXECUTE format('ALTER ROUTINE %s SET %s', each.name, setting);
        END LOOP;
    END LOOP;
END $$;
