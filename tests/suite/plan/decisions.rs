//! What a person decides of a row is decided of what they saw: of the member who was shown, of the rows that stood beside
//! it, and against those who were there.

use chrono::Duration;
use schoolgate::ids::MemberId;
use schoolgate::roster::fields::Field;

use super::cases::{WITH_IDS, csv};
use crate::plans_review::{part, plan, row, seen};
use crate::submissions::{PUPILS, Stage, approve, classes, pupil, sheet, text};
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Page, Someone, TestApp};
use crate::sync::Registry;

type Row = [&'static str; 8];

/// A pupil who has nothing but name and birth date in common with anybody of the school.
const fn stranger(name: &'static str, born: &'static str) -> Row {
    [name, "Nam", "10A9", born, "Lê Thị Khác", "1984", "", ""]
}

/// One of the mother and the class of [`known`].
const fn akin(born: &'static str) -> Row {
    ["Lê Văn Tý", "Nam", "10A1", born, "Lê Thị Mẹ", "1984", "", ""]
}

/// A pupil of the school, born on 5 April 2011.
async fn known(test: &TestApp, cast: &Cast) {
    let pupil = Someone::pupil("Lê Văn Tý", cast.class_id)
        .value(Field::BirthDate, "2011-04-05")
        .value(Field::MotherName, "Lê Thị Mẹ")
        .value(Field::MoetId, "7900000001");
    cast.school.add(test, pupil).await;
}

/// Two pupils of one name and birth date in one sheet.
fn twins() -> [Row; 2] {
    let mut other = stranger("Lê Văn Dần", "07/04/2011");
    other[4] = "Lê Thị Hai";
    [stranger("Lê Văn Dần", "07/04/2011"), other]
}

async fn post(client: &Client, plan: &str, line: u32, fields: &[(&str, &str)]) -> Page {
    client.post(&format!("{plan}/rows/{line}"), fields).await.expect(303);
    client.get(plan).await.expect(200)
}

async fn decide(client: &Client, plan: &str, line: u32, decision: &str) -> Page {
    post(client, plan, line, &[("decision", decision)]).await
}

async fn apply(test: &TestApp, client: &Client, plan: &str) {
    client.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    client.get(plan).await.expect(200).shows(&[&vi("plan-title-applied")]);
}

/// How many people of the school these words find.
async fn found(client: &Client, cast: &Cast, words: &str) -> usize {
    client.get(&cast.school.path(&format!("/accounts?q={words}"))).await.expect(200).rows().len()
}

/// A plan of a list of pupils with their identifiers.
async fn identified(test: &TestApp, client: &Client, cast: &Cast, rows: &[&str]) -> String {
    let file = csv(&[&[WITH_IDS][..], rows].concat());
    let plan = client.upload(&cast.school.path("/plans/new?source=students"), "ds.csv", &file).await.location();
    test.work().await;
    plan
}

#[track_caller]
fn comes_to(page: &Page, line: u32, outcome: &str) {
    assert!(row(page, line).contains(&vi(&format!("outcome-{outcome}"))), "{outcome}: {}", row(page, line));
}

/// The line waits behind another one about the same member.
#[track_caller]
fn waits_behind(page: &Page, line: u32, other: &str) {
    assert!(row(page, line).contains(&vi1("fault-doubt-member-twice", "value", other)), "{}", row(page, line));
}

#[tokio::test]
async fn that_a_row_is_new_is_asked_anew_once_it_names_somebody_else() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for (name, born) in [("Lê Văn Tý", "2011-04-05"), ("Lê Văn Sửu", "2011-04-06")] {
        let pupil = Someone::pupil(name, cast.class_id).value(Field::BirthDate, born);
        cast.school.add(&test, pupil).await;
    }
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[stranger("Lê Văn Tý", "05/04/2011")]).await;
    comes_to(&decide(&manager, &plan, 2, "new").await, 2, "create");
    // What tells nobody apart takes no decision back.
    comes_to(&post(&manager, &plan, 2, &[("mother_birth_year", "1985")]).await, 2, "create");
    let other = [("full_name", "Lê Văn Sửu"), ("birth_date", "06/04/2011")];
    comes_to(&post(&manager, &plan, 2, &other).await, 2, "duplicate");
    comes_to(&decide(&manager, &plan, 2, "new").await, 2, "create");
}

