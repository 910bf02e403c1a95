-- Submissions, by the rule of 0091: what is asked for by its key is found by it, so the key is the youngest of the indexes.

ALTER TABLE submissions DROP CONSTRAINT submissions_pkey;
ALTER TABLE submissions ADD PRIMARY KEY (school_id, plan_id);
