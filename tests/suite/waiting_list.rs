//! *Waiting for approval*: people who registered are approved and refused in the row and in bulk, and the list stays as
//! it was.

use crate::registration::{members, register, registered, subjects_to};
use crate::support::say::{vi, vi1};
use crate::support::{Cast, TestApp};

async fn id_of(test: &TestApp, email: &str) -> String {
    members(test, email).await[0].0.to_string()
}

async fn statuses(test: &TestApp, cast: &Cast) -> Vec<(String, String)> {
    let statement = "SELECT email, status FROM members WHERE school_id = $1 AND email LIKE '%@cho.vn' ORDER BY email";
    sqlx::query_as(statement).bind(cast.school.id()).fetch_all(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn one_press_in_the_row_approves_and_the_list_stays_as_it_was() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    registered(&test, "Nguyễn Thị Sen", "sen@cho.vn", "79000001").await;
    registered(&test, "Nguyễn Thị Súng", "sung@cho.vn", "79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let list = cast.school.path("/accounts?role=teacher&status=pending&q=nguyen&sort=-name");
    let page = owner.get(&list).await.expect(200).shows(&[&vi("question-activate"), &vi("question-refuse")]);
    let id = id_of(&test, "sen@cho.vn").await;
    let button = format!("/accounts/{id}/activation?");
    let html = page.html();
    let from = html.find(&button).expect("a button in the row");
    let address = &html[from..from + html[from..].find('"').unwrap()];
    let address = cast.school.path(&crate::support::html::decoded(address));
    let back = owner.post(&address, &[]).await.location();
    assert!(back.contains("status=pending") && back.contains("q=nguyen") && back.contains("sort=-name"), "{back}");
    let page = owner.get(back.split('#').next().unwrap()).await.expect(200);
    page.shows(&[&format!("Nguyễn Thị Sen: {}", vi("done-activated")), "Nguyễn Thị Súng"]);
    let now = statuses(&test, &cast).await;
    assert_eq!(now, [("sen@cho.vn".into(), "active".into()), ("sung@cho.vn".into(), "pending".into())]);
    test.work().await;
}

#[tokio::test]
async fn many_are_approved_at_once_but_for_those_who_need_a_look() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    for (name, email) in [("Nguyễn Thị Sen", "sen@cho.vn"), ("Nguyễn Thị Súng", "sung@cho.vn")] {
        registered(&test, name, email, "79000001").await;
    }
    let invited =
        [("full_name", "Trần Thị Đôi"), ("gender", "female"), ("birth_date", "01/05/1990"), ("email", "doi@truong.vn")];
    owner.post(&cast.school.path("/accounts/teachers"), &invited).await.expect(303);
    registered(&test, "Trần Thị Đôi", "doi@cho.vn", "79000001").await;
    register(&test, "Lê Thị Quên", "quen@cho.vn", "79000001").await.expect(303);
    test.work().await;
    let list = cast.school.path("/accounts?role=teacher&status=pending");
    owner.get(&list).await.expect(200).shows(&[&vi("waiting-twin"), &vi("waiting-unverified")]);
    let bulk = cast.school.path("/accounts/bulk?role=teacher&status=pending");
    let back = owner.post(&bulk, &[("ids", "all"), ("action", "activation")]).await.location();
    let page = owner.get(&back).await.expect(200);
    page.shows(&[&vi1("done-bulk-activation", "n", 2), &vi1("done-left-out", "n", 2), "Lê Thị Quên", "Trần Thị Đôi"]);
    let now: Vec<String> = statuses(&test, &cast).await.into_iter().map(|(_, status)| status).collect();
    assert_eq!(now, ["pending", "pending", "active", "active"]);
    let on_record = "SELECT count(*) FROM audit_events WHERE action = 'registration_accepted'";
    let on_record: i64 = sqlx::query_scalar(on_record).fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(on_record, 2);
    test.work().await;
    assert_eq!(subjects_to(&test, "sen@cho.vn").len(), 2, "verification, then approval");
}

/// What cannot be taken back asks on a page of its own, which needs a reason.
#[tokio::test]
async fn many_are_refused_for_a_reason_that_they_read() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    for (name, email) in [("Nguyễn Thị Sen", "sen@cho.vn"), ("Nguyễn Thị Súng", "sung@cho.vn")] {
        registered(&test, name, email, "79000001").await;
    }
    let ids = [id_of(&test, "sen@cho.vn").await, id_of(&test, "sung@cho.vn").await];
    let bulk = cast.school.path("/accounts/bulk?role=teacher&status=pending");
    let mut fields = vec![("ids", ids[0].as_str()), ("ids", ids[1].as_str()), ("action", "refusal")];
    let page = owner.post(&bulk, &fields).await.expect(200);
    page.shows(&[&vi1("refusal-title-many", "count", 2), "Nguyễn Thị Sen", "Nguyễn Thị Súng"]);
    assert_eq!(statuses(&test, &cast).await.len(), 2, "nothing before there is a reason");
    fields.push(("confirmed", "on"));
    owner.post(&bulk, &fields).await.expect(422).shows(&[&vi("fault-reason-missing")]);
    fields.push(("reason", "Trường không có thầy cô này."));
    let back = owner.post(&bulk, &fields).await.location();
    owner.get(&back).await.expect(200).shows(&[&vi1("done-bulk-refusal", "n", 2)]);
    assert_eq!(statuses(&test, &cast).await, []);
    test.work().await;
    assert!(test.mail_to("sung@cho.vn").text.contains("Trường không có thầy cô này."));
}

