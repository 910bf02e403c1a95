-- The registry, and plans since they have books, by the rule of 0091: what is asked for by its key is found by it.

DROP INDEX plans_of_book, registry_changes_of_subject;
CREATE INDEX plans_of_book ON plans (school_id, book, made_at DESC) WHERE book IS NOT NULL;
CREATE INDEX registry_changes_of_subject ON registry_changes (school_id, subject_id, id) WHERE subject_id IS NOT NULL;

-- The key is made newer than the names and classes, which stay open to every statement.
ALTER TABLE registry_links DROP CONSTRAINT registry_links_school_id_registry_person_id_fkey;
ALTER TABLE registry_people DROP CONSTRAINT registry_people_pkey;
ALTER TABLE registry_people ADD PRIMARY KEY (school_id, id);
ALTER TABLE registry_links ADD FOREIGN KEY (school_id, registry_person_id) REFERENCES registry_people ON DELETE CASCADE;
