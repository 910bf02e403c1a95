//! One identifier of the ministry in two schools: pupils who move, move back, and stand in old lists; staff who work in
//! both; and what the operators of both provinces see and decide.

use sqlx::PgConnection;

use crate::own_registry::{class, pupil as typed};
use crate::submissions::{
    PUPILS, STAFF, Stage, approve, classes, desk, gone, hand_in, people, pupil, sheet, take_over, text, there,
};
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, TestApp};

const MOET_ID: &str = "7900000011";

/// Another school of the province, with one class in its registry.
async fn other_school(stage: &Stage, code: &str) -> (Cast, Client) {
    let other = stage.test.cast(code).await;
    let owner = stage.test.signed_in(&other.owner).await;
    take_over(&stage.test, &other.school, &owner, &stage.operator, "classes", &classes(&["10A1"])).await;
    (other, owner)
}

/// A school goes to another province.
async fn goes_to_hanoi(test: &TestApp, cast: &Cast) {
    let goes = "UPDATE schools SET province_code = '01', managing_unit_id = (
                    SELECT id FROM managing_units WHERE province_code = '01' ORDER BY id LIMIT 1) WHERE id = $1";
    sqlx::query(goes).bind(cast.school.id()).execute(&mut test.admin().await).await.unwrap();
}

async fn holders(admin: &mut PgConnection) -> String {
    text(
        admin,
        "SELECT string_agg(s.code || ' ' || p.full_name, ', ' ORDER BY s.code) FROM registry_identifiers i
         JOIN schools s ON s.id = i.school_id JOIN registry_people p ON p.id = i.person_id",
    )
    .await
}

async fn conflicts(admin: &mut PgConnection) -> String {
    text(
        admin,
        "SELECT string_agg(s.code || ' ' || h.code || ' ' || c.state, ', ' ORDER BY c.found_at, s.code)
         FROM registry_conflicts c JOIN schools s ON s.id = c.school_id JOIN schools h ON h.id = c.holder_id",
    )
    .await
}

#[tokio::test]
async fn who_moved_away_and_is_listed_again_without_the_identifier_is_taken_over() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, operator } = &stage;
    let (other, other_owner) = other_school(&stage, "79000002").await;
    stage.take_over("classes", &classes(&["10A1"])).await;
    let with = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", MOET_ID)]);
    let without = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", "")]);
    stage.take_over("pupils", &with).await;
    take_over(test, &other.school, &other_owner, operator, "pupils", &with).await;
    assert_eq!(stage.people().await, [gone("Đỗ Văn An", "10A1", "moved")]);

    // The old school's list still has the pupil, and no identifiers.
    stage.take_over("pupils", &without).await;
    assert_eq!(stage.people().await, [there("Đỗ Văn An", "10A1")]);
    let mut admin = test.admin().await;
    assert_eq!(people(&mut admin, &other.school).await, [there("Đỗ Văn An", "10A1")]);
    assert_eq!(holders(&mut admin).await, "79000002 Đỗ Văn An", "the identifier stays with the other school");
    let named = format!("SELECT coalesce(moet_id, '–') FROM registry_people WHERE school_id = '{}'", cast.school.id());
    assert_eq!(text(&mut admin, &named).await, "–");
    let lost = format!(
        "SELECT before ->> 'moet_id' FROM registry_changes WHERE school_id = '{}' AND change = 'update'",
        cast.school.id()
    );
    assert_eq!(text(&mut admin, &lost).await, MOET_ID, "and that is in the history");

    // Named with it, the pupil comes back.
    let at = hand_in(test, &cast.school, owner, "pupils", &with).await;
    approve(test, operator, &at).await;
    owner.get(&at).await.expect(200).shows(&[&vi("submission-state-approved")]);
    assert_eq!(people(&mut admin, &other.school).await, [gone("Đỗ Văn An", "10A1", "moved")]);
    assert_eq!(holders(&mut admin).await, "79000001 Đỗ Văn An");
}

