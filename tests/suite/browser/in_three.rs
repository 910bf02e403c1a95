//! What a school does every day, counted from its home page: three steps each. Where no script asks first, a page does.

use schoolgate::web::{Translator, i18n::Lang};

use super::counted::Counted;
use crate::support::people::PASSWORD;
use crate::support::{Cast, TestServer};

/// Finds the pupil from the school's home and presses the button in the list that leads to `act`. Where there is a script
/// it asks first, by name, and is told yes; without one a page asks.
async fn find_and_press(counted: &mut Counted, cast: &Cast, act: &str, javascript: bool) {
    counted.browser.goto(&cast.school.path("")).await;
    counted.types("#find", "hoc", true).await;
    counted.click(&format!("main [formaction*='/accounts/{}/{act}']", cast.pupil.member_id)).await;
    if javascript {
        counted.browser.tells_of("#ask-what", &cast.pupil.name).await;
        counted.click("#ask [value=yes]").await;
    } else {
        counted.click("main form button").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_reset_in_three_steps_from_home() {
    reset(Lang::Vi, true, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_javascript_a_password_is_reset_in_as_many() {
    reset(Lang::En, false, 3).await;
}

async fn reset(lang: Lang, javascript: bool, steps: usize) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let sign_in = async |password: &str| {
        let fields = [("login", cast.pupil.login.as_str()), ("password", password)];
        server.test.anonymous().post("/sign-in", &fields).await
    };
    assert_ne!(sign_in(PASSWORD).await.location(), "/password/change");
    let mut counted = Counted::open(&server, &cast.account_manager, lang, javascript).await;
    find_and_press(&mut counted, &cast, "password", javascript).await;

    counted.browser.arrives(&cast.school.path(&format!("/accounts/{}/slip", cast.pupil.member_id))).await;
    counted.browser.says(&cast.pupil.name).await;
    let told = counted.browser.texts("main #slip dd").await;
    let [login, temporary] = told.as_slice() else { panic!("a login and a password: {told:?}") };
    assert_eq!(*login, cast.pupil.login);
    assert_eq!(counted.steps, steps);

    // What is shown opens, to choosing a password; the one from before does not open any more.
    assert_eq!(sign_in(temporary).await.location(), "/password/change");
    sign_in(PASSWORD).await.expect(422);
    counted.browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pupil_is_signed_out_everywhere_in_three_steps_from_home() {
    sign_out(Lang::En, true, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_javascript_a_pupil_is_signed_out_in_as_many() {
    sign_out(Lang::Vi, false, 3).await;
}

async fn sign_out(lang: Lang, javascript: bool, steps: usize) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let home = cast.school.path("");
    let devices = [server.test.signed_in(&cast.pupil).await, server.test.signed_in(&cast.pupil).await];
    let classmate = server.test.signed_in(&cast.newcomer).await;
    for device in devices.iter().chain([&classmate]) {
        device.get(&home).await.expect(200);
    }
    let mut counted = Counted::open(&server, &cast.account_manager, lang, javascript).await;
    find_and_press(&mut counted, &cast, "sign-out", javascript).await;
    counted.browser.says(&Translator::new(lang).t("done-signed-out-everywhere")).await;
    assert_eq!(counted.steps, steps);
    for device in devices {
        assert!(device.get(&home).await.location().starts_with("/sign-in?"));
    }
    classmate.get(&home).await.expect(200);
    counted.browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn homeroom_teachers_are_let_reset_in_three_steps_from_home() {
    let_homeroom_teachers_reset(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_three_steps_in_english_without_javascript() {
    let_homeroom_teachers_reset(Lang::En, false).await;
}

async fn let_homeroom_teachers_reset(lang: Lang, javascript: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let teacher = server.test.signed_in(&cast.homeroom_teacher).await;
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.pupil.member_id));
    let class = cast.school.path(&format!("/my-classes/{}", cast.class_id));
    teacher.post(&reset, &[]).await.expect(403);
    teacher.get(&class).await.expect(200).hides(&[&reset]);
    let mut counted = Counted::open(&server, &cast.owner, lang, javascript).await;
    counted.browser.goto(&cast.school.path("")).await;

    counted.click(&format!("nav a[href='{}']", cast.school.path("/settings"))).await;
    counted.click("main [name=homeroom_may_reset]").await;
    counted.click("main form .sg-form-end button").await;
    counted.browser.says(&Translator::new(lang).t("done-settings-changed")).await;
    assert_eq!(counted.steps, 3);

    // With the next request: the button is there, and does it.
    assert!(teacher.get(&class).await.expect(200).html().contains(&reset));
    let slip = cast.school.path(&format!("/accounts/{}/slip", cast.pupil.member_id));
    assert_eq!(teacher.post(&reset, &[]).await.location(), slip);
    teacher.get(&slip).await.expect(200).shows(&[&cast.pupil.login]);
    counted.browser.quit().await;
}
