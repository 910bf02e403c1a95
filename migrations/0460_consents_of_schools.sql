-- Consent is given as a member of one school: an application that may learn what a person is in one school learned of their
-- other schools without being asked about. What was given before names no school, so people are asked once more.
CREATE TABLE openid_school_consents (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    client_id uuid NOT NULL,
    school_id uuid NOT NULL REFERENCES schools,
    scopes text[] NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, client_id, school_id)
);
COMMENT ON TABLE openid_school_consents IS
    'What a person lets an application learn as a member of a school; taken back by deleting the row';
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'openid_school_consents');
COMMENT ON TABLE openid_consents IS 'Of the release before: the next one drops it';

-- Taken back by a program of the release before, it is taken back here as well.
CREATE FUNCTION take_back_school_consents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM openid_school_consents WHERE account_id = OLD.account_id AND client_id = OLD.client_id;
    RETURN NULL;
END $$;
CREATE TRIGGER take_back_school_consents AFTER DELETE ON openid_consents
    FOR EACH ROW EXECUTE FUNCTION take_back_school_consents();

-- A session that takes the place of another one takes its sign-ins to applications over.
CALL grant_to_program('UPDATE (session_hash)', 'openid_grants');
