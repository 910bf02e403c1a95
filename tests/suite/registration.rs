//! Those who register themselves: from the front page to a working account, and everything that comes between.

use schoolgate::{
    ids::MemberId,
    mail::Message,
    registration::search,
    roster::{fields::Field, model::Status},
};

use crate::support::app::link_in;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Page, Someone, TestApp};

pub const OWN_PASSWORD: &str = "hoa sen nở trong đầm";

pub fn form<'a>(name: &'a str, email: &'a str, school: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("full_name", name),
        ("email", email),
        ("phone", "0912345678"),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("school", school),
        ("password", OWN_PASSWORD),
        ("password_again", OWN_PASSWORD),
    ]
}

pub async fn register(test: &TestApp, name: &str, email: &str, school: &str) -> Page {
    test.anonymous().post("/register/teacher", &form(name, email, school)).await
}

/// Registers and verifies the address.
pub async fn registered(test: &TestApp, name: &str, email: &str, school: &str) {
    assert_eq!(register(test, name, email, school).await.location(), "/register/sent");
    test.work().await;
    verify(test, email).await;
}

pub async fn verify(test: &TestApp, email: &str) {
    let link = link_in(&test.mail_to(email).text);
    assert!(link.starts_with("/verify-email/"), "{link}");
    test.anonymous().post(&link, &[("password", OWN_PASSWORD)]).await.expect(303);
    test.work().await;
}

async fn signed_in(test: &TestApp, email: &str) -> Client {
    let client = test.anonymous();
    client.post("/sign-in", &[("login", email), ("password", OWN_PASSWORD)]).await.expect(303);
    client
}

/// The member of this address: id and status.
pub async fn members(test: &TestApp, email: &str) -> Vec<(MemberId, String)> {
    let members = "SELECT id, status FROM members WHERE email = $1 ORDER BY id";
    sqlx::query_as(members).bind(email).fetch_all(&mut test.admin().await).await.unwrap()
}

pub fn subjects_to(test: &TestApp, address: &str) -> Vec<String> {
    let mails: Vec<Message> = test.outbox.sent();
    mails.into_iter().filter(|mail| mail.to_address == address).map(|mail| mail.subject).collect()
}

fn person(cast: &Cast, id: MemberId) -> String {
    cast.school.path(&format!("/accounts/{id}"))
}

