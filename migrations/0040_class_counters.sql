-- What the hand-out ledger counts of each class: whose slip waits to be printed, who has never signed in. Kept like the
-- school's own counters, and moved after them: whoever counts both takes them in one order.

-- By whom a pupil is looked for, here and where a person goes with all that hangs on him.
CREATE INDEX enrolments_of_member ON enrolments (school_id, member_id);

-- The counters of a class that a pupil with these properties stands in.
CREATE FUNCTION class_counters_of_member(
    class_id uuid, status text, first_signed_in_at timestamptz, temporary_until timestamptz, slip_printed_at timestamptz
) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'class_never:' || class_id WHERE status = 'active' AND first_signed_in_at IS NULL
    UNION ALL SELECT 'class_slip_waiting:' || class_id
        WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
$$;

-- Who signs in, gets a slip or a new password: most changes of people touch none of that.
CREATE FUNCTION count_members_of_class() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT school_id, name, sum(delta) FROM (
        WITH changed AS (
            SELECT n.school_id, n.id, e.class_id,
                n.status, n.first_signed_in_at, n.temporary_until, n.slip_printed_at,
                o.status AS was_status, o.first_signed_in_at AS was_signed_in, o.temporary_until AS was_until,
                o.slip_printed_at AS was_printed
            FROM new_rows n
            JOIN old_rows o ON o.school_id = n.school_id AND o.id = n.id
            JOIN enrolments e ON e.school_id = n.school_id AND e.member_id = n.id AND e.ended_at IS NULL
            WHERE (n.status, n.first_signed_in_at IS NULL, n.temporary_until IS NULL, n.slip_printed_at IS NULL)
                IS DISTINCT FROM
                (o.status, o.first_signed_in_at IS NULL, o.temporary_until IS NULL, o.slip_printed_at IS NULL)
        )
        SELECT school_id, name, 1 AS delta FROM changed,
            class_counters_of_member(class_id, status, first_signed_in_at, temporary_until, slip_printed_at) name
        UNION ALL
        SELECT school_id, name, -1 FROM changed,
            class_counters_of_member(class_id, was_status, was_signed_in, was_until, was_printed) name
    ) moved
    GROUP BY school_id, name HAVING sum(delta) <> 0 ORDER BY school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_class_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT e.school_id, name, count(*)
    FROM new_rows e JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id
    CROSS JOIN LATERAL class_counters_of_member(
        e.class_id, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    WHERE e.ended_at IS NULL
    GROUP BY e.school_id, name ORDER BY e.school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_class_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT e.school_id, name, -count(*)
    FROM old_rows e JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id
    CROSS JOIN LATERAL class_counters_of_member(
        e.class_id, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    WHERE e.ended_at IS NULL
    GROUP BY e.school_id, name ORDER BY e.school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_class_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT moved.school_id, name, sum(delta)
    FROM (
        SELECT school_id, member_id, class_id, 1 AS delta FROM new_rows WHERE ended_at IS NULL
        UNION ALL
        SELECT school_id, member_id, class_id, -1 FROM old_rows WHERE ended_at IS NULL
    ) moved
    JOIN members m ON m.school_id = moved.school_id AND m.id = moved.member_id
    CROSS JOIN LATERAL class_counters_of_member(
        moved.class_id, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    GROUP BY moved.school_id, name HAVING sum(delta) <> 0 ORDER BY moved.school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

-- Triggers fire in the order of their names: these after the count_… of the same table.
CREATE TRIGGER counted_by_class AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members_of_class();
CREATE TRIGGER counted_by_class_in AFTER INSERT ON enrolments REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_class_in();
CREATE TRIGGER counted_by_class_out AFTER DELETE ON enrolments REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_class_out();
CREATE TRIGGER counted_by_class_moved AFTER UPDATE ON enrolments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_class_moved();

-- A pupil's enrolments go before the pupil: behind him, nobody could tell any more what he was counted as. The school's
-- counters are taken first, so that the order holds there, too.
CREATE FUNCTION take_counters_of_school() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM counters
    WHERE school_id = nullif(current_setting('app.school_id', true), '')::uuid AND counter NOT LIKE 'class%'
    ORDER BY counter FOR UPDATE;
    RETURN NULL;
END $$;

CREATE FUNCTION end_enrolments_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM enrolments WHERE school_id = OLD.school_id AND member_id = OLD.id;
    RETURN OLD;
END $$;

CREATE TRIGGER take_counters BEFORE DELETE ON members
    FOR EACH STATEMENT EXECUTE FUNCTION take_counters_of_school();
CREATE TRIGGER end_enrolments BEFORE DELETE ON members
    FOR EACH ROW EXECUTE FUNCTION end_enrolments_first();

-- Those who are there already. One school after the other: the tables are behind their walls for the owner, too.
DO $$
DECLARE
    school uuid;
BEGIN
    FOR school IN SELECT id FROM schools LOOP
        PERFORM set_config('app.school_id', school::text, true);
        INSERT INTO counters (school_id, counter, value)
        SELECT e.school_id, name, count(*)
        FROM enrolments e JOIN members m ON m.school_id = e.school_id AND m.id = e.member_id
        CROSS JOIN LATERAL class_counters_of_member(
            e.class_id, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
        WHERE e.school_id = school AND e.ended_at IS NULL
        GROUP BY e.school_id, name;
    END LOOP;
    PERFORM set_config('app.school_id', '', true);
END $$;
