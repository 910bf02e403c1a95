-- The younger indexes take the place of the older ones. Nothing is built here, but on a cluster, which makes no key of an
-- index that is there; its shards are small.

DROP INDEX entries_by_hour;
DO $$
BEGIN
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        DROP INDEX entries_key;
        ALTER TABLE entries DROP CONSTRAINT entries_pkey;
        ALTER TABLE entries ADD PRIMARY KEY (school_id, member_id, hour);
    ELSE
        ALTER TABLE entries DROP CONSTRAINT entries_pkey, ADD CONSTRAINT entries_pkey PRIMARY KEY USING INDEX entries_key;
    END IF;
END $$;
