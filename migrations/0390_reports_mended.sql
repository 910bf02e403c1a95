-- Who has signed in, by name: a narrowing of the list, as those who never have are one.
CREATE INDEX members_signed_in ON members (school_id, role, given_name, family_name, middle_name, id)
    WHERE status = 'active' AND first_signed_in_at IS NOT NULL;

-- The mails of a month are begun once, on its first days, whenever a worker runs.
CREATE TABLE report_months (
    month date PRIMARY KEY,
    at timestamptz NOT NULL
);
COMMENT ON TABLE report_months IS 'The months, by their first day, whose mails to owners have been begun';
CALL grant_to_program('SELECT, INSERT', 'report_months');

-- The schools of a province by name, as operators sort them.
CREATE INDEX schools_of_province_by_name ON schools (province_code, name COLLATE "vi-x-icu", id);

-- What a school is to operators, of the rows that they filter: nobody has ever signed in, or not lately.
ALTER TABLE school_figures ADD COLUMN state text NOT NULL GENERATED ALWAYS AS (CASE
    WHEN is_suspended THEN 'suspended'
    WHEN is_active THEN 'active'
    WHEN pupils_in + staff_in > 0 THEN 'silent'
    ELSE 'unopened'
END) STORED;
COMMENT ON COLUMN school_figures.state IS 'suspended, active, silent: nobody has signed in lately, unopened: nobody ever has';
