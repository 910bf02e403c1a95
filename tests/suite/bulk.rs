//! `/schools/{code}/accounts/bulk`: many people at once.

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Someone, TestApp};

async fn class_of_three(test: &TestApp, cast: &Cast) -> Vec<crate::support::Person> {
    let pupils: Vec<Someone> =
        ["Tý", "Sửu", "Dần"].iter().map(|given| Someone::pupil(&format!("Lê Văn {given}"), cast.class_id)).collect();
    cast.school.add_all(test, &pupils).await
}

#[tokio::test]
async fn those_who_are_picked_get_new_passwords_and_their_slips() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupils = class_of_three(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let bulk = cast.school.path("/accounts/bulk?role=student");
    let ids: Vec<String> = pupils[..2].iter().map(|pupil| pupil.member_id.to_string()).collect();
    let fields = [("ids", ids[0].as_str()), ("ids", ids[1].as_str()), ("action", "password")];
    let slips = manager.post(&bulk, &fields).await.location();
    let page = manager.get(&slips).await.expect(200);
    page.shows(&[&pupils[0].login, &pupils[1].login]).hides(&[&pupils[2].login]);
    let old = [("login", pupils[0].login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &old).await.expect(422);
    let kept = [("login", pupils[2].login.as_str()), ("password", PASSWORD)];
    test.anonymous().post("/sign-in", &kept).await.expect(303);
    manager.post(&bulk, &[("action", "password")]).await.expect(303);
    manager.get(&manager.post(&bulk, &[("action", "move")]).await.location()).await.shows(&[&vi("done-bulk-nobody")]);
}

#[tokio::test]
async fn all_of_a_search_are_moved_and_kept_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    class_of_three(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let class = cast.school.class(&test, "10A2").await.to_string();
    let bulk = cast.school.path("/accounts/bulk?role=student&q=le+van");
    let to = manager.post(&bulk, &[("ids", "all"), ("action", "move"), ("class", &class)]).await.location();
    manager.get(&to).await.expect(200).shows(&[&vi1("done-bulk-move", "n", 3)]);
    let page = manager.get(&cast.school.path(&format!("/accounts?class={class}"))).await.expect(200);
    assert_eq!(page.rows().len(), 3);
    let elsewhere = test.cast("79000002").await;
    let foreign = elsewhere.class_id.to_string();
    manager.post(&bulk, &[("ids", "all"), ("action", "move"), ("class", &foreign)]).await.expect(404);
    manager.post(&bulk, &[("ids", "all"), ("action", "suspension")]).await.expect(303);
    let page = manager.get(&cast.school.path("/accounts?status=suspended&role=student")).await.expect(200);
    assert_eq!(page.rows().len(), 3);
}

/// A member of higher rank, one of another school, and the actor are passed over.
#[tokio::test]
async fn a_bulk_action_reaches_no_member_of_higher_rank() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let people = [&cast.owner, &cast.account_manager, &cast.manager, &cast.teacher, &elsewhere.pupil];
    let ids: Vec<String> = people.iter().map(|person| person.member_id.to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.push(("action", "suspension"));
    let to = manager.post(&cast.school.path("/accounts/bulk?role=teacher"), &fields).await.location();
    let page = manager.get(&to).await.expect(200);
    page.shows(&[&vi1("done-bulk-suspension", "n", 1), &vi1("done-left-out", "n", 4)]);
    for person in [&cast.owner, &cast.account_manager] {
        test.signed_in(person).await.get(&cast.school.path("/accounts")).await.expect(200);
    }
    test.signed_in(&elsewhere.pupil).await.get(&elsewhere.school.path("")).await.expect(200);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(403);
}

/// Suspensions are lifted as they were made: of those below, on record, and of a person who is suspended at all.
#[tokio::test]
async fn suspensions_are_lifted_together() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupils = class_of_three(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let list = cast.school.path("/accounts?role=student");
    let bulk = cast.school.path("/accounts/bulk?role=student&status=suspended");
    manager.get(&list).await.expect(200).shows(&[&vi("person-suspend")]).hides(&[&vi("person-lift")]);
    let ids: Vec<String> = pupils.iter().map(|pupil| pupil.member_id.to_string()).collect();
    let mut picked: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    picked.push(("action", "suspension"));
    manager.post(&bulk, &picked).await.expect(303);
    manager.get(&list).await.expect(200).shows(&[&vi("person-lift"), &vi("person-suspend")]);
    let page = manager.get(&format!("{list}&status=suspended")).await.expect(200);
    page.shows(&[&vi("person-lift")]).hides(&["value=\"suspension\""]);
    test.signed_in(&pupils[0]).await.get(&cast.school.path("")).await.expect(403);

    // One by hand, as the contract has it; the button says only `undo`. A member who is not suspended stays so.
    let lift = [("ids", ids[0].as_str()), ("action", "suspension"), ("undo", "on")];
    let to = manager.post(&bulk, &lift).await.location();
    manager.get(&to).await.expect(200).shows(&[&vi1("done-bulk-lifting", "n", 1)]);
    test.signed_in(&pupils[0]).await.get(&cast.school.path("")).await.expect(200);
    let mut rest: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    let teacher = cast.suspended.member_id.to_string();
    rest.extend([("ids", teacher.as_str()), ("undo", "on")]);
    let to = manager.post(&bulk, &rest).await.location();
    let page = manager.get(&to).await.expect(200);
    page.shows(&[&vi1("done-bulk-lifting", "n", 3), &vi1("done-left-out", "n", 1)]);
    test.signed_in(&cast.suspended).await.get(&cast.school.path("")).await.expect(200);
    let lifted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_events WHERE action = 'suspension_lifted' AND detail = '{\"bulk\": true}'",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(lifted, 4);

    // Rank counts here too.
    let account_manager = test.signed_in(&cast.account_manager).await;
    let owner = test.signed_in(&cast.owner).await;
    let other = cast.manager.member_id.to_string();
    let fields = [("ids", other.as_str()), ("action", "suspension")];
    owner.post(&cast.school.path("/accounts/bulk?role=manager"), &fields).await.expect(303);
    let fields = [("ids", other.as_str()), ("undo", "on")];
    let to = account_manager.post(&cast.school.path("/accounts/bulk?role=manager"), &fields).await.location();
    account_manager.get(&to).await.expect(200).shows(&[&vi1("done-bulk-lifting", "n", 0)]);
    test.signed_in(&cast.manager).await.get(&cast.school.path("")).await.expect(403);
}

/// A person who picks all pages is told who is picked, with their number where it is known.
#[tokio::test]
async fn every_page_says_which_members_it_is_about() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupils: Vec<Someone> =
        (0..60).map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), cast.class_id)).collect();
    cast.school.add_all(&test, &pupils).await;
    let manager = test.signed_in(&cast.manager).await;
    let list = async |query: &str| manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let says = |page: &crate::support::Page, named: &str| {
        assert!(page.html().contains(&format!("data-pick-every=\"{named}\"")), "{}", page.what);
    };
    // The counters know a role's pupils: sixty, and the cast's two.
    let page = list("role=student").await.shows(&[&vi("bulk-all")]);
    says(&page, &vi1("bulk-selected-all-counted", "count", 62));
    let page = list("role=student&q=be").await.shows(&[&vi("bulk-all"), &vi1("accounts-found-more", "count", 50)]);
    says(&page, &vi("bulk-selected-all"));
    let page = list("role=student&status=never").await;
    page.shows(&[&vi1("accounts-found", "count", 62)]);
    // On one page all are seen.
    let page = list("role=student&q=be1").await.shows(&[&vi1("accounts-found", "count", 11)]);
    page.hides(&[&vi("bulk-all")]);
    list("role=student&q=khongcoai").await.hides(&[vi1("accounts-found", "count", 0)]);
    // To move is the only thing for which a class is needed.
    let page = list("role=student").await.html();
    assert!(page.contains("name=\"class\" required"));
    let bar = page.split("data-pick-bar").nth(1).unwrap().split("</form>").next().unwrap();
    let buttons = crate::support::html::tags(bar, "button");
    assert_eq!(buttons.iter().filter(|button| !button.contains(" formnovalidate")).count(), 1);
}

