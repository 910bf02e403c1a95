-- What a token has asked for under a key of its own, so that a request that comes twice does nothing twice.

CREATE TABLE idempotency_keys (
    school_id uuid NOT NULL,
    token_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    plan_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    status integer,
    answer text,
    location text,
    PRIMARY KEY (school_id, token_id, key),
    FOREIGN KEY (school_id, token_id) REFERENCES api_tokens
);
COMMENT ON COLUMN idempotency_keys.request_hash IS 'Of what was asked for: another request with the key is refused';
COMMENT ON COLUMN idempotency_keys.answer IS 'What was answered; NULL while that is being found out. Forgotten after a day, or with the rows of the plan';
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (school_id, made_at);
CREATE INDEX idempotency_keys_of_plan ON idempotency_keys (school_id, plan_id);
CALL make_tenant_table('idempotency_keys', 'SELECT, INSERT, UPDATE (status, answer, location), DELETE');
