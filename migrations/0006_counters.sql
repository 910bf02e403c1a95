-- What pages count, kept in the transaction that changes it: no page says count(*) over a school.
--
-- Statement-level triggers, so that an import of ten thousand pupils moves each counter once. The counters move in
-- one order, so that two transactions that count the same things wait for each other instead of deadlocking.

-- The counters that a member with these properties stands in.
CREATE FUNCTION counters_of_member(
    role text, status text, first_signed_in_at timestamptz, temporary_until timestamptz, slip_printed_at timestamptz
) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'member:' || role || ':' || status
    UNION ALL SELECT 'never_signed_in:' || role WHERE status = 'active' AND first_signed_in_at IS NULL
    UNION ALL SELECT 'slip_waiting:' || role
        WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
$$;

CREATE FUNCTION count_members_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT m.school_id, name, count(*) FROM new_rows m,
        counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    GROUP BY m.school_id, name ORDER BY m.school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_members_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT m.school_id, name, -count(*) FROM old_rows m,
        counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    GROUP BY m.school_id, name ORDER BY m.school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_members_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT school_id, name, sum(delta) FROM (
        SELECT m.school_id, name, 1 AS delta FROM new_rows m,
            counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
        UNION ALL
        SELECT m.school_id, name, -1 FROM old_rows m,
            counters_of_member(m.role, m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) name
    ) moved
    GROUP BY school_id, name HAVING sum(delta) <> 0 ORDER BY school_id, name
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON members REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members_in();
CREATE TRIGGER count_out AFTER DELETE ON members REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members_out();
CREATE TRIGGER count_moved AFTER UPDATE ON members REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_members_moved();

-- The pupils of a class: those whose enrolment goes on.
CREATE FUNCTION count_enrolments_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT school_id, 'class:' || class_id, count(*) FROM new_rows WHERE ended_at IS NULL
    GROUP BY school_id, class_id ORDER BY school_id, class_id
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_enrolments_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT school_id, 'class:' || class_id, -count(*) FROM old_rows WHERE ended_at IS NULL
    GROUP BY school_id, class_id ORDER BY school_id, class_id
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE FUNCTION count_enrolments_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counters AS c (school_id, counter, value)
    SELECT school_id, 'class:' || class_id, sum(delta) FROM (
        SELECT school_id, class_id, 1 AS delta FROM new_rows WHERE ended_at IS NULL
        UNION ALL
        SELECT school_id, class_id, -1 FROM old_rows WHERE ended_at IS NULL
    ) moved
    GROUP BY school_id, class_id HAVING sum(delta) <> 0 ORDER BY school_id, class_id
    ON CONFLICT (school_id, counter) DO UPDATE SET value = c.value + excluded.value;
    RETURN NULL;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON enrolments REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_enrolments_in();
CREATE TRIGGER count_out AFTER DELETE ON enrolments REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_enrolments_out();
CREATE TRIGGER count_moved AFTER UPDATE ON enrolments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_enrolments_moved();
