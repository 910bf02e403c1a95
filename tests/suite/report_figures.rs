//! The figures of reports: after any history they are what a plain count says, and the sums of areas follow their schools.

use std::collections::BTreeMap;

use chrono::Duration;
use rand::RngExt;
use schoolgate::{
    clock::Randomness,
    ids::{AccountId, ClassId, MemberId},
    reports::{
        count, daily,
        figures::{Figures, GENDERS},
    },
    roster::fields::Field,
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::people::School;
use crate::support::{Cast, Someone, TestApp};

/// Numbers by a key, from a statement over one school.
async fn counted(admin: &mut PgConnection, school: &School, statement: &str) -> BTreeMap<String, i64> {
    let statement = statement.replace("$school", &format!("'{}'", school.id()));
    let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(statement)).fetch_all(admin).await.unwrap();
    rows.into_iter().filter(|(_, count)| *count > 0).collect()
}

pub async fn figures(test: &TestApp, school: &School) -> Figures {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    count::of_school(&school.scope, &mut tx, test.clock.now()).await.unwrap()
}

/// What the figures say, key by key, as the statements below name it.
fn said(figures: &Figures) -> BTreeMap<String, i64> {
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
        note(format!("class {}", class.name), class.genders.iter().sum());
    }
    note("no class".to_owned(), size.without_class);
    note("no birth date".to_owned(), size.without_birth_date);
    for (age, of_age) in &size.ages {
        note(format!("age {age}"), of_age.genders.iter().sum());
    }
    for year in &size.years {
        for (grade, count) in &year.grades {
            note(format!("year {} {grade}", year.name), *count);
        }
    }
    note("may sign in".to_owned(), figures.usage.pupils.active);
    note("signed in".to_owned(), figures.usage.pupils.signed_in);
    note("staff may sign in".to_owned(), figures.usage.staff.active);
    note("staff signed in".to_owned(), figures.usage.staff.signed_in);
    for (_, name, share) in &figures.usage.classes {
        note(format!("signed in {name}"), share.signed_in);
        note(format!("active {name}"), share.active);
    }
    for (day, count) in &figures.usage.first {
        note(format!("first {day}"), *count);
    }
    for found in &figures.quality.lines {
        note(format!("line {}", found.key), found.count);
    }
    note("checked".to_owned(), figures.quality.checked);
    said
}

