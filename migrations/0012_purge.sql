-- What is to be forgotten, and when: plans' rows and files hold personal data, and go after 90 days.

CREATE TABLE plan_purges (
    school_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, plan_id)
);
COMMENT ON TABLE plan_purges IS
    'Which plan is to be purged when. Ids and a time only, and outside of the schools'' wall: whoever purges must find what is due without knocking at fifty thousand doors';
CREATE INDEX plan_purges_due ON plan_purges (due_at);
CALL grant_to_program('SELECT, INSERT, DELETE', 'plan_purges');

-- The plans that are there already; the wall is open to the owner for this one statement.
ALTER TABLE plans NO FORCE ROW LEVEL SECURITY;
INSERT INTO plan_purges (school_id, plan_id, due_at) SELECT school_id, id, made_at + interval '90 days' FROM plans;
ALTER TABLE plans FORCE ROW LEVEL SECURITY;