#[tokio::test]
async fn signing_out_in_the_row_keeps_filter_and_place() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = test.signed_in(&cast.pupil).await;
    let manager = test.signed_in(&cast.manager).await;
    let query = format!("role=student&class={}&q=hoc&sort=-name", cast.class_id);
    let page = manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let button = format!("/accounts/{}/sign-out?", cast.pupil.member_id);
    let html = page.html();
    let from = html.find(&button).expect("a button in the row");
    let address = crate::support::html::decoded(&html[from..from + html[from..].find('"').unwrap()]);
    let back = manager.post(&cast.school.path(&address), &[]).await.location();
    let (list, place) = back.split_once('#').unwrap();
    assert!(list.contains(&query), "{list}");
    assert_eq!(place, format!("of-{}", cast.pupil.member_id));
    let page = manager.get(list).await.expect(200);
    assert!(page.html().contains(&format!("id=\"{place}\"")), "the row is there");
    page.shows(&[&format!("{}: {}", cast.pupil.name, vi("done-signed-out-everywhere"))]);
    pupil.get("/me").await.expect(303);
    // A homeroom teacher stays in the class.
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    let class = cast.school.path(&format!("/my-classes/{}", cast.class_id));
    let page = teacher.get(&class).await.expect(200);
    let address = format!("/accounts/{}/sign-out?from=class&class={}", cast.newcomer.member_id, cast.class_id);
    assert!(page.html().contains(&address.replace('&', "&amp;")));
    let back = teacher.post(&cast.school.path(&address), &[]).await.location();
    assert!(back.starts_with(&class), "{back}");
    teacher.get(back.split('#').next().unwrap()).await.expect(200).shows(&[&format!(
        "{}: {}",
        cast.newcomer.name,
        vi("done-signed-out-everywhere")
    )]);
}

#[tokio::test]
async fn a_whole_school_prints_its_slips_in_one_go_class_by_class() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.class(&test, "10A2").await;
    let pupils = ["Lê Văn Tý", "Lê Văn Sửu"].map(|name| crate::support::Someone::pupil(name, other).new_here());
    cast.school.add_all(&test, &pupils).await;
    let manager = test.signed_in(&cast.manager).await;
    let ledger = manager.get(&cast.school.path("/slips/ledger")).await.expect(200);
    let all = ledger.shows(&[&vi1("ledger-print-school", "count", 3)]).link("/slips?role=student");
    let page = manager.get(&all.replace("&amp;", "&")).await.expect(200);
    let html = page.html();
    assert_eq!(html.matches("class=\"sheet\"").count(), 2, "each class begins on a sheet of its own");
    assert_eq!(html.matches("class=\"slip\"").count(), 3);
    let at = |text: &str| html.find(text).unwrap();
    assert!(at(&cast.newcomer.name) < at("Lê Văn Tý"));
}
