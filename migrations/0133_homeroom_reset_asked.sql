-- Whether homeroom teachers may give new passwords is off when a school begins; an owner is asked once.

ALTER TABLE schools ADD COLUMN homeroom_reset_asked_at timestamptz;
COMMENT ON COLUMN schools.homeroom_reset_asked_at IS 'When an owner decided whether homeroom teachers may give new passwords; NULL: not asked yet';
