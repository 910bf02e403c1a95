-- A draft may be applied by itself on a day.
ALTER TABLE rollovers ADD COLUMN apply_on date;
ALTER TABLE rollovers ADD COLUMN scheduled_by uuid;
ALTER TABLE rollovers ADD COLUMN schedule_failed text CHECK (length(schedule_failed) <= 30);
COMMENT ON COLUMN rollovers.apply_on IS 'The day on which a plan of it is made and applied; NULL where a person does that';
COMMENT ON COLUMN rollovers.scheduled_by IS 'With whose rights it is applied then';
COMMENT ON COLUMN rollovers.schedule_failed IS 'Why it was not applied on its day: a key of words';
