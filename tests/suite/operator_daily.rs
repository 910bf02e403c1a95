//! What operators do from day to day: inviting an owner again, codes as people type and change them, and companies that
//! wait.

use chrono::Duration;
use schoolgate::{companies::reminding::RemindOperators, ids::MemberId, jobs};

use crate::support::say::{vi, vi1, vi2};
use crate::support::{Client, TestApp};

async fn national(test: &TestApp) -> Client {
    let operator = test.operator("operator@example.vn", &[]).await;
    test.signed_in(&operator).await
}

const SCHOOL: [(&str, &str); 6] = [
    ("name", "Trường THPT Lê Quý Đôn"),
    ("code", "79 000 001"),
    ("kind", "k12"),
    ("province", "79"),
    ("owner_name", "Trần Thị Hồng Nhung"),
    ("owner_email", "nhung@example.vn"),
];

fn mails_to(test: &TestApp, address: &str) -> usize {
    test.outbox.sent().into_iter().filter(|mail| mail.to_address == address).count()
}

#[tokio::test]
async fn an_owner_who_has_not_accepted_is_invited_again() {
    let test = TestApp::new().await;
    let operator = national(&test).await;
    // A code is read in groups, and typed so.
    assert_eq!(
        operator.post("/operator/schools/new", &SCHOOL).await.location(),
        "/operator/schools/79000001?done=school-opened"
    );
    test.work().await;
    let page = operator.get("/operator/schools/79000001").await.expect(200).shows(&[&vi("owner-invite-again")]);
    // From the school to the unit that it answers to.
    operator.get(&page.link("/operator/units/")).await.expect(200);
    let html = page.html();
    let again = html.split("action=\"").find(|part| part.contains("/invitation\"")).expect("a button");
    let again = again.split('"').next().unwrap().to_owned();
    let enough = operator.post(&again, &[]).await.location();
    assert!(enough.ends_with("?done=invited-enough"), "the first one has just been sent: {enough}");
    test.clock.advance(Duration::hours(1));
    let operator = test.signed_in(&test.person_of("operator@example.vn").await).await;
    let back = operator.post(&again, &[]).await.location();
    operator.get(&back).await.expect(200).shows(&[&vi("done-invited-again")]);
    test.work().await;
    assert_eq!(mails_to(&test, "nhung@example.vn"), 2);
    // Who is no owner, or has accepted, is not found.
    let cast = test.cast("79000005").await;
    let of = |id: MemberId| format!("/operator/schools/79000005/owners/{id}/invitation");
    operator.post(&of(cast.owner.member_id), &[]).await.expect(404);
    operator.post(&of(cast.teacher.member_id), &[]).await.expect(404);
}

#[tokio::test]
async fn a_code_changes_when_that_is_confirmed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = national(&test).await;
    let fields = [("name", "Trường mới tên"), ("code", "79 000 009"), ("kind", "k12"), ("province", "79")];
    let page = operator.post("/operator/schools/79000001", &fields).await.expect(422);
    let page = page.shows(&[&vi2("school-code-changes", ("old", "79000001"), ("new", "79000009"))]);
    assert_eq!(page.input("code"), "79 000 009", "as typed");
    let code = async || -> String {
        let code = "SELECT code FROM schools WHERE id = $1";
        sqlx::query_scalar(code).bind(cast.school.id()).fetch_one(&mut test.admin().await).await.unwrap()
    };
    assert_eq!(code().await, "79000001");
    // Confirmed for that code, and for no other.
    let other = [&fields[..1], &[("code", "79000008")], &fields[2..], &[("confirm", "79000009")]].concat();
    operator.post("/operator/schools/79000001", &other).await.expect(422);
    let confirm = page.input("confirm");
    let confirmed = [&fields[..], &[("confirm", confirm.as_str())]].concat();
    operator.post("/operator/schools/79000001", &confirmed).await.expect(303);
    assert_eq!(code().await, "79000009");
    // Without a new code nothing is asked.
    let name = [("name", "Tên khác"), ("code", "79000009"), ("kind", "k12"), ("province", "79")];
    operator.post("/operator/schools/79000009", &name).await.expect(303);
    // In groups it is found as well, by operators and by those who register.
    operator.get("/operator/schools?q=79+000+009").await.expect(200).shows(&["Tên khác"]);
    test.anonymous().get("/register/teacher?school=79+000+009").await.expect(200).shows(&["Tên khác"]);
}

async fn remind(test: &TestApp) {
    let mut tx = test.db.begin().await.unwrap();
    jobs::enqueue(&mut tx, &RemindOperators {}).await.unwrap();
    tx.commit().await.unwrap();
    let handlers = schoolgate::router::scheduled_handlers().unwrap();
    let app = std::sync::Arc::new((**test).clone());
    let ran = jobs::run_until_empty(test.db.pool(), &handlers, app).await.unwrap();
    assert!(ran.failed.is_empty(), "{:?}", ran.failed);
}

#[tokio::test]
async fn companies_that_wait_are_counted_in_the_menu_and_told_of_once() {
    let test = TestApp::new().await;
    let operator = national(&test).await;
    test.operator("bound@example.vn", &["79"]).await;
    let home = operator.get("/operator/schools").await.expect(200);
    assert!(!home.html().contains("sg-count"), "nobody waits");
    let company = test.company().await;
    let page = operator.get("/operator/schools").await.expect(200);
    assert!(page.html().contains("<span class=\"sg-count\">1</span>"));
    remind(&test).await;
    assert_eq!(mails_to(&test, "operator@example.vn"), 0, "there is time");
    test.clock.advance(Duration::hours(25));
    remind(&test).await;
    remind(&test).await;
    assert_eq!(mails_to(&test, "operator@example.vn"), 1, "once");
    assert_eq!(mails_to(&test, "bound@example.vn"), 0, "companies are for those of the whole country");
    let mail = test.mail_to("operator@example.vn");
    assert_eq!(mail.subject, vi1("mail-companies-due-subject", "count", 1));
    assert!(mail.text.contains("Công ty Sao Mai"));
    let operator = test.signed_in(&test.person_of("operator@example.vn").await).await;
    operator.post(&format!("/operator/companies/{company}/approval"), &[]).await.expect(303);
    assert!(!operator.get("/operator/schools").await.expect(200).html().contains("sg-count"));
    // And stands among the approved ones, where it is found.
    let approved = "/operator/companies?state=approved";
    operator.get(approved).await.expect(200).shows(&["Công ty Sao Mai"]);
    operator.get(&format!("{approved}&q=sao+m")).await.expect(200).shows(&["Công ty Sao Mai"]);
    operator
        .get(&format!("{approved}&q=khong"))
        .await
        .expect(200)
        .shows(&[&vi("companies-none-found")])
        .hides(&["Sao Mai"]);
    operator.get(&format!("{approved}&page=7")).await.expect(200).hides(&["Sao Mai"]);
    test.work().await;
}
