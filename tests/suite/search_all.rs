//! The search of the top bar finds pupils, staff and classes at once; and a list in which nobody was found says where
//! there are some.

use axum::body::Body;
use axum::http::Method;
use schoolgate::roster::model::Status;

use crate::support::say::vi;
use crate::support::{Someone, TestApp};

#[tokio::test]
async fn one_search_finds_pupils_staff_and_classes() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    cast.school.add(&test, Someone::pupil("Lê Thị Giảng", cast.class_id)).await;
    let manager = test.signed_in(&cast.manager).await;
    let search = cast.school.path("/search");
    // The top bar leads there, without scripts too.
    manager.get(&cast.school.path("")).await.expect(200).html().contains(&format!("action=\"{search}\""));
    let page = manager.get(&format!("{search}?q=giang")).await.expect(200);
    let pupils = format!("giang{}@79000001", "lt");
    let page = page.shows(&["Lê Thị Giảng", &cast.teacher.name, &pupils, &vi("roles-student"), &vi("roles-teacher")]);
    assert!(page.links().contains(&cast.school.path(&format!("/accounts/{}", cast.teacher.member_id))));
    page.hides(&[&foreign.teacher.name]);
    let of_class = cast.school.path(&format!("/accounts?role=student&class={}", cast.class_id));
    for typed in ["10a1", "10A", "l%E1%BB%9Bp+10a1"] {
        let page = manager.get(&format!("{search}?q={typed}")).await.expect(200).shows(&["10A1"]);
        assert!(page.links().iter().any(|link| link.replace("&amp;", "&") == of_class), "{typed}");
    }
    manager.get(&format!("{search}?q=khongcoai")).await.expect(200).shows(&[&vi("search-none")]);
    manager.get(&search).await.expect(200).shows(&[&vi("search-nothing-typed")]);
    // Who has left is found where nobody else is.
    cast.school.add(&test, Someone::pupil("Vũ Văn Xưa", cast.class_id).who_is(Status::Left)).await;
    manager.get(&format!("{search}?q=vu+van+xua")).await.expect(200).shows(&["Vũ Văn Xưa", &vi("narrowing-left")]);
    test.signed_in(&cast.teacher).await.get(&format!("{search}?q=giang")).await.expect(403);
}

/// What the script shows below the field: links and nothing around them.
#[tokio::test]
async fn suggestions_are_links() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let request = manager.request(Method::GET, &cast.school.path("/search?q=hoc")).header("x-part", "suggestions");
    let part = manager.send(request, Body::empty()).await.expect(200);
    assert_eq!(part.links(), [cast.school.path(&format!("/accounts/{}", cast.pupil.member_id))]);
    assert!(!part.html().contains("<body"));
}

#[tokio::test]
async fn an_empty_list_says_where_there_are_matches() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.class(&test, "10A2").await;
    cast.school.add(&test, Someone::pupil("Vũ Văn Xưa", cast.class_id).who_is(Status::Left)).await;
    let manager = test.signed_in(&cast.manager).await;
    let list = async |query: &str| manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let leads = |page: crate::support::Page, parts: &[&str]| {
        let links: Vec<String> = page.links().iter().map(|link| link.replace("&amp;", "&")).collect();
        assert!(links.iter().any(|link| parts.iter().all(|part| link.contains(part))), "{parts:?} not in {links:?}");
    };
    let page = list("role=student&q=giang").await.shows(&[&format!("{} (1)", vi("roles-teacher"))]);
    leads(page, &["role=teacher", "q=giang"]);
    // Nobody is suspended among the pupils, but one of the teachers is.
    let page = list("role=student&status=suspended").await.shows(&[&format!("{} (1)", vi("roles-teacher"))]);
    leads(page, &["role=teacher", "status=suspended"]);
    let page = list(&format!("role=student&class={other}&q=hoc")).await;
    leads(page.shows(&[&format!("{} (1)", vi("accounts-elsewhere-classes"))]), &["role=student", "q=hoc"]);
    let page = list("role=student&status=suspended&q=hoc").await;
    page.shows(&[&format!("{} (1)", vi("accounts-elsewhere-statuses"))]);
    let page = list("role=teacher&q=xua").await;
    page.hides(&[format!("{} (1)", vi("narrowing-left"))]);
    let page = list("role=student&q=xua").await;
    leads(page.shows(&[&format!("{} (1)", vi("narrowing-left"))]), &["status=left", "q=xua"]);
}
