//! What belongs to no school speaks in the words of the reader's school: letters, the own password, the sign-in page.

use schoolgate::access::{Grant, SchoolKind};

use crate::support::app::link_in;
use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Person, Someone, TestApp};

async fn university(test: &TestApp) -> (School, Person, Person) {
    let school = test.school_of(SchoolKind::Higher, "DH000002").await;
    let group = school.class(test, "KTPM01").await;
    let owner = school.add(test, Someone::manager("Ngô Thị Khoa").with(Grant::Owner)).await;
    let student = school.add(test, Someone::pupil("Lý Văn Sinh", group).new_here()).await;
    (school, owner, student)
}

#[tokio::test]
async fn a_university_knows_no_pupils_on_pages_of_no_school() {
    let test = TestApp::new().await;
    let (school, owner, student) = university(&test).await;
    let words = ["Học sinh", "học sinh", "Em hãy", "thầy cô", "chủ nhiệm", "lớp"];
    let page = test.signed_in_by_temporary(&student).await.get("/password/change").await.expect(200);
    page.hides(&words);
    for address in ["/password/change", "/me", "/me/devices", "/help/sign-in"] {
        test.signed_in(&owner).await.get(address).await.expect(200).hides(&["Học sinh", "học sinh", "chủ nhiệm"]);
    }
    // On the way to the school the general sign-in page knows it too, and so does the page of a forgotten password.
    let next = format!("/sign-in?next=%2Fschools%2F{}", school.code());
    test.anonymous().get(&next).await.expect(200).hides(&["Học sinh", "học sinh"]);
    test.anonymous().get(&school.path("/sign-in")).await.expect(200).hides(&["Học sinh", "học sinh", "chủ nhiệm"]);
    let forgot = format!("/password/forgot?school={}", school.code());
    test.anonymous().get(&forgot).await.expect(200).hides(&["Học sinh", "học sinh", "chủ nhiệm"]);
    // A school's own people are spoken to as before.
    let cast = test.cast("79000001").await;
    let page = test.signed_in_by_temporary(&cast.newcomer).await.get("/password/change").await.expect(200);
    page.shows(&[&vi("password-first-title-pupil")]);
}

async fn invite(test: &TestApp, school: &School, owner: &Person, name: &str, email: &str) {
    let new = [("full_name", name), ("gender", "female"), ("birth_date", "01/05/1990"), ("email", email)];
    test.signed_in(owner).await.post(&school.path("/accounts/teachers"), &new).await.expect(303);
    test.work().await;
}

#[tokio::test]
async fn letters_are_english_where_the_school_says_so_and_nothing_was_chosen() {
    let test = TestApp::new().await;
    let (school, owner, _) = university(&test).await;
    invite(&test, &school, &owner, "Trần Thị Một", "mot@example.vn").await;
    let before = test.mail_to("mot@example.vn").subject;
    assert!(before.contains("mời"), "{before}");
    let settings = school.path("/settings");
    test.signed_in(&owner).await.post(&settings, &[("letters_in_english", "on")]).await.expect(303);
    test.signed_in(&owner).await.get(&settings).await.expect(200).shows(&[&vi("settings-letters-in-english")]);
    invite(&test, &school, &owner, "Lê Văn Hai", "hai@example.vn").await;
    let mail = test.mail_to("hai@example.vn");
    assert!(mail.subject.contains("invite"), "{}", mail.subject);
    // The page of the invitation is in the university's words.
    test.anonymous().get(&link_in(&mail.text)).await.expect(200).hides(&["học sinh", "chủ nhiệm"]);
    // Who has chosen a language gets letters in that.
    let client = test.signed_in(&owner).await;
    client.post("/preferences", &[("language", "vi"), ("next", "/me")]).await.expect(303);
    test.anonymous().post("/password/forgot", &[("login", &owner.login)]).await.expect(200);
    test.work().await;
    assert_eq!(test.mail_to(&owner.login).subject, vi("mail-password-reset-subject"));
}

/// Words that a university has no use for, in both languages.
const OF_SCHOOLS: [&[&str]; 2] = [
    &["học sinh", "Học sinh", "chủ nhiệm", "Khối ", "mầm non"],
    &["pupil", "Pupil", "omeroom", "Grade ", "indergarten"],
];

/// Every page of the school that needs nothing but its code.
#[tokio::test]
async fn a_university_knows_no_pupils_on_any_of_its_pages() {
    let test = TestApp::new().await;
    let (school, owner, _) = university(&test).await;
    let routes = schoolgate::router::routes();
    let pages: Vec<String> = routes
        .declared()
        .filter(|(method, path, _)| *method == axum::http::Method::GET && path.starts_with("/schools/{code}"))
        .map(|(_, path, _)| path.replace("{code}", school.code()))
        .filter(|path| !path.contains('{') && !path.ends_with(".ics"))
        .collect();
    let mut found = Vec::new();
    for (language, words) in ["vi", "en"].into_iter().zip(OF_SCHOOLS) {
        let client = test.signed_in(&owner).await;
        client.post("/preferences", &[("language", language), ("next", "/me")]).await.expect(303);
        for path in &pages {
            let page = client.get(path).await;
            if page.status != 200 || !page.header("content-type").starts_with("text/html") {
                continue;
            }
            let said = page.words();
            for word in words.iter().filter(|word| said.contains(**word)) {
                let at = said.find(word).unwrap();
                let around: String = said[at..].chars().take(60).collect();
                found.push(format!("{language} {path}: {around}"));
            }
        }
    }
    assert!(pages.len() > 40, "{} pages", pages.len());
    assert!(found.is_empty(), "{found:#?}");
}
