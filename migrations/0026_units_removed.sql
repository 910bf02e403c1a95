-- A managing unit that was added by mistake and that no school answers to can be taken away again; schools hold on to
-- theirs by their foreign key.
CALL grant_to_program('DELETE', 'managing_units');
