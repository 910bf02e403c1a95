-- A list of all people says of each row whether it is one of staff; a list of one kind need not.
ALTER TABLE plan_rows ADD COLUMN is_staff boolean;
COMMENT ON COLUMN plan_rows.is_staff IS 'Of a source with people of both kinds; NULL where the source says it for all';
