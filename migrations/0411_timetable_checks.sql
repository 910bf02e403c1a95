-- The rows that were there before the checks keep to them as well.

ALTER TABLE timetable_wishes VALIDATE CONSTRAINT timetable_wishes_norm_check;
ALTER TABLE timetable_generations VALIDATE CONSTRAINT timetable_generations_blamed_check;
