//! What a visitor meets who has chosen nothing yet: the browser's language, the system's colours; and addresses, logins
//! and dates as people type them.

use axum::body::Body;
use axum::http::Method;

use crate::support::say::{vi, vi1};
use crate::support::{Page, TestApp};

async fn asked_in(test: &TestApp, languages: &str, cookie: Option<&str>) -> Page {
    let client = test.anonymous();
    if let Some(cookie) = cookie {
        client.set_cookie("lang", cookie);
    }
    let request = client.request(Method::GET, "/sign-in").header("accept-language", languages);
    client.send(request, Body::empty()).await.expect(200)
}

#[tokio::test]
async fn the_browser_says_the_language_until_one_is_chosen() {
    let test = TestApp::new().await;
    let is = |page: &Page, lang: &str| page.html().contains(&format!("<html lang=\"{lang}\""));
    assert!(is(&asked_in(&test, "en-GB,en;q=0.9,vi;q=0.5", None).await, "en"));
    assert!(is(&asked_in(&test, "vi-VN,vi;q=0.9,en;q=0.5", None).await, "vi"));
    assert!(is(&asked_in(&test, "fr", None).await, "vi"));
    assert!(is(&asked_in(&test, "en", Some("vi")).await, "vi"), "what was chosen counts");
    assert!(is(&test.anonymous().get("/sign-in").await, "vi"));
}

#[tokio::test]
async fn the_system_says_the_scheme_until_one_is_chosen() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let page = client.get("/sign-in").await.expect(200).html();
    assert!(page.contains("data-bs-theme=\"auto\""));
    let link = page
        .split("href=\"")
        .find(|part| part.contains("css/schoolgate-dark.css\" media=\"(prefers-color-scheme: dark)\""));
    let address = link.expect("a sheet for dark systems").split('"').next().unwrap().to_owned();
    let sheet = client.get(&address).await.expect(200).html();
    assert!(sheet.contains("[data-bs-theme=auto]") && sheet.contains("color-scheme: dark"));
    // Both buttons are there; the style sheet shows the one that changes something.
    assert!(page.contains("name=\"theme\" value=\"dark\"") && page.contains("name=\"theme\" value=\"light\""));
    client.post("/preferences", &[("theme", "light"), ("next", "/sign-in")]).await.expect(303);
    let page = client.get("/sign-in").await.html();
    assert!(page.contains("data-bs-theme=\"light\"") && !page.contains("schoolgate-dark.css"));
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let anonymous = test.anonymous();
    let moved = anonymous.get("/sign-in/?next=%2Fme").await.expect(308);
    assert_eq!(moved.header("location"), "/sign-in?next=%2Fme");
    let list = cast.school.path("/accounts");
    let moved = test.signed_in(&cast.owner).await.get(&format!("{list}//")).await.expect(308);
    assert_eq!(moved.header("location"), list);
    // Never to another host.
    let moved = anonymous.get("//evil.example/").await.expect(308);
    assert_eq!(moved.header("location"), "/evil.example");
    anonymous.get("/").await.expect(303);
    anonymous.post("/sign-in/", &[("login", "a"), ("password", "b")]).await.expect(404);
}

#[tokio::test]
async fn a_login_that_cannot_be_one_is_answered_with_a_hint() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let tried = async |path: &str, login: &str| {
        test.anonymous().post(path, &[("login", login), ("password", "sai mật khẩu")]).await.expect(422)
    };
    let page = tried("/sign-in", "học@79000001").await;
    page.shows(&[&vi1("fault-sign-in-marks", "value", "hoc@79000001")]).hides(&[vi1(
        "fault-sign-in-bare",
        "value",
        "hoc@79000001",
    )]);
    tried("/sign-in", "hocnt").await.shows(&[&vi1("fault-sign-in-bare", "value", "hocnt")]);
    let page = cast.school.path("/sign-in");
    tried(&page, "hocnt").await.shows(&[&vi("fault-sign-in-wrong")]).hides(&[vi1(
        "fault-sign-in-bare",
        "value",
        "hocnt",
    )]);
    tried(&page, "họcnt").await.shows(&[&vi1("fault-sign-in-marks", "value", "hocnt")]);
    tried("/sign-in", &cast.pupil.login).await.shows(&[&vi("fault-sign-in-wrong")]);
}

/// A pupil's login is good everywhere as a whole, and so it is shown.
#[tokio::test]
async fn the_whole_login_is_shown_wherever_a_bare_one_would_fail() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (manager, teacher) = (test.signed_in(&cast.manager).await, test.signed_in(&cast.homeroom_teacher).await);
    for page in ["/accounts?role=student".to_owned(), format!("/slips/ledger?class={}", cast.class_id)] {
        manager.get(&cast.school.path(&page)).await.expect(200).shows(&[&cast.pupil.login, &cast.newcomer.login]);
    }
    let class = cast.school.path(&format!("/my-classes/{}", cast.class_id));
    teacher.get(&class).await.expect(200).shows(&[&cast.pupil.login]);
    let new = [
        ("full_name", "Đỗ Văn Mới"),
        ("gender", "male"),
        ("class", &cast.class_id.to_string()),
        ("birth_date", "15/11/2011"),
        ("mother_name", "Đỗ Thị Mẹ"),
        ("mother_birth_year", "1984"),
        ("again", "on"),
    ];
    let next = manager.post(&cast.school.path("/accounts/students"), &new).await.location();
    manager.get(&next).await.expect(200).shows(&["moidv@79000001"]);
}

/// Typed as people write it or sent as programs do, and shown as people write it.
#[tokio::test]
async fn dates_are_typed_day_first_whatever_the_browser() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let edit = cast.school.path(&format!("/accounts/{}/edit", cast.pupil.member_id));
    let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    for (typed, shown) in [("05/09/2011", "05/09/2011"), ("2011-12-31", "31/12/2011")] {
        manager.post(&person, &[("full_name", &cast.pupil.name), ("birth_date", typed)]).await.expect(303);
        let page = manager.get(&edit).await.expect(200);
        assert_eq!(page.input("birth_date"), shown);
        assert!(!page.html().contains("type=\"date\""));
    }
    let refused = manager.post(&person, &[("full_name", &cast.pupil.name), ("birth_date", "31/02/2011")]).await;
    assert_eq!(refused.expect(422).input("birth_date"), "31/02/2011", "as typed");
    let owner = test.signed_in(&cast.owner).await;
    let today = test.clock.today().format("%d/%m/%Y").to_string();
    for (from, shows) in [(today.as_str(), true), ("01/01/2099", false)] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("from", from).finish();
        let page = owner.get(&cast.school.path(&format!("/audit?{query}"))).await.expect(200);
        assert_eq!(page.input("from"), from);
        let is_there = page.links().iter().any(|link| link.contains(&cast.pupil.member_id.to_string()));
        assert_eq!(is_there, shows, "{from}");
    }
}
