-- Private addresses under which an account's timetable can be read by calendars.

CREATE TABLE calendar_feeds (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    hash bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE calendar_feeds IS
    'Whose timetable an address shows: a hash, so that a copy of the database opens none. A new address replaces the last';
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'calendar_feeds');
