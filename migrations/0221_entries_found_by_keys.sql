-- Of indexes that begin with the same column the planner takes the newest where it knows nothing of a table: that is the
-- key's, as in the tables of `0091`.
ALTER TABLE entries DROP CONSTRAINT entries_pkey;
ALTER TABLE entries ADD PRIMARY KEY (school_id, member_id, hour);
