//! People of companies: from registering to the company's home, and what operators and colleagues say.

use chrono::Duration;
use schoolgate::ids::{AccountId, CompanyId};

use crate::support::app::link_in;
use crate::support::say::vi;
use crate::support::{Client, TestApp};

const OWN_PASSWORD: &str = "hoa sen nở trong đầm";

fn form<'a>(name: &'a str, email: &'a str, company: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("full_name", name),
        ("email", email),
        ("phone", "0912345678"),
        ("position", "Trưởng phòng"),
        ("company_name", company),
        ("password", OWN_PASSWORD),
        ("password_again", OWN_PASSWORD),
    ]
}

async fn registered(test: &TestApp, fields: &[(&str, &str)], email: &str) {
    let sent = test.anonymous().post("/register/company", fields).await.location();
    test.anonymous().get(&sent).await.expect(200).shows(&[&vi("register-sent-company")]);
    test.work().await;
    verify(test, email).await;
}

async fn verify(test: &TestApp, email: &str) {
    let mail = test.mail_to(email);
    let password = [("password", OWN_PASSWORD)];
    test.anonymous().post(&link_in(&mail.text), &password).await.expect(303);
    test.work().await;
}

async fn signed_in(test: &TestApp, email: &str) -> Client {
    let client = test.anonymous();
    client.post("/sign-in", &[("login", email), ("password", OWN_PASSWORD)]).await.expect(303);
    client
}

async fn company(test: &TestApp, name: &str) -> CompanyId {
    let id = "SELECT id FROM companies WHERE name = $1";
    sqlx::query_scalar(id).bind(name).fetch_one(&mut test.admin().await).await.unwrap()
}

