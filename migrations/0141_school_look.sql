-- How a school looks: a logo and a colour of its own on its pages, slips and letters.

ALTER TABLE schools
    ADD COLUMN tone text CHECK (tone IN ('blue', 'teal', 'green', 'red', 'violet', 'orange', 'pink', 'slate')),
    ADD COLUMN logo_version text CHECK (logo_version ~ '^[0-9a-f]{12}$');
COMMENT ON COLUMN schools.tone IS 'One of the colours that the style sheet knows; none: the product''s';
COMMENT ON COLUMN schools.logo_version IS 'Of the logo, where there is one: the beginning of its hash, part of its address';

CREATE TABLE school_logos (
    school_id uuid PRIMARY KEY REFERENCES schools,
    png bytea NOT NULL CHECK (octet_length(png) <= 400000)
);
COMMENT ON TABLE school_logos IS 'Drawn anew by us from what was uploaded; public, for the sign-in page shows it';
CALL make_tenant_table('school_logos', 'SELECT, INSERT, UPDATE (png), DELETE');
