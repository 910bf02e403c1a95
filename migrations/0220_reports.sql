-- Reports: what is counted of a school each day, and what operators see of all schools, without a word about a person.

-- Who came in at which hour, and by what kind of device: written where the school learns of a sign-in, counted by the day,
-- and forgotten after some weeks.
CREATE TABLE entries (
    school_id uuid NOT NULL,
    member_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    device text NOT NULL CHECK (device IN ('phone', 'tablet', 'computer', 'other')),
    PRIMARY KEY (school_id, member_id, hour),
    FOREIGN KEY (school_id, member_id) REFERENCES members ON DELETE CASCADE
);
COMMENT ON TABLE entries IS 'Sign-ins as the school learns of them: one row a member and hour';
CREATE INDEX entries_by_hour ON entries (school_id, hour) WHERE hour IS NOT NULL;
CALL make_tenant_table('entries', 'SELECT, INSERT, DELETE');

CREATE TABLE report_figures (
    school_id uuid NOT NULL REFERENCES schools,
    counted_at timestamptz NOT NULL,
    figures jsonb NOT NULL,
    PRIMARY KEY (school_id)
);
COMMENT ON TABLE report_figures IS
    'The last count of a school: numbers, and ids of those that a line of the quality report is about; no names';
CALL make_tenant_table('report_figures', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE report_days (
    school_id uuid NOT NULL REFERENCES schools,
    day date NOT NULL,
    counted_at timestamptz NOT NULL,
    hours integer[] NOT NULL CHECK (array_length(hours, 1) = 24),
    devices jsonb NOT NULL,
    resets jsonb NOT NULL,
    standing jsonb,
    PRIMARY KEY (school_id, day)
);
COMMENT ON TABLE report_days IS 'A school day by day. A day is that of Vietnam';
COMMENT ON COLUMN report_days.hours IS 'How many came in, by the hour of the day';
COMMENT ON COLUMN report_days.resets IS 'New passwords, by their cause';
COMMENT ON COLUMN report_days.standing IS 'Totals at the end of the day; NULL for a day on which nothing was counted';
CALL make_tenant_table('report_days', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE report_mails (
    school_id uuid NOT NULL REFERENCES schools,
    month date NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (school_id, month)
);
COMMENT ON TABLE report_mails IS 'For which month the owners have had their mail: whatever runs twice finds that';
CALL make_tenant_table('report_mails', 'SELECT, INSERT');

ALTER TABLE schools ADD COLUMN monthly_report boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schools.monthly_report IS 'The owners get a mail with the figures of the school on the first of each month';
CREATE INDEX schools_with_monthly_report ON schools (id) WHERE monthly_report;

-- Bounced letters are few among all.
CREATE INDEX mails_refused ON mails (account_id) WHERE refused_at IS NOT NULL;

-- What operators see: on the coordinator, as `submission_queue`. A school's own count writes its row.
CREATE TABLE school_figures (
    school_id uuid PRIMARY KEY REFERENCES schools ON DELETE CASCADE,
    province_code text NOT NULL,
    managing_unit_id uuid NOT NULL,
    day date NOT NULL,
    counted_at timestamptz,
    is_suspended boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT false,
    pupils integer NOT NULL DEFAULT 0,
    pupils_in integer NOT NULL DEFAULT 0,
    slips integer NOT NULL DEFAULT 0,
    staff integer NOT NULL DEFAULT 0,
    staff_in integer NOT NULL DEFAULT 0,
    checked integer NOT NULL DEFAULT 0,
    clean integer NOT NULL DEFAULT 0,
    overdue integer NOT NULL DEFAULT 0,
    in_share integer NOT NULL GENERATED ALWAYS AS (CASE WHEN pupils > 0 THEN pupils_in * 1000 / pupils ELSE -1 END) STORED,
    slip_share integer NOT NULL GENERATED ALWAYS AS (CASE WHEN pupils > 0 THEN slips * 1000 / pupils ELSE -1 END) STORED,
    score integer NOT NULL GENERATED ALWAYS AS (CASE WHEN checked > 0 THEN clean * 1000 / checked ELSE -1 END) STORED
);
COMMENT ON TABLE school_figures IS 'Each school as it was counted last, for operators: numbers only';
COMMENT ON COLUMN school_figures.counted_at IS 'NULL while it has not been counted yet';
COMMENT ON COLUMN school_figures.is_active IS 'Somebody of the school has signed in within the last thirty days';
COMMENT ON COLUMN school_figures.pupils IS 'Pupils who may sign in; and of them: who have done so, who have been given a slip or need none';
COMMENT ON COLUMN school_figures.overdue IS 'Submissions that have waited for an operator for too long';
CREATE INDEX school_figures_by_pupils ON school_figures (province_code, pupils, school_id);
CREATE INDEX school_figures_by_in ON school_figures (province_code, in_share, school_id);
CREATE INDEX school_figures_by_slips ON school_figures (province_code, slip_share, school_id);
CREATE INDEX school_figures_by_score ON school_figures (province_code, score, school_id);
CREATE INDEX school_figures_by_overdue ON school_figures (province_code, overdue, school_id);
CREATE INDEX school_figures_of_unit ON school_figures (managing_unit_id, pupils, school_id);
CALL grant_to_program('SELECT, UPDATE (day, counted_at, is_active, pupils, pupils_in, slips, staff, staff_in, checked, clean, overdue)', 'school_figures');

CREATE TABLE area_figures (
    area text NOT NULL,
    day date NOT NULL,
    schools bigint NOT NULL DEFAULT 0,
    suspended bigint NOT NULL DEFAULT 0,
    active bigint NOT NULL DEFAULT 0,
    pupils bigint NOT NULL DEFAULT 0,
    pupils_in bigint NOT NULL DEFAULT 0,
    slips bigint NOT NULL DEFAULT 0,
    staff bigint NOT NULL DEFAULT 0,
    staff_in bigint NOT NULL DEFAULT 0,
    checked bigint NOT NULL DEFAULT 0,
    clean bigint NOT NULL DEFAULT 0,
    overdue bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (area, day)
);
COMMENT ON TABLE area_figures IS
    'The sums of school_figures by area (country, province:79, unit:{id}) at the end of each day on which one moved. Kept by triggers';
CALL grant_to_program('SELECT, INSERT, UPDATE', 'area_figures');

-- Moves the sums of an area. A day that is earlier than the area's last one belongs to that: what is over stays as it was.
CREATE FUNCTION move_area(
    of_area text, on_day date, d_schools bigint, d_suspended bigint, d_active bigint, d_pupils bigint, d_pupils_in bigint,
    d_slips bigint, d_staff bigint, d_staff_in bigint, d_checked bigint, d_clean bigint, d_overdue bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last_day date;
    target date;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('area:' || of_area, 0));
    SELECT max(a.day) INTO last_day FROM area_figures a WHERE a.area = of_area;
    target := greatest(on_day, last_day);
    IF last_day IS NULL THEN
        INSERT INTO area_figures (area, day) VALUES (of_area, target);
    ELSIF last_day < target THEN
        INSERT INTO area_figures (area, day, schools, suspended, active, pupils, pupils_in, slips, staff, staff_in, checked,
            clean, overdue)
        SELECT a.area, target, a.schools, a.suspended, a.active, a.pupils, a.pupils_in, a.slips, a.staff, a.staff_in,
            a.checked, a.clean, a.overdue
        FROM area_figures a WHERE a.area = of_area AND a.day = last_day;
    END IF;
    UPDATE area_figures a SET schools = a.schools + d_schools, suspended = a.suspended + d_suspended,
        active = a.active + d_active, pupils = a.pupils + d_pupils, pupils_in = a.pupils_in + d_pupils_in,
        slips = a.slips + d_slips, staff = a.staff + d_staff, staff_in = a.staff_in + d_staff_in,
        checked = a.checked + d_checked, clean = a.clean + d_clean, overdue = a.overdue + d_overdue
    WHERE a.area = of_area AND a.day = target;
END $$;

-- A statement moves each area once, in the order of their names, so that two of them never wait for each other.
CREATE FUNCTION sum_school_figures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved record;
BEGIN
    FOR moved IN EXECUTE format($sum$
        SELECT area, max(day) AS day, sum(sign)::bigint AS schools, sum(sign * is_suspended::int)::bigint AS suspended,
            sum(sign * (is_active AND NOT is_suspended)::int)::bigint AS active, sum(sign * pupils)::bigint AS pupils,
            sum(sign * pupils_in)::bigint AS pupils_in, sum(sign * slips)::bigint AS slips,
            sum(sign * staff)::bigint AS staff, sum(sign * staff_in)::bigint AS staff_in,
            sum(sign * checked)::bigint AS checked, sum(sign * clean)::bigint AS clean,
            sum(sign * overdue)::bigint AS overdue
        FROM (%s) f CROSS JOIN LATERAL (
            VALUES ('country'), ('province:' || f.province_code), ('unit:' || f.managing_unit_id)) AS of (area)
        GROUP BY area ORDER BY area $sum$,
        CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT 1 AS sign, n.* FROM new_rows n'
            WHEN 'DELETE' THEN 'SELECT -1 AS sign, o.* FROM old_rows o'
            ELSE 'SELECT 1 AS sign, n.* FROM new_rows n UNION ALL SELECT -1, o.* FROM old_rows o'
        END)
    LOOP
        PERFORM move_area(moved.area, moved.day, moved.schools, moved.suspended, moved.active, moved.pupils,
            moved.pupils_in, moved.slips, moved.staff, moved.staff_in, moved.checked, moved.clean, moved.overdue);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER sum_in AFTER INSERT ON school_figures REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_school_figures();
CREATE TRIGGER sum_out AFTER DELETE ON school_figures REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_school_figures();
CREATE TRIGGER sum_moved AFTER UPDATE ON school_figures REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sum_school_figures();

INSERT INTO school_figures (school_id, province_code, managing_unit_id, day, is_suspended)
SELECT id, province_code, managing_unit_id, (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, suspended_at IS NOT NULL
FROM schools;

-- A school has its row from its first moment, and the row follows it. Only these write what it says of the directory.
CREATE FUNCTION school_figures_begin() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
    INSERT INTO school_figures (school_id, province_code, managing_unit_id, day, is_suspended)
    SELECT id, province_code, managing_unit_id, (created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
        suspended_at IS NOT NULL
    FROM new_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_begin AFTER INSERT ON schools REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION school_figures_begin();

CREATE FUNCTION school_figures_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE school_figures SET province_code = NEW.province_code, managing_unit_id = NEW.managing_unit_id,
        is_suspended = NEW.suspended_at IS NOT NULL
    WHERE school_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER figures_follow AFTER UPDATE OF province_code, managing_unit_id, suspended_at ON schools
    FOR EACH ROW WHEN ((OLD.province_code, OLD.managing_unit_id, OLD.suspended_at)
        IS DISTINCT FROM (NEW.province_code, NEW.managing_unit_id, NEW.suspended_at))
    EXECUTE FUNCTION school_figures_follow();
CALL grant_to_program('INSERT, UPDATE (province_code, managing_unit_id, is_suspended)', 'school_figures');

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['move_area', 'sum_school_figures', 'school_figures_begin', 'school_figures_follow'] LOOP
        EXECUTE format('ALTER FUNCTION %I SET search_path = public, pg_temp', name);
    END LOOP;
END $$;
