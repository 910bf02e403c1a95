//! The grid of a class by keyboard alone and with the mouse.

use schoolgate::web::i18n::Lang;
use thirtyfour::Key;

use super::driver::Browser;
use crate::support::TestServer;
use crate::timetable::Timetable;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lessons_are_typed_with_keys_and_dragged_with_the_mouse() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let made = Timetable::new(&server.test, &cast).await;
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{}", made.version, cast.class_id));
    let browser = Browser::of(&server, &cast.timetable, Lang::Vi, true).await;
    browser.goto(&format!("{grid}?at=2-morning-1")).await;
    browser.find("#slot-2-morning-1:focus").await;
    browser.type_keys("Sử").await;
    browser.type_enter().await;
    // The next period is where one types on, and arrows lead on from there.
    browser.arrives(&format!("{grid}?at=2-morning-2")).await;
    browser.find("#slot-2-morning-2:focus").await;
    browser.type_keys(Key::Right).await;
    browser.find("#slot-3-morning-2:focus").await;
    browser.type_keys(Key::Up).await;
    browser.find("#slot-3-morning-1:focus").await;
    browser.type_keys(Key::Left).await;
    browser.find("#slot-2-morning-1:focus").await;
    assert_eq!(browser.value("#slot-2-morning-1").await, "Sử");

    browser.drag("td[data-slot='1-morning-1'] form > a", "td[data-slot='3-morning-3']").await;
    browser.arrives(&format!("{grid}?done=timetable-swapped")).await;
    assert_eq!(browser.value("#slot-3-morning-3").await, "Văn");
    assert_eq!(browser.value("#slot-1-morning-1").await, "");
    // Two that stand somewhere change places.
    browser.drag("td[data-slot='3-morning-3'] form > a", "td[data-slot='2-morning-1']").await;
    browser.find("#slot-2-morning-1[value='Văn']").await;
    assert_eq!(browser.value("#slot-3-morning-3").await, "Sử");
    // A click is none: it leads to the details.
    browser.click("td[data-slot='3-morning-3'] form > a").await;
    browser.find("#entry").await;
    let slots: Vec<String> = sqlx::query_scalar(
        "SELECT format('%s-%s-%s', day, session, period) FROM timetable_lessons WHERE version_id = $1 ORDER BY 1",
    )
    .bind(made.version)
    .fetch_all(&mut server.test.admin().await)
    .await
    .unwrap();
    assert_eq!(slots, ["2-morning-1", "3-morning-3"]);
    browser.quit().await;
}
