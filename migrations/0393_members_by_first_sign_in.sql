-- no-transaction
-- Likewise those who came in first on a day.
CREATE INDEX CONCURRENTLY IF NOT EXISTS members_by_first_sign_in ON members (school_id, first_signed_in_at, id)
    WHERE status <> 'left' AND first_signed_in_at IS NOT NULL;
