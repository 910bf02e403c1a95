//! Acts that cannot be taken back, in a browser without scripts: its forms say so, and the server asks on a page of its own.

use schoolgate::ids::AccountId;
use schoolgate::router;

use crate::support::TestApp;
use crate::support::exams::World;
use crate::support::say::vi;

async fn temporary(test: &TestApp, account_id: AccountId) -> Option<Vec<u8>> {
    sqlx::query_scalar("SELECT temporary_password FROM accounts WHERE id = $1")
        .bind(account_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_reset_is_asked_about_and_then_done() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let list = cast.school.path("/accounts?role=student");
    assert!(manager.get(&list).await.html().contains("<noscript><input type=\"hidden\" name=\"ask\" value=\"on\">"));
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.pupil.member_id));
    let asked = manager.post_from(&list, &reset, &[("ask", "on"), ("ids", "a")]).await.expect(200);
    let asked = asked.shows(&[&vi("ask-password"), &vi("shell-ask-yes")]);
    assert_eq!(asked.input("ids"), "a", "the form is carried along");
    assert!(!asked.html().contains("name=\"ask\""));
    assert_eq!(asked.link("role=student"), list, "and back it goes to where it stood");
    assert_eq!(temporary(&test, cast.pupil.account_id).await, None, "nothing is done yet");
    manager.post(&reset, &[("ids", "a")]).await.expect(303);
    assert!(temporary(&test, cast.pupil.account_id).await.is_some());
}

#[tokio::test]
async fn what_can_be_taken_back_and_what_was_asked_about_is_done_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let bulk = cast.school.path("/accounts/bulk?role=student");
    let ids = cast.pupil.member_id.to_string();
    let fields = |action| [("ask", "on"), ("ids", ids.as_str()), ("action", action)];
    manager.post(&bulk, &fields("suspension")).await.expect(200).shows(&[&vi("ask-bulk-suspension")]);
    manager.post(&bulk, &fields("slips")).await.expect(303);
    manager.post(&bulk, &fields("suspension")[1..]).await.expect(303);
}

/// Only the new owner can give it up again: so a tick that makes one is asked about, and no other.
#[tokio::test]
async fn a_new_owner_is_asked_about() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let grants = cast.school.path("/grants");
    let id = cast.exams.member_id.to_string();
    let page = owner.get(&grants).await.expect(200);
    assert!(page.html().contains(&format!("name=\"owner\" value=\"{id}\"")));
    let (was, reports) = (format!("{id}:exams"), format!("{id}:reports"));
    let new_owner = [("ask", "on"), ("people", id.as_str()), ("was", &was), ("right", &was), ("owner", &id)];
    owner.post_from(&grants, &grants, &new_owner).await.expect(200).shows(&[&vi("grants-owner-ask")]);
    let held = async || -> Vec<String> {
        let statement = "SELECT \"grant\" FROM grants WHERE member_id = $1 ORDER BY 1";
        sqlx::query_scalar(statement).bind(cast.exams.member_id).fetch_all(&mut test.admin().await).await.unwrap()
    };
    assert_eq!(held().await, ["exams"], "nothing is done yet");
    let another = [("ask", "on"), ("people", id.as_str()), ("was", &was), ("right", &reports)];
    owner.post(&grants, &another).await.expect(303);
    assert_eq!(held().await, ["reports"]);
    owner
        .post(&grants, &[("people", id.as_str()), ("was", &reports), ("right", &reports), ("owner", &id)])
        .await
        .expect(303);
    assert_eq!(held().await, ["owner", "reports"]);
}

/// Seats, duties and codes are drawn anew, and marks published, only after a question.
#[tokio::test]
async fn what_is_drawn_anew_is_asked_about() {
    let world = World::new("1").await;
    let (exam, test) = (&world.exam, &world.test);
    let noscript = "<noscript><input type=\"hidden\" name=\"ask\" value=\"on\"></noscript>";
    let seats = "SELECT count(*) FROM exam_seats";
    let seating = format!("{}/seating", exam.path);
    assert!(exam.get("/seating").await.html().contains(noscript));
    let all = [("ask", "on"), ("all", "on"), ("seed", "7"), ("fill", "evenly")];
    let asked = exam.client.post_from(&seating, &seating, &all).await.expect(200);
    let asked = asked.shows(&[&vi("exam-seat-again-ask"), &vi("shell-ask-yes")]);
    assert_eq!((asked.input("seed").as_str(), asked.link("/seating")), ("7", seating.clone()));
    assert_eq!(world.count("SELECT count(*) FROM exams WHERE seating_seed = '7'").await, 0);
    exam.client.post(&seating, &all[1..]).await.expect(303);
    assert_eq!(world.count("SELECT count(*) FROM exams WHERE seating_seed = '7'").await, 1);
    // Seats for those who have none change nobody else's.
    exam.client.post_from(&seating, &seating, &[("ask", "on"), ("late", "on")]).await.expect(303);
    assert_eq!(world.count(seats).await, 12);

    let phach = format!("{}/papers/{}/phach", exam.path, world.paper);
    assert!(!exam.client.get(&phach).await.html().contains(noscript), "nothing is cut yet");
    let codes = world.cut().await;
    test.clock.advance(chrono::Duration::seconds(10));
    let cut = exam.client.post_from(&phach, &phach, &[("ask", "on"), ("seed", "8"), ("bag", "4")]).await.expect(200);
    cut.shows(&[&vi("exam-codes-again-ask")]);
    assert_eq!(world.count("SELECT count(*) FROM exam_papers WHERE cutting = 1").await, 1);
    world.type_all(&exam.client, &codes, "7").await;
    let publication = format!("{}/publication", exam.path);
    let form = [("ask", "on"), ("classes", "all")];
    exam.client.post_from(&publication, &publication, &form).await.expect(200).shows(&[&vi("exam-publish-ask")]);
    assert_eq!(world.count("SELECT count(*) FROM exam_classes WHERE publish_at IS NOT NULL").await, 0);

    let invigilation = format!("{}/invigilation", exam.path);
    exam.post("/invigilation", &[("per_room", "1"), ("seed", "1")]).await;
    let form = [("ask", "on"), ("all", "on"), ("per_room", "1"), ("seed", "2")];
    let asked = exam.client.post_from(&invigilation, &invigilation, &form).await.expect(200);
    asked.shows(&[&vi("exam-duties-again-ask")]);
    assert_eq!(world.count("SELECT count(*) FROM exams WHERE duties_seed = '2'").await, 0);
}

#[test]
fn questions_are_declared_with_their_routes() {
    let asking: Vec<&str> = router::routes().asking_routes();
    for path in [
        "/schools/{code}/accounts/{id}/password",
        "/schools/{code}/accounts/{id}/sign-out",
        "/schools/{code}/accounts/bulk",
        "/schools/{code}/classes/{id}/deletion",
        "/schools/{code}/plans/{id}/discard",
        "/operator/units/{id}/removal",
        "/operator/schools/{code}/suspension",
        "/invitations/{token}/refusal",
        "/me/devices",
        "/schools/{code}/settings/tokens/{id}/revocation",
        "/schools/{code}/settings/oneroster/{id}/removal",
        "/schools/{code}/exams/{exam}/seating",
        "/schools/{code}/exams/{exam}/invigilation",
        "/schools/{code}/exams/{exam}/papers/{paper}/phach",
        "/schools/{code}/exams/{exam}/publication",
    ] {
        assert!(asking.contains(&path), "{path}");
    }
}
