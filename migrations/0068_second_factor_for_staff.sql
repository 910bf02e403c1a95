-- A school may ask the second factor of all its staff, not of those alone who manage accounts.

ALTER TABLE schools ADD COLUMN second_factor_for_staff boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schools.second_factor_for_staff IS 'Teachers too come in with a second factor only';
ALTER TABLE schools ADD CONSTRAINT staff_means_managers_too CHECK (second_factor_for_managers OR NOT second_factor_for_staff);
