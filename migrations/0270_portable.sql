-- The same tables and functions on one PostgreSQL and on the nodes of a Citus cluster.
--
-- There, schools' data are spread over workers by the school, accounts stay on the coordinator, and a function that a
-- trigger runs is planned where the row is. So nothing of a school refers to an account by a foreign key, no key that holds
-- the school sets a part of itself to NULL, functions name the school by its value, and what is kept on the coordinator
-- alone is written there alone.

-- A table of a school's data, behind the wall; on a cluster beside the others of its school.
CREATE OR REPLACE PROCEDURE make_tenant_table(tenant regclass, privileges text) LANGUAGE plpgsql AS $$
DECLARE is_spread boolean := false;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant);
    EXECUTE format(
        'CREATE POLICY school_in_scope ON %s
            USING (school_id = nullif(current_setting(''app.school_id'', true), '''')::uuid)
            WITH CHECK (school_id = nullif(current_setting(''app.school_id'', true), '''')::uuid)',
        tenant);
    EXECUTE format('GRANT %s ON %s TO %I', privileges, tenant, program_role());
    IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_partition WHERE logicalrelid = $1)'
            INTO is_spread USING 'school_years'::regclass;
    END IF;
    IF is_spread THEN
        EXECUTE 'SELECT create_distributed_table($1, $2, colocate_with => $3)'
            USING tenant, 'school_id', 'school_years';
    END IF;
END $$;

-- The classes that a member leads are let go by the trigger that ends enrolments.
CREATE OR REPLACE FUNCTION end_enrolments_first() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM e.member_id FROM enrolments e WHERE e.school_id = OLD.school_id AND e.member_id = OLD.id LIMIT 1;
    IF FOUND THEN
        DELETE FROM enrolments WHERE school_id = OLD.school_id AND member_id = OLD.id;
    END IF;
    PERFORM c.id FROM classes c WHERE c.school_id = OLD.school_id AND c.homeroom_member_id = OLD.id LIMIT 1;
    IF FOUND THEN
        UPDATE classes SET homeroom_member_id = NULL WHERE school_id = OLD.school_id AND homeroom_member_id = OLD.id;
    END IF;
    RETURN OLD;
END $$;
ALTER TABLE classes DROP CONSTRAINT classes_school_id_homeroom_member_id_fkey;
ALTER TABLE classes ADD FOREIGN KEY (school_id, homeroom_member_id) REFERENCES members;

-- Since only a key's own index stays open to every statement, the school need not be hidden from the planner any more.
CREATE OR REPLACE FUNCTION count_placed(school uuid, members uuid[], classes uuid[], deltas bigint[]) RETURNS void
LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE moved record;
BEGIN
    FOR moved IN
        SELECT kind || p.class_id AS name, sum(p.delta)::bigint AS delta
        FROM unnest(count_placed.members, count_placed.classes, count_placed.deltas) AS p (member_id, class_id, delta)
        CROSS JOIN LATERAL (
            SELECT m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at FROM members m
            WHERE m.school_id = school AND m.id = p.member_id OFFSET 0
        ) m
        CROSS JOIN LATERAL
            class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
        GROUP BY kind || p.class_id HAVING sum(p.delta) <> 0 ORDER BY kind || p.class_id
    LOOP PERFORM move_counter(school, moved.name, moved.delta); END LOOP;
END $$;

CREATE OR REPLACE FUNCTION count_members_of_class() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    school uuid;
    changed uuid[];
    kinds text[];
    deltas bigint[];
    moved record;
BEGIN
    FOR school, changed, kinds, deltas IN
        SELECT school_id, array_agg(id), array_agg(kind), array_agg(delta) FROM (
            SELECT school_id, id, kind, sum(delta)::bigint AS delta FROM (
                SELECT m.school_id, m.id, kind, 1 AS delta FROM new_rows m,
                    class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
                UNION ALL
                SELECT m.school_id, m.id, kind, -1 FROM old_rows m,
                    class_kinds_of_member(m.status, m.first_signed_in_at, m.temporary_until, m.slip_printed_at) kind
            ) each
            GROUP BY school_id, id, kind HAVING sum(delta) <> 0
        ) of_member
        GROUP BY school_id ORDER BY school_id
    LOOP
        FOR moved IN
            SELECT c.kind || e.class_id AS name, sum(c.delta)::bigint AS delta
            FROM unnest(changed, kinds, deltas) AS c (member_id, kind, delta)
            CROSS JOIN LATERAL (
                SELECT o.class_id FROM enrolments o
                WHERE o.school_id = school AND o.member_id = c.member_id AND o.ended_at IS NULL OFFSET 0
            ) e
            GROUP BY c.kind || e.class_id HAVING sum(c.delta) <> 0 ORDER BY c.kind || e.class_id
        LOOP PERFORM move_counter(school, moved.name, moved.delta); END LOOP;
    END LOOP;
    RETURN NULL;
END $$;

-- The directory stands on every node, its triggers run on each of them, and it is counted on the coordinator.

CREATE FUNCTION is_coordinator() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE is_so boolean := true;
BEGIN
    IF to_regclass('pg_catalog.pg_dist_local_group') IS NOT NULL THEN
        EXECUTE 'SELECT groupid = 0 FROM pg_catalog.pg_dist_local_group' INTO is_so;
    END IF;
    RETURN is_so;
END $$;
COMMENT ON FUNCTION is_coordinator() IS 'Whether this is the coordinator of a cluster, or a PostgreSQL by itself';

CREATE OR REPLACE FUNCTION count_schools_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, count(*) FROM new_rows
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_schools_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, -count(*) FROM old_rows
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_schools_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT is_coordinator() THEN RETURN NULL; END IF;
    INSERT INTO school_counts AS c (province_code, managing_unit_id, kind, is_suspended, schools)
    SELECT province_code, managing_unit_id, kind, is_suspended, sum(delta) FROM (
        SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL AS is_suspended, 1 AS delta FROM new_rows
        UNION ALL
        SELECT province_code, managing_unit_id, kind, suspended_at IS NOT NULL, -1 FROM old_rows
    ) moved
    GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (province_code, managing_unit_id, kind, is_suspended)
        DO UPDATE SET schools = c.schools + excluded.schools;
    RETURN NULL;
END $$;

-- A school that goes to another province takes its submissions along: in the one statement that moves schools, not here,
-- where the queue is not on every node.
DROP TRIGGER move_submissions ON schools;
DROP FUNCTION move_submissions();

-- Members and their accounts, without a foreign key between them.
--
-- An account is there when a member is given it, and its row is kept until the transaction ends: a trigger asks for it, on
-- one PostgreSQL, where both are. And an account that goes is let go of by every member that has it, whose schools are known
-- by its memberships, registrations and by those that it once had: a member who left keeps the account and has no membership.

CREATE TABLE former_memberships (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    school_id uuid NOT NULL REFERENCES schools,
    PRIMARY KEY (account_id, school_id)
);
COMMENT ON TABLE former_memberships IS
    'Schools that may still have a member with this account who left: where to look when the account goes. Kept by a trigger';
CALL grant_to_program('SELECT, INSERT', 'former_memberships');

CREATE FUNCTION note_former_memberships() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    accounts_left uuid[];
    schools_left uuid[];
BEGIN
    SELECT array_agg(account_id), array_agg(school_id) INTO accounts_left, schools_left FROM old_rows;
    -- Memberships also go with their account, which is gone by then.
    INSERT INTO former_memberships (account_id, school_id)
    SELECT a.id, o.school_id FROM unnest(accounts_left, schools_left) AS o (account_id, school_id)
    CROSS JOIN LATERAL (SELECT id FROM accounts WHERE id = o.account_id OFFSET 0) a
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER note_former AFTER DELETE ON memberships REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_former_memberships();
CREATE TRIGGER note_former AFTER DELETE ON registrations REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_former_memberships();

-- Who left before today. The wall is open to the owner for this one statement.
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
INSERT INTO former_memberships (account_id, school_id)
SELECT DISTINCT m.account_id, m.school_id FROM members m
WHERE m.account_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM memberships o WHERE o.account_id = m.account_id AND o.school_id = m.school_id);
ALTER TABLE members FORCE ROW LEVEL SECURITY;

