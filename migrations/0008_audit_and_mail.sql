-- Who did what to whom, when, from where. Written in the transaction of the act; the program can add and read.

CREATE TABLE audit_events (
    school_id uuid NOT NULL REFERENCES schools,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('member', 'operator', 'system')),
    actor_id uuid,
    action text NOT NULL,
    subject_id uuid,
    detail jsonb NOT NULL DEFAULT '{}',
    address inet,
    PRIMARY KEY (school_id, id),
    CHECK ((actor_kind = 'system') = (actor_id IS NULL))
);
COMMENT ON COLUMN audit_events.actor_id IS 'A member, or an operator''s account: an id, so that erasing a person erases him here too';
COMMENT ON COLUMN audit_events.subject_id IS 'The member, class, plan or year acted on';
COMMENT ON COLUMN audit_events.detail IS 'Counts and codes; never names, passwords or tokens';
CREATE INDEX audit_events_by_time ON audit_events (school_id, at DESC, id);
CREATE INDEX audit_events_of_subject ON audit_events (school_id, subject_id, at DESC);
CALL make_tenant_table('audit_events', 'SELECT, INSERT');

-- Mails to accounts. The address is the account's at the time of sending and stands nowhere else.
CREATE TABLE mails (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    letter jsonb NOT NULL,
    language text NOT NULL CHECK (language IN ('vi', 'en')),
    token bytea,
    token_key_id text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    refused_at timestamptz,
    refusal text,
    CHECK ((token IS NULL) = (token_key_id IS NULL))
);
COMMENT ON COLUMN mails.letter IS 'Which letter, and the words it needs';
COMMENT ON COLUMN mails.token IS 'Of the link in it, sealed with the server''s key until the mail is sent, then gone';
COMMENT ON COLUMN mails.id IS 'Also the Message-ID: sent twice by accident, it is the same mail';
CALL grant_to_program('SELECT, INSERT', 'mails');
CALL grant_to_program('UPDATE (sent_at, refused_at, refusal, token, token_key_id)', 'mails');
