-- The directory as operators page through it: fifty thousand schools, by code, with what narrows them.

-- One way by code through all schools, and one for each filter that leaves few of them.
CREATE UNIQUE INDEX schools_by_code ON schools (folded_code);
CREATE INDEX schools_by_unit ON schools (managing_unit_id, folded_code);
CREATE INDEX schools_by_kind ON schools (kind, folded_code);
CREATE INDEX schools_suspended ON schools (folded_code) WHERE suspended_at IS NOT NULL;
CREATE INDEX school_codes_of_school ON school_codes (school_id);
CREATE INDEX school_words_of_school ON school_words (school_id, word);

-- How many schools there are, kept in the transaction that changes it, as the schools' own counters are.
CREATE TABLE school_counts (
    province_code text NOT NULL,
    managing_unit_id uuid NOT NULL,
    kind text NOT NULL,
    is_suspended boolean NOT NULL,
    schools bigint NOT NULL,
    PRIMARY KEY (province_code, managing_unit_id, kind, is_suspended)
);
COMMENT ON TABLE school_counts IS
    'Schools by all that the operators'' list can be filtered by: no page counts fifty thousand rows. Kept by triggers';
CALL grant_to_program('SELECT, INSERT, UPDATE', 'school_counts');

INSERT INTO school_counts (province_code, managing_unit_id, kind, is_suspended, schools)
SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, count(*) FROM schools GROUP BY 1, 2, 3, 4;

CREATE FUNCTION count_schools_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, count(*) FROM new_rows
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

CREATE FUNCTION count_schools_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, -count(*) FROM old_rows
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

CREATE FUNCTION count_schools_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, is_suspended, sum(delta) FROM (
        SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL AS is_suspended, 1 AS delta FROM new_rows
        UNION ALL
        SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, -1 FROM old_rows
    ) moved
    GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

CREATE TRIGGER count_in AFTER INSERT ON schools REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_schools_in();
CREATE TRIGGER count_out AFTER DELETE ON schools REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_schools_out();
CREATE TRIGGER count_moved AFTER UPDATE ON schools REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_schools_moved();
