-- Looks through the table, while everybody goes on signing in.
ALTER TABLE sign_in_events VALIDATE CONSTRAINT sign_in_events_bound;
