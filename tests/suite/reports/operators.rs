//! `/operator/reports`: numbers by area and school, and no name of a person.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use chrono::Duration;
use schoolgate::{
    reports::{country, daily},
    vietnam::text,
};

use crate::support::say::vi;
use crate::support::{Page, Someone, TestApp};

/// The sums of an area on its last day, and what the rows of its schools come to.
async fn assert_sums(test: &TestApp, after: &str) {
    let wrong: Vec<String> = sqlx::query_scalar(
        "WITH told AS (SELECT DISTINCT ON (area) * FROM area_figures ORDER BY area, day DESC),
         summed AS (
             SELECT area, count(*) AS schools, count(*) FILTER (WHERE is_suspended) AS suspended,
                 count(*) FILTER (WHERE is_active AND NOT is_suspended) AS active, sum(pupils)::bigint AS pupils,
                 sum(pupils_in)::bigint AS pupils_in, sum(slips)::bigint AS slips, sum(staff)::bigint AS staff,
                 sum(staff_in)::bigint AS staff_in, sum(checked)::bigint AS checked, sum(clean)::bigint AS clean,
                 sum(overdue)::bigint AS overdue
             FROM school_figures f CROSS JOIN LATERAL (VALUES ('country'), ('province:' || f.province_code),
                 ('unit:' || f.managing_unit_id)) AS of (area) GROUP BY area)
         SELECT format('%s: %s, and there are %s', t.area, t, s) FROM told t LEFT JOIN summed s ON s.area = t.area
         WHERE (t.schools, t.suspended, t.active, t.pupils, t.pupils_in, t.slips, t.staff, t.staff_in, t.checked, t.clean,
                 t.overdue) IS DISTINCT FROM
             (coalesce(s.schools, 0), coalesce(s.suspended, 0), coalesce(s.active, 0), coalesce(s.pupils, 0),
              coalesce(s.pupils_in, 0), coalesce(s.slips, 0), coalesce(s.staff, 0), coalesce(s.staff_in, 0),
              coalesce(s.checked, 0), coalesce(s.clean, 0), coalesce(s.overdue, 0))",
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

/// A submission that waits too long is overdue once the school is counted, and no more as soon as it is decided on.
#[tokio::test]
async fn what_is_decided_is_not_overdue_any_more() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let plan = cast.school.submission(&test).await.to_string();
    let overdue = async || -> i32 {
        sqlx::query_scalar("SELECT overdue FROM school_figures WHERE school_id = $1")
            .bind(cast.school.id())
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    };
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    assert_eq!(overdue().await, 0);
    test.clock.advance(Duration::days(8));
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    assert_eq!(overdue().await, 1);
    assert_sums(&test, "a week of waiting").await;
    let operator = test.signed_in(&test.operator("operator@example.vn", &[]).await).await;
    operator.post("/operator/submissions/approvals", &[("ids", &plan)]).await.expect(303);
    test.work().await;
    assert_eq!(overdue().await, 0);
    assert_sums(&test, "an approval").await;
}

/// The codes of the schools of a page, in the order of its rows.
fn codes(page: &Page) -> Vec<String> {
    let code = |row: String| {
        let (_, rest) = row.split_once('(')?;
        rest.split_once(')').map(|(code, _)| code.to_owned())
    };
    page.rows().into_iter().filter_map(code).filter(|code| code.starts_with("79")).collect()
}

#[tokio::test]
async fn schools_are_found_by_state_and_name_and_sorted_by_every_column() {
    let test = TestApp::new().await;
    let names = ["Trường THPT Yên Hòa", "Trường THPT Ba Đình", "Trường THPT Đa Phúc", "Trường THPT Cầu Giấy"];
    let mut casts = Vec::new();
    for (number, name) in (1..).zip(names) {
        let cast = test.cast(&format!("7900000{number}")).await;
        // With the last word of the name, by which it is found.
        for statement in [
            "UPDATE schools SET name = $2 WHERE id = $1 AND $3 <> ''",
            "INSERT INTO school_words (school_id, word) SELECT $1, $3 WHERE $2 <> ''",
        ] {
            let word = text::fold(name.rsplit(' ').next().unwrap());
            let query = sqlx::query(statement).bind(cast.school.id()).bind(name).bind(word);
            query.execute(&mut test.admin().await).await.unwrap();
        }
        casts.push(cast);
    }
    // One is silent, one has never been opened, one is suspended, one is in use.
    test.signed_in(&casts[0].pupil).await.get(&casts[0].school.path("")).await.expect(200);
    test.clock.advance(Duration::days(40));
    test.signed_in(&casts[3].pupil).await.get(&casts[3].school.path("")).await.expect(200);
    test.signed_in(&casts[3].teacher).await.get(&casts[3].school.path("")).await.expect(200);
    for cast in &casts {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    let suspend = "UPDATE schools SET suspended_at = now() WHERE code = '79000003'";
    sqlx::query(suspend).execute(&mut test.admin().await).await.unwrap();
    let operator = test.signed_in(&test.operator("operator@example.vn", &[]).await).await;
    let page = async |query: &str| operator.get(&format!("/operator/reports?province=79&{query}")).await.expect(200);
    for (query, expected) in [
        ("sort=name", "2431"),
        ("sort=-name", "1342"),
        ("sort=state", "4123"),
        ("state=active", "4"),
        ("state=silent&sort=name", "21"),
        ("state=unopened", "2"),
        ("state=suspended", "3"),
        ("q=dinh", "2"),
        ("q=79000003", "3"),
        ("q=khong+co", ""),
        ("sort=-staff-in&state=active", "4"),
    ] {
        let found: String = codes(&page(query).await).iter().filter_map(|code| code.chars().last()).collect();
        assert_eq!(found, expected, "{query}");
    }
    for sort in schoolgate::reports::country::SchoolOrder::ALL {
        for direction in ["", "-"] {
            let query = format!("sort={direction}{}", sort.key());
            assert_eq!(codes(&page(&query).await).len(), 4, "{query}");
        }
    }
    page("q=khong+co").await.shows(&[&vi("reports-schools-none")]);
    // Accounts of staff stand beside those of pupils; and each number leads to the schools that it counts.
    let all = page("").await.shows(&[&vi("reports-accounts-staff"), &vi("reports-column-staff")]);
    let silent = operator.get(&all.link("state=silent")).await.expect(200);
    assert_eq!(codes(&silent).len(), 2);
    let file = operator.get("/operator/reports.xlsx?province=79&state=silent").await.expect(200);
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.file())).unwrap();
    let sheet = workbook.worksheet_range("2. Các trường").unwrap();
    assert_eq!(sheet.rows().count(), 3, "a head and two schools");
}

