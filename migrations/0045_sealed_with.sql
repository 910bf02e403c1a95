-- With which keys values are sealed: asked whenever the program starts, so it must not cost a look at every account.

CREATE INDEX accounts_by_temporary_key ON accounts (temporary_key_id) WHERE temporary_key_id IS NOT NULL;
CREATE INDEX mails_by_token_key ON mails (token_key_id) WHERE token_key_id IS NOT NULL;
