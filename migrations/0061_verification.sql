-- An address that nobody vouches for opens nothing: no password, no session. What a stranger chose with a registration waits
-- beside the address, and is taken up only by the one who has the mail and types it again.

ALTER TABLE unverified_addresses ADD COLUMN password_hash text, ADD COLUMN form_hash bytea CHECK (length(form_hash) = 32);
COMMENT ON COLUMN unverified_addresses.password_hash IS
    'What was chosen with the registration: opens nothing, and becomes the password where it is typed again at verification';
COMMENT ON COLUMN unverified_addresses.form_hash IS
    'Of what was registered: the same once more is a second press of the button, anything else takes its place';
CALL grant_to_program('UPDATE (password_hash, form_hash)', 'unverified_addresses');

UPDATE unverified_addresses u SET password_hash = a.password_hash FROM accounts a WHERE a.id = u.account_id;
UPDATE accounts a SET password_hash = NULL, password_set_at = NULL, temporary_password = NULL, temporary_key_id = NULL,
    temporary_expires_at = NULL, temporary_school_id = NULL
FROM unverified_addresses u WHERE u.account_id = a.id;
DELETE FROM sessions s USING unverified_addresses u WHERE u.account_id = s.account_id;
DELETE FROM pending_sign_ins p USING unverified_addresses u WHERE u.account_id = p.account_id;

CREATE FUNCTION unverified_addresses_open_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN unverified_addresses u ON u.account_id = n.account_id) THEN
        RAISE EXCEPTION 'an address is not verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unverified_address_opens_nothing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER unverified_address_opens_nothing AFTER INSERT ON sessions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION unverified_addresses_open_nothing();
CREATE TRIGGER unverified_address_opens_nothing AFTER INSERT ON pending_sign_ins REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION unverified_addresses_open_nothing();

CREATE FUNCTION unverified_accounts_open_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN unverified_addresses u ON u.account_id = n.id
        WHERE n.password_hash IS NOT NULL OR n.temporary_password IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'an address is not verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unverified_address_opens_nothing';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER unverified_address_opens_nothing AFTER UPDATE ON accounts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION unverified_accounts_open_nothing();