CREATE FUNCTION members_let_go_of_account() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    school uuid;
    scope text := coalesce(current_setting('app.school_id', true), '');
    is_elsewhere boolean := false;
BEGIN
    FOR school IN
        SELECT school_id FROM memberships WHERE account_id = OLD.id
        UNION SELECT school_id FROM registrations WHERE account_id = OLD.id
        UNION SELECT school_id FROM former_memberships WHERE account_id = OLD.id
    LOOP
        IF school::text <> scope THEN
            EXECUTE format('SET LOCAL app.school_id = %L', school);
            is_elsewhere := true;
        END IF;
        PERFORM m.id FROM members m WHERE m.school_id = school AND m.account_id = OLD.id;
        IF FOUND THEN
            UPDATE members SET account_id = NULL WHERE school_id = school AND account_id = OLD.id;
        END IF;
        IF is_elsewhere THEN
            EXECUTE format('SET LOCAL app.school_id = %L', scope);
            is_elsewhere := false;
        END IF;
    END LOOP;
    RETURN OLD;
END $$;
CREATE TRIGGER members_let_go BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION members_let_go_of_account();

CREATE FUNCTION member_has_an_account() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM a.id FROM accounts a WHERE a.id = NEW.account_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'member % would have an account that is not there', NEW.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'member_has_an_account', TABLE = 'members';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION member_has_an_account() IS
    'On one PostgreSQL only: on a cluster accounts are not where members are, and `distribute` leaves its triggers out';
CREATE TRIGGER has_an_account AFTER INSERT ON members FOR EACH ROW
    WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION member_has_an_account();
CREATE TRIGGER gets_an_account AFTER UPDATE OF account_id ON members FOR EACH ROW
    WHEN (NEW.account_id IS NOT NULL AND NEW.account_id IS DISTINCT FROM OLD.account_id)
    EXECUTE FUNCTION member_has_an_account();

ALTER TABLE members DROP CONSTRAINT members_account_id_fkey;
-- It was for that foreign key.
DROP INDEX members_of_account;

-- Plans that a worker is at, or should be.
CREATE INDEX plans_busy ON plans (school_id, id) WHERE state IN ('reading', 'applying', 'undoing');
