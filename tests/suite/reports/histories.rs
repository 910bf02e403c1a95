//! Every figure is what a plain count over the tables says, after any history of a school.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc, Weekday};
use schoolgate::{
    identity::user_agent::DeviceKind,
    reports::{
        count::{self, Counted, Most},
        daily,
        figures::GENDERS,
        people::{self, UsageNumber},
    },
};
use sqlx::{AssertSqlSafe, PgConnection};

use super::random_history::History;
use crate::support::TestApp;
use crate::support::people::School;

/// What the figures say, key by key, as the statement below names it.
fn said(counted: &Counted) -> BTreeMap<String, i64> {
    let figures = &counted.figures;
    let mut said = BTreeMap::new();
    let mut note = |key: String, count: i64| {
        if count > 0 {
            *said.entry(key).or_insert(0) += count;
        }
    };
    for (role, of_role) in &figures.roles {
        for (gender, count) in GENDERS.iter().zip(of_role.genders) {
            note(format!("gender {role} {gender}"), count);
        }
        for (status, count) in &of_role.statuses {
            note(format!("status {role} {status}"), *count);
        }
    }
    let size = &figures.size;
    for grade in &size.grades {
        for (gender, count) in GENDERS.iter().zip(grade.genders) {
            note(format!("grade {} {gender}", grade.grade), count);
        }
        note(format!("classes of {}", grade.grade), grade.classes);
    }
    for class in &size.classes {
        for (gender, count) in GENDERS.iter().zip(class.genders) {
            note(format!("class {} {gender}", class.name), count);
        }
    }
    for (lower, classes) in &size.bands {
        note(format!("classes from {lower}"), *classes);
    }
    note("all classes".to_owned(), size.class_count);
    note("no class".to_owned(), size.without_class);
    note("no birth date".to_owned(), size.without_birth_date);
    for (age, of_age) in &size.ages {
        for (gender, count) in GENDERS.iter().zip(of_age.genders) {
            note(format!("age {age} {gender}"), count);
        }
        note(format!("expected {age}"), of_age.expected);
    }
    for year in &size.years {
        for (grade, count) in &year.grades {
            note(format!("year {} {grade}", year.name), *count);
        }
    }
    let usage = &figures.usage;
    for (role, share) in [("student", usage.pupils), ("teacher", usage.teachers), ("manager", usage.managers)] {
        note(format!("{role} may sign in"), share.active);
        note(format!("{role} signed in"), share.signed_in);
    }
    for (grade, share) in &usage.grades {
        note(format!("grade {grade} may sign in"), share.active);
        note(format!("grade {grade} signed in"), share.signed_in);
    }
    for (_, name, share) in &usage.classes {
        note(format!("class {name} may sign in"), share.active);
        note(format!("class {name} signed in"), share.signed_in);
    }
    for (day, count) in &usage.first {
        note(format!("first {day}"), *count);
    }
    for (hour, count) in usage.days.hours.iter().enumerate() {
        note(format!("hour {hour}"), *count);
    }
    for (weekday, count) in (1..).zip(&usage.days.weekdays) {
        note(format!("weekday {weekday}"), *count);
    }
    for (device, count) in &usage.days.devices {
        note(format!("device {device}"), *count);
    }
    for (cause, count) in &usage.days.resets {
        note(format!("reset {cause}"), *count);
    }
    for found in &figures.quality.lines {
        note(format!("line {}", found.key), found.count);
    }
    note("checked".to_owned(), figures.quality.checked);
    note("clean".to_owned(), figures.quality.clean);
    note("with slip".to_owned(), counted.with_slip);
    note("is active".to_owned(), counted.is_active.into());
    said
}

