-- Why somebody was suspended, taken out of the list or refused, in the words of whoever did it. Words may name somebody,
-- and the record can only be added to: so they stand beside it, and go when their subject is erased.

CREATE TABLE audit_reasons (
    school_id uuid NOT NULL,
    event_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (school_id, event_id),
    FOREIGN KEY (school_id, event_id) REFERENCES audit_events (school_id, id)
);
COMMENT ON TABLE audit_reasons IS 'Words beside the record, which itself holds none; erased with their subject';
CALL make_tenant_table('audit_reasons', 'SELECT, INSERT, DELETE');
