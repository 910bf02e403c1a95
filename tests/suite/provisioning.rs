//! An operator opens a school, and its first owner comes in.

use chrono::Duration;

use crate::support::TestApp;
use crate::support::app::link_in;
use crate::support::say::{vi, vi1};

const SCHOOL: [(&str, &str); 7] = [
    ("name", "Trường THPT Lê Quý Đôn"),
    ("code", "79000701"),
    ("kind", "k12"),
    ("province", "79"),
    ("managing_unit", ""),
    ("owner_name", "Trần Thị Hồng Nhung"),
    ("owner_email", "nhung@example.vn"),
];

fn with(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let changed = |name: &str| changes.iter().find(|(each, _)| *each == name).map(|(_, value)| *value);
    SCHOOL.iter().map(|(name, value)| (*name, changed(name).unwrap_or(value))).collect()
}

#[tokio::test]
async fn an_operator_opens_a_school_and_its_owner_comes_in() {
    let test = TestApp::new().await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    let opened = operator.post("/operator/schools", &SCHOOL).await.location();
    assert_eq!(opened, "/operator/schools/79000701?done=school-opened");
    operator.get(&opened).await.expect(200).shows(&[
        &vi("done-school-opened"),
        "Trường THPT Lê Quý Đôn",
        "79000701",
        "Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh",
    ]);
    operator.get("/operator/schools?q=le+quy+don").await.expect(200).shows(&["79000701"]);
    operator.get("/operator/schools?q=nguyen+trai").await.expect(200).hides(&["79000701"]);

    assert_eq!(test.work().await, ["send_mail"]);
    let mail = test.mail_to("nhung@example.vn");
    // What the operator has typed for a name goes to nobody who has not asked for it.
    assert!(mail.subject.contains("Trường THPT Lê Quý Đôn") && mail.to_name.is_empty(), "{mail:?}");
    assert!(!mail.text.contains("Nhung") && !mail.html.contains("Nhung"), "{mail:?}");
    let link = link_in(&mail.text);
    assert!(mail.html.contains(&link));

    let owner = test.anonymous();
    owner
        .get(&link)
        .await
        .expect(200)
        .shows(&[&vi1("invitation-title", "school", "Trường THPT Lê Quý Đôn"), "nhung@example.vn"]);
    let short = [("password", "ngắn quá"), ("password_again", "ngắn quá")];
    owner.post(&link, &short).await.expect(422).shows(&[&vi("password-too-short-staff")]).hides(&["ngắn quá"]);
    let password = [("password", "mưa rơi trên mái ngói"), ("password_again", "mưa rơi trên mái ngói")];
    assert_eq!(owner.post(&link, &password).await.location(), "/schools/79000701?done=invitation-accepted");
    owner.get("/schools/79000701").await.expect(200).shows(&[
        "Trường THPT Lê Quý Đôn",
        "2026–2027",
        &vi("grant-owner"),
    ]);
    owner.get("/schools/79000701/classes").await.expect(200);

    // Once, and no more; within seconds it would be the same request twice.
    test.clock.advance(Duration::seconds(10));
    let other = test.anonymous();
    other.get(&link).await.expect(404);
    other.post(&link, &password).await.expect(404);
    let sign_in = [("login", "Nhung@Example.VN"), ("password", "mưa rơi trên mái ngói")];
    assert_eq!(other.post("/sign-in", &sign_in).await.location(), "/");
}

#[tokio::test]
async fn a_code_leads_to_one_school_in_whatever_case() {
    let test = TestApp::new().await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    operator.post("/operator/schools", &with(&[("code", "THPT-LQD")])).await.expect(303);
    let again = operator.post("/operator/schools", &with(&[("code", "thpt-lqd"), ("name", "Trường khác")])).await;
    let twin = vi1("fault-school-code-of", "value", "Trường THPT Lê Quý Đôn (THPT-LQD)");
    let again = again.expect(422).shows(&[&twin]);
    assert_eq!(again.input("code"), "thpt-lqd");
    assert_eq!(again.input("name"), "Trường khác");
    assert_eq!(again.input("owner_email"), "nhung@example.vn");
    assert!(again.html().contains("<option value=\"79\" selected>"));
    assert_eq!(test.work().await, ["send_mail"]);
}
