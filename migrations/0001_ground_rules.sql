-- The two roles and the one policy.
--
-- The owner migrates; the program runs as `schoolgate_app`, which owns nothing and cannot bypass row-level
-- security. Where the roles come from the operator of a PostgreSQL of his own, the program's role may carry
-- another name: whoever runs the migrations passes it in the setting `schoolgate.program_role`.

CREATE FUNCTION program_role() RETURNS name LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('schoolgate.program_role', true), ''), 'schoolgate_app')::name $$;

-- Puts a table of a school's data behind the wall: what is found belongs to the school in scope, and without a
-- scope nothing is found. Nothing cleverer than this: a distributed PostgreSQL refuses subqueries in policies.
CREATE PROCEDURE make_tenant_table(tenant regclass, privileges text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant);
    EXECUTE format(
        'CREATE POLICY school_in_scope ON %s
            USING (school_id = nullif(current_setting(''app.school_id'', true), '''')::uuid)
            WITH CHECK (school_id = nullif(current_setting(''app.school_id'', true), '''')::uuid)',
        tenant);
    EXECUTE format('GRANT %s ON %s TO %I', privileges, tenant, program_role());
END $$;

CREATE PROCEDURE grant_to_program(privileges text, target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('GRANT %s ON %s TO %I', privileges, target, program_role());
END $$;

DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', program_role()); END $$;