/// Two lists of a school give one identifier to two people: the second drops out, and stops nothing.
#[tokio::test]
async fn of_two_people_who_would_have_one_identifier_the_first_has_it() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    stage.take_over("classes", &classes(&["10A1"])).await;
    stage.take_over("pupils", &sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", "")])).await;
    let teacher = |moet_id| sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", moet_id]]);
    stage.take_over("staff", &teacher("")).await;
    let staff = stage.hand_in("staff", &teacher(MOET_ID)).await;
    let mut rows = vec![pupil("Đỗ Văn An", "10A1", "04/04/2011", MOET_ID)];
    rows.push(pupil("Đỗ Văn Bình", "10A1", "05/04/2011", ""));
    let pupils = stage.hand_in("pupils", &sheet(PUPILS, &rows)).await;
    approve(test, operator, &staff).await;
    approve(test, operator, &pupils).await;
    let page = stage.look(&pupils).await;
    page.shows(&[&vi("submission-state-approved"), &vi("fault-stale")]);
    let mail = test.mail_to(&stage.cast.owner.login);
    assert!(mail.text.contains(&vi1("mail-submission-approved-dropped", "count", 1)), "{}", mail.text);
    let mut admin = test.admin().await;
    assert_eq!(holders(&mut admin).await, "79000001 Lý Thị Giáo");
    assert_eq!(people(&mut admin, &stage.cast.school).await.len(), 3, "the rest of the list is there");
}

#[tokio::test]
async fn staff_may_work_in_two_schools() {
    let stage = Stage::new().await;
    let Stage { test, operator, .. } = &stage;
    let (other, other_owner) = other_school(&stage, "79000002").await;
    let file = sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", MOET_ID]]);
    take_over(test, &other.school, &other_owner, operator, "staff", &file).await;
    let at = stage.hand_in("staff", &file).await;
    operator.get(&desk(&at)).await.expect(200).shows(&[&vi("submission-elsewhere-staff"), "79000002"]);
    approve(test, operator, &at).await;
    let there = |name: &str| (name.to_owned(), None, None);
    let mut admin = test.admin().await;
    assert_eq!(stage.people().await, [there("Lý Thị Giáo")]);
    assert_eq!(people(&mut admin, &other.school).await, [there("Lý Thị Giáo")]);
    assert_eq!(holders(&mut admin).await, "79000002 Lý Thị Giáo");
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 kept");
    // Once more it is no change.
    let at = stage.upload("staff", &file).await;
    stage.look(&at).await.shows(&[&vi1("submission-all-unchanged", "count", 1)]);
}

#[tokio::test]
async fn the_operators_of_both_provinces_see_both_schools() {
    let stage = Stage::new().await;
    let Stage { test, owner, operator, .. } = &stage;
    let (other, other_owner) = other_school(&stage, "79000002").await;
    let file = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", MOET_ID)]);
    take_over(test, &other.school, &other_owner, operator, "pupils", &file).await;
    goes_to_hanoi(test, &other).await;
    let hanoi = test.operator("hanoi@example.vn", &["01"]).await;
    let hanoi = test.signed_in(&hanoi).await;
    let hue = test.operator("hue@example.vn", &["46"]).await;
    let hue = test.signed_in(&hue).await;
    let list = "/operator/identifiers";
    hanoi.get(list).await.expect(200).shows(&[&vi("identifiers-none")]);

    // Checked, it is told to nobody but the school; handed in, to the operators of both.
    stage.take_over("classes", &classes(&["10A1"])).await;
    let letters = ["An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khánh", "Lan"];
    let name = |n: usize| format!("Bùi {} {} {}", letters[n / 64], letters[n / 8 % 8], letters[n % 8]);
    let names: Vec<String> = (0..120).map(name).collect();
    let mut rows: Vec<[&str; 7]> = names.iter().map(|name| pupil(name, "10A1", "05/05/2011", "")).collect();
    rows.push(pupil("Đỗ Văn An", "10A1", "04/04/2011", MOET_ID));
    let at = stage.upload("pupils", &sheet(PUPILS, &rows)).await;
    let mut admin = test.admin().await;
    assert_eq!(conflicts(&mut admin).await, "");
    owner.post(&format!("{at}/submit"), &[]).await.expect(303);
    for looker in [operator, &hanoi] {
        let page = looker.get(list).await.expect(200);
        page.shows(&["79000001", "79000002", &vi("identifiers-by-submission")]).hides(&["Đỗ Văn An", MOET_ID]);
    }
    hue.get(list).await.expect(200).hides(&["79000001", "79000002"]);
    let id = text(&mut admin, "SELECT id::text FROM registry_conflicts").await;
    let one = format!("{list}/{id}");
    hue.get(&one).await.expect(404);
    // Each sees the person of the own province, and each look is on record there.
    operator.get(&one).await.expect(200).shows(&[&vi("identifier-submission")]).hides(&["Đỗ Văn An"]);
    hanoi.get(&one).await.expect(200).shows(&["Đỗ Văn An", MOET_ID]).hides(&[&desk(&at)]);
    let looks = "SELECT string_agg(s.code, ',') FROM audit_events e JOIN schools s ON s.id = e.school_id
                 WHERE action = 'registry_person_viewed'";
    assert_eq!(text(&mut admin, looks).await, "79000002");
    // What is of a submission is decided there, though the row stands on its second page.
    hanoi.post(&format!("{one}/approval"), &[]).await.expect(404);
    operator.post(&format!("{one}/approval"), &[]).await.expect(422).shows(&[&vi("fault-identifier-decided")]);
    let sentence = vi("submission-elsewhere");
    operator.get(&desk(&at)).await.expect(200).shows(&[&sentence, "79000002"]);

    // Taken back it waits no longer; handed in again it does; approved, the pupil has moved.
    owner.post(&format!("{at}/withdraw"), &[]).await.expect(303);
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 kept");
    owner.post(&format!("{at}/submit"), &[]).await.expect(303);
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 open");
    approve(test, operator, &at).await;
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 moved");
    hanoi.get(&format!("{list}?state=moved")).await.expect(200).shows(&["79000001", "79000002"]);
    assert_eq!(people(&mut admin, &other.school).await, [gone("Đỗ Văn An", "10A1", "moved")]);
}

