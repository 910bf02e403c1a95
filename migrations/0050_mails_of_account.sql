-- Whether the last mail to somebody came back, for the person's page.
CREATE INDEX mails_of_account ON mails (account_id, created_at DESC);