fn mails_to(test: &TestApp, address: &str) -> Vec<String> {
    let mails = test.outbox.sent().into_iter().filter(|mail| mail.to_address == address);
    mails.map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn a_representative_comes_from_the_form_to_the_companys_home() {
    let test = TestApp::new().await;
    let national = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&national).await;
    assert_eq!(test.anonymous().get("/register").await.link("company"), "/register/company");
    test.anonymous().post("/register/company", &[]).await.expect(422).shows(&[&vi("fault-company-missing")]);
    let wrong = [&form("Lê Văn Bách", "bach@example.vn", "Công ty TNHH Sao Mai")[..], &[("tax_code", "12")]].concat();
    let page = test.anonymous().post("/register/company", &wrong).await.expect(422).shows(&[&vi("fault-tax-code")]);
    assert_eq!(page.input("company_name"), "Công ty TNHH Sao Mai");
    let fields = [&wrong[..7], &[("tax_code", "0312 345 678")]].concat();
    test.anonymous().post("/register/company", &fields).await.expect(303);
    test.work().await;
    operator.get("/operator/companies").await.expect(200).hides(&["Sao Mai"]);
    let sign_in = [("login", "bach@example.vn"), ("password", OWN_PASSWORD)];
    test.anonymous().post("/sign-in", &sign_in).await.expect(422);
    // What a company is called is the wording of who typed it.
    let mail = test.mail_to("bach@example.vn");
    assert!(!mail.text.contains("Sao Mai") && !mail.text.contains("Bách") && !mail.html.contains("Sao Mai"));
    verify(&test, "bach@example.vn").await;
    let bach = signed_in(&test, "bach@example.vn").await;
    let id = company(&test, "Công ty TNHH Sao Mai").await;
    let home = format!("/companies/{id}");
    assert_eq!(bach.get("/").await.location(), "/registration");
    bach.get("/registration").await.expect(200).shows(&["Công ty TNHH Sao Mai"]);
    bach.get(&home).await.expect(404);

    let page = operator.get("/operator/companies").await.expect(200).shows(&["Sao Mai", &vi("companies-new")]);
    let answer = page.link("/operator/companies/");
    operator.get(&answer).await.expect(200).shows(&["Lê Văn Bách", "0312345678", "Trưởng phòng"]);
    let approval = operator.post(&format!("{answer}/approval"), &[]).await.location();
    operator.get(&approval).await.expect(200).shows(&[&vi("done-company-approved")]).hides(&["Sao Mai"]);
    test.work().await;
    assert_eq!(mails_to(&test, "bach@example.vn").len(), 2);
    assert_eq!(bach.get("/").await.location(), home);
    bach.get(&home).await.expect(200).shows(&["Công ty TNHH Sao Mai", "Lê Văn Bách"]);
    // A second answer changes nothing.
    operator.post(&format!("{answer}/rejection"), &[("reason", "Không")]).await.expect(303);
    bach.get(&home).await.expect(200);

    // A colleague chooses the company that is there, and waits for a word.
    let found = test.anonymous().get("/register/companies?company_name=sao+mai").await.expect(200);
    found.shows(&["Công ty TNHH Sao Mai"]);
    let known = id.to_string();
    let mut fields = form("Trần Thị Cúc", "cuc@example.vn", "sao mai");
    fields.push(("company_id", &known));
    registered(&test, &fields, "cuc@example.vn").await;
    let cuc = signed_in(&test, "cuc@example.vn").await;
    cuc.get(&home).await.expect(404);
    let account: AccountId = sqlx::query_scalar("SELECT id FROM accounts WHERE login = 'cuc@example.vn'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let account = account.to_string();
    cuc.post(&format!("{home}/approval"), &[("account", &account)]).await.expect(404);
    bach.get(&home).await.expect(200).shows(&["Trần Thị Cúc", &vi("company-colleague-waits")]);
    bach.post(&format!("{home}/rejection"), &[("account", &account)]).await.expect(422);
    bach.post(&format!("{home}/approval"), &[("account", &account)]).await.expect(303);
    test.work().await;
    cuc.get(&home).await.expect(200).shows(&["Lê Văn Bách", "Trần Thị Cúc"]);
}

#[tokio::test]
async fn operators_see_what_is_due_and_what_may_be_the_same() {
    let test = TestApp::new().await;
    let national = test.operator("operator@example.vn", &[]).await;
    registered(&test, &form("Lê Văn Bách", "bach@example.vn", "Công ty CP Sao Mai"), "bach@example.vn").await;
    test.clock.advance(Duration::hours(47));
    registered(&test, &form("Lê Thị Lan", "lan@example.vn", "SAO MAI CO., LTD"), "lan@example.vn").await;
    test.clock.advance(Duration::hours(2));
    let operator = test.signed_in(&national).await;
    let rows = operator.get("/operator/companies").await.expect(200).rows();
    assert!(rows[0].contains("Công ty CP Sao Mai") && rows[0].contains("Quá hạn"), "{rows:?}");
    assert!(rows[1].contains("SAO MAI CO., LTD") && rows[1].contains("Trước"), "{rows:?}");
    let second = format!("/operator/companies/{}", company(&test, "SAO MAI CO., LTD").await);
    operator.get(&second).await.expect(200).shows(&[&vi("companies-twins"), "Công ty CP Sao Mai"]);
    operator.post(&format!("{second}/rejection"), &[]).await.expect(422).shows(&[&vi("fault-reason-missing")]);
    operator.post(&format!("{second}/rejection"), &[("reason", "Đã có doanh nghiệp này")]).await.expect(303);
    test.work().await;
    assert!(test.mail_to("lan@example.vn").text.contains("Đã có doanh nghiệp này"));
    operator.get(&second).await.expect(404);
    let lan = signed_in(&test, "lan@example.vn").await;
    lan.get("/registration").await.expect(200).shows(&[&vi("state-nothing")]);
    let bound = test.operator("bound@example.vn", &["79"]).await;
    test.signed_in(&bound).await.get("/operator/companies").await.expect(403);
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts_and_a_double_press_makes_one() {
    let test = TestApp::with_many_connections().await;
    let national = test.operator("operator@example.vn", &[]).await;
    let (one, other) = (test.signed_in(&national).await, test.signed_in(&national).await);
    for round in 0..5 {
        let (email, name) = (format!("bach{round}@example.vn"), format!("Công ty Sao số {round}"));
        let fields = form("Lê Văn Bách", &email, &name);
        let press = || async { test.anonymous().post("/register/company", &fields).await.status.as_u16() };
        assert_eq!(tokio::join!(press(), press()), (303, 303));
        test.work().await;
        assert_eq!(mails_to(&test, &email).len(), 1);
        test.anonymous().post(&link_in(&test.mail_to(&email).text), &[]).await.expect(303);
        test.work().await;
        let path = format!("/operator/companies/{}", company(&test, &name).await);
        let (approval, rejection) = (format!("{path}/approval"), format!("{path}/rejection"));
        let reason = [("reason", "Không rõ")];
        tokio::join!(one.post(&approval, &[]), other.post(&rejection, &reason));
        test.work().await;
        assert_eq!(mails_to(&test, &email).len(), 2, "one answer, one mail");
    }
    // An address with an account elsewhere: the same page, and a mail that says so.
    let cast = test.cast("79000001").await;
    let fields = form("Lê Văn Bách", &cast.teacher.login, "Công ty Sao số 9");
    assert_eq!(test.anonymous().post("/register/company", &fields).await.location(), "/register/sent?to=company");
    test.work().await;
    assert_eq!(mails_to(&test, &cast.teacher.login), [vi("mail-account-exists-subject")]);
    // Signed in they register with neither address nor password, and their school hands out no password of theirs any more.
    let teacher = test.signed_in(&cast.teacher).await;
    let fields = [("full_name", "Nghiêm Thị Giảng"), ("company_name", "Công ty Sao số 9")];
    assert_eq!(teacher.post("/register/company", &fields).await.location(), "/registration?done=registered");
    test.clock.advance(Duration::seconds(10));
    teacher.post("/register/company", &fields).await.expect(422).shows(&[&vi("fault-company-waits")]);
    let owner = test.signed_in(&cast.owner).await;
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.teacher.member_id));
    assert!(owner.post(&reset, &[]).await.location().ends_with("?done=reset-mailed"));
    test.work().await;
}