#[tokio::test]
async fn a_teacher_comes_from_the_front_page_to_a_working_account() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let client = test.anonymous();
    assert_eq!(client.get("/").await.location(), "/sign-in");
    assert_eq!(client.get("/sign-in").await.expect(200).link("register"), "/register");
    assert_eq!(client.get("/register").await.expect(200).link("teacher"), "/register/teacher");
    client.get("/register/teacher").await.expect(200);
    let email = "sen@example.vn";
    // As people type: in capitals, a code in whatever case.
    let sent = client.post("/register/teacher", &form("nguyễn thị sen", "Sen@Example.vn", "79000001")).await.location();
    client.get(&sent).await.expect(200).shows(&[&vi("register-sent-title")]);
    test.work().await;

    // Before anything is verified, nothing opens.
    let sign_in = [("login", email), ("password", OWN_PASSWORD)];
    client.post("/sign-in", &sign_in).await.expect(422);

    let owner = test.signed_in(&cast.owner).await;
    let list = cast.school.path("/accounts?status=pending");
    owner.get(&list).await.expect(200).shows(&["Nguyễn Thị Sen"]);
    let [(id, status)] = members(&test, email).await.try_into().unwrap();
    assert_eq!(status, "pending");
    owner.get(&person(&cast, id)).await.expect(200).shows(&[&vi("question-unverified")]).hides(&["/activation"]);
    let early = owner.post(&format!("{}/activation", person(&cast, id)), &[]).await.location();
    assert!(early.ends_with("?done=unverified"), "{early}");

    // What scans mails opens the link, and verifies nothing.
    let link = link_in(&test.mail_to(email).text);
    test.anonymous().get(&link).await.expect(200).shows(&[&vi("verify-button"), &vi("verify-password"), email]);
    owner.get(&person(&cast, id)).await.shows(&[&vi("question-unverified")]);
    let weak = [("password", "ngắn"), ("password_again", "ngắn")];
    test.anonymous().post(&link, &weak).await.expect(422).shows(&[&vi("password-too-short-staff")]);
    // Neither the one of the registration nor another one, typed twice.
    test.anonymous().post(&link, &[("password", "một câu nào đó khác")]).await.expect(422);
    let password = [("password", OWN_PASSWORD)];
    assert_eq!(test.anonymous().post(&link, &password).await.location(), "/sign-in?done=verified");
    test.anonymous().post(&link, &password).await.expect(404);
    test.anonymous().get(&link).await.expect(404).shows(&[&vi("verify-dead-text")]);
    test.work().await;
    let teacher = signed_in(&test, email).await;
    assert_eq!(teacher.get("/").await.location(), "/registration");
    teacher.get("/registration").await.expect(200).shows(&["Trường thử nghiệm 79000001"]);
    for path in ["", "/accounts", "/classes", "/plans"] {
        teacher.get(&cast.school.path(path)).await.expect(404);
    }
    for who in [&cast.owner, &cast.manager, &cast.account_manager] {
        assert_eq!(subjects_to(&test, &who.login).len(), 1, "{}", who.name);
    }
    for who in [&cast.teacher, &cast.timetable, &cast.suspended] {
        assert_eq!(subjects_to(&test, &who.login), [] as [String; 0], "{}", who.name);
    }
    let answer = link_in(&test.mail_to(&cast.owner.login).text);
    owner.get(&answer).await.expect(200).shows(&["Nguyễn Thị Sen"]);
    let home = owner.get(&cast.school.path("")).await.expect(200);
    assert!(home.html().contains("sg-count\">1<"), "the menu says how many wait");
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.hides(&["sg-count"]);

    owner.get(&person(&cast, id)).await.expect(200).shows(&[&vi("question-lead"), &vi("question-activate")]);
    let done = owner.post(&format!("{}/activation", person(&cast, id)), &[]).await.location();
    owner.get(&done).await.expect(200).shows(&[&vi("done-activated")]).hides(&["/refusal"]);
    test.work().await;
    assert_eq!(subjects_to(&test, email).len(), 2);
    assert_eq!(teacher.get("/").await.location(), cast.school.path(""));
    teacher.get(&cast.school.path("")).await.expect(200).shows(&["Nguyễn Thị Sen"]);
    teacher.get(&cast.school.path("/accounts")).await.expect(403);
    owner.get(&cast.school.path("")).await.hides(&["sg-count"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_stays() {
    let test = TestApp::new().await;
    test.cast("79000001").await;
    let page = test.anonymous().post("/register/teacher", &[]).await.expect(422);
    page.shows(&[
        &vi("fault-own-name-missing"),
        &vi("fault-email-missing"),
        &vi("fault-school-missing"),
        &vi("fault-password-missing"),
    ]);
    let mut typed = form("Nguyễn Thị Sen", "sen.example.vn", "thu nghiem");
    typed.retain(|(name, _)| *name != "password_again");
    typed.push(("password_again", "khác"));
    let page = test.anonymous().post("/register/teacher", &typed).await.expect(422);
    let page = page.shows(&[&vi("fault-school-choose"), &vi("fault-password-not-repeated"), "79000001"]);
    assert_eq!((page.input("full_name"), page.input("school")), ("Nguyễn Thị Sen".into(), "thu nghiem".into()));
    assert_eq!(page.input("school_found"), "thu nghiem");
    page.hides(&[OWN_PASSWORD]);
    // One of those that were found, chosen.
    let mut chosen = form("Nguyễn Thị Sen", "sen@example.vn", "thu nghiem");
    chosen.extend([("school_found", "thu nghiem"), ("school_choice", "79000001")]);
    assert_eq!(test.anonymous().post("/register/teacher", &chosen).await.location(), "/register/sent");
    test.work().await;
    assert_eq!(members(&test, "sen@example.vn").await.len(), 1);
    let nowhere = register(&test, "Nguyễn Thị Sen", "sen2@example.vn", "không có đâu").await.expect(422);
    nowhere.shows(&[&vi("fault-school-unknown"), &vi("register-school-open")]);
    let mut weak = form("Nguyễn Thị Sen", "sen2@example.vn", "79000001");
    weak.retain(|(name, _)| !name.starts_with("password"));
    weak.extend([("password", "ngắn"), ("password_again", "ngắn")]);
    test.anonymous().post("/register/teacher", &weak).await.expect(422).shows(&[&vi("password-too-short-staff")]);
}

#[tokio::test]
async fn a_school_is_found_by_words_code_old_code_and_province() {
    let test = TestApp::new().await;
    let (one, _) = (test.school("THPT-LQD").await, test.school("79000002").await);
    sqlx::query("INSERT INTO school_codes (folded, school_id) VALUES ('old-code', $1)")
        .bind(one.id())
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let codes = async |typed: &str| {
        let found = search::schools(&test.db, typed).await.unwrap();
        found.into_iter().map(|school| school.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("thử nghiệm").await, ["79000002", "THPT-LQD"]);
    assert_eq!(codes("TRUONG thu ng lqd").await, ["THPT-LQD"]);
    assert_eq!(codes("thpt-lqd").await, ["THPT-LQD"]);
    assert_eq!(codes("Old-Code").await, ["THPT-LQD"]);
    assert_eq!(codes("truong 7900 ho chi minh").await, ["79000002"]);
    assert_eq!(codes("truong 7900 thanh pho ho chi minh").await, ["79000002"]);
    assert_eq!(codes("truong ha noi").await, [] as [&str; 0]);
    assert_eq!(codes(" – ").await, [] as [&str; 0]);
    let part = test.anonymous().get("/register/schools?school=lqd").await.expect(200).shows(&["THPT-LQD"]);
    assert!(!part.html().contains("<html"), "a part for htmx");
    // Old codes and capitals are as good as the code of today.
    for (email, school) in [("a@example.vn", "OLD-CODE"), ("b@example.vn", " thpt-lqd ")] {
        register(&test, "Nguyễn Thị Sen", email, school).await.expect(303);
        test.work().await;
        assert_eq!(members(&test, email).await.len(), 1, "{school}");
    }
}

#[tokio::test]
async fn the_same_registration_twice_at_once_makes_one() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let email = "sen@example.vn";
    let once = || register(&test, "Nguyễn Thị Sen", email, "79000001");
    let (first, second) = tokio::join!(once(), once());
    assert_eq!((first.location(), second.location()), ("/register/sent".to_owned(), "/register/sent".to_owned()));
    let (one, other) = tokio::join!(test.work_that_may_fail(), test.work_that_may_fail());
    assert!(one.failed.is_empty() && other.failed.is_empty());
    test.work().await;
    assert_eq!(members(&test, email).await.len(), 1);
    assert_eq!(subjects_to(&test, email).len(), 1);
    // The other link of two verifies nothing more, and pressing twice at once neither.
    let link = link_in(&test.mail_to(email).text);
    let press = || async { test.anonymous().post(&link, &[("password", OWN_PASSWORD)]).await.status.as_u16() };
    let (first, second) = tokio::join!(press(), press());
    assert_eq!(first + second, 303 + 404);
    test.work().await;
    assert_eq!(subjects_to(&test, &cast.owner.login).len(), 1);
    let forms: i64 =
        sqlx::query_scalar("SELECT count(*) FROM registration_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(forms, 0);
}

#[tokio::test]
async fn the_page_does_not_tell_whether_there_is_an_account_but_the_mail_does() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let unknown = register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let known = register(&test, "Nguyễn Thị Sen", &other.teacher.login, "79000001").await;
    assert_eq!((unknown.status, known.status), (known.status, unknown.status));
    assert_eq!(unknown.location(), known.location());
    // Neither page does more than the other.
    let forms: i64 =
        sqlx::query_scalar("SELECT count(*) FROM registration_forms").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(forms, 2);
    test.work().await;
    let mail = test.mail_to(&other.teacher.login);
    assert_eq!(mail.subject, vi("mail-account-exists-subject"));
    assert_eq!(members(&test, &other.teacher.login).await.len(), 1, "nothing was made");
    // The password that another person typed opens nothing.
    let wrong = [("login", other.teacher.login.as_str()), ("password", OWN_PASSWORD)];
    test.anonymous().post("/sign-in", &wrong).await.expect(422);

    // How to go on stands in the mail: signed in, with neither address nor password.
    let client = test.signed_in(&other.teacher).await;
    let link = link_in(&mail.text);
    assert_eq!(link, "/sign-in?next=%2Fregister%2Fteacher%3Fschool%3D79000001");
    let page = client.get("/register/teacher?school=79000001").await.expect(200).shows(&[&other.teacher.login]);
    assert!(!page.html().contains("name=\"password\""));
    let fields = [("full_name", "Nghiêm Thị Giảng"), ("gender", "female"), ("birth_date", "1990-05-01")];
    let fields = [&fields[..], &[("school", "79000001")]].concat();
    assert_eq!(client.post("/register/teacher", &fields).await.location(), "/registration?done=registered");
    // A little later: at once it would be the same press.
    test.clock.advance(chrono::Duration::seconds(10));
    client.post("/register/teacher", &fields).await.expect(422).shows(&[&vi("fault-in-school-already")]);
    let own = [&fields[..3], &[("school", "79000002")]].concat();
    client.post("/register/teacher", &own).await.expect(422).shows(&[&vi("fault-in-school-already")]);
    test.work().await;
    assert_eq!(subjects_to(&test, &cast.owner.login).len(), 1, "the address is known to be theirs");
    client.get(&other.school.path("")).await.expect(200);
    client.get(&cast.school.path("")).await.expect(404);
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/accounts?status=pending")).await.expect(200);
    let id = page.link("/accounts/0").rsplit('/').next().unwrap().to_owned();
    owner.post(&cast.school.path(&format!("/accounts/{id}/activation")), &[]).await.expect(303);
    client.get(&cast.school.path("")).await.expect(200);
    test.work().await;
}

#[tokio::test]
async fn an_invited_member_who_registers_gets_the_invitation_again() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let new = [
        ("full_name", "Nguyễn Thị Sen"),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("email", "sen@example.vn"),
    ];
    owner.post(&cast.school.path("/accounts/teachers"), &new).await.expect(303);
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
    test.work().await;
    assert_eq!(subjects_to(&test, "sen@example.vn").len(), 1, "the first one has just been sent");
    test.clock.advance(chrono::Duration::hours(1));
    register(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await.expect(303);
    test.work().await;
    assert_eq!(members(&test, "sen@example.vn").await.len(), 1);
    assert_eq!(subjects_to(&test, "sen@example.vn").len(), 2);
    assert!(link_in(&test.mail_to("sen@example.vn").text).starts_with("/invitations/"));
}

#[tokio::test]
async fn a_member_in_the_list_already_is_joined_instead_of_created_twice() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let imported = |birth: &'static str, email: &'static str| {
        let fields = [
            ("full_name", "Nguyễn Thị Sen"),
            ("gender", "female"),
            ("birth_date", birth),
            ("email", email),
            ("moet_id", if birth == "1990-05-01" { "7900000123" } else { "" }),
        ];
        let owner = &owner;
        let path = cast.school.path("/accounts/teachers");
        async move { owner.post(&path, &fields).await.expect(303) }
    };
    imported("1990-05-01", "sen.truong@example.vn").await;
    imported("1985-01-01", "sen.khac@example.vn").await;
    let [(twin, _)] = members(&test, "sen.truong@example.vn").await.try_into().unwrap();
    let [(stranger, _)] = members(&test, "sen.khac@example.vn").await.try_into().unwrap();
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let [(id, _)] = members(&test, "sen@example.vn").await.try_into().unwrap();
    let page = owner.get(&person(&cast, id)).await.expect(200);
    page.shows(&[&vi("question-twin"), "sen.truong@example.vn"]).hides(&["sen.khac@example.vn"]);

    let join = |with: MemberId| [("join", with.to_string())];
    let activation = format!("{}/activation", person(&cast, id));
    for other in [stranger, cast.teacher.member_id, MemberId::nil()] {
        let to = owner.post(&activation, &[("join", &join(other)[0].1)]).await.location();
        assert!(to.ends_with("?done=twin-gone"), "{to}");
    }
    owner.post(&activation, &[("join", "x")]).await.expect(404);
    let to = owner.post(&activation, &[("join", &twin.to_string())]).await.location();
    assert_eq!(to, format!("{}?done=activated", person(&cast, twin)));
    owner.get(&person(&cast, id)).await.expect(404);
    let page = owner.get(&to).await.expect(200);
    page.shows(&["sen@example.vn", "7900000123", "0912345678"]).hides(&["sen.truong@example.vn"]);
    test.work().await;
    let teacher = signed_in(&test, "sen@example.vn").await;
    teacher.get(&cast.school.path("")).await.expect(200);
    assert_eq!(members(&test, "sen@example.vn").await, [(twin, "active".to_owned())]);
}

#[tokio::test]
async fn a_refused_registration_is_told_why_and_deleted() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let email = "sen@example.vn";
    registered(&test, "Nguyễn Thị Sen", email, "79000001").await;
    let [(id, _)] = members(&test, email).await.try_into().unwrap();
    let owner = test.signed_in(&cast.owner).await;
    let refusal = format!("{}/refusal", person(&cast, id));
    owner.get(&refusal).await.expect(200).shows(&[&vi("refusal-lead")]);
    owner.post(&refusal, &[("reason", " ")]).await.expect(422).shows(&[&vi("fault-reason-missing")]);
    owner.post(&refusal, &[("reason", &"x".repeat(501))]).await.expect(422).shows(&[&vi("fault-reason-too-long")]);
    let to = owner.post(&refusal, &[("reason", "Trường không có <cô> Sen")]).await.location();
    owner.get(&to).await.expect(200).shows(&[&vi("done-refused")]).hides(&["Nguyễn Thị Sen"]);
    test.work().await;
    let mail = test.mail_to(email);
    assert!(mail.text.contains("Trường không có <cô> Sen") && mail.html.contains("&#60;cô&#62;"), "{}", mail.html);
    assert!(members(&test, email).await.is_empty());
    let teacher = signed_in(&test, email).await;
    assert_eq!(teacher.get("/").await.location(), "/registration");
    teacher.get("/registration").await.expect(200).shows(&[&vi("state-nothing")]);
    owner.post(&refusal, &[("reason", "Một lần nữa")]).await.expect(404);
    let record = owner.get(&cast.school.path("/audit?action=registration_refused")).await.expect(200).rows();
    let reason = vi1("audit-reason", "reason", "Trường không có <cô> Sen");
    assert!(record.len() == 1 && record[0].contains(&reason), "{record:?}");
    // A waiting registration is answered, and nothing else is done about it.
    registered(&test, "Trần Thị Súng", "sung@example.vn", "79000001").await;
    let [(id, _)] = members(&test, "sung@example.vn").await.try_into().unwrap();
    for act in ["password", "leaving"] {
        owner.post(&format!("{}/{act}", person(&cast, id)), &[]).await.expect(403);
    }
    owner.post(&format!("{}/suspension", person(&cast, id)), &[]).await.expect(303);
    assert_eq!(members(&test, "sung@example.vn").await, [(id, "pending".to_owned())]);
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let (owner, manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.manager).await);
    for round in 0..6 {
        let email = format!("sen{round}@example.vn");
        registered(&test, "Nguyễn Thị Sen", &email, "79000001").await;
        let [(id, _)] = members(&test, &email).await.try_into().unwrap();
        let (activation, refusal) =
            (format!("{}/activation", person(&cast, id)), format!("{}/refusal", person(&cast, id)));
        let reason = [("reason", "Không phải giáo viên của trường")];
        let (yes, no) = tokio::join!(owner.post(&activation, &[]), manager.post(&refusal, &reason));
        test.work().await;
        let answers: Vec<String> = subjects_to(&test, &email).split_off(1);
        assert_eq!(answers.len(), 1, "{answers:?}: {} {}", yes.status, no.status);
        let left = members(&test, &email).await;
        if answers[0].contains("không được duyệt") {
            assert!(left.is_empty() && no.status == 303 && yes.status == 404, "{left:?}");
        } else {
            assert_eq!((left, yes.status.as_u16(), no.status.as_u16()), (vec![(id, "active".to_owned())], 303, 303));
        }
    }
}

