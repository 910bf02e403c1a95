-- What signing in to an application needs to know of it.

ALTER TABLE oauth_clients
    ADD COLUMN is_public boolean NOT NULL DEFAULT false,
    ADD COLUMN asks_consent boolean NOT NULL DEFAULT true,
    ADD COLUMN public_subject boolean NOT NULL DEFAULT false,
    ADD COLUMN logout_uris text[] NOT NULL DEFAULT '{}',
    ADD COLUMN logout_notice_uri text;
COMMENT ON COLUMN oauth_clients.is_public IS
    'It runs on people''s devices and keeps no secret: a code and its verifier are all that it shows';
COMMENT ON COLUMN oauth_clients.asks_consent IS 'People are asked before it learns of them; not for the school''s own applications';
COMMENT ON COLUMN oauth_clients.public_subject IS 'It knows people by the same name as others that are allowed to (an operator''s decision)';
COMMENT ON COLUMN oauth_clients.logout_uris IS 'Where people may be led after signing out';
COMMENT ON COLUMN oauth_clients.logout_notice_uri IS 'Where it is told that a session has ended (back-channel logout)';
CALL grant_to_program('UPDATE (is_public, asks_consent, public_subject, logout_uris, logout_notice_uri)', 'oauth_clients');