/// The same by plain counts over the tables, each by itself. `l` are the lines of the quality report.
const PLAIN: &str = "
    WITH m AS (SELECT * FROM members WHERE school_id = $school AND status <> 'left'),
    y AS (SELECT * FROM school_years WHERE school_id = $school AND starts_on <= '2026-09-30' ORDER BY starts_on DESC LIMIT 1),
    c AS (SELECT classes.* FROM classes JOIN y ON y.id = school_year_id WHERE classes.school_id = $school),
    p AS (SELECT m.*, c.name AS class, coalesce(c.grade, '') AS grade, c.id AS class_id FROM m
          LEFT JOIN enrolments e ON e.member_id = m.id AND e.ended_at IS NULL AND e.school_year_id = (SELECT id FROM y)
          LEFT JOIN c ON c.id = e.class_id WHERE m.role = 'student'),
    l AS (
        SELECT 'no-parent' AS line, id FROM p
            WHERE NOT EXISTS (SELECT FROM guardians g WHERE g.member_id = p.id AND g.birth_year IS NOT NULL)
        UNION ALL SELECT 'no-birth-date', id FROM m WHERE role <> 'manager' AND birth_date IS NULL
        UNION ALL SELECT 'no-gender', id FROM m WHERE role <> 'manager' AND gender IS NULL
        UNION ALL SELECT 'no-class', id FROM p WHERE class IS NULL
        UNION ALL SELECT 'age', id FROM p
            WHERE grade ~ '^[0-9]+$' AND 2026 - extract(year FROM birth_date)::int - grade::int NOT BETWEEN 4 AND 8
        UNION ALL SELECT 'twin', id FROM p
            WHERE EXISTS (SELECT FROM p o WHERE o.full_name = p.full_name AND o.birth_date = p.birth_date AND o.id <> p.id
                AND (o.moet_id <> p.moet_id) IS NOT TRUE AND (o.national_id <> p.national_id) IS NOT TRUE
                AND NOT EXISTS (SELECT FROM told_apart t WHERE (t.a, t.b) IN ((o.id, p.id), (p.id, o.id))))
        UNION ALL SELECT 'no-homeroom', id FROM c WHERE homeroom_member_id IS NULL
        UNION ALL SELECT 'no-slip', id FROM p
            WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
        UNION ALL SELECT 'no-email', id FROM m WHERE role <> 'student' AND email IS NULL
        UNION ALL SELECT 'expired', id FROM m WHERE status = 'active' AND temporary_until <= $now
        UNION ALL SELECT 'national-id', id FROM m WHERE moet_id !~ '^[A-Za-z0-9]+$' OR national_id NOT LIKE '079%'
            OR gender = 'male' AND substr(national_id, 4, 1)::int % 2 = 1
            OR gender = 'female' AND substr(national_id, 4, 1)::int % 2 = 0
            OR extract(year FROM birth_date) <> 1900 + substr(national_id, 4, 1)::int / 2 * 100 + substr(national_id, 5, 2)::int
        UNION ALL SELECT 'bounced', m.id FROM m JOIN memberships a ON a.member_id = m.id AND a.school_id = $school
            WHERE (SELECT refused_at FROM mails WHERE account_id = a.account_id
                   AND (sent_at IS NOT NULL OR refused_at IS NOT NULL) ORDER BY created_at DESC LIMIT 1) IS NOT NULL
    ),
    came AS (SELECT *, hour AT TIME ZONE 'Asia/Ho_Chi_Minh' AS local FROM entries WHERE school_id = $school)
    SELECT 'gender ' || role || ' ' || coalesce(gender, 'unknown'), count(*) FROM m GROUP BY 1
    UNION ALL SELECT 'status ' || role || ' ' || status, count(*) FROM m GROUP BY 1
    UNION ALL SELECT 'grade ' || grade || ' ' || coalesce(gender, 'unknown'), count(*) FROM p WHERE class IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'classes of ' || coalesce(grade, ''), count(*) FROM c GROUP BY 1
    UNION ALL SELECT 'class ' || class || ' ' || coalesce(gender, 'unknown'), count(*) FROM p WHERE class IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'classes from ' || CASE WHEN n = 0 THEN 0 ELSE least((n - 1) / 5 * 5 + 1, 46) END, count(*)
        FROM (SELECT (SELECT count(*) FROM p WHERE p.class_id = c.id) AS n FROM c) sizes GROUP BY 1
    UNION ALL SELECT 'all classes', count(*) FROM c
    UNION ALL SELECT 'no class', count(*) FROM p WHERE class IS NULL
    UNION ALL SELECT 'no birth date', count(*) FROM p WHERE birth_date IS NULL
    UNION ALL SELECT 'age ' || 2026 - extract(year FROM birth_date)::int || ' ' || coalesce(gender, 'unknown'), count(*)
        FROM p WHERE birth_date IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'expected ' || grade::int + 5, count(*) FROM p WHERE grade ~ '^[0-9]+$' GROUP BY 1
    UNION ALL SELECT 'year ' || s.name || ' ' || coalesce(k.grade, ''), count(*)
        FROM enrolments e JOIN classes k ON k.id = e.class_id JOIN school_years s ON s.id = e.school_year_id
        WHERE e.school_id = $school AND e.ended_at IS NULL AND s.starts_on <= '2026-09-30' GROUP BY 1
    UNION ALL SELECT role || ' may sign in', count(*) FROM m WHERE status = 'active' GROUP BY 1
    UNION ALL SELECT role || ' signed in', count(*) FROM m WHERE status = 'active' AND first_signed_in_at IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'grade ' || grade || ' may sign in', count(*) FROM p WHERE class IS NOT NULL AND status = 'active' GROUP BY 1
    UNION ALL SELECT 'grade ' || grade || ' signed in', count(*) FROM p
        WHERE class IS NOT NULL AND status = 'active' AND first_signed_in_at IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'class ' || class || ' may sign in', count(*) FROM p WHERE class IS NOT NULL AND status = 'active' GROUP BY 1
    UNION ALL SELECT 'class ' || class || ' signed in', count(*) FROM p
        WHERE class IS NOT NULL AND status = 'active' AND first_signed_in_at IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'first ' || (first_signed_in_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*) FROM m
        WHERE (first_signed_in_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= '2026-08-01' GROUP BY 1
    UNION ALL SELECT 'hour ' || extract(hour FROM local)::int, count(*) FROM came GROUP BY 1
    UNION ALL SELECT 'weekday ' || extract(isodow FROM local)::int, count(*) FROM came GROUP BY 1
    UNION ALL SELECT 'device ' || device, count(*) FROM came GROUP BY 1
    UNION ALL SELECT 'reset ' || CASE WHEN s.id IS NULL THEN 'gone' WHEN s.role <> 'student' THEN 'staff'
            WHEN s.first_signed_in_at < a.at THEN 'forgotten' ELSE 'first' END, count(*)
        FROM audit_events a LEFT JOIN members s ON s.id = a.subject_id
        WHERE a.school_id = $school AND a.action = 'password_reset' GROUP BY 1
    UNION ALL SELECT 'line ' || line, count(*) FROM l GROUP BY 1
    UNION ALL SELECT 'checked', (SELECT count(*) FROM m) + (SELECT count(*) FROM c)
    UNION ALL SELECT 'clean', (SELECT count(*) FROM m) + (SELECT count(*) FROM c) - (SELECT count(DISTINCT id) FROM l)
    UNION ALL SELECT 'with slip', count(*) FROM p
        WHERE status = 'active' AND (temporary_until IS NULL OR slip_printed_at IS NOT NULL)
    UNION ALL SELECT 'is active', count(*) FROM (SELECT FROM m WHERE last_signed_in_at > $now - interval '30 days' LIMIT 1) one";

/// Numbers by a key, from a statement over one school.
async fn plain(admin: &mut PgConnection, school: &School, now: DateTime<Utc>) -> BTreeMap<String, i64> {
    let now = format!("TIMESTAMPTZ '{}'", now.to_rfc3339());
    let statement = PLAIN.replace("$school", &format!("'{}'", school.id())).replace("$now", &now);
    let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(statement)).fetch_all(admin).await.unwrap();
    rows.into_iter().filter(|(_, count)| *count > 0).collect()
}