#[tokio::test]
async fn who_came_by_one_plan_is_not_made_again_by_another() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let rows = [stranger("Lê Văn Tý", "05/04/2011")];
    let first = plan(&test, &manager, &cast, &rows).await;
    let second = plan(&test, &manager, &cast, &rows).await;
    let twins = plan(&test, &manager, &cast, &twins()).await;
    test.clock.advance(Duration::minutes(1));
    for plan in [&first, &second] {
        comes_to(&decide(&manager, plan, 2, "new").await, 2, "create");
    }
    apply(&test, &manager, &first).await;
    apply(&test, &manager, &second).await;
    manager.get(&second).await.expect(200).shows(&[&vi("fault-stale")]);
    assert_eq!(found(&manager, &cast, "le+van+ty").await, 2, "the one who was there, and the new one");

    // Two of one sheet who were decided to be two are two.
    for line in [2, 3] {
        comes_to(&decide(&manager, &twins, line, "new").await, line, "create");
    }
    apply(&test, &manager, &twins).await;
    assert_eq!(found(&manager, &cast, "le+van+dan").await, 2);
}

#[tokio::test]
async fn who_came_into_the_registry_meanwhile_is_not_made_again() {
    let stage = Stage::new().await;
    stage.take_over("classes", &classes(&["10A1", "10A2"])).await;
    let an = pupil("Đỗ Văn An", "10A1", "04/04/2011", "");
    stage.take_over("pupils", &sheet(PUPILS, &[an])).await;
    let mut namesake = pupil("Đỗ Văn An", "10A2", "04/04/2011", "");
    namesake[4] = "Vũ Thị Khác";
    let at = stage.upload("pupils", &sheet(PUPILS, &[an, namesake])).await;
    for (line, decision) in [(2, "same"), (3, "new")] {
        let fields = [("decision", decision)];
        stage.owner.post(&format!("{at}/rows/{line}"), &fields).await.expect(303);
    }
    stage.owner.post(&format!("{at}/submit"), &[("confirm_leaves", "on")]).await.expect(303);
    stage.test.clock.advance(Duration::minutes(1));
    let registry = Registry { test: &stage.test, school: &stage.cast.school };
    let class = registry.class("10A3").await;
    registry.pupil("Đỗ Văn An", class, &[("birth_date", "2011-04-04")]).await;
    approve(&stage.test, &stage.operator, &at).await;
    let mut admin = stage.test.admin().await;
    assert_eq!(text(&mut admin, "SELECT count(*)::text FROM plan_rows WHERE result = 'stale'").await, "1");
    let people = "SELECT count(*)::text FROM registry_people WHERE full_name = 'Đỗ Văn An'";
    assert_eq!(text(&mut admin, people).await, "2");
}

/// A row that may be about one of two namesakes: the plan, its page, who is shown with the row, and the other one.
async fn namesakes(test: &TestApp, cast: &Cast, manager: &Client) -> (String, Page, MemberId, MemberId) {
    let one = Someone::pupil("Lê Văn Tý", cast.class_id).value(Field::BirthDate, "2011-04-05");
    let people = cast.school.add_all(test, &[one.clone(), one]).await;
    let plan = plan(test, manager, cast, &[stranger("Lê Văn Tý", "05/04/2011")]).await;
    let page = manager.get(&plan).await.expect(200);
    let card = part(&page, 2);
    let ids = people.iter().map(|person| person.member_id);
    let (shown, others): (Vec<MemberId>, Vec<MemberId>) = ids.partition(|id| card.contains(&id.to_string()));
    assert_eq!((shown.len(), others.len()), (1, 1), "{card}");
    (plan, page, shown[0], others[0])
}

async fn about(test: &TestApp) -> MemberId {
    let id = sqlx::query_scalar("SELECT member_id FROM plan_rows WHERE line = 2");
    id.fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn the_same_person_is_asked_about_anew_where_who_was_shown_is_no_longer_meant() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let (plan, page, shown, other) = namesakes(&test, &cast, &manager).await;
    sqlx::query("UPDATE members SET birth_date = '2010-01-01', version = version + 1 WHERE id = $1")
        .bind(shown)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let seen = seen(&page, 2);
    let page = post(&manager, &plan, 2, &[("decision", "same"), ("seen", &seen)]).await;
    comes_to(&page, 2, "duplicate");
    assert!(part(&page, 2).contains(&other.to_string()), "{}", part(&page, 2));
    // Who is shown now is another one: the old page decides nothing any more.
    let late = [("decision", "same"), ("seen", seen.as_str())];
    manager.post(&format!("{plan}/rows/2"), &late).await.expect(422).shows(&[&vi("fault-row-meanwhile")]);
    comes_to(&decide(&manager, &plan, 2, "same").await, 2, "update");
    assert_eq!(about(&test).await, other);
}

