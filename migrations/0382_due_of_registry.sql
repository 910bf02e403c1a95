-- What of the registry waits for a sync is found by versions, and no longer by when it was changed: a transaction that
-- commits late has an early time.

DROP INDEX registry_people_by_change;
DROP INDEX registry_classes_by_change;

ALTER TABLE registry_syncs ADD COLUMN still_due text;
COMMENT ON COLUMN registry_syncs.still_due IS
    'What waited when the sync had been applied, as one mark: rows that were wrong, undecided or left out. As long as the mark is the same, nothing new waits, and no night begins a sync';

-- A plan that cannot be purged yet is put behind the others.
CALL grant_to_program('UPDATE (due_at)', 'plan_purges');
