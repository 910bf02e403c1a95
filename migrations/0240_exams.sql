-- School-wide exams: papers, rooms, candidates, seats, invigilation, codes and marks.
--
-- Every act on an exam locks its row first, so that of two at once each sees what the other did.

CREATE TABLE exams (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 150),
    school_year_id uuid NOT NULL,
    grades text[] NOT NULL,
    mark_kind text NOT NULL DEFAULT 'points' CHECK (mark_kind IN ('points', 'pass')),
    entries smallint NOT NULL DEFAULT 1 CHECK (entries IN (1, 2)),
    state text NOT NULL DEFAULT 'preparing' CHECK (state IN ('preparing', 'seated', 'running', 'marked', 'locked')),
    secret text NOT NULL,
    number_prefix text,
    number_width smallint CHECK (number_width BETWEEN 1 AND 8),
    number_order text CHECK (number_order IN ('name', 'class', 'shuffled')),
    last_serial integer NOT NULL DEFAULT 0,
    fill text NOT NULL DEFAULT 'in-order' CHECK (fill IN ('in-order', 'evenly')),
    mix_classes boolean NOT NULL DEFAULT false,
    per_paper boolean NOT NULL DEFAULT false,
    seating_seed text NOT NULL DEFAULT '',
    seated_at timestamptz,
    per_room smallint NOT NULL DEFAULT 2 CHECK (per_room BETWEEN 1 AND 4),
    rooms_per_corridor smallint NOT NULL DEFAULT 0 CHECK (rooms_per_corridor BETWEEN 0 AND 50),
    not_own_class boolean NOT NULL DEFAULT true,
    not_own_subject boolean NOT NULL DEFAULT true,
    duties_seed text NOT NULL DEFAULT '',
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, school_year_id) REFERENCES school_years
);
COMMENT ON COLUMN exams.version IS 'Grows with every act: what was computed from an older version is computed anew';
COMMENT ON COLUMN exams.grades IS 'The grades whose classes take part; empty where classes were chosen one by one';
COMMENT ON COLUMN exams.entries IS 'How many people type each mark, without seeing what the other typed';
COMMENT ON COLUMN exams.secret IS
    'Random, never shown: the codes of papers are drawn with it, so that a seed that was guessed does not tell them';
COMMENT ON COLUMN exams.last_serial IS 'The last serial number that was ever given: none is given twice';
CALL make_tenant_table('exams', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_classes (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    class_id uuid NOT NULL,
    publish_at timestamptz,
    PRIMARY KEY (school_id, exam_id, class_id),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE,
    FOREIGN KEY (school_id, class_id) REFERENCES classes ON DELETE CASCADE
);
COMMENT ON COLUMN exam_classes.publish_at IS
    'From when the pupils of the class see their marks; from then on marks change by corrections only';
CREATE INDEX exam_classes_of_class ON exam_classes (school_id, class_id) WHERE class_id IS NOT NULL;
CALL make_tenant_table('exam_classes', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_papers (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 60),
    code text NOT NULL DEFAULT '' CHECK (length(code) <= 20),
    grades text[] NOT NULL DEFAULT '{}',
    starts_at timestamptz NOT NULL,
    minutes smallint NOT NULL CHECK (minutes BETWEEN 5 AND 600),
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    bag_size smallint CHECK (bag_size BETWEEN 1 AND 99),
    cut_at timestamptz,
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, exam_id, id),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE
);
COMMENT ON COLUMN exam_papers.grades IS 'Whose paper it is; empty: all candidates''';
COMMENT ON COLUMN exam_papers.cut_at IS 'When its codes were drawn; from then on it is marked by code';
CALL make_tenant_table('exam_papers', 'SELECT, INSERT, UPDATE, DELETE');

-- No candidate has two papers at once: papers at the same time share no grade.
CREATE FUNCTION keep_exam_papers_apart() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM exam_papers other
    WHERE other.school_id = NEW.school_id AND other.exam_id = NEW.exam_id AND other.id <> NEW.id
        AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at
        AND (other.grades = '{}' OR NEW.grades = '{}' OR other.grades && NEW.grades);
    IF FOUND THEN
        RAISE EXCEPTION 'two papers at once' USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'exam_papers_apart';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_apart BEFORE INSERT OR UPDATE OF grades, starts_at, ends_at ON exam_papers
    FOR EACH ROW EXECUTE FUNCTION keep_exam_papers_apart();