#[tokio::test]
async fn the_same_person_is_the_one_who_was_shown() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let (plan, page, shown, other) = namesakes(&test, &cast, &manager).await;
    // The other one has the mother of the row meanwhile, and would be found without being asked about.
    sqlx::query(
        "INSERT INTO guardians (school_id, member_id, relation, full_name, birth_year)
         VALUES ($1, $2, 'mother', 'Lê Thị Khác', 1984)",
    )
    .bind(cast.school.id())
    .bind(other)
    .execute(&mut test.admin().await)
    .await
    .unwrap();
    let fields = [("decision", "same"), ("seen", &seen(&page, 2))];
    comes_to(&post(&manager, &plan, 2, &fields).await, 2, "update");
    assert_eq!(about(&test).await, shown);
    // Mended where it says nothing of whom it is, also wrongly and then rightly, it is the same still.
    comes_to(&post(&manager, &plan, 2, &[("mother_birth_year", "85 tuổi")]).await, 2, "error");
    comes_to(&post(&manager, &plan, 2, &[("mother_birth_year", "1985")]).await, 2, "update");
    assert_eq!(about(&test).await, shown);
}

#[tokio::test]
async fn of_two_who_leave_out_one_row_of_a_pair_each_the_second_sees_what_the_first_did() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let owner = test.signed_in(&cast.owner).await;
    let drop = async |client: &Client, plan: &str, line: u32, seen: &str| {
        client.post(&format!("{plan}/rows/{line}"), &[("decision", "drop"), ("seen", seen)]).await
    };
    // Of each pair both rows wait, or the first is decided on: to be somebody new, or the member of the school.
    for (rows, decided, outcome) in [
        (twins(), None, "create"),
        (twins(), Some("new"), "create"),
        ([akin("06/04/2011"), akin("07/04/2011")], Some("same"), "update"),
    ] {
        let plan = plan(&test, &manager, &cast, &rows).await;
        if let Some(decision) = decided {
            comes_to(&decide(&manager, &plan, 2, decision).await, 2, outcome);
        }
        if outcome == "update" {
            waits_behind(&decide(&manager, &plan, 3, "same").await, 3, "2");
        }
        let page = manager.get(&plan).await.expect(200);
        drop(&owner, &plan, 3, &seen(&page, 3)).await.expect(303);
        let late = drop(&manager, &plan, 2, &seen(&page, 2)).await.expect(422);
        late.shows(&[&vi("fault-row-meanwhile")]);
        let page = manager.get(&plan).await.expect(200);
        comes_to(&page, 2, outcome);
        comes_to(&page, 3, "skip");
    }
    // Who has seen that the other row is left out may leave this one out as well.
    let plan = plan(&test, &manager, &cast, &[akin("06/04/2011"), akin("07/04/2011")]).await;
    decide(&manager, &plan, 2, "same").await;
    decide(&manager, &plan, 3, "same").await;
    let page = decide(&owner, &plan, 3, "drop").await;
    drop(&manager, &plan, 2, &seen(&page, 2)).await.expect(303);
    comes_to(&manager.get(&plan).await, 2, "skip");
}

#[tokio::test]
async fn a_row_that_has_a_member_keeps_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[akin("06/04/2011"), akin("07/04/2011")]).await;
    comes_to(&decide(&manager, &plan, 3, "same").await, 3, "update");
    let page = decide(&manager, &plan, 2, "same").await;
    waits_behind(&page, 2, "3");
    comes_to(&page, 3, "update");
    // Left out, it lets the other one in.
    decide(&manager, &plan, 3, "drop").await;
    comes_to(&decide(&manager, &plan, 2, "same").await, 2, "update");
}