/// From which class to which a member was moved stands in the audit log, however it was done.
#[tokio::test]
async fn a_move_leaves_its_trace() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = cast.school.class(&test, "10A2").await.to_string();
    let free = cast.school.add(&test, Someone::pupil("Phan Tự Do", cast.class_id).without_class()).await;
    let manager = test.signed_in(&cast.manager).await;
    let ids = [&cast.pupil, &cast.newcomer, &free].map(|person| person.member_id.to_string());
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.extend([("action", "move"), ("class", other.as_str())]);
    manager.post(&cast.school.path("/accounts/bulk?role=student"), &fields).await.expect(303);
    let page = async |id: &str| manager.get(&cast.school.path(&format!("/accounts/{id}"))).await.expect(200);
    let moved = |from: &str, to: &str| vi2("history-moved", ("from", from), ("to", to));
    page(&ids[0]).await.shows(&[&moved("10A1", "10A2"), &vi("history-bulk")]);
    page(&ids[1]).await.shows(&[&moved("10A1", "10A2")]);
    page(&ids[2]).await.shows(&[&moved(&vi("history-no-class"), "10A2")]);
    // And back by the form.
    let back = [("full_name", cast.pupil.name.as_str()), ("class", &cast.class_id.to_string())];
    manager.post(&cast.school.path(&format!("/accounts/{}", ids[0])), &back).await.expect(303);
    page(&ids[0]).await.shows(&[&moved("10A2", "10A1")]);
    let record = test.signed_in(&cast.owner).await.get(&cast.school.path("/audit")).await.expect(200);
    record.shows(&[&moved("10A2", "10A1"), &moved("10A1", "10A2")]);
}
