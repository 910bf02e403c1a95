-- Codes by which a pupil is taken in are guessed at like passwords, and are on record like them.

ALTER TABLE sign_in_events DROP CONSTRAINT sign_in_events_kind_check;
ALTER TABLE sign_in_events ADD CONSTRAINT sign_in_events_kind_check CHECK (kind IN (
    'signed_in', 'wrong_password', 'password_locked', 'wrong_code', 'code_locked', 'wrong_release', 'release_locked',
    'refused'));
COMMENT ON COLUMN sign_in_events.place IS
    'Of who was let in, the network; of what was refused or typed in a school, the school; else empty: one row an hour';
COMMENT ON COLUMN sign_in_events.school_id IS 'In which school something was refused, or typed wrong';