#[tokio::test]
async fn a_school_that_keeps_its_registry_takes_a_pupil_in_and_the_operator_allows_the_move() {
    let stage = Stage::new().await;
    let Stage { test, cast, owner, operator } = &stage;
    let (other, other_owner) = other_school(&stage, "79000002").await;
    let file = sheet(PUPILS, &[pupil("Đỗ Văn An", "10A1", "04/04/2011", MOET_ID)]);
    take_over(test, &other.school, &other_owner, operator, "pupils", &file).await;
    owner.post(&cast.school.path("/settings"), &[("registry_source", "own")]).await.expect(303);
    owner.post(&cast.school.path("/registry/classes"), &[("name", "10A1")]).await.expect(303);
    let in_class = class(test, cast, "10A1").await;
    let new = cast.school.path("/registry/people/new/student");
    let mut form = typed(&in_class, MOET_ID);
    let refused = owner.post(&new, &form).await.expect(422);
    refused.shows(&[&vi1("fault-identifier-elsewhere", "value", ""), &vi("registry-elsewhere-sure-student")]);
    let mut admin = test.admin().await;
    assert_eq!(conflicts(&mut admin).await, "");
    form.push(("seen", "elsewhere"));
    test.clock.advance(chrono::Duration::seconds(10));
    owner.post(&new, &form).await.expect(303);
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 open");
    assert_eq!(holders(&mut admin).await, "79000002 Đỗ Văn An", "nothing moves before an operator has said so");
    // What is changed meanwhile asks nothing again.
    let id = text(&mut admin, "SELECT person_id::text FROM registry_conflicts").await;
    let person = cast.school.path(&format!("/registry/people/{id}"));
    let mut phone = typed(&in_class, MOET_ID);
    phone.extend([("phone", "0912345678"), ("version", "1")]);
    owner.post(&person, &phone).await.expect(303);

    let conflict = text(&mut admin, "SELECT id::text FROM registry_conflicts").await;
    let one = format!("/operator/identifiers/{conflict}");
    operator.get(&one).await.expect(200).shows(&["Đỗ Văn An", &vi("identifier-move"), &vi("identifier-keep")]);
    operator.post(&format!("{one}/refusal"), &[]).await.expect(303);
    let moet_id = format!("SELECT coalesce(moet_id, '–') FROM registry_people WHERE id = '{id}'");
    assert_eq!(text(&mut admin, &moet_id).await, "–");
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 kept");
    operator.post(&format!("{one}/approval"), &[]).await.expect(422);

    // The school is sure, and names it once more.
    let mut again = typed(&in_class, MOET_ID);
    again.extend([("seen", "elsewhere"), ("phone", "0912345678"), ("version", "3")]);
    owner.post(&person, &again).await.expect(303);
    operator.post(&format!("{one}/approval"), &[]).await.expect(303);
    assert_eq!(holders(&mut admin).await, "79000001 Đỗ Văn An");
    assert_eq!(people(&mut admin, &other.school).await, [gone("Đỗ Văn An", "10A1", "moved")]);
    assert_eq!(conflicts(&mut admin).await, "79000001 79000002 moved");
    // And the school that lost the pupil hears of it, and not where.
    let history = other_owner.get(&other.school.path("/registry/people?left=on")).await.expect(200);
    let lost = history.link("/registry/people/0");
    other_owner.get(&lost).await.expect(200).shows(&[&vi("registry-change-moved")]).hides(&["79000001"]);
}
