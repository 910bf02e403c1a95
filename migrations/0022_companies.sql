-- Companies and those who represent them. Global: they belong to no school.

CREATE TABLE companies (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    twin_key text NOT NULL,
    tax_code text CHECK (tax_code ~ '^([0-9]{10}(-[0-9]{3})?|[0-9]{12})$'),
    created_at timestamptz NOT NULL,
    approved_at timestamptz
);
COMMENT ON COLUMN companies.twin_key IS
    'The name without marks and without words such as "Công ty TNHH": the same for whatever may be the same company';
COMMENT ON COLUMN companies.approved_at IS 'When an operator approved it; NULL while it waits, and who represents it with it';
CREATE INDEX companies_by_twin_key ON companies (twin_key);
CREATE INDEX companies_by_tax_code ON companies (tax_code);
CALL grant_to_program('SELECT, INSERT, DELETE', 'companies');
CALL grant_to_program('UPDATE (approved_at)', 'companies');

CREATE TABLE company_words (
    word text COLLATE "C" NOT NULL,
    company_id uuid NOT NULL REFERENCES companies ON DELETE CASCADE,
    PRIMARY KEY (word, company_id)
);
COMMENT ON TABLE company_words IS 'The words of a company''s name without marks, for finding it by typing';
CALL grant_to_program('SELECT, INSERT, DELETE', 'company_words');

CREATE TABLE company_members (
    company_id uuid NOT NULL REFERENCES companies,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    full_name text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 100),
    phone text CHECK (length(phone) <= 20),
    position text CHECK (length(position) <= 100),
    registered_at timestamptz NOT NULL,
    accepted_at timestamptz,
    PRIMARY KEY (company_id, account_id)
);
COMMENT ON COLUMN company_members.accepted_at IS
    'When an operator or a colleague said yes; NULL while that waits: until then the company opens nothing';
CREATE INDEX company_members_of_account ON company_members (account_id);
CREATE INDEX company_members_waiting ON company_members (registered_at) WHERE accepted_at IS NULL;
CALL grant_to_program('SELECT, INSERT, DELETE', 'company_members');
CALL grant_to_program('UPDATE (accepted_at)', 'company_members');
