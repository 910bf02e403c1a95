-- Who is an operator is not the program's to write: it asks, by one function, which adds operators and does nothing else.

CREATE FUNCTION add_operator(account uuid, operator_name text, province_codes text[], added_at timestamptz, event uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO operators (account_id, name, is_national, created_at)
    VALUES (account, operator_name, cardinality(province_codes) = 0, added_at)
    ON CONFLICT DO NOTHING;
    INSERT INTO operator_provinces (account_id, province_code)
    SELECT account, code FROM provinces WHERE code = ANY(province_codes)
    ON CONFLICT DO NOTHING;
    -- On record whoever asked.
    INSERT INTO account_events (id, at, account_id, action) VALUES (event, added_at, account, 'operator_added');
END $$;
REVOKE ALL ON FUNCTION add_operator FROM PUBLIC;
DO $$ BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION add_operator TO %I', program_role());
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON operators, operator_provinces FROM %I', program_role());
    EXECUTE format('REVOKE UPDATE (needs_second_factor) ON operators FROM %I', program_role());
END $$;
