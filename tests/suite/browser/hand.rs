//! What lies to hand: the bar and the drawer of a phone, a person beside the list, pages by typing.

use schoolgate::web::i18n::Lang;
use thirtyfour::Key;

use super::driver::Browser;
use crate::support::{TestServer, say::vi};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_there_is_one_bar_and_a_drawer_without_scripts() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let browser = Browser::of(&server, &cast.owner, Lang::Vi, false).await;
    browser.set_size(390, 844).await;
    browser.goto(&cast.school.path("")).await;
    let bar = browser.find(".sg-top").await.rect().await.unwrap();
    let main = browser.find("main").await.rect().await.unwrap();
    assert_eq!((bar.y.round(), bar.height.round(), main.y.round()), (0.0, 56.0, 56.0), "one bar above the page");
    let entry = browser.find(".sg-nav a[href$='/grants']").await;
    assert!(!entry.is_displayed().await.unwrap());
    browser.find(".sg-menu > summary").await.click().await.unwrap();
    entry.click().await.unwrap();
    browser.arrives(&cast.school.path("/grants")).await;
    // The search is an icon until it is pressed.
    let find = browser.find("#find").await;
    find.send_keys("hoc").await.unwrap();
    find.send_keys(Key::Enter).await.unwrap();
    browser.says(&cast.pupil.name).await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_opens_beside_the_list_and_pages_by_typing() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let browser = Browser::of(&server, &cast.owner, Lang::Vi, true).await;
    let list = cast.school.path("/accounts?role=student");
    browser.goto(&list).await;
    browser.find(&format!("a.sg-name[href$='{}']", cast.pupil.member_id)).await.click().await.unwrap();
    browser.tells_of(".sg-beside h1", &cast.pupil.name).await;
    assert_eq!(browser.path().await, list, "the list stays");
    browser.type_keys(Key::Escape).await;
    assert_eq!(browser.texts(".sg-beside").await, [] as [String; 0]);

    browser.type_with_control('k').await;
    browser.type_into("#palette[open] input", "phan quyen").await;
    browser.tells("#palette [role=option]", &[vi("menu-grants")]).await;
    browser.type_enter().await;
    browser.arrives(&cast.school.path("/grants")).await;
    browser.quit().await;
}
