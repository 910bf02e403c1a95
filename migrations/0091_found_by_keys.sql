-- A row that is asked for by its key is found by its key, whatever the statistics say.
--
-- Every index of a school's table begins with the school. Where the planner believes that this school has one row, the
-- school alone leads to it as well as the key does, and among indexes that cost the same it takes the newest: the checks
-- behind foreign keys then walked through the whole school for each row that referred to somebody. Only the key's own index
-- stays open to everybody. The others hold the rows that have what they are about, as all have that are looked for by it:
-- a statement that does not name it cannot use them.

ALTER TABLE members
    DROP CONSTRAINT username_taken, DROP CONSTRAINT moet_id_taken, DROP CONSTRAINT member_of_account_taken;
CREATE UNIQUE INDEX username_taken ON members (school_id, username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX moet_id_taken ON members (school_id, moet_id) WHERE moet_id IS NOT NULL;
CREATE UNIQUE INDEX member_of_account_taken ON members (school_id, account_id) WHERE account_id IS NOT NULL;
DROP INDEX members_by_birth_date, members_of_status;
CREATE INDEX members_by_birth_date ON members (school_id, birth_date) WHERE birth_date IS NOT NULL;
CREATE INDEX members_of_status ON members (school_id, role, status, given_name, family_name, middle_name, id)
    WHERE status IS NOT NULL;
-- An account that goes is looked for among the members of all schools.
CREATE INDEX members_of_account ON members (account_id) WHERE account_id IS NOT NULL;

-- By the pupil first: one index for the pupil's classes and for the one of a year.
ALTER TABLE enrolments DROP CONSTRAINT enrolments_pkey;
DROP INDEX enrolments_of_class, enrolments_of_member;
ALTER TABLE enrolments ADD PRIMARY KEY (school_id, member_id, school_year_id);
CREATE INDEX enrolments_of_class ON enrolments (school_id, class_id) WHERE class_id IS NOT NULL;

-- Those of a year are asked for with the year alone: their indexes stay open to everybody, and the key is made newer.
DROP INDEX classes_of_homeroom_teacher;
ALTER TABLE classes DROP CONSTRAINT classes_pkey;
ALTER TABLE classes ADD PRIMARY KEY (school_id, id);
CREATE INDEX classes_of_homeroom_teacher ON classes (school_id, homeroom_member_id) WHERE homeroom_member_id IS NOT NULL;

-- Likewise what happened in a school, which is listed in four orders.
ALTER TABLE audit_reasons DROP CONSTRAINT audit_reasons_school_id_event_id_fkey;
ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey;
ALTER TABLE audit_events ADD PRIMARY KEY (school_id, id);
ALTER TABLE audit_reasons ADD FOREIGN KEY (school_id, event_id) REFERENCES audit_events;

ALTER TABLE school_years DROP CONSTRAINT school_year_taken;
CREATE UNIQUE INDEX school_year_taken ON school_years (school_id, name) WHERE name IS NOT NULL;

ALTER TABLE memberships DROP CONSTRAINT memberships_school_id_member_id_key;
CREATE UNIQUE INDEX account_of_member_taken ON memberships (school_id, member_id) WHERE member_id IS NOT NULL;
ALTER TABLE registrations DROP CONSTRAINT registrations_school_id_member_id_key;
CREATE UNIQUE INDEX registration_of_member_taken ON registrations (school_id, member_id) WHERE member_id IS NOT NULL;

DROP INDEX plan_rows_by_outcome, plan_rows_of_member, plans_by_time;
CREATE INDEX plan_rows_by_outcome ON plan_rows (school_id, plan_id, outcome, line) WHERE outcome IS NOT NULL;
CREATE INDEX plan_rows_of_member ON plan_rows (school_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX plans_by_time ON plans (school_id, made_at DESC) WHERE made_at IS NOT NULL;

-- A school is taken for one with two thousand people, however many others have one each: what is done to all of one school
-- is quick for a small one in any way, and for a large one in one way only.
ALTER TABLE members ALTER COLUMN school_id SET (n_distinct = -0.0005);
ALTER TABLE guardians ALTER COLUMN school_id SET (n_distinct = -0.0005);
ALTER TABLE enrolments ALTER COLUMN school_id SET (n_distinct = -0.0005);
ALTER TABLE memberships ALTER COLUMN school_id SET (n_distinct = -0.0005);
ALTER TABLE member_words ALTER COLUMN school_id SET (n_distinct = -0.0001);

-- The trigger functions of accounts, as those of members: a statement reads transition tables or tables, never both, and
-- asks a table for one key at a time. OFFSET 0 keeps the planner from turning that round.

CREATE OR REPLACE FUNCTION end_temporary_passwords() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    joined uuid[];
    ended record;
    scope text := coalesce(current_setting('app.school_id', true), '');
BEGIN
    SELECT array_agg(DISTINCT n.account_id) INTO joined FROM new_rows n;
    PERFORM FROM accounts a WHERE a.id = ANY(joined) ORDER BY a.id FOR NO KEY UPDATE;
    FOR ended IN
        SELECT a.id, a.school_id, m.member_id
        FROM unnest(joined) AS j (account_id)
        CROSS JOIN LATERAL (SELECT id, temporary_school_id AS school_id FROM accounts WHERE id = j.account_id OFFSET 0) a
        LEFT JOIN LATERAL (
            SELECT member_id FROM memberships WHERE account_id = a.id AND school_id = a.school_id OFFSET 0
        ) m ON true
        WHERE a.school_id IS NOT NULL
            AND (EXISTS (SELECT FROM memberships o WHERE o.account_id = a.id AND o.school_id <> a.school_id OFFSET 0)
                OR EXISTS (SELECT FROM registrations r WHERE r.account_id = a.id AND r.school_id <> a.school_id OFFSET 0)
                OR EXISTS (SELECT FROM company_members c WHERE c.account_id = a.id OFFSET 0)
                OR EXISTS (SELECT FROM operators o WHERE o.account_id = a.id OFFSET 0))
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

CREATE OR REPLACE FUNCTION temporary_passwords_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    accounts_given uuid[];
    schools_given uuid[];
BEGIN
    SELECT array_agg(id), array_agg(temporary_school_id) INTO accounts_given, schools_given FROM (
        SELECT id, temporary_school_id FROM (
            SELECT id, temporary_password, temporary_school_id, 1 AS delta FROM new_rows
            UNION ALL
            SELECT id, temporary_password, temporary_school_id, -1 FROM old_rows
        ) each
        WHERE temporary_password IS NOT NULL
        GROUP BY id, temporary_password, temporary_school_id HAVING sum(delta) > 0
    ) given;
    IF EXISTS (
        SELECT FROM unnest(accounts_given, schools_given) AS given (id, school_id)
        WHERE NOT EXISTS (
                SELECT FROM memberships m WHERE m.account_id = given.id AND m.school_id = given.school_id OFFSET 0)
            OR EXISTS (SELECT FROM memberships m WHERE m.account_id = given.id AND m.school_id <> given.school_id OFFSET 0)
            OR EXISTS (SELECT FROM registrations r WHERE r.account_id = given.id AND r.school_id <> given.school_id OFFSET 0)
            OR EXISTS (SELECT FROM company_members c WHERE c.account_id = given.id OFFSET 0)
            OR EXISTS (SELECT FROM operators p WHERE p.account_id = given.id OFFSET 0)
    ) THEN
        RAISE EXCEPTION 'an account is not its school''s alone'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'temporary_password_of_school_alone';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION unverified_addresses_open_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE opened uuid[];
BEGIN
    SELECT array_agg(n.account_id) INTO opened FROM new_rows n;
    IF EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = ANY(opened)) THEN
        RAISE EXCEPTION 'an address is not verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unverified_address_opens_nothing';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION unverified_accounts_open_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE opened uuid[];
BEGIN
    SELECT array_agg(n.id) INTO opened FROM new_rows n
    WHERE n.password_hash IS NOT NULL OR n.temporary_password IS NOT NULL;
    IF EXISTS (SELECT FROM unverified_addresses u WHERE u.account_id = ANY(opened)) THEN
        RAISE EXCEPTION 'an address is not verified'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unverified_address_opens_nothing';
    END IF;
    RETURN NULL;
END $$;

DO $$
DECLARE
    name text;
    setting text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'end_temporary_passwords', 'temporary_passwords_given', 'unverified_addresses_open_nothing',
        'unverified_accounts_open_nothing'
    ] LOOP
        FOREACH setting IN ARRAY ARRAY['search_path = public, pg_temp', 'enable_seqscan = off', 'jit = off'] LOOP
            EXECUTE format('ALTER FUNCTION %I SET %s', name, setting);
        END LOOP;
    END LOOP;
END $$;
