-- A form that creates a secret is answered by the page that shows it, once. Sent twice by a double click it creates once: the
-- second is answered by the same page, which is kept sealed for as long as that, and wiped.

ALTER TABLE sent_forms ADD COLUMN shown bytea, ADD COLUMN shown_key_id text,
    ADD CONSTRAINT sent_form_answered_once CHECK (
        num_nulls(shown, shown_key_id) IN (0, 2) AND (shown IS NULL OR led_to IS NULL));
COMMENT ON COLUMN sent_forms.shown IS
    'The page that answered it, sealed with the server''s key and bound to the account; wiped within the hour';
COMMENT ON COLUMN sent_forms.shown_key_id IS 'The key that it was sealed with';
CREATE INDEX sent_forms_shown ON sent_forms (at) WHERE shown IS NOT NULL;
CALL grant_to_program('UPDATE (shown, shown_key_id)', 'sent_forms');
