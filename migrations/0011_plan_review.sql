-- What reviewing a large plan needs.

-- The pupils who need a mother or a guardian are counted on every page of a review and listed in a grid. A column
-- that is kept by itself, since an index cannot be asked for what stands in the faults behind row-level security.
ALTER TABLE plan_rows ADD COLUMN lacks_guardian boolean NOT NULL GENERATED ALWAYS AS (
    outcome = 'error' AND jsonb_path_exists(faults || lacks,
        '$[*] ? (@.field == "mother_name" || @.field == "mother_birth_year" || @.field == "guardian_name" || @.field == "guardian_birth_year")')
) STORED;
COMMENT ON COLUMN plan_rows.lacks_guardian IS 'Kept out for want of a mother or a guardian, or because what is said of them cannot be taken';
CREATE INDEX plan_rows_without_guardian ON plan_rows (school_id, plan_id, line) WHERE lacks_guardian;
