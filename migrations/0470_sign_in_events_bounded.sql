-- Events of signing in are to lie by months (0472), so that what has had its time goes as a table and not row by row. The
-- table that is there becomes the partition before the first of these months. By this check, which the next migration
-- validates, that one knows without looking that all rows belong there.
--
-- The bound is two months ahead or more. Until then all rows are in that one partition: a program of the release before
-- deletes by ctid, which is unique within a partition only. And if these migrations are broken off, no sign-in is refused
-- by the check for that long. What a clock that went wrong has written lies before the bound, too.
DO $$
DECLARE
    latest timestamptz := greatest(now(), (SELECT max(last_at) FROM sign_in_events));
    bound timestamptz :=
        (date_trunc('month', latest AT TIME ZONE 'UTC') + interval '3 months') AT TIME ZONE 'UTC';
BEGIN
    EXECUTE format('ALTER TABLE sign_in_events ADD CONSTRAINT sign_in_events_bound CHECK (hour < %L) NOT VALID', bound);
END $$;
