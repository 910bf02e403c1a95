//! `/schools/{code}/reports/quality`: each line with its people and its button.

use chrono::Duration;
use schoolgate::{
    reports::{QualityLine, daily},
    roster::fields::Field,
};

use super::is_large;
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp};

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
        fit("Đặng Thị Mã").value(Field::MoetId, "79-0001"),
        Someone::pupil("Đặng Ai", cast.class_id).value(Field::BirthDate, "2011-09-06"),
    ];
    let people = cast.school.add_all(&test, &people).await;
    let expire = "UPDATE members SET temporary_until = '2026-09-01' WHERE id = $1";
    sqlx::query(expire).bind(people[6].member_id).execute(&mut test.admin().await).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    let owner = test.signed_in(&cast.owner).await;
    for (line, who) in [
        (QualityLine::NationalId, "Đặng Thị Lệch"),
        (QualityLine::NationalId, "Đặng Thị Mã"),
        (QualityLine::NoGender, "Đặng Ai"),
        (QualityLine::Age, "Đặng Thị Già"),
        (QualityLine::Twin, "Đặng Thị Đôi"),
        (QualityLine::NoClass, "Đặng Thị Lẻ"),
        (QualityLine::NoSlip, "Đặng Thị Mới"),
        (QualityLine::Expired, "Đặng Thị Mới"),
    ] {
        let path = cast.school.path(&format!("/reports/quality?line={}", line.key()));
        let page = reporter.get(&path).await.expect(200).shows(&[who]).hides(&["Đặng Thị Khít"]);
        assert!(page.links().iter().all(|link| !link.contains("/accounts")), "{line:?}");
        let mending = owner.get(&path).await.expect(200).shows(&[who]);
        assert!(mending.links().iter().any(|link| link.contains("/edit")), "{line:?}");
    }
    reporter.get(&cast.school.path("/reports/quality?line=no-homeroom")).await.expect(200);
    sqlx::query("UPDATE members SET email = NULL WHERE id = $1")
        .bind(cast.teacher.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    reporter.get(&cast.school.path("/reports/quality?line=no-email")).await.expect(200).shows(&[&cast.teacher.name]);
    // Twins are told apart, or made one, where pairs are.
    let twins = owner.get(&cast.school.path("/reports/quality?line=twin")).await.expect(200);
    owner.get(&twins.link("/duplicates")).await.expect(200);
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
}

/// In a school whose figures are counted by night, a line shows nobody who has been mended since, and does to nobody what
/// was done already.
#[tokio::test]
async fn a_line_of_last_night_mends_nobody_twice() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let pupils = ["Lê Văn Tý", "Lê Văn Sửu"].map(|name| Someone::pupil(name, cast.class_id).new_here());
    let people = cast.school.add_all(&test, &pupils).await;
    let ids: Vec<String> = people.iter().map(|person| person.member_id.to_string()).collect();
    sqlx::query("UPDATE members SET temporary_until = '2026-09-01' WHERE full_name LIKE 'Lê Văn %'")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    is_large(&test, &cast.school).await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let owner = test.signed_in(&cast.owner).await;
    let expired = cast.school.path("/reports/quality?line=expired");
    let page = owner.get(&expired).await.expect(200).shows(&["Lê Văn Tý", "Lê Văn Sửu"]);
    page.shows(&[&format!("{}: 2", vi("quality-line-expired"))]);

    // One gets a new password on their own page; both stand on the page that was opened before.
    let bulk = cast.school.path("/accounts/bulk");
    let one = [("ids", ids[0].as_str()), ("action", "password")];
    owner.post(&bulk, &one).await.expect(303);
    let sealed = async |id: &str| -> Vec<u8> {
        let sealed = "SELECT temporary_password FROM accounts a JOIN memberships m ON m.account_id = a.id WHERE m.member_id = $1::uuid";
        sqlx::query_scalar(sealed).bind(id).fetch_one(&mut test.admin().await).await.unwrap()
    };
    let (of_one, of_other) = (sealed(&ids[0]).await, sealed(&ids[1]).await);
    owner.get(&expired).await.expect(200).shows(&["Lê Văn Sửu"]).hides(&["Lê Văn Tý"]);
    test.clock.advance(Duration::seconds(10));
    let both = [("ids", ids[0].as_str()), ("ids", ids[1].as_str()), ("action", "password"), ("only", "expired")];
    owner.post(&bulk, &both).await.expect(303);
    assert_eq!(sealed(&ids[0]).await, of_one, "the slip that was printed is good");
    assert_ne!(sealed(&ids[1]).await, of_other);
    let page = owner.get(&expired).await.expect(200).hides(&["Lê Văn Tý", "Lê Văn Sửu"]);
    page.shows(&[&vi("reports-line-clean"), &format!("{}: 0", vi("quality-line-expired"))]);
    // What was found out of date is counted anew.
    assert_eq!(test.work().await.iter().filter(|job| *job == "count_school").count(), 1);
    let told: String = sqlx::query_scalar(
        "SELECT f ->> 'count' FROM report_figures, jsonb_array_elements(figures #> '{quality,lines}') f
             WHERE f ->> 'key' = 'expired'",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(told, "0");
}

