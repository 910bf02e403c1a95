-- How many may sit in a room stands beside each of its seats, so that a check can say that no seat is beyond it. A foreign key
-- carried a change over; a cluster takes no key that changes a part of itself where the school is in it. Now a trigger carries
-- it over, and the key says that nothing else stands there: a transaction that seats candidates holds the room as it is until
-- its end, and one that changes the room waits for that and finds all seats.

CREATE FUNCTION seats_follow_room() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE exam_seats SET room_most = NEW.most
    WHERE school_id = NEW.school_id AND exam_id = NEW.exam_id AND room_id = NEW.id;
    RETURN NULL;
END $$;

-- The key is looked at at the end of the statement, by triggers named RI_…; triggers run in the order of their names, and
-- this one has to be before them.
CREATE TRIGGER "A_seats_follow_room" AFTER UPDATE OF most ON exam_rooms FOR EACH ROW
    WHEN (OLD.most IS DISTINCT FROM NEW.most)
    EXECUTE FUNCTION seats_follow_room();

-- Those that are there hold by the key that is dropped; the next migration looks at them.
ALTER TABLE exam_seats DROP CONSTRAINT exam_seat_in_room;
ALTER TABLE exam_seats ADD CONSTRAINT exam_seat_in_room FOREIGN KEY (school_id, exam_id, room_id, room_most)
    REFERENCES exam_rooms (school_id, exam_id, id, most) NOT VALID;
COMMENT ON COLUMN exam_seats.room_most IS
    'The room''s own: the foreign key says so, and a trigger of the room carries changes over. No seat is beyond it';
