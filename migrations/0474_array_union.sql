-- What either has, in order and once. For statements that a cluster plans: it takes no subquery where an INSERT meets a row
-- that is there.
CREATE FUNCTION array_union(one text[], other text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT each FROM unnest(one || other) AS each ORDER BY each);
END $$;
