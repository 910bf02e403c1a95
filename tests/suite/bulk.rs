//! `/schools/{code}/accounts/bulk`: many people at once.

use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1};
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

/// Whoever stands too high, belongs to another school, or acts himself, is passed over.
#[tokio::test]
async fn nobody_reaches_up_by_reaching_for_many() {
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
