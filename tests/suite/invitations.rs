//! How often a school invites, and when it does not: what goes to addresses that have asked for nothing.

use chrono::Duration;

use crate::registration::{form, members, register, subjects_to};
use crate::support::say::vi;
use crate::support::{Cast, TestApp, link_in};

const EMAIL: &str = "moi@example.vn";
const NEW: [(&str, &str); 3] = [("full_name", "Mua ngay tại lua-dao.example"), ("email", EMAIL), ("role", "teacher")];

/// Invites a person; gives the person's page.
async fn invited(test: &TestApp, cast: &Cast) -> String {
    let manager = test.signed_in(&cast.manager).await;
    manager.post(&cast.school.path("/accounts/join"), &NEW).await.expect(303);
    test.work().await;
    let [(id, _)] = members(test, EMAIL).await.try_into().unwrap();
    cast.school.path(&format!("/accounts/{id}"))
}

#[tokio::test]
async fn an_address_gets_an_invitation_an_hour_and_three_a_day() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let person = invited(&test, &cast).await;
    let manager = test.signed_in(&cast.manager).await;
    let again = async || {
        let to = manager.post(&format!("{person}/invitation"), &[]).await.location();
        test.work().await;
        to.rsplit('=').next().unwrap().to_owned()
    };
    let first = link_in(&test.mail_to(EMAIL).text);
    assert_eq!(again().await, "invited-enough");
    manager.get(&format!("{person}?done=invited-enough")).await.expect(200).shows(&[&vi("done-invited-enough")]);
    // By other ways neither; and what was mailed is still good.
    let reset = manager.post(&format!("{person}/password"), &[]).await.location();
    assert!(reset.ends_with("invited-enough"), "{reset}");
    register(&test, "Vũ Thị Mới", EMAIL, "79000001").await.expect(303);
    test.work().await;
    assert_eq!(subjects_to(&test, EMAIL).len(), 1);
    test.anonymous().get(&first).await.expect(200);
    // Nor by forgetting that there was one.
    manager.post(&format!("{person}/invitation"), &[("undo", "on")]).await.expect(303);
    test.clock.advance(Duration::seconds(10));
    let page = manager.post(&cast.school.path("/accounts/join"), &NEW).await.expect(422);
    page.shows(&[&vi("fault-invited-enough")]);
    assert!(members(&test, EMAIL).await.is_empty());

    test.clock.advance(Duration::hours(1));
    let person = invited(&test, &cast).await;
    let again = async || {
        let to = manager.post(&format!("{person}/invitation"), &[]).await.location();
        test.work().await;
        to.rsplit('=').next().unwrap().to_owned()
    };
    test.clock.advance(Duration::hours(1));
    let twice = tokio::join!(again(), again());
    let mut twice = [twice.0, twice.1];
    twice.sort();
    assert_eq!(twice, ["invited-again", "invited-enough"]);
    test.clock.advance(Duration::hours(5));
    assert_eq!(again().await, "invited-enough", "three a day");
    assert_eq!(subjects_to(&test, EMAIL).len(), 3);
    test.clock.advance(Duration::hours(17));
    // The manager has not been here for longer than staff may.
    let manager = test.signed_in(&cast.manager).await;
    let to = manager.post(&format!("{person}/invitation"), &[]).await.location();
    test.work().await;
    assert!(to.ends_with("=invited-again"), "{to}");
    for mail in test.outbox.sent() {
        assert!(!mail.text.contains("lua-dao") && !mail.html.contains("lua-dao"), "{mail:?}");
        assert!(mail.to_name.is_empty() && !mail.subject.contains("lua-dao"), "{mail:?}");
    }
}

#[tokio::test]
async fn a_suspended_school_neither_invites_nor_admits_members() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = test.operator("operator@example.vn", &[]).await;
    let operator = test.signed_in(&operator).await;
    invited(&test, &cast).await;
    let link = link_in(&test.mail_to(EMAIL).text);
    // One form is on its way when the school is suspended.
    register(&test, "Vũ Thị Sớm", "som@example.vn", "79000001").await.expect(303);
    let school = "/operator/schools/79000001";
    operator.post(&format!("{school}/suspension"), &[("reason", "Sáp nhập")]).await.expect(303);
    test.work().await;
    assert!(members(&test, "som@example.vn").await.is_empty() && subjects_to(&test, "som@example.vn").is_empty());

    let page = test.anonymous().post("/register/teacher", &form("Vũ Thị Sen", "sen@example.vn", "79000001")).await;
    page.expect(422).shows(&[&vi("fault-school-suspended")]);
    let owner = [("owner_name", "Lê Thị Mới"), ("owner_email", "chu@example.vn")];
    let page = operator.post(&format!("{school}/owner"), &owner).await.expect(422);
    page.shows(&[&vi("fault-owner-suspended")]);
    assert!(members(&test, "chu@example.vn").await.is_empty());

    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    let invited = test.anonymous();
    invited.get(&link).await.expect(200).shows(&[&vi("invitation-wait")]);
    invited.post(&link, &password).await.expect(422).shows(&[&vi("invitation-wait")]);
    let [(_, status)] = members(&test, EMAIL).await.try_into().unwrap();
    assert_eq!(status, "invited");
    // The link is as good as before once the school is open again.
    operator.post(&format!("{school}/suspension"), &[("undo", "on")]).await.expect(303);
    invited.post(&link, &password).await.expect(303);
    test.work().await;
}
