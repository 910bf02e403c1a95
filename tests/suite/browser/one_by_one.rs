//! People one by one, counted as a person does it: a class typed in a row without the mouse, and a grant in four steps.

use schoolgate::{
    roster::fields::Field,
    web::{Translator, i18n::Lang},
};
use serde_json::json;
use thirtyfour::Key;

use super::counted::Counted;
use super::driver::Browser;
use crate::support::{Someone, TestServer};

/// Goes on by the Tab key until the focus is there.
async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..25 {
        if has_focus(browser, css).await {
            return;
        }
        browser.type_keys(Key::Tab).await;
    }
    panic!("the Tab key does not lead to {css}");
}

async fn has_focus(browser: &Browser, css: &str) -> bool {
    let script = "arguments[1](document.activeElement !== null && document.activeElement.matches(arguments[0]));";
    browser.ask(script, vec![json!(css)]).await == json!(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_class_of_five_is_typed_in_a_row_by_keyboard_alone() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let class = cast.school.class(&server.test, "10A2").await;
    let browser = Browser::of(&server, &cast.owner, Lang::Vi, true).await;
    let l = Translator::new(Lang::Vi);
    browser.goto(&cast.school.path(&format!("/accounts/new/student?class={class}"))).await;
    let names = ["Lê Văn An", "Lê Văn Bình", "Lê Thị Cúc", "Lê Thị Dung", "Lê Văn Em"];
    for (index, name) in names.into_iter().enumerate() {
        // The focus waits in the first field, and the class is the one before.
        assert!(has_focus(&browser, "#full_name").await, "{name}");
        browser.type_keys(name).await;
        tab_to(&browser, "[name=gender]").await;
        browser.type_keys(" ").await;
        tab_to(&browser, "#birth_date").await;
        // Month, day, year, as this browser's language has them.
        browser.type_keys(format!("040{}2011", index + 1)).await;
        tab_to(&browser, "#mother_name").await;
        browser.type_keys("Trần Thị Mai").await;
        tab_to(&browser, "#mother_birth_year").await;
        browser.type_keys("1985").await;
        if index == 0 {
            tab_to(&browser, "button[name=again]").await;
        }
        browser.type_enter().await;
        browser.says(&l.t1("form-made", "name", name)).await;
        let username = ["anlv", "binhlv", "cuclt", "dunglt", "emlv"][index];
        browser.says(username).await;
    }
    browser.goto(&cast.school.path(&format!("/accounts?role=student&class={class}"))).await;
    assert_eq!(browser.texts("main .sg-name").await.len(), 5);
    browser.quit().await;
}

/// Who may be meant is told while one types: the name alone means both, the birth date the one of that year.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn likely_twins_appear_while_one_types() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let other_class = cast.school.class(&server.test, "11B3").await;
    for (class, born) in [(cast.class_id, "2011-04-05"), (other_class, "2010-09-01")] {
        let twin = Someone::pupil("Lê Văn Tý", class).value(Field::BirthDate, born);
        cast.school.add(&server.test, twin).await;
    }
    let browser = Browser::of(&server, &cast.owner, Lang::Vi, true).await;
    let l = Translator::new(Lang::Vi);
    browser.goto(&cast.school.path("/accounts/new/student")).await;
    let told = |class: &str, year: &str| {
        format!("Lê Văn Tý {} · {}", l.t1("twins-class", "class", class), l.t1("twins-born", "year", year))
    };
    let both = [told("11B3", "2010"), told("10A1", "2011")];
    browser.type_keys("le van ty").await;
    browser.tells("#twins li", &both).await;
    browser.fill_date("birth_date", "2011-04-05").await;
    browser.tells("#twins li", &both[1..]).await;
    // A person who has read it and goes on is asked no more.
    browser.fill("mother_name", "Trần Thị Mai").await;
    browser.fill("mother_birth_year", "1985").await;
    browser.find("[name=gender][value=male]").await.click().await.unwrap();
    browser.choose("class", "10A1").await;
    browser.press(&l.t("form-create")).await;
    browser.says(&l.t("done-member-created")).await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_is_given_in_four_steps_from_home() {
    give_a_grant(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_four_steps_in_english_without_javascript() {
    give_a_grant(Lang::En, false).await;
}

async fn give_a_grant(lang: Lang, javascript: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let l = Translator::new(lang);
    let teacher = server.test.signed_in(&cast.teacher).await;
    teacher.get(&cast.school.path("/accounts")).await.expect(403);
    let mut counted = Counted::open(&server, &cast.owner, lang, javascript).await;
    let id = cast.teacher.member_id;
    counted.browser.goto(&cast.school.path("")).await;

    counted.click(&format!("nav a[href='{}']", cast.school.path("/grants"))).await;
    // Where a script looks while one types, nothing is to be sent.
    counted.types("#q", "giang", !javascript).await;
    counted.click(&format!("[value='{id}:account_manager']")).await;
    counted.click("#found .sg-bulk button").await;
    counted.browser.says(&l.t("done-grants-changed")).await;
    assert_eq!(counted.steps, 4);
    counted.browser.says(&cast.teacher.name).await;

    // The teacher's menu follows with the next request.
    teacher.get(&cast.school.path("/accounts")).await.expect(200);
    counted.browser.quit().await;
}

/// What ends is said before it ends, and a reason is asked for, with a script or without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_leaves_without_javascript_and_comes_back() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let l = Translator::new(Lang::En);
    let browser = Browser::of(&server, &cast.owner, Lang::En, false).await;
    browser.goto(&cast.school.path(&format!("/accounts/{}", cast.pupil.member_id))).await;
    // What weighs much is folded away.
    browser.find(".sg-others > summary").await.click().await.unwrap();
    browser.press(&l.t("person-leave")).await;
    browser.says(&l.t1("transition-ends-class", "class", "10A1")).await;
    browser.fill("reason", "Moved to another town").await;
    browser.press(&l.t("person-leave")).await;
    browser.says(&l.t("done-left")).await;
    browser.says("Moved to another town").await;
    browser.press(&l.t("person-come-back")).await;
    browser.says(&l.t("done-came-back")).await;
    browser.quit().await;
}
