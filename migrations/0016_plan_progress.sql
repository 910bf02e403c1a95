-- How long an apply will still take: told by the worker with its progress, since only it knows its pace.

ALTER TABLE plans ADD COLUMN begun_at timestamptz, ADD COLUMN ends_at timestamptz;
COMMENT ON COLUMN plans.begun_at IS 'When the worker began what it does now';
COMMENT ON COLUMN plans.ends_at IS 'When it will be done at its pace so far; NULL while that cannot be known';
