-- Who was seen in a school last: its home says who is online. A table of its own, for a row of people carries counters,
-- words and orders that need not move each minute.

CREATE TABLE presence (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, member_id),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE presence IS 'When a member was last seen in the school; written at most once a minute';
CREATE INDEX presence_by_time ON presence (school_id, seen_at);
CALL make_tenant_table('presence', 'SELECT, INSERT, UPDATE (seen_at)');
