-- Syncs of a school, by the rule of 0091: what is asked for by its key is found by it.

DROP INDEX registry_syncs_by_time;
CREATE INDEX registry_syncs_by_time ON registry_syncs (school_id, what, read_at DESC) WHERE read_at IS NOT NULL;
CREATE INDEX registry_syncs_of_plan ON registry_syncs (school_id, plan_id) WHERE plan_id IS NOT NULL;

-- The key is made newer than the others, which stay open to every statement.
ALTER TABLE registry_syncs DROP CONSTRAINT registry_syncs_pkey;
ALTER TABLE registry_syncs ADD PRIMARY KEY (school_id, what, plan_id);
