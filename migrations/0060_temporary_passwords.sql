-- A temporary password is one school's: of the school that gave it, and only as long as the account is in use nowhere
-- else. It ends in the moment in which the account joins another school, or becomes an operator's or a company's: by
-- triggers, so that no way of joining goes round them.

ALTER TABLE accounts ADD COLUMN temporary_school_id uuid REFERENCES schools;
COMMENT ON COLUMN accounts.temporary_school_id IS 'The school that gave the temporary password: it alone may open it';
CREATE INDEX accounts_by_temporary_school ON accounts (temporary_school_id) WHERE temporary_school_id IS NOT NULL;
CALL grant_to_program('SELECT (temporary_school_id)', 'accounts');
CALL grant_to_program('INSERT (temporary_school_id)', 'accounts');
CALL grant_to_program('UPDATE (temporary_school_id)', 'accounts');

-- Those of today: the one school's that has the account; of all others they end.
UPDATE accounts a SET temporary_school_id = m.school_id FROM memberships m
WHERE m.account_id = a.id AND a.temporary_password IS NOT NULL
    AND NOT EXISTS (SELECT FROM memberships o WHERE o.account_id = a.id AND o.school_id <> m.school_id)
    AND NOT EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id AND r.school_id <> m.school_id)
    AND NOT EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
    AND NOT EXISTS (SELECT FROM operators o WHERE o.account_id = a.id);
DO $$
DECLARE
    ended record;
BEGIN
    FOR ended IN
        SELECT m.school_id, array_agg(m.member_id) AS member_ids FROM memberships m JOIN accounts a ON a.id = m.account_id
        WHERE a.temporary_password IS NOT NULL AND a.temporary_school_id IS NULL GROUP BY m.school_id
    LOOP
        EXECUTE format('SET LOCAL app.school_id = %L', ended.school_id);
        UPDATE members SET temporary_until = NULL
        WHERE school_id = ended.school_id AND id = ANY(ended.member_ids) AND temporary_until IS NOT NULL;
    END LOOP;
    SET LOCAL app.school_id = '';
END $$;
DELETE FROM sessions s USING accounts a
WHERE a.id = s.account_id AND s.must_choose_password AND a.temporary_school_id IS NULL;
DELETE FROM pending_sign_ins p USING accounts a
WHERE a.id = p.account_id AND p.must_choose_password AND a.temporary_school_id IS NULL;
UPDATE accounts SET temporary_password = NULL, temporary_key_id = NULL, temporary_expires_at = NULL
WHERE temporary_password IS NOT NULL AND temporary_school_id IS NULL;
ALTER TABLE accounts ADD CONSTRAINT temporary_password_has_a_school
    CHECK ((temporary_password IS NULL) = (temporary_school_id IS NULL));

-- After rows that bind accounts to something. What was inserted is seen by whoever gives a password later; whoever gives
-- one at this moment holds the account's row, is waited for, and what was given is seen here.
CREATE FUNCTION end_temporary_passwords() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ended record;
    scope text := coalesce(current_setting('app.school_id', true), '');
BEGIN
    PERFORM FROM accounts a WHERE a.id IN (SELECT n.account_id FROM new_rows n) ORDER BY a.id FOR NO KEY UPDATE;
    FOR ended IN
        SELECT a.id, a.temporary_school_id AS school_id, m.member_id
        FROM accounts a
        LEFT JOIN memberships m ON m.account_id = a.id AND m.school_id = a.temporary_school_id
        WHERE a.id IN (SELECT n.account_id FROM new_rows n) AND a.temporary_school_id IS NOT NULL
            AND (EXISTS (SELECT FROM memberships o WHERE o.account_id = a.id AND o.school_id <> a.temporary_school_id)
                OR EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id AND r.school_id <> a.temporary_school_id)
                OR EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id)
                OR EXISTS (SELECT FROM operators o WHERE o.account_id = a.id))
        ORDER BY a.id
    LOOP
        UPDATE accounts SET temporary_password = NULL, temporary_key_id = NULL, temporary_expires_at = NULL,
            temporary_school_id = NULL
        WHERE id = ended.id;
        -- Who came in by it and has not chosen a password yet is out.
        DELETE FROM sessions WHERE account_id = ended.id AND must_choose_password;
        DELETE FROM pending_sign_ins WHERE account_id = ended.id AND must_choose_password;
        -- The school that gave it counts who still has one, in its own scope.
        IF ended.member_id IS NOT NULL THEN
            EXECUTE format('SET LOCAL app.school_id = %L', ended.school_id);
            UPDATE members SET temporary_until = NULL
            WHERE school_id = ended.school_id AND id = ended.member_id AND temporary_until IS NOT NULL;
            EXECUTE format('SET LOCAL app.school_id = %L', scope);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER temporary_passwords_end AFTER INSERT ON memberships REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION end_temporary_passwords();
CREATE TRIGGER temporary_passwords_end AFTER INSERT ON registrations REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION end_temporary_passwords();
CREATE TRIGGER temporary_passwords_end AFTER INSERT ON company_members REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION end_temporary_passwords();
CREATE TRIGGER temporary_passwords_end AFTER INSERT ON operators REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION end_temporary_passwords();

-- And no school gives one to an account that it does not have, or that is in use elsewhere. A new account is in use
-- nowhere yet.
CREATE FUNCTION temporary_passwords_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.temporary_password IS NOT NULL
            AND (o.temporary_password IS DISTINCT FROM n.temporary_password
                OR o.temporary_school_id IS DISTINCT FROM n.temporary_school_id)
            AND (NOT EXISTS (
                    SELECT FROM memberships m WHERE m.account_id = n.id AND m.school_id = n.temporary_school_id)
                OR EXISTS (SELECT FROM memberships m WHERE m.account_id = n.id AND m.school_id <> n.temporary_school_id)
                OR EXISTS (SELECT FROM registrations r WHERE r.account_id = n.id AND r.school_id <> n.temporary_school_id)
                OR EXISTS (SELECT FROM company_members c WHERE c.account_id = n.id)
                OR EXISTS (SELECT FROM operators p WHERE p.account_id = n.id))
    ) THEN
        RAISE EXCEPTION 'an account is not its school''s alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'temporary_password_of_school_alone';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER temporary_password_of_school_alone AFTER UPDATE ON accounts
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION temporary_passwords_given();
