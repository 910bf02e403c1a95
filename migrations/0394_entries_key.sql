-- no-transaction
-- The key is the youngest of the indexes, as by the rule of 0091. This one becomes it.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS entries_key ON entries (school_id, member_id, hour);