#[tokio::test]
async fn pupils_are_put_into_a_class_who_are_still_in_none() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let [kept, other] = [cast.school.class(&test, "10A8").await, cast.school.class(&test, "10A9").await];
    let pupils = ["Lê Văn Tý", "Lê Văn Sửu"].map(|name| Someone::pupil(name, cast.class_id).without_class());
    let people = cast.school.add_all(&test, &pupils).await;
    is_large(&test, &cast.school).await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let owner = test.signed_in(&cast.owner).await;
    let bulk = cast.school.path("/accounts/bulk");
    let ids: Vec<String> = people.iter().map(|person| person.member_id.to_string()).collect();
    let (kept, other) = (kept.to_string(), other.to_string());
    let form = [("ids", ids[0].as_str()), ("action", "move"), ("class", kept.as_str())];
    owner.post(&bulk, &form).await.expect(303);
    let line = cast.school.path("/reports/quality?line=no-class");
    owner.get(&line).await.expect(200).shows(&["Lê Văn Sửu"]).hides(&["Lê Văn Tý"]);
    let both = [
        ("ids", ids[0].as_str()),
        ("ids", ids[1].as_str()),
        ("action", "move"),
        ("class", &other),
        ("only", "unplaced"),
    ];
    let to = owner.post(&bulk, &both).await.location();
    assert!(to.starts_with(&line), "{to}");
    owner.get(&to).await.expect(200).shows(&[&vi1("done-bulk-move", "n", 1), &vi("reports-line-clean")]);
    let of_class = async |class: &str| -> i64 {
        let count = "SELECT count(*) FROM enrolments WHERE class_id = $1::uuid AND ended_at IS NULL";
        sqlx::query_scalar(count).bind(class).fetch_one(&mut test.admin().await).await.unwrap()
    };
    assert_eq!((of_class(&kept).await, of_class(&other).await), (1, 1));
}

/// Every kind of line forgets those of last night who are mended.
#[tokio::test]
async fn those_who_are_mended_are_gone_from_the_line_of_last_night() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let twin = |name: &str| Someone::pupil(name, cast.class_id).value(Field::BirthDate, "2011-01-01");
    cast.school.add_all(&test, &[twin("Đặng Thị Đôi"), twin("Đặng Thị Đôi")]).await;
    cast.school.class(&test, "10A9").await;
    is_large(&test, &cast.school).await;
    let mut admin = test.admin().await;
    sqlx::query(
        "INSERT INTO mails (id, account_id, letter, language, created_at, refused_at)
         VALUES (gen_random_uuid(), $1, '{}', 'vi', $2, $2)",
    )
    .bind(cast.teacher.account_id)
    .bind(test.clock.now())
    .execute(&mut admin)
    .await
    .unwrap();
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    let line = async |line: QualityLine| {
        let path = cast.school.path(&format!("/reports/quality?line={}", line.key()));
        reporter.get(&path).await.expect(200)
    };
    for (of, who) in [
        (QualityLine::Twin, "Đặng Thị Đôi"),
        (QualityLine::NoHomeroom, "10A9"),
        (QualityLine::Bounced, &cast.teacher.name),
    ] {
        line(of).await.shows(&[who]);
    }
    for mend in [
        "UPDATE members SET birth_date = '2011-01-02' WHERE id = (SELECT id FROM members WHERE full_name = 'Đặng Thị Đôi' LIMIT 1)",
        "UPDATE classes SET homeroom_member_id = (SELECT homeroom_member_id FROM classes WHERE homeroom_member_id IS NOT NULL)
         WHERE name = '10A9'",
        "INSERT INTO mails (id, account_id, letter, language, created_at, sent_at)
         SELECT gen_random_uuid(), account_id, letter, language, created_at + interval '1 minute', created_at FROM mails",
    ] {
        sqlx::query(mend).execute(&mut admin).await.unwrap();
    }
    for (of, who) in [
        (QualityLine::Twin, "Đặng Thị Đôi"),
        (QualityLine::NoHomeroom, "10A9"),
        (QualityLine::Bounced, &cast.teacher.name),
    ] {
        line(of).await.hides(&[who]).shows(&[&vi("reports-line-clean")]);
    }
}

