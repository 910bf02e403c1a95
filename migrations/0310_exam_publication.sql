-- A publication that is planned for later holds only as long as every mark is there.

ALTER TABLE exam_classes ADD COLUMN withheld_at timestamptz;
COMMENT ON COLUMN exam_classes.withheld_at IS
    'When a planned publication was taken back because a mark went missing meanwhile; NULL once it is planned again';
