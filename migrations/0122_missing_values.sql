-- What a row lacks or has wrong is filled in for many rows at once: not only mothers and guardians, but whatever a new
-- person needs. The rows are counted on every page of a review and listed in a grid. A column that is kept by itself,
-- since an index cannot be asked for what stands in the faults behind row-level security.
ALTER TABLE plan_rows ADD COLUMN lacks_values boolean NOT NULL GENERATED ALWAYS AS (
    outcome = 'error' AND jsonb_path_exists(faults || lacks,
        '$[*] ? (@.field == "gender" || @.field == "class" || @.field == "birth_date" || @.field == "email"
            || @.field == "mother_name" || @.field == "mother_birth_year"
            || @.field == "guardian_name" || @.field == "guardian_birth_year")')
) STORED;
COMMENT ON COLUMN plan_rows.lacks_values IS 'Kept out for want of a value that the grid asks for, or because such a value cannot be taken';
CREATE INDEX plan_rows_lacking_values ON plan_rows (school_id, plan_id, line) WHERE lacks_values;
DROP INDEX plan_rows_without_guardian;
ALTER TABLE plan_rows DROP COLUMN lacks_guardian;
