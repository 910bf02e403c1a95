//! `/schools/{code}/reports/…` and `/operator/reports`: who sees them, what they hide, and that every figure is what a
//! plain count over the tables says.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::{Duration, NaiveDate};
use rand::RngExt;
use schoolgate::{
    clock::Randomness,
    ids::{AccountId, ClassId, MemberId},
    reports::{
        Line, count, daily,
        figures::{Figures, GENDERS},
    },
    roster::fields::Field,
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Cast, Someone, TestApp, sheets};

const NUMBER: &str = "079311012345";
const MOET_ID: &str = "7912345678";
const PHONE: &str = "0912345678";

/// A school in which a pupil has all numbers that are masked.
async fn with_numbers(test: &TestApp) -> (Cast, MemberId) {
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Đặng Thị Phượng", cast.class_id)
        .value(Field::Gender, "female")
        .value(Field::BirthDate, "2011-09-05")
        .value(Field::NationalId, NUMBER)
        .value(Field::MoetId, MOET_ID)
        .value(Field::Phone, PHONE);
    let id = cast.school.add(test, pupil).await.member_id;
    (cast, id)
}

#[tokio::test]
async fn the_users_are_listed_and_exported_with_masked_numbers_and_no_way_to_a_person() {
    let test = TestApp::new().await;
    let (cast, id) = with_numbers(&test).await;
    let reporter = test.signed_in(&cast.reports).await;
    let page = reporter.get(&cast.school.path("/reports/users?role=student")).await.expect(200);
    let page = page.shows(&["Đặng Thị Phượng", "•••••••••345", "10A1"]).hides(&[NUMBER, MOET_ID, PHONE]);
    assert!(page.links().iter().all(|link| !link.contains("/accounts")), "{:?}", page.links());
    reporter.get(&cast.school.path(&format!("/accounts/{id}"))).await.expect(403);
    reporter.get(&cast.school.path("/accounts")).await.expect(403);
    reporter.get(&cast.school.path("/accounts/export.xlsx")).await.expect(403);

    let file = reporter.get(&cast.school.path("/reports/users.xlsx?role=student")).await.expect(200);
    let rows = sheets::read(file.file());
    assert!(rows[0].iter().any(|head| head.starts_with("Họ và tên")) && rows[0].iter().all(|head| head != "Mật khẩu"));
    let row = rows.iter().find(|row| row[0] == "Đặng Thị Phượng").unwrap();
    for masked in ["•••••••••345", "•••••••678"] {
        assert!(row.iter().any(|cell| cell == masked), "{row:?}");
    }
    assert!(rows.iter().flatten().all(|cell| ![NUMBER, MOET_ID, PHONE].contains(&cell.as_str())));
    let csv = reporter.get(&cast.school.path("/reports/users.csv?role=teacher")).await.expect(200);
    let csv = String::from_utf8(csv.file().to_vec()).unwrap();
    assert!(csv.contains(&cast.teacher.name) && !csv.contains("Đặng Thị Phượng"));

    let told: Vec<String> =
        sqlx::query_scalar("SELECT detail::text FROM audit_events WHERE action = 'report_taken' ORDER BY id")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("users") && told[0].contains("\"people\": 3"), "{told:?}");
}

#[tokio::test]
async fn numbers_cannot_be_tried_out_by_searching() {
    let test = TestApp::new().await;
    let (cast, _) = with_numbers(&test).await;
    let reporter = test.signed_in(&cast.reports).await;
    let found = async |q: &str| {
        let page = reporter.get(&cast.school.path(&format!("/reports/users?role=student&q={q}"))).await.expect(200);
        page.words().contains("Đặng Thị Phượng")
    };
    assert!(found("phuong").await);
    assert!(!found("hoc").await, "a name that others have");
    // What begins like the number finds no fewer people than what does not.
    for typed in ["0793", "0123", "7912", "0912"] {
        assert!(found(typed).await, "{typed} narrows nothing");
    }
}

#[tokio::test]
async fn without_the_grant_there_is_neither_menu_nor_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for (person, may) in [
        (&cast.owner, true),
        (&cast.reports, true),
        (&cast.manager, false),
        (&cast.account_manager, false),
        (&cast.exams, false),
        (&cast.teacher, false),
        (&cast.pupil, false),
    ] {
        let client = test.signed_in(person).await;
        let links = client.get(&cast.school.path("")).await.expect(200).links();
        assert_eq!(links.iter().any(|link| link.contains("/reports/")), may, "{}", person.name);
        for report in ["users", "use", "size", "quality", "users.xlsx", "users.csv", "size.xlsx", "quality.xlsx"] {
            let status = if may { 200 } else { 403 };
            client.get(&cast.school.path(&format!("/reports/{report}"))).await.expect(status);
        }
    }
}

