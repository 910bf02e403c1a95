-- An approval that comes to nothing says why: the submission waits again, and its operator and its school see the reason.

ALTER TABLE submissions
    ADD COLUMN setback text CHECK (setback IN ('rights', 'classes', 'keeps_own', 'failed')),
    ADD COLUMN setback_about text CHECK (length(setback_about) <= 1000);
COMMENT ON COLUMN submissions.setback IS
    'Why the last approval came to nothing: rights: its operator no longer administers the school; classes: those in setback_about are not in the registry; keeps_own: the school keeps its registry itself; failed: something unforeseen';