#[tokio::test]
async fn a_row_that_has_a_member_keeps_them_while_it_is_mended() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let rows =
        ["Lê Văn Tý,Nam,10A1,31/02/2011,Lê Thị Mẹ,1984,7900000001", "Lê Văn Tý,Nam,10A1,05/04/2011,Lê Thị Mẹ,1984,"];
    let plan = identified(&test, &manager, &cast, &rows).await;
    comes_to(&manager.get(&plan).await, 3, "update");
    // Mended, the first line is about the same pupil, by the identifier.
    for (line, mend) in [(2, ("birth_date", "06/04/2011")), (3, ("mother_birth_year", "1985"))] {
        let page = post(&manager, &plan, line, &[mend]).await;
        waits_behind(&page, 2, "3");
        comes_to(&page, 3, "update");
        let ahead = row(&page, 3);
        assert!(ahead.contains(&vi1("compare-other-rows", "lines", "2")), "{ahead}");
        assert!(ahead.contains(&vi("plan-decide-drop")), "{ahead}");
    }
    comes_to(&decide(&manager, &plan, 3, "drop").await, 2, "update");
}

#[tokio::test]
async fn a_row_waits_no_longer_than_the_one_before_it_has_the_member() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let rows = [
        "Lê Văn Tý,Nam,10A1,05/04/2011,Lê Thị Mẹ,1984,",
        "Lê Văn Tý,Nam,10A1,06/04/2011,Lê Thị Mẹ,1984,7900000001",
        "Lê Văn Tý,Nam,10A9,07/04/2011,Lê Thị Ba,1982,",
    ];
    let plan = identified(&test, &manager, &cast, &rows).await;
    let page = manager.get(&plan).await.expect(200);
    comes_to(&page, 2, "update");
    waits_behind(&page, 3, "2");
    comes_to(&page, 4, "create");
    // Now the last row may be about the pupil of the first one, which waits for a decision as well.
    let page = post(&manager, &plan, 4, &[("birth_date", "05/04/2011")]).await;
    comes_to(&page, 2, "duplicate");
    comes_to(&page, 4, "duplicate");
    comes_to(&page, 3, "update");
}

#[tokio::test]
async fn a_row_behind_another_one_about_the_same_member_is_about_nobody_new() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    known(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let rows = [akin("06/04/2011"), akin("07/04/2011"), akin("08/04/2011")];
    let plan = plan(&test, &manager, &cast, &rows).await;
    let all = async |decision: &str| {
        let to = manager.post(&format!("{plan}/decisions"), &[("decision", decision)]).await.location();
        manager.get(&to).await.expect(200)
    };
    let page = all("same").await.shows(&[&vi1("plan-doubts-doubt-member-twice", "count", 2)]);
    comes_to(&page, 2, "update");
    for line in [3, 4] {
        waits_behind(&page, line, "2");
    }
    page.hides(&[vi1("plan-decide-all-new", "count", 2), vi("plan-decide-new")]);
    let page = all("new").await.shows(&[&vi1("done-decided", "n", 0), &vi1("plan-left-out", "count", 2)]);
    waits_behind(&page, 3, "2");
    manager.post(&format!("{plan}/rows/3"), &[("decision", "new")]).await.expect(422);
    apply(&test, &manager, &plan).await;
    assert_eq!(found(&manager, &cast, "le+van+ty").await, 1);
}

/// In a plan of pupils and staff each row has the keys of its own kind: of staff, the e-mail address is one.
#[tokio::test]
async fn staff_among_pupils_are_known_by_their_addresses_in_a_review() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let file = csv(&[
        "Họ và tên,Giới tính,Ngày sinh,Email",
        "Vũ Văn Mới,Nam,02/02/1991,moi@example.vn",
        "Vũ Thị Hai,Nữ,03/03/1992,hai@example.vn",
    ]);
    let plan = manager.upload(&cast.school.path("/plans/new?source=teachers"), "gv.csv", &file).await.location();
    test.work().await;
    for change in ["UPDATE plans SET source = 'oneroster'", "UPDATE plan_rows SET is_staff = true"] {
        sqlx::query(change).execute(&mut test.admin().await).await.unwrap();
    }
    comes_to(&manager.get(&plan).await, 3, "create");
    let page = post(&manager, &plan, 3, &[("email", "moi@example.vn")]).await;
    for (line, other) in [(2, "3"), (3, "2")] {
        comes_to(&page, line, "duplicate");
        let card = row(&page, line);
        assert!(card.contains(&vi1("compare-other-rows", "lines", other)), "{card}");
    }
    comes_to(&post(&manager, &plan, 3, &[("email", "hai@example.vn")]).await, 2, "create");
}
