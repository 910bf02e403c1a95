-- OneRoster: who teaches what to which class is a class of its own there ("scheduled"). When that changed, and what is gone.

ALTER TABLE timetable_assignments ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE timetable_subjects ADD COLUMN changed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now());
ALTER TABLE timetable_assignments ALTER COLUMN changed_at SET DEFAULT moment();
ALTER TABLE timetable_subjects ALTER COLUMN changed_at SET DEFAULT moment();
COMMENT ON COLUMN timetable_assignments.changed_at IS 'When the teacher came to the subject of the class';
COMMENT ON COLUMN timetable_subjects.changed_at IS 'When what OneRoster says of the subject last changed';

CREATE TRIGGER timetable_subjects_changed BEFORE UPDATE ON timetable_subjects FOR EACH ROW
    WHEN ((OLD.name, OLD.code, OLD.short_name) IS DISTINCT FROM (NEW.name, NEW.code, NEW.short_name))
    EXECUTE FUNCTION mark_changed();
CREATE TRIGGER timetable_assignments_changed BEFORE UPDATE ON timetable_assignments FOR EACH ROW
    WHEN ((OLD.class_id, OLD.subject_id, OLD.teacher_id) IS DISTINCT FROM (NEW.class_id, NEW.subject_id, NEW.teacher_id))
    EXECUTE FUNCTION mark_changed();

ALTER TABLE oneroster_tombstones ADD COLUMN subject_id uuid;
COMMENT ON COLUMN oneroster_tombstones.subject_id IS 'Of a class of one subject, and of the teacher in it';

CREATE FUNCTION bury_assignment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_class text := OLD.class_id || '.' || OLD.subject_id;
BEGIN
    INSERT INTO oneroster_tombstones AS t
        (school_id, kind, id, gone_at, role, school_year_id, class_id, member_id, subject_id)
    SELECT OLD.school_id, gone.kind, gone.id, moment(), gone.role, c.school_year_id, OLD.class_id, gone.member_id,
        OLD.subject_id
    FROM classes c CROSS JOIN (VALUES
        ('enrollment', of_class || '.' || OLD.teacher_id, 'teacher', OLD.teacher_id),
        ('class', of_class, NULL, NULL)) gone (kind, id, role, member_id)
    WHERE c.school_id = OLD.school_id AND c.id = OLD.class_id
        AND (gone.kind = 'enrollment' OR NOT EXISTS (SELECT FROM timetable_assignments a
            WHERE a.school_id = OLD.school_id AND a.class_id = OLD.class_id AND a.subject_id = OLD.subject_id))
    ON CONFLICT (school_id, kind, id) DO UPDATE SET gone_at = excluded.gone_at;
    RETURN NULL;
END $$;
CREATE TRIGGER timetable_assignments_buried AFTER DELETE ON timetable_assignments FOR EACH ROW
    EXECUTE FUNCTION bury_assignment();
CREATE TRIGGER timetable_assignments_moved AFTER UPDATE ON timetable_assignments FOR EACH ROW
    WHEN ((OLD.class_id, OLD.subject_id, OLD.teacher_id) IS DISTINCT FROM (NEW.class_id, NEW.subject_id, NEW.teacher_id))
    EXECUTE FUNCTION bury_assignment();
