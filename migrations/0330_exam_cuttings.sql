-- Which cutting a code is of, the times at which rooms cannot be had, and candidates who came late.

ALTER TABLE exam_papers ADD COLUMN cutting integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN exam_papers.cutting IS
    'Grows each time that codes are drawn anew: what was typed under the codes of an earlier time is of other papers now';

ALTER TABLE exam_rooms
    ADD COLUMN closed_from timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN closed_until timestamptz[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT exam_room_closures_whole CHECK (cardinality(closed_from) = cardinality(closed_until));
COMMENT ON COLUMN exam_rooms.closed_from IS 'When times begin at which it cannot be had; they end at the same places of closed_until';

ALTER TABLE exam_candidates ADD COLUMN is_late boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN exam_candidates.is_late IS 'They came after numbers had been given, and have theirs behind all others';
