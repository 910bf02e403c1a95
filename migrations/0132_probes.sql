-- Whether a transaction can be run, as /readyz asks: in a scope, behind row-level security, with a trigger. What is
-- written is never committed.

CREATE TABLE probes (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    is_seen boolean NOT NULL DEFAULT false,
    PRIMARY KEY (school_id, id)
);
COMMENT ON TABLE probes IS 'Always empty: a probe is rolled back';
CALL make_tenant_table('probes', 'SELECT, INSERT');

CREATE FUNCTION see_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_seen := true;
    RETURN NEW;
END $$;
CREATE TRIGGER see_probe BEFORE INSERT ON probes FOR EACH ROW EXECUTE FUNCTION see_probe();