#[tokio::test]
async fn operators_of_several_provinces_see_them_over_time_and_each_school_too() {
    let test = TestApp::new().await;
    let (one, two) = (test.cast("79000001").await, test.cast("79000002").await);
    sqlx::query(
        "UPDATE schools SET province_code = '01', managing_unit_id =
             (SELECT id FROM managing_units WHERE province_code = '01' LIMIT 1) WHERE code = '79000002'",
    )
    .execute(&mut test.admin().await)
    .await
    .unwrap();
    for cast in [&one, &two] {
        daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    }
    test.clock.advance(Duration::days(1));
    // On the second day one of the two moves alone; the other is as it was.
    test.signed_in(&one.pupil).await.get(&one.school.path("")).await.expect(200);
    daily::write(&one.school.scope, &test, test.clock.now()).await.unwrap();
    let both = test.signed_in(&test.operator("both@example.vn", &["79", "01"]).await).await;
    let page = both.get("/operator/reports").await.expect(200).shows(&[&vi("reports-over-time-in")]);
    let rows = page.rows();
    let is_told = |begins: &str| rows.iter().any(|row| row.starts_with(begins));
    // Pupils and the share of them who have signed in; schools, active, silent, suspended ones.
    for begins in ["08/09/2026 4 25% ", "07/09/2026 4 0% ", "08/09/2026 2 1 1 0", "07/09/2026 2 0 2 0"] {
        assert!(is_told(begins), "{begins}: {rows:?}");
    }
    for title in ["slips", "score", "overdue"] {
        both.get("/operator/reports").await.shows(&[&vi(&format!("reports-over-time-{title}"))]);
    }

    // A school by itself, without a name of a person.
    let names: Vec<&str> = one.everybody().map(|person| person.name.as_str()).into();
    let list = both.get("/operator/reports?province=79").await.expect(200);
    let school = both.get(&list.link("school=79000001")).await.expect(200).hides(&names);
    let rows = school.rows();
    let is_told = |begins: &str| rows.iter().any(|row| row.starts_with(begins));
    assert!(is_told("08/09/2026 2 50% ") && is_told("07/09/2026 2 0% "), "{rows:?}");
    // A day that an older version has counted.
    let older = "INSERT INTO report_days (school_id, day, counted_at, hours, devices, resets, standing) VALUES ($1, '2026-09-06',
         now(), array_fill(0, ARRAY[24]), '{}', '{}', '{\"pupils\": 2, \"signed_in\": 1, \"score\": 40}')
         ON CONFLICT (school_id, day) DO UPDATE SET standing = excluded.standing";
    sqlx::query(older).bind(one.school.id()).execute(&mut test.admin().await).await.unwrap();
    let school = both.get(&list.link("school=79000001")).await.expect(200);
    assert!(school.rows().iter().any(|row| row.starts_with("06/09/2026 2 50% – –")), "{:?}", school.rows());
    both.get("/operator/reports.xlsx?school=79000001").await.expect(200);
    let bound = test.signed_in(&test.operator("bound@example.vn", &["01"]).await).await;
    bound.get("/operator/reports?school=79000001").await.expect(404);
    bound.get("/operator/reports.xlsx?school=79000001").await.expect(404);
}

