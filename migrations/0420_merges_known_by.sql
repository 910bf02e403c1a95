-- A merge may take values of the one who goes over those of the one who stays: then lists know the one who stays by what was
-- there before as well.
ALTER TABLE member_aliases ADD COLUMN kept_values jsonb;
ALTER TABLE member_aliases ADD COLUMN scim_external_id text;
ALTER TABLE member_aliases ADD COLUMN scim_user_name text;
COMMENT ON COLUMN member_aliases.scim_user_name IS 'What another system called the member who went';
COMMENT ON COLUMN member_aliases.kept_values IS
    'What the member who stayed was known by before the merge; NULL of merges from before this was kept';