impl History<'_> {
    async fn counted(&self) -> Counted {
        let school = &self.cast.school;
        let mut tx = self.test.db.begin_in(school.id()).await.unwrap();
        count::all(&school.scope, &mut tx, self.test.clock.now(), Most::OF_PAGE).await.unwrap()
    }

    async fn holds(&self, what: &str) {
        let counted = self.counted().await;
        let plain = plain(&mut self.test.admin().await, &self.cast.school, self.test.clock.now()).await;
        assert_eq!(said(&counted), plain, "{what}");
        self.people_hold(&counted, what).await;
        if self.has_worker {
            daily::write(&self.cast.school.scope, self.test, self.test.clock.now()).await.unwrap();
            self.holds_for_operators(&plain, what).await;
        }
    }

    /// Behind each number of the report on use are as many as it says.
    async fn people_hold(&self, counted: &Counted, what: &str) {
        let usage = &counted.figures.usage;
        let mut numbers: Vec<(UsageNumber, i64)> = Vec::new();
        numbers.extend(usage.first.iter().map(|(day, count)| (UsageNumber::First(*day), *count)));
        numbers.extend((0..).zip(&usage.days.hours).map(|(hour, count)| (UsageNumber::Hour(hour), *count)));
        let weekdays =
            [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let of_days = weekdays.into_iter().zip(&usage.days.weekdays);
        numbers.extend(of_days.map(|(day, count)| (UsageNumber::Weekday(day), *count)));
        let of = |numbers: &BTreeMap<String, i64>, key: &str| numbers.get(key).copied().unwrap_or_default();
        numbers.extend(DeviceKind::ALL.map(|kind| (UsageNumber::Device(kind), of(&usage.days.devices, kind.key()))));
        let causes = ["forgotten", "first", "staff"];
        numbers.extend(causes.map(|cause| (UsageNumber::Reset(cause), of(&usage.days.resets, cause))));
        for (grade, share) in &usage.grades {
            let never = share.active - share.signed_in;
            for (has_signed_in, count) in [(None, share.active), (Some(true), share.signed_in), (Some(false), never)] {
                numbers.push((UsageNumber::Grade { grade: grade.clone(), has_signed_in }, count));
            }
        }
        for (number, count) in numbers {
            assert_eq!(self.behind(&number).await, count, "{what}: {number:?}");
        }
    }

    /// How many rows all pages of a number have.
    async fn behind(&self, number: &UsageNumber) -> i64 {
        let school = &self.cast.school;
        let mut tx = self.test.db.begin_in(school.id()).await.unwrap();
        let (mut rows, mut from) = (0, String::new());
        loop {
            let of = (school.year_id, self.test.clock.now());
            let page = people::page(&school.scope, &mut tx, of, number, &from).await.unwrap();
            rows += i64::try_from(page.rows.len()).unwrap();
            let Some(next) = page.next else { return rows };
            from = next;
        }
    }

    /// The row that operators see has the same numbers.
    async fn holds_for_operators(&self, plain: &BTreeMap<String, i64>, what: &str) {
        let row: (bool, i32, i32, i32, i32, i32, i32, i32) = sqlx::query_as(
            "SELECT is_active, pupils, pupils_in, slips, staff, staff_in, checked, clean FROM school_figures WHERE school_id = $1",
        )
        .bind(self.cast.school.id())
        .fetch_one(&mut self.test.admin().await)
        .await
        .unwrap();
        let of = |keys: &[&str]| -> i32 {
            let sum: i64 = keys.iter().filter_map(|key| plain.get(*key)).sum();
            sum.try_into().unwrap()
        };
        let expected = (
            of(&["is active"]) == 1,
            of(&["student may sign in"]),
            of(&["student signed in"]),
            of(&["with slip"]),
            of(&["teacher may sign in", "manager may sign in"]),
            of(&["teacher signed in", "manager signed in"]),
            of(&["checked"]),
            of(&["clean"]),
        );
        assert_eq!(row, expected, "{what}");
    }
}

#[tokio::test]
async fn every_figure_is_what_a_plain_count_says_after_any_history() {
    let mut merged = 0;
    for (seed, has_worker) in [(1, false), (2, false), (3, false), (4, true), (5, true)] {
        let mut test = TestApp::new().await;
        // Letters to those who are brought back, and the like.
        test.leaves_jobs();
        let cast = test.cast("79000001").await;
        let mut history = History::begin(&test, &cast, seed, has_worker).await;
        let mut plan = None;
        for number in 1..=60 {
            history.step().await;
            // A list that is applied, and taken back when more has happened.
            match number {
                15 => {
                    let made = cast.school.plan(&test).await;
                    history.list(&made, "/apply").await;
                    plan = Some(made);
                }
                40 => history.list(&plan.unwrap(), "/undo").await,
                _ => {}
            }
            if number % 5 == 0 {
                history.holds(&format!("seed {seed}, step {number}")).await;
            }
        }
        merged += history.merged;
    }
    assert!(merged > 0, "nobody was merged in any history");
}
