-- Syncs of a school, by the rule of 0091: what is asked for by its key is found by it. The key begins with the plan, by
-- which the rows of a deleted one are found as well.

DROP INDEX registry_syncs_by_time;
CREATE INDEX registry_syncs_by_time ON registry_syncs (school_id, what, read_at DESC) WHERE read_at IS NOT NULL;
ALTER TABLE registry_syncs DROP CONSTRAINT registry_syncs_pkey;
ALTER TABLE registry_syncs ADD PRIMARY KEY (school_id, plan_id, what);
