-- Taking a plan back: what applying found, so that undoing can put it there again, and what became of it.

ALTER TABLE plans
    DROP CONSTRAINT plans_state_check,
    ADD CONSTRAINT plans_state_check CHECK (state IN
        ('reading', 'refused', 'ready', 'applying', 'applied', 'failed', 'undoing', 'undone')),
    ADD COLUMN results jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN undone_by uuid,
    ADD COLUMN undone_at timestamptz;
COMMENT ON COLUMN plans.state IS
    'reading: the file is being read and matched; refused: the file could not be read; ready: may be reviewed and applied; applying: a worker is at it; failed: applying met something unforeseen, nothing was written; undoing: a worker takes it back; undone: taken back, but for what stays';
COMMENT ON COLUMN plans.results IS 'Rows by what became of them, kept with every change of that';

ALTER TABLE plan_rows
    DROP CONSTRAINT plan_rows_result_check,
    ADD CONSTRAINT plan_rows_result_check CHECK (result IN ('done', 'stale', 'undone', 'stayed')),
    ADD COLUMN was jsonb,
    ADD COLUMN stays jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN plan_rows.result IS
    'Of a row that applying was to write: done; stale: its person had changed meanwhile; undone: taken back; stayed: taken back in part or not at all';
COMMENT ON COLUMN plan_rows.was IS
    'Of an update or a leave: what applying found beside the values, {"status", "temporary_until", "enrolments", "grants", "homeroom"}';
COMMENT ON COLUMN plan_rows.stays IS 'What undoing left as it was, and why';
CREATE INDEX plan_rows_by_result ON plan_rows (school_id, plan_id, result, line) WHERE result IN ('stale', 'stayed');

ALTER TABLE plan_classes ADD COLUMN class_id uuid;
COMMENT ON COLUMN plan_classes.class_id IS 'The class, where the plan has made it';

-- An account that came with a plan goes with it, if nobody has used it.
CALL grant_to_program('DELETE', 'accounts');
