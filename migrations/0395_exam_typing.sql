-- Whether points are typed by their digits alone (725 for 7.25) is the school's choice, exam by exam.

ALTER TABLE exams ADD COLUMN types_at_speed boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN exams.types_at_speed IS 'Digits alone are read by their places: 725 is 7.25; else they are whole points';
