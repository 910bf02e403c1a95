-- Where nothing is known of a table, a partial index looks cheaper to the planner than the key, and of whole ones it takes
-- the newest. So indexes over columns of the key are whole, and the keys newer than all of them, as by the rule of 0091.

DROP INDEX entries_by_hour, exam_classes_of_class, exam_duties_of_member, exam_invigilators_of_member,
    exam_marks_of_candidate, exam_seats_of_room, rollover_news_of_member, rollover_pupils_of_member,
    told_apart_by_second;
CREATE INDEX entries_by_hour ON entries (school_id, hour);
CREATE INDEX exam_classes_of_class ON exam_classes (school_id, class_id);
CREATE INDEX exam_duties_of_member ON exam_duties (school_id, member_id);
CREATE INDEX exam_invigilators_of_member ON exam_invigilators (school_id, member_id);
CREATE INDEX exam_marks_of_candidate ON exam_marks (school_id, candidate_id);
CREATE INDEX exam_seats_of_room ON exam_seats (school_id, exam_id, room_id);
CREATE INDEX rollover_news_of_member ON rollover_news (school_id, member_id);
CREATE INDEX told_apart_by_second ON told_apart (school_id, b);

DO $$
DECLARE
    tenant regclass;
    key record;
    other record;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['entries', 'exam_classes', 'exam_codes', 'exam_duties', 'exam_invigilators', 'exam_marks',
        'exam_seats', 'rollover_news', 'told_apart']::regclass[]
    LOOP
        SELECT conname, conindid, pg_get_constraintdef(oid) AS definition INTO STRICT key
        FROM pg_constraint WHERE conrelid = tenant AND contype = 'p';
        CREATE TEMPORARY TABLE dependents ON COMMIT DROP AS
            SELECT conrelid::regclass AS source, conname, pg_get_constraintdef(oid) AS definition
            FROM pg_constraint WHERE confrelid = tenant AND contype = 'f' AND conindid = key.conindid;
        FOR other IN SELECT * FROM dependents LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', other.source, other.conname);
        END LOOP;
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', tenant, key.conname);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', tenant, key.conname, key.definition);
        FOR other IN SELECT * FROM dependents LOOP
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', other.source, other.conname, other.definition);
        END LOOP;
        DROP TABLE dependents;
    END LOOP;
END $$;

-- The key of these serves both: whose rows of all drafts, and which row of one.
ALTER TABLE rollover_pupils DROP CONSTRAINT rollover_pupils_pkey;
ALTER TABLE rollover_pupils ADD PRIMARY KEY (school_id, member_id, rollover_id);
