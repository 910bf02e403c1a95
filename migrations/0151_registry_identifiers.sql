-- One identifier of the ministry is one person in the whole country: which school holds it. Outside of the schools'
-- scopes, and without the identifiers themselves: a hash with a key that the database does not know.

CREATE TABLE registry_identifiers (
    identifier_hash bytea PRIMARY KEY CHECK (octet_length(identifier_hash) = 32),
    school_id uuid NOT NULL REFERENCES schools,
    person_id uuid NOT NULL
);
COMMENT ON TABLE registry_identifiers IS
    'Which school holds an identifier: ids and a keyed hash. Who leaves a school''s registry lets go of theirs';
CREATE INDEX registry_identifiers_of_person ON registry_identifiers (school_id, person_id);
CALL grant_to_program('SELECT, INSERT, UPDATE, DELETE', 'registry_identifiers');

-- The key of those hashes: made once and for ever, since nothing could be found by another one. Sealed with the
-- server's key, and sealed anew where that changes.
CREATE TABLE registry_hash_key (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    sealed bytea NOT NULL,
    key_id text NOT NULL
);
CALL grant_to_program('SELECT, INSERT, UPDATE', 'registry_hash_key');
