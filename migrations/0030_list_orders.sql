-- The list of accounts in every order that it is offered in: a page is walked to on an index, however long the list.

-- Those without a birth date stand behind, those who never signed in stand before everybody who has. As columns, since
-- behind row-level security an index over coalesce() is not used: the planner does not know that it leaks nothing.
ALTER TABLE members
    ADD COLUMN birth_order date NOT NULL GENERATED ALWAYS AS (coalesce(birth_date, 'infinity')) STORED,
    ADD COLUMN sign_in_order timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(last_signed_in_at, '-infinity')) STORED;

-- By name: those who are here, those of one status, and the two narrowings that schools work off.
DROP INDEX members_by_name;
CREATE INDEX members_by_name ON members (school_id, role, given_name, family_name, middle_name, id)
    WHERE status <> 'left';
CREATE INDEX members_of_status ON members (school_id, role, status, given_name, family_name, middle_name, id);
CREATE INDEX members_never_signed_in ON members (school_id, role, given_name, family_name, middle_name, id)
    WHERE status = 'active' AND first_signed_in_at IS NULL;
CREATE INDEX members_with_slip_waiting ON members (school_id, role, given_name, family_name, middle_name, id)
    WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL;

CREATE INDEX members_by_birth ON members (school_id, role, birth_order, id) WHERE status <> 'left';
CREATE INDEX members_by_sign_in ON members (school_id, role, sign_in_order, id) WHERE status <> 'left';

-- Whether somebody has a word, asked of one person at a time.
DROP INDEX member_words_of_member;
CREATE INDEX member_words_of_member ON member_words (school_id, member_id, word);
