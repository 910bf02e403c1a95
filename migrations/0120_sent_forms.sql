-- Forms that create something, as they were sent: what is sent twice creates once, and the second leads to where the
-- first led. Kept for a day.

CREATE TABLE sent_forms (
    account_id uuid NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    at timestamptz NOT NULL,
    led_to text,
    PRIMARY KEY (account_id, digest)
);
COMMENT ON COLUMN sent_forms.account_id IS 'The nil id for visitors who are not signed in: the digest holds their address';
COMMENT ON COLUMN sent_forms.digest IS 'Of the address and the fields, the key of the form among them; without passwords';
COMMENT ON COLUMN sent_forms.at IS 'When it was sent, and once it is answered, when it was answered';
COMMENT ON COLUMN sent_forms.led_to IS 'The redirect that answered it; NULL while it is being worked on';
CREATE INDEX sent_forms_by_time ON sent_forms (at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'sent_forms');
CALL grant_to_program('UPDATE (at, led_to)', 'sent_forms');
