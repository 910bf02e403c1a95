-- Searching a review.
--
-- A row is found by the name in it, without marks and case: a plan's rows are read through for that, which takes less
-- than a tenth of a second for the hundred thousand that a plan may have.
ALTER TABLE plan_rows ADD COLUMN search text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN plan_rows.search IS 'The words of the full name without marks, each with a space before it; written with the row';

-- The rows that are there already; the wall is open to the owner for this one statement.
ALTER TABLE plan_rows NO FORCE ROW LEVEL SECURITY;
UPDATE plan_rows SET search = regexp_replace(rtrim(regexp_replace(
    ' ' || lower(translate(regexp_replace(normalize("values" ->> 'full_name', NFD), '[\u0300-\u036f]', '', 'g'), 'Đđ', 'dd')),
    '[^a-z0-9]+', ' ', 'g')), '^ $', '')
WHERE "values" ? 'full_name';
ALTER TABLE plan_rows FORCE ROW LEVEL SECURITY;
