-- After how long a session of staff that nobody uses is as good as ended. Identity reads no school's data, so what it needs to
-- know of a person's place stands beside the way into the school.

ALTER TABLE schools ADD COLUMN staff_idle_hours integer NOT NULL DEFAULT 12
    CHECK (staff_idle_hours = 12 OR staff_idle_hours BETWEEN 24 AND 336 AND staff_idle_hours % 24 = 0);
COMMENT ON COLUMN schools.staff_idle_hours IS 'Of managers and teachers; of an account in several schools the fewest count';

ALTER TABLE memberships ADD COLUMN is_staff boolean;
COMMENT ON COLUMN memberships.is_staff IS
    'As the person was when last in the school; NULL before the first time: then whoever signs in with an address counts as staff';
COMMENT ON TABLE memberships IS
    'Which member of which school an account is, and whether as staff: the way from a session into a school''s scope';
CALL grant_to_program('UPDATE (is_staff)', 'memberships');
