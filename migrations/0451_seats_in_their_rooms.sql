-- The seats that are there, looked at while all go on writing.
ALTER TABLE exam_seats VALIDATE CONSTRAINT exam_seat_in_room;
