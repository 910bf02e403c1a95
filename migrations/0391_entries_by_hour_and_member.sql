-- no-transaction
-- A number of a report leads to its people: those who came in at an hour, sign-in by sign-in. A page of them is a part of
-- an index, which is built while all go on signing in.
CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_by_hour_and_member ON entries (school_id, hour, member_id);