/// Two pupils of one name and birth date are no line any more once numbers, or the school, say that they are two
/// people.
#[tokio::test]
async fn twins_who_are_two_people_need_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let twin = |name: &str| Someone::pupil(name, cast.class_id).value(Field::BirthDate, "2011-01-01");
    let people = [
        twin("Đặng Thị Đôi"),
        twin("Đặng Thị Đôi"),
        twin("Đặng Thị Số").value(Field::MoetId, "7900000001"),
        twin("Đặng Thị Số").value(Field::MoetId, "7900000002"),
    ];
    cast.school.add_all(&test, &people).await;
    let owner = test.signed_in(&cast.owner).await;
    let line = cast.school.path("/reports/quality?line=twin");
    let page = owner.get(&line).await.expect(200).shows(&["Đặng Thị Đôi"]).hides(&["Đặng Thị Số"]);
    let page = page.shows(&[&format!("{}: 2", vi("quality-line-twin"))]);
    // Each leads to the other one.
    let pair = page.link("/duplicates/");
    owner.get(&pair).await.expect(200).shows(&["Đặng Thị Đôi"]);
    owner.post(&format!("{pair}/dismissal"), &[]).await.expect(303);
    owner.get(&line).await.expect(200).hides(&["Đặng Thị Đôi"]).shows(&[&vi("reports-line-clean")]);
    // The same in a school that was counted by night.
    is_large(&test, &cast.school).await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    owner.get(&line).await.expect(200).shows(&[&vi("reports-line-clean")]);
}

/// Behind the end of a line is its last page, not a line that is done.
#[tokio::test]
async fn behind_the_end_of_a_line_is_its_last_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let many: Vec<Someone> =
        (10..70).map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), cast.class_id)).collect();
    cast.school.add_all(&test, &many).await;
    let reporter = test.signed_in(&cast.reports).await;
    let page = reporter.get(&cast.school.path("/reports/quality?line=no-parent&from=5000")).await.expect(200);
    page.shows(&["Lê Văn Bé69"]).hides(&["Lê Văn Bé10", &vi("reports-line-mended")]);
}

/// What is counted anew leads back to where that was asked for.
#[tokio::test]
async fn counting_anew_comes_back_to_where_it_was_asked_for() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    is_large(&test, &cast.school).await;
    daily::write(&cast.school.scope, &test, test.clock.now()).await.unwrap();
    let reporter = test.signed_in(&cast.reports).await;
    for (report, line, to) in [
        ("use", "", "/reports/use?done=counting"),
        ("users", "", "/reports/users?done=counting"),
        ("quality", "age", "/reports/quality?done=counting&line=age"),
    ] {
        // The button says where it stands.
        let page = reporter.get(&cast.school.path(&format!("/reports/{report}?line={line}"))).await.expect(200);
        assert_eq!(page.input("report"), report);
        let form = [("report", report), ("line", line)];
        let back = reporter.post(&cast.school.path("/reports/count"), &form).await.location();
        assert_eq!(back, cast.school.path(to));
        reporter.get(&back).await.expect(200).shows(&[&vi("done-counting")]);
        test.clock.advance(Duration::seconds(10));
    }
    assert_eq!(test.work().await, ["count_school"], "once, however often it was asked for");
}