/// One school is counted at once, by those who have its province alone; and what is no school's code is no school.
#[tokio::test]
async fn a_school_is_counted_when_an_operator_asks_for_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let bound = test.signed_in(&test.operator("bound@example.vn", &["01"]).await).await;
    let own = test.signed_in(&test.operator("own@example.vn", &["79"]).await).await;
    let count = [("school", "79000001")];
    bound.post("/operator/reports/count", &count).await.expect(404);
    let page = own.get("/operator/reports?school=79000001").await.expect(200);
    page.shows(&[&vi("reports-never-counted"), &vi("reports-count")]);
    let back = own.post("/operator/reports/count", &count).await.location();
    assert_eq!(test.work().await, ["count_school"]);
    own.get(&back).await.expect(200).hides(&[&vi("reports-never-counted")]);
    for code in ["%00", "79", "khong-co", "a%27b"] {
        own.get(&format!("/operator/reports?school={code}")).await.expect(404);
    }
    own.post("/operator/reports/count", &[("school", "a'b")]).await.expect(404);
    // A suspended school is not counted.
    let suspend = "UPDATE schools SET suspended_at = now() WHERE id = $1";
    sqlx::query(suspend).bind(cast.school.id()).execute(&mut test.admin().await).await.unwrap();
    own.get("/operator/reports?school=79000001").await.expect(200).hides(&[&vi("reports-count")]);
    // Behind the last school is the first page, not one of no school.
    let page = own.get("/operator/reports?province=79&from=5000").await.expect(200);
    page.shows(&[&cast.school.scope.school.name]).hides(&[&vi("reports-schools-none")]);
}

/// The map of the country is one statement, which looks up the last day of each province: it does not matter how many days
/// there are.
#[tokio::test]
async fn the_country_is_looked_up_by_its_provinces() {
    let test = TestApp::new().await;
    let mut admin = test.admin().await;
    let days = "INSERT INTO area_figures (area, day) SELECT 'province:' || code, day::date
        FROM provinces, generate_series('2021-01-01'::date, '2025-12-31'::date, '1 day') day";
    for statement in [days, "ANALYZE area_figures, provinces"] {
        sqlx::query(statement).execute(&mut admin).await.unwrap();
    }
    let mut looked_at = async || -> (i64, i64) {
        let all = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'area_figures'";
        sqlx::query_as(all).fetch_one(&mut admin).await.unwrap()
    };
    let before = looked_at().await;
    // A process tells what it has looked at when its connections end.
    let other = test.other_process();
    assert_eq!(country::provinces(other.app.db.pool(), None).await.unwrap().len(), 34);
    other.app.db.pool().close().await;
    let mut after = looked_at().await;
    for _ in 0..100 {
        if after.1 > before.1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        after = looked_at().await;
    }
    assert_eq!(after.0, before.0, "no day is walked past");
    assert!((34..=68).contains(&(after.1 - before.1)), "{before:?} {after:?}");
}