#[tokio::test]
async fn another_school_sees_and_answers_nothing() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let [(id, _)] = members(&test, "sen@example.vn").await.try_into().unwrap();
    let stranger = test.signed_in(&foreign.owner).await;
    stranger.get(&foreign.school.path("/accounts?status=pending")).await.expect(200).hides(&["Sen"]);
    for school in [&own.school, &foreign.school] {
        let there = school.path(&format!("/accounts/{id}"));
        stranger.get(&there).await.expect(404);
        stranger.get(&format!("{there}/refusal")).await.expect(404);
        stranger.post(&format!("{there}/activation"), &[]).await.expect(404);
        stranger.post(&format!("{there}/refusal"), &[("reason", "Không")]).await.expect(404);
    }
    // Nor may a plain teacher of the school.
    let teacher = test.signed_in(&own.teacher).await;
    teacher.post(&format!("{}/activation", person(&own, id)), &[]).await.expect(403);
    assert_eq!(members(&test, "sen@example.vn").await, [(id, "pending".to_owned())]);
    assert_eq!(subjects_to(&test, &foreign.owner.login), [] as [String; 0]);
}

#[tokio::test]
async fn an_import_finds_a_waiting_registration_by_its_address() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", "79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let new = [
        ("full_name", "Nguyễn Thị Sen"),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("email", "sen@example.vn"),
    ];
    owner.post(&cast.school.path("/accounts/teachers"), &new).await.expect(422).shows(&[&vi("fault-email-taken")]);
    cast.school
        .add(&test, Someone::teacher("Lê Thị Khác").value(Field::Phone, "0987654321").who_is(Status::Active))
        .await;
    owner.get(&cast.school.path("/accounts?role=teacher&status=pending")).await.shows(&["Sen"]).hides(&["Khác"]);
}
