-- The timetable and its people: when a version was announced, how much a teacher is to teach, what the engine could not place,
-- and which accounts let their schools know when they are busy elsewhere.

ALTER TABLE timetable_versions ADD COLUMN announced_at timestamptz;
COMMENT ON COLUMN timetable_versions.announced_at IS 'When it was last announced by mail';

-- What is written from now on is checked; what is there is looked at by the next migration, past which all go on writing.
ALTER TABLE timetable_wishes ADD COLUMN norm smallint;
ALTER TABLE timetable_wishes
    ADD CONSTRAINT timetable_wishes_norm_check CHECK (norm BETWEEN 0 AND 60) NOT VALID;
COMMENT ON COLUMN timetable_wishes.norm IS 'The periods a week that the teacher is to teach; NULL for the usual number';

ALTER TABLE timetable_generations ADD COLUMN blamed jsonb NOT NULL DEFAULT '[]';
ALTER TABLE timetable_generations
    ADD CONSTRAINT timetable_generations_blamed_check CHECK (jsonb_typeof(blamed) = 'array') NOT VALID;
COMMENT ON COLUMN timetable_generations.blamed IS
    'What the engine names as hard to place: the class, the subject and the teacher of each block, by their ids';

CREATE TABLE busy_time_consents (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE busy_time_consents IS
    'Accounts that let each of their schools know at what times they teach at the others, and nothing else of it';
CALL grant_to_program('SELECT, INSERT, DELETE', 'busy_time_consents');