/// The same by plain counts over the tables, each by itself.
const PLAIN: &str = "
    WITH m AS (SELECT * FROM members WHERE school_id = $school AND status <> 'left'),
    y AS (SELECT * FROM school_years WHERE school_id = $school AND starts_on <= '2026-09-30' ORDER BY starts_on DESC LIMIT 1),
    c AS (SELECT classes.* FROM classes JOIN y ON y.id = school_year_id WHERE classes.school_id = $school),
    p AS (SELECT m.*, c.name AS class, coalesce(c.grade, '') AS grade, c.id AS class_id FROM m
          LEFT JOIN enrolments e ON e.member_id = m.id AND e.ended_at IS NULL AND e.school_year_id = (SELECT id FROM y)
          LEFT JOIN c ON c.id = e.class_id WHERE m.role = 'student')
    SELECT 'gender ' || role || ' ' || coalesce(gender, 'unknown'), count(*) FROM m GROUP BY 1
    UNION ALL SELECT 'status ' || role || ' ' || status, count(*) FROM m GROUP BY 1
    UNION ALL SELECT 'grade ' || grade || ' ' || coalesce(gender, 'unknown'), count(*) FROM p WHERE class IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'classes of ' || coalesce(grade, ''), count(*) FROM c GROUP BY 1
    UNION ALL SELECT 'class ' || class, count(*) FROM p WHERE class IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'no class', count(*) FROM p WHERE class IS NULL
    UNION ALL SELECT 'no birth date', count(*) FROM p WHERE birth_date IS NULL
    UNION ALL SELECT 'age ' || 2026 - extract(year FROM birth_date)::int, count(*) FROM p WHERE birth_date IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'year ' || s.name || ' ' || coalesce(k.grade, ''), count(*)
        FROM enrolments e JOIN classes k ON k.id = e.class_id JOIN school_years s ON s.id = e.school_year_id
        WHERE e.school_id = $school AND e.ended_at IS NULL AND s.starts_on <= '2026-09-30' GROUP BY 1
    UNION ALL SELECT 'may sign in', count(*) FROM p WHERE status = 'active'
    UNION ALL SELECT 'signed in', count(*) FROM p WHERE status = 'active' AND first_signed_in_at IS NOT NULL
    UNION ALL SELECT 'staff may sign in', count(*) FROM m WHERE role <> 'student' AND status = 'active'
    UNION ALL SELECT 'staff signed in', count(*) FROM m
        WHERE role <> 'student' AND status = 'active' AND first_signed_in_at IS NOT NULL
    UNION ALL SELECT 'signed in ' || class, count(*) FROM p
        WHERE class IS NOT NULL AND status = 'active' AND first_signed_in_at IS NOT NULL GROUP BY 1
    UNION ALL SELECT 'active ' || class, count(*) FROM p WHERE class IS NOT NULL AND status = 'active' GROUP BY 1
    UNION ALL SELECT 'first ' || (first_signed_in_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*) FROM m
        WHERE (first_signed_in_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date >= '2026-08-01' GROUP BY 1
    UNION ALL SELECT 'line no-parent', count(*) FROM p
        WHERE NOT EXISTS (SELECT FROM guardians g WHERE g.member_id = p.id AND g.birth_year IS NOT NULL)
    UNION ALL SELECT 'line no-birth-date', count(*) FROM p WHERE birth_date IS NULL
    UNION ALL SELECT 'line no-class', count(*) FROM p WHERE class IS NULL
    UNION ALL SELECT 'line age', count(*) FROM p
        WHERE grade ~ '^[0-9]+$' AND 2026 - extract(year FROM birth_date)::int - grade::int NOT BETWEEN 4 AND 8
    UNION ALL SELECT 'line twin', count(*) FROM p
        WHERE EXISTS (SELECT FROM p o WHERE o.full_name = p.full_name AND o.birth_date = p.birth_date AND o.id <> p.id)
    UNION ALL SELECT 'line no-homeroom', count(*) FROM c WHERE homeroom_member_id IS NULL
    UNION ALL SELECT 'line no-slip', count(*) FROM p
        WHERE status = 'active' AND temporary_until IS NOT NULL AND slip_printed_at IS NULL
    UNION ALL SELECT 'checked', (SELECT count(*) FROM m) + (SELECT count(*) FROM c)";

/// One step of a history, drawn at random.
async fn step(
    test: &TestApp,
    cast: &Cast,
    classes: &[ClassId],
    pupils: &mut Vec<(MemberId, String)>,
    dice: &Randomness,
) {
    let roll = |below: usize| dice.with(|rng| rng.random_range(0..below));
    let owner = test.signed_in(&cast.owner).await;
    let act = roll(10);
    let someone = (!pupils.is_empty()).then(|| roll(pupils.len()));
    match (act, someone) {
        (0..=3, _) | (_, None) => {
            let name = ["Lê Văn An", "Trần Thị Bé", "Vũ Văn Đạt"][roll(3)];
            let mut pupil = Someone::pupil(name, classes[roll(classes.len())]);
            if roll(4) > 0 {
                pupil =
                    pupil.value(Field::BirthDate, ["2011-03-02", "2011-03-03", "2005-01-01", "2016-07-07"][roll(4)]);
            }
            if roll(3) > 0 {
                pupil = pupil.value(Field::Gender, ["male", "female", "other"][roll(3)]);
            }
            if roll(2) == 0 {
                pupil = pupil.value(Field::MotherName, "Lê Thị Mẹ").value(Field::MotherBirthYear, "1983");
            }
            let pupil = if roll(3) == 0 { pupil.new_here() } else { pupil };
            let pupil = if roll(6) == 0 { pupil.without_class() } else { pupil };
            pupils.push((cast.school.add(test, pupil).await.member_id, name.to_owned()));
        }
        (4, Some(at)) => {
            owner.post(&cast.school.path(&format!("/accounts/{}/leaving", pupils[at].0)), &[]).await.expect(303);
        }
        (5, Some(at)) => {
            let path = cast.school.path(&format!("/accounts/{}/leaving", pupils[at].0));
            owner.post(&path, &[("undo", "on")]).await.expect(303);
        }
        (6, Some(at)) => {
            let (id, class) = (pupils[at].0.to_string(), classes[roll(classes.len())].to_string());
            let form = [("ids", id.as_str()), ("action", "move"), ("class", class.as_str())];
            owner.post(&cast.school.path("/accounts/bulk"), &form).await.expect(303);
        }
        (7, Some(at)) => {
            let (id, name) = pupils.swap_remove(at);
            let path = cast.school.path(&format!("/accounts/{id}/erasure"));
            owner.post(&path, &[("confirmation", name.as_str())]).await.expect(303);
        }
        (8, Some(at)) => {
            let path = cast.school.path(&format!("/accounts/{}/suspension", pupils[at].0));
            let undo: &[(&str, &str)] = if roll(2) == 0 { &[] } else { &[("undo", "on")] };
            owner.post(&path, undo).await.expect(303);
        }
        (_, Some(at)) => {
            let account: Option<AccountId> =
                sqlx::query_scalar("SELECT account_id FROM members WHERE id = $1 AND status = 'active'")
                    .bind(pupils[at].0)
                    .fetch_optional(&mut test.admin().await)
                    .await
                    .unwrap()
                    .flatten();
            if let Some(account_id) = account {
                let person = crate::support::Person {
                    member_id: pupils[at].0,
                    account_id,
                    login: String::new(),
                    name: String::new(),
                    temporary: None,
                };
                test.signed_in(&person).await.get(&cast.school.path("")).await;
            }
        }
    }
    test.clock.advance(Duration::hours(3));
}

#[tokio::test]
async fn every_figure_is_what_a_plain_count_says_after_any_history() {
    for seed in 1..=4 {
        let dice = Randomness::seeded(seed);
        let mut test = TestApp::new().await;
        // Letters to those who are brought back, and the like.
        test.leaves_jobs();
        let cast = test.cast("79000001").await;
        let mut classes = vec![cast.class_id];
        for name in ["10A2", "11A1", "12 Chuyên Anh"] {
            classes.push(cast.school.class(&test, name).await);
        }
        let mut pupils = Vec::new();
        for number in 1..=45 {
            step(&test, &cast, &classes, &mut pupils, &dice).await;
            if number % 9 == 0 {
                let plain = counted(&mut test.admin().await, &cast.school, PLAIN).await;
                assert_eq!(said(&figures(&test, &cast.school).await), plain, "seed {seed}, step {number}");
            }
        }
        // A list that was applied, and taken back.
        let plan = cast.school.plan(&test).await;
        let owner = test.signed_in(&cast.owner).await;
        for act in ["/apply", "/undo"] {
            owner.post(&cast.school.path(&format!("/plans/{plan}{act}")), &[]).await.expect(303);
            test.work().await;
            let plain = counted(&mut test.admin().await, &cast.school, PLAIN).await;
            assert_eq!(said(&figures(&test, &cast.school).await), plain, "seed {seed}, {act}");
            test.clock.advance(Duration::seconds(10));
        }
    }
}

/// The sums of an area on its last day, and what the rows of its schools come to.
async fn assert_sums(test: &TestApp, after: &str) {
    let wrong: Vec<String> = sqlx::query_scalar(
        "WITH told AS (SELECT DISTINCT ON (area) * FROM area_figures ORDER BY area, day DESC),
         summed AS (
             SELECT area, count(*) AS schools, count(*) FILTER (WHERE is_suspended) AS suspended,
                 count(*) FILTER (WHERE is_active AND NOT is_suspended) AS active, sum(pupils)::bigint AS pupils,
                 sum(pupils_in)::bigint AS pupils_in, sum(checked)::bigint AS checked, sum(clean)::bigint AS clean
             FROM school_figures f CROSS JOIN LATERAL (VALUES ('country'), ('province:' || f.province_code),
                 ('unit:' || f.managing_unit_id)) AS of (area) GROUP BY area)
         SELECT format('%s: %s, and there are %s', t.area, t, s) FROM told t LEFT JOIN summed s ON s.area = t.area
         WHERE (t.schools, t.suspended, t.active, t.pupils, t.pupils_in, t.checked, t.clean) IS DISTINCT FROM
             (coalesce(s.schools, 0), coalesce(s.suspended, 0), coalesce(s.active, 0), coalesce(s.pupils, 0),
              coalesce(s.pupils_in, 0), coalesce(s.checked, 0), coalesce(s.clean, 0))",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(wrong, [] as [String; 0], "after {after}");
}

#[tokio::test]
async fn the_sums_of_areas_follow_their_schools() {
    let test = TestApp::new().await;
    let (one, two) = (test.cast("79000001").await, test.cast("79000002").await);
    assert_sums(&test, "opening").await;
    test.signed_in(&one.pupil).await.get(&one.school.path("")).await.expect(200);
    for cast in [&one, &two] {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    assert_sums(&test, "a count").await;
    let (of_pupils, is_active): (i32, bool) =
        sqlx::query_as("SELECT pupils, is_active FROM school_figures WHERE school_id = $1")
            .bind(one.school.id())
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!((of_pupils, is_active), (2, true));
    let mut admin = test.admin().await;
    for (statement, what) in [
        ("UPDATE schools SET suspended_at = now() WHERE code = '79000002'", "a suspension"),
        (
            "UPDATE schools SET province_code = '01', managing_unit_id =
                 (SELECT id FROM managing_units WHERE province_code = '01' LIMIT 1) WHERE code = '79000001'",
            "a move into another province",
        ),
        ("UPDATE schools SET suspended_at = NULL WHERE code = '79000002'", "its end"),
    ] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
        assert_sums(&test, what).await;
    }
    test.clock.advance(Duration::days(2));
    one.school.add(&test, Someone::pupil("Lê Văn Thêm", one.class_id)).await;
    daily::write(&one.school.scope, &test, test.clock.now()).await.unwrap();
    assert_sums(&test, "another day").await;
    let days: Vec<i64> =
        sqlx::query_scalar("SELECT pupils FROM area_figures WHERE area = 'country' ORDER BY day DESC LIMIT 2")
            .fetch_all(&mut admin)
            .await
            .unwrap();
    assert_eq!(days[0] - days[1], 1, "what was so on the day before stays");
}
