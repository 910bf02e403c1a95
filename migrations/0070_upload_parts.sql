-- A file that was handed in is kept in parts, each sealed by itself: no process holds a large one as a whole while it
-- comes in. The files that are there are one part each.

ALTER TABLE plan_uploads ADD COLUMN part integer NOT NULL DEFAULT 0;
ALTER TABLE plan_uploads DROP CONSTRAINT plan_uploads_pkey;
ALTER TABLE plan_uploads ADD PRIMARY KEY (school_id, plan_id, part);
COMMENT ON COLUMN plan_uploads.part IS 'From 0 on, in the order of the file';
COMMENT ON TABLE plan_uploads IS
    'The file as it came, sealed, since it may hold passwords. In the database, since any worker on any machine may read it; dropped when the file is refused, discarded or applied, and with the rows after 90 days';

-- What was refused or is done needs its file no more; the wall is open to the owner for this one statement.
ALTER TABLE plans NO FORCE ROW LEVEL SECURITY;
ALTER TABLE plan_uploads NO FORCE ROW LEVEL SECURITY;
DELETE FROM plan_uploads u USING plans p
WHERE p.school_id = u.school_id AND p.id = u.plan_id AND p.state IN ('refused', 'applied', 'undoing', 'undone');
ALTER TABLE plan_uploads FORCE ROW LEVEL SECURITY;
ALTER TABLE plans FORCE ROW LEVEL SECURITY;
