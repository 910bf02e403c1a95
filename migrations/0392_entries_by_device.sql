-- no-transaction
-- Likewise those who came in by a kind of device.
CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_by_device ON entries (school_id, device, hour, member_id);