/// Numbers by a key, from a statement over one school.
async fn counted(admin: &mut PgConnection, school: &School, statement: &str) -> BTreeMap<String, i64> {
    let statement = statement.replace("$school", &format!("'{}'", school.id()));
    let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(statement)).fetch_all(admin).await.unwrap();
    rows.into_iter().filter(|(_, count)| *count > 0).collect()
}

async fn figures(test: &TestApp, school: &School) -> Figures {
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

#[tokio::test]
async fn each_line_has_its_number_its_people_and_its_button() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let fit = |name: &str| {
        Someone::pupil(name, cast.class_id)
            .value(Field::Gender, "female")
            .value(Field::BirthDate, "2011-09-05")
            .value(Field::MotherName, "Lê Thị Mẹ")
            .value(Field::MotherBirthYear, "1983")
    };
    let people = [
        fit("Đặng Thị Khít").value(Field::NationalId, "079311012345"),
        fit("Đặng Thị Lệch").value(Field::NationalId, "079211012345"),
        fit("Đặng Thị Già").value(Field::BirthDate, "2001-09-05"),
        fit("Đặng Thị Đôi").value(Field::BirthDate, "2011-01-01"),
        fit("Đặng Thị Đôi").value(Field::BirthDate, "2011-01-01"),
        fit("Đặng Thị Lẻ").without_class(),
        fit("Đặng Thị Mới").new_here(),
    ];
    let people = cast.school.add_all(&test, &people).await;
    let expire = "UPDATE members SET temporary_until = '2026-09-01' WHERE id = $1";
    sqlx::query(expire).bind(people[6].member_id).execute(&mut test.admin().await).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    let owner = test.signed_in(&cast.owner).await;
    for (line, who) in [
        (Line::NationalId, "Đặng Thị Lệch"),
        (Line::Age, "Đặng Thị Già"),
        (Line::Twin, "Đặng Thị Đôi"),
        (Line::NoClass, "Đặng Thị Lẻ"),
        (Line::NoSlip, "Đặng Thị Mới"),
        (Line::Expired, "Đặng Thị Mới"),
    ] {
        let path = cast.school.path(&format!("/reports/quality?line={}", line.key()));
        let page = reporter.get(&path).await.expect(200).shows(&[who]).hides(&["Đặng Thị Khít"]);
        assert!(page.links().iter().all(|link| !link.contains("/accounts")), "{line:?}");
        let mending = owner.get(&path).await.expect(200).shows(&[who]);
        assert!(mending.links().iter().any(|link| link.contains("/edit")), "{line:?}");
    }
    reporter.get(&cast.school.path("/reports/quality?line=no-homeroom")).await.expect(200);
    // The button does what it says.
    let class = cast.class_id.to_string();
    let id = people[5].member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", class.as_str())];
    owner.post(&cast.school.path("/accounts/bulk"), &form).await.expect(303);
    reporter
        .get(&cast.school.path("/reports/quality?line=no-class"))
        .await
        .expect(200)
        .hides(&["Đặng Thị Lẻ"])
        .shows(&[&vi("reports-line-clean")]);
    // The file names everybody, and no numbers.
    let file = reporter.get(&cast.school.path("/reports/quality.xlsx")).await.expect(200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
    let named = workbook.worksheet_range_at(2).unwrap().unwrap();
    let cells: Vec<String> = named.rows().flatten().map(ToString::to_string).collect();
    assert!(cells.iter().any(|cell| cell == "Đặng Thị Lệch") && cells.iter().all(|cell| !cell.contains("0792110")));
}

#[tokio::test]
async fn sign_ins_are_counted_by_hour_day_and_device_once_the_worker_has_been() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let phone = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36";
    // Monday, eight in the morning in Vietnam; twice in the same hour is once.
    for _ in 0..2 {
        let pupil = test.signed_in(&cast.pupil).await;
        pupil.says_it_is(phone);
        pupil.get(&cast.school.path("")).await.expect(200);
        test.clock.advance(Duration::minutes(10));
    }
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(200);
    test.clock.advance(Duration::days(1));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    test.clock.advance(Duration::days(1));
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    // Twice is as good as once.
    for _ in 0..2 {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    let days: Vec<(NaiveDate, Vec<i32>)> =
        sqlx::query_as("SELECT day, hours FROM report_days WHERE array_position(hours, 0) IS NOT NULL AND hours <> array_fill(0, ARRAY[24]) ORDER BY day")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    let days: Vec<(String, i32, i32)> =
        days.into_iter().map(|(day, hours)| (day.to_string(), hours[8], hours.iter().sum())).collect();
    assert_eq!(days, [("2026-09-07".to_owned(), 2, 2), ("2026-09-09".to_owned(), 1, 1)]);
    let found = figures(&test, &cast.school).await;
    assert_eq!(found.usage.days.weekdays, [2, 0, 1, 0, 0, 0, 0]);
    assert_eq!(found.usage.days.devices.get("phone"), Some(&1));
    assert_eq!(found.usage.first.values().sum::<i64>(), 2);
    let page = test.signed_in(&cast.reports).await.get(&cast.school.path("/reports/use")).await.expect(200);
    page.shows(&[&vi("reports-use-hours"), &vi("device-kind-phone")]);
    // Who came in is forgotten, and the days stay.
    test.clock.advance(Duration::days(60));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let left: (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM report_days)")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(left.0 == 0 && left.1 > 40, "{left:?}");
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

#[tokio::test]
async fn operators_see_numbers_of_their_provinces_and_nobodys_name() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let national = test.signed_in(&test.operator("operator@example.vn", &[]).await).await;
    let bound = test.signed_in(&test.operator("bound@example.vn", &["01"]).await).await;
    let names: Vec<&str> = cast.everybody().map(|person| person.name.as_str()).into();
    let page = national.get("/operator/reports").await.expect(200).hides(&names);
    assert!(page.html().contains("/operator/reports?province=79"), "a tile leads to its province");
    let page = national.get("/operator/reports?province=79&sort=-pupils").await.expect(200).hides(&names);
    page.shows(&[&cast.school.scope.school.name]);
    // The province of another is not found among one's own.
    let own = bound.get("/operator/reports?province=79").await.expect(200);
    own.hides(&[&cast.school.scope.school.name]);
    bound.post("/operator/reports/count", &[("province", "79")]).await.expect(404);
    test.clock.advance(Duration::seconds(10));
    national.post("/operator/reports/count", &[("province", "79")]).await.expect(303);
    assert_eq!(test.work().await, ["count_school"]);

    let file = national.get("/operator/reports.xlsx?province=79").await.expect(200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
    let sheet = workbook.worksheet_range("2. Các trường").unwrap();
    let row = sheet.rows().find(|row| row[0].to_string().contains("79000001")).unwrap();
    assert_eq!(row[3], Data::Float(2.0), "numbers are numbers");
    for person in names {
        assert!(!sheet.rows().flatten().any(|cell| cell.to_string().contains(person)));
    }
}

#[tokio::test]
async fn files_hold_numbers_as_numbers_and_a_chart() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    for report in ["size", "use", "quality"] {
        let file = reporter.get(&cast.school.path(&format!("/reports/{report}.xlsx"))).await.expect(200);
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
        let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
        assert!(matches!(sheet.get((1, 1)), Some(Data::Float(_))), "{report}: {:?}", sheet.get((1, 1)));
        let mut parts = zip::ZipArchive::new(Cursor::new(file.file())).unwrap();
        assert!(parts.by_name("xl/charts/chart1.xml").is_ok(), "{report} has no chart");
    }
}

#[tokio::test]
async fn owners_get_a_mail_a_month_where_they_want_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let month = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let job = schoolgate::reports::MailMonth { school_id: cast.school.id(), month };
    let begin = async || {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &job).await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
        tx.commit().await.unwrap();
        test.work().await
    };
    assert_eq!(begin().await, ["begin_month", "mail_month"], "off unless the school says otherwise");
    let owner = test.signed_in(&cast.owner).await;
    let settings = cast.school.path("/settings");
    owner.post(&settings, &[("monthly_report", "on")]).await.expect(303);
    owner.get(&settings).await.expect(200);
    assert_eq!(begin().await, ["begin_month", "mail_month", "send_mail"]);
    let mail = test.mail_to(&cast.owner.login);
    assert!(mail.text.contains("2 học sinh") && mail.text.contains("/reports/use"), "{}", mail.text);
    assert!(!mail.text.contains(&cast.pupil.name));
    assert_eq!(begin().await, ["begin_month", "mail_month"], "once a month");
    // On the first of a month, once the night's counts are over.
    let until_october = "2026-10-01T01:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - test.clock.now();
    test.clock.advance(until_october);
    sqlx::query("DELETE FROM report_mails").execute(&mut test.admin().await).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    schoolgate::jobs::enqueue(&mut tx, &schoolgate::reports::BeginMonth {}).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(test.work().await, ["begin_month", "mail_month", "send_mail"]);
}

#[tokio::test]
async fn each_school_is_counted_in_its_turn_of_the_night() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    // From midnight to five in Vietnam, hour by hour.
    let midnight = "2026-09-07T17:07:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    test.clock.advance(midnight - test.clock.now());
    let mut counted = Vec::new();
    for _ in 0..24 {
        let mut tx = test.db.begin().await.unwrap();
        schoolgate::jobs::enqueue(&mut tx, &daily::BeginDay {}).await.unwrap();
        tx.commit().await.unwrap();
        counted.extend(test.work().await.into_iter().filter(|job| job == "count_school"));
        test.clock.advance(Duration::hours(1));
    }
    assert_eq!(counted.len(), 1, "once a day");
    let (day, pupils): (NaiveDate, i32) = sqlx::query_as("SELECT day, pupils FROM school_figures WHERE school_id = $1")
        .bind(cast.school.id())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!((day.to_string().as_str(), pupils), ("2026-09-08", 2));
}