CREATE TABLE exam_rooms (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    place text NOT NULL DEFAULT '' CHECK (length(place) <= 100),
    position integer NOT NULL,
    seats smallint NOT NULL CHECK (seats BETWEEN 1 AND 200),
    most smallint NOT NULL CHECK (most <= 220),
    closed_for uuid[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (school_id, id),
    CONSTRAINT exam_room_name_taken UNIQUE (school_id, exam_id, name),
    CONSTRAINT exam_room_holds UNIQUE (school_id, exam_id, id, most),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE,
    CHECK (most >= seats)
);
COMMENT ON COLUMN exam_rooms.most IS 'How many may sit in it where it is the last room, so that none is opened for a few';
COMMENT ON COLUMN exam_rooms.closed_for IS 'The papers during which it cannot be had';
CALL make_tenant_table('exam_rooms', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_candidates (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    member_id uuid NOT NULL,
    class_id uuid NOT NULL,
    grade text NOT NULL DEFAULT '',
    serial integer,
    number text CHECK (length(number) <= 16),
    exempt_from uuid[] NOT NULL DEFAULT '{}',
    withdrawn_at timestamptz,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, id),
    UNIQUE (school_id, exam_id, id),
    CONSTRAINT exam_candidate_taken UNIQUE (school_id, exam_id, member_id),
    CONSTRAINT exam_number_taken UNIQUE (school_id, exam_id, number),
    CONSTRAINT exam_serial_taken UNIQUE (school_id, exam_id, serial),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE,
    FOREIGN KEY (school_id, exam_id, class_id) REFERENCES exam_classes,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE,
    CHECK ((serial IS NULL) = (number IS NULL))
);
COMMENT ON COLUMN exam_candidates.exempt_from IS 'The papers that the candidate does not sit';
CREATE INDEX exam_candidates_of_member ON exam_candidates (school_id, member_id) WHERE member_id IS NOT NULL;
CALL make_tenant_table('exam_candidates', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_seats (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    paper_id uuid NOT NULL,
    room_id uuid NOT NULL,
    seat smallint NOT NULL CHECK (seat >= 1),
    room_most smallint NOT NULL CHECK (seat <= room_most),
    candidate_id uuid NOT NULL,
    PRIMARY KEY (school_id, paper_id, room_id, seat),
    CONSTRAINT exam_seat_one_each UNIQUE (school_id, paper_id, candidate_id),
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    CONSTRAINT exam_seat_in_room FOREIGN KEY (school_id, exam_id, room_id, room_most)
        REFERENCES exam_rooms (school_id, exam_id, id, most) ON UPDATE CASCADE,
    FOREIGN KEY (school_id, exam_id, candidate_id) REFERENCES exam_candidates (school_id, exam_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN exam_seats.room_most IS 'The room''s own, by the foreign key: no seat is beyond it';
CREATE INDEX exam_seats_of_candidate ON exam_seats (school_id, candidate_id) WHERE candidate_id IS NOT NULL;
CREATE INDEX exam_seats_of_room ON exam_seats (school_id, exam_id, room_id) WHERE room_id IS NOT NULL;
CALL make_tenant_table('exam_seats', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_invigilators (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    member_id uuid NOT NULL,
    subjects text[] NOT NULL DEFAULT '{}',
    days_off date[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (school_id, exam_id, member_id),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE exam_invigilators IS 'Who may be given duties, and what they teach';
CREATE INDEX exam_invigilators_of_member ON exam_invigilators (school_id, member_id) WHERE member_id IS NOT NULL;
CALL make_tenant_table('exam_invigilators', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_duties (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    paper_id uuid NOT NULL,
    member_id uuid NOT NULL,
    room_id uuid,
    PRIMARY KEY (school_id, paper_id, member_id),
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    FOREIGN KEY (school_id, room_id) REFERENCES exam_rooms,
    FOREIGN KEY (school_id, exam_id, member_id) REFERENCES exam_invigilators ON DELETE CASCADE
);
COMMENT ON COLUMN exam_duties.room_id IS 'NULL: in the corridor';
CREATE INDEX exam_duties_of_member ON exam_duties (school_id, member_id) WHERE member_id IS NOT NULL;
CREATE INDEX exam_duties_of_room ON exam_duties (school_id, room_id) WHERE room_id IS NOT NULL;
CALL make_tenant_table('exam_duties', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_codes (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    paper_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL CHECK (length(code) BETWEEN 1 AND 12),
    bag smallint NOT NULL,
    candidate_id uuid NOT NULL,
    PRIMARY KEY (school_id, paper_id, code),
    CONSTRAINT exam_code_one_each UNIQUE (school_id, paper_id, candidate_id),
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    FOREIGN KEY (school_id, exam_id, candidate_id) REFERENCES exam_candidates (school_id, exam_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE exam_codes IS 'Phách: which paper is whose. Nobody who marks may see it';
CREATE INDEX exam_codes_of_candidate ON exam_codes (school_id, candidate_id) WHERE candidate_id IS NOT NULL;
CALL make_tenant_table('exam_codes', 'SELECT, INSERT, DELETE');

CREATE TABLE exam_marks (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    paper_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    entry smallint NOT NULL CHECK (entry BETWEEN 1 AND 3),
    state text NOT NULL CHECK (state IN ('points', 'pass', 'absent', 'violation')),
    value smallint CHECK (value BETWEEN 0 AND 1000),
    typed_by uuid,
    typed_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, paper_id, candidate_id, entry),
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    FOREIGN KEY (school_id, exam_id, candidate_id) REFERENCES exam_candidates (school_id, exam_id, id) ON DELETE CASCADE,
    CHECK ((value IS NULL) = (state IN ('absent', 'violation'))),
    CHECK (state <> 'points' OR value % 25 = 0),
    CHECK (state <> 'pass' OR value <= 1)
);
COMMENT ON COLUMN exam_marks.entry IS '1 and 2: as two people typed it; 3: as it was settled or corrected, which counts';
CREATE INDEX exam_marks_of_candidate ON exam_marks (school_id, candidate_id) WHERE candidate_id IS NOT NULL;
CALL make_tenant_table('exam_marks', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE exam_corrections (
    school_id uuid NOT NULL,
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    paper_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    is_appeal boolean NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    at timestamptz NOT NULL,
    actor_id uuid,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    FOREIGN KEY (school_id, exam_id, candidate_id) REFERENCES exam_candidates (school_id, exam_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE exam_corrections IS 'What became of a mark after it was published, and why; the pupil sees it';
CREATE INDEX exam_corrections_of_candidate ON exam_corrections (school_id, candidate_id) WHERE candidate_id IS NOT NULL;
CALL make_tenant_table('exam_corrections', 'SELECT, INSERT, DELETE');

CREATE TABLE exam_helpers (
    school_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    member_id uuid NOT NULL,
    task text NOT NULL CHECK (task IN ('papers', 'seating', 'invigilation', 'marks')),
    paper_id uuid,
    entry smallint CHECK (entry IN (1, 2)),
    id uuid NOT NULL,
    PRIMARY KEY (school_id, id),
    FOREIGN KEY (school_id, exam_id) REFERENCES exams ON DELETE CASCADE,
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE,
    FOREIGN KEY (school_id, exam_id, paper_id) REFERENCES exam_papers (school_id, exam_id, id) ON DELETE CASCADE,
    CHECK ((task = 'marks') = (paper_id IS NOT NULL AND entry IS NOT NULL))
);
COMMENT ON TABLE exam_helpers IS 'Who was handed a task of an exam without holding the grant';
CREATE INDEX exam_helpers_of_member ON exam_helpers (school_id, member_id) WHERE member_id IS NOT NULL;
CREATE UNIQUE INDEX exam_helper_taken ON exam_helpers
    (school_id, exam_id, member_id, task, coalesce(paper_id, '00000000-0000-0000-0000-000000000000'));
CALL make_tenant_table('exam_helpers', 'SELECT, INSERT, DELETE');
