-- OneRoster services elsewhere from which a school takes its roster.

CREATE TABLE oneroster_providers (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 500),
    token_address text NOT NULL CHECK (length(token_address) BETWEEN 1 AND 500),
    client_id text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 200),
    secret bytea NOT NULL,
    secret_key_id text NOT NULL,
    with_demographics boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_plan_id uuid,
    last_run_at timestamptz,
    PRIMARY KEY (school_id, id)
);
COMMENT ON TABLE oneroster_providers IS 'OneRoster services elsewhere from which the school makes plans';
COMMENT ON COLUMN oneroster_providers.address IS 'Of the rostering service, before the names of its collections';
COMMENT ON COLUMN oneroster_providers.token_address IS 'Where it gives access tokens (OAuth 2)';
COMMENT ON COLUMN oneroster_providers.secret IS 'Sealed with the server''s key for this id';
COMMENT ON COLUMN oneroster_providers.with_demographics IS 'Birth dates and sex are asked for as well';
COMMENT ON COLUMN oneroster_providers.last_plan_id IS 'The plan that was made of it last, which says how that went';
CALL make_tenant_table('oneroster_providers', 'SELECT, INSERT, UPDATE, DELETE');
