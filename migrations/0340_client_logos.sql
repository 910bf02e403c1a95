-- Logos of the programs that people sign in to.

ALTER TABLE oauth_clients ADD COLUMN logo_version text;
COMMENT ON COLUMN oauth_clients.logo_version IS 'Which logo it has, as addresses name it; NULL for none';
CALL grant_to_program('UPDATE (logo_version)', 'oauth_clients');

CREATE TABLE oauth_client_logos (
    client_id uuid PRIMARY KEY REFERENCES oauth_clients ON DELETE CASCADE,
    png bytea NOT NULL CHECK (length(png) <= 1000000)
);
COMMENT ON TABLE oauth_client_logos IS 'Drawn anew from what was uploaded, 256 pixels an edge at most';
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'oauth_client_logos');
