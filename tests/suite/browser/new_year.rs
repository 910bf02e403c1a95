//! A small school moves on to the new year, one pupil is edited by hand, and it moves back: with and without JavaScript, in
//! both languages.

use schoolgate::web::{Translator, i18n::Lang};
use thirtyfour::Key;

use super::driver::Browser;
use crate::rollover::count;
use crate::support::{Someone, TestServer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_school_moves_on_and_back_in_vietnamese() {
    moves_on_and_back(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_school_moves_on_and_back_in_english_without_javascript() {
    moves_on_and_back(Lang::En, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_are_chosen_by_keyboard() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let ten = cast.school.class(&server.test, "10A2").await;
    let people = ["An", "Bình", "Chi"].map(|given| Someone::pupil(&format!("Lê Thị {given}"), ten));
    let people = cast.school.add_all(&server.test, &people).await;
    let owner = server.test.signed_in(&cast.owner).await;
    let year: String = sqlx::query_scalar("SELECT name FROM school_years ORDER BY starts_on DESC LIMIT 1")
        .fetch_one(&mut server.test.admin().await)
        .await
        .unwrap();
    let start: i32 = year[..4].parse().unwrap();
    let to = format!("{}-{}", start + 1, start + 2);
    owner.post(&cast.school.path("/rollover"), &[("to", to.as_str())]).await.expect(303);
    let l = Translator::new(Lang::Vi);
    let browser = Browser::of(&server, &cast.owner, Lang::Vi, true).await;
    browser.goto(&cast.school.path("/rollover/pupils?class=10A2")).await;
    // It is shown where there is a mouse, which a headless browser lacks.
    browser.find("main [data-pick-hint]:not([hidden])").await;
    // From the first row to the second one, which is picked, and on to the third: then both of them are kept back.
    browser.find("main [data-pick-row]").await.send_keys(Key::Down + "").await.unwrap();
    browser.type_keys(" ").await;
    browser.type_keys(Key::Down + "").await;
    browser.type_keys(" ").await;
    browser.type_keys("2").await;
    browser.says(&l.t1("done-rollover-pupils", "n", 2)).await;
    let kept_back = |who: usize| {
        let id = people[who].member_id;
        format!("SELECT count(*) FROM rollover_pupils WHERE member_id = '{id}' AND outcome = 'kept_back'")
    };
    for (who, expected) in [(0, 0), (1, 1), (2, 1)] {
        assert_eq!(count(&server.test, &kept_back(who)).await, expected, "{who}");
    }
    browser.quit().await;
}

async fn moves_on_and_back(lang: Lang, javascript: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let (ten, twelve) = (cast.school.class(&server.test, "10A2").await, cast.school.class(&server.test, "12A2").await);
    let people = [("An", ten), ("Bình", ten), ("Giang", twelve)]
        .map(|(given, class)| Someone::pupil(&format!("Lê Thị {given}"), class));
    let people = cast.school.add_all(&server.test, &people).await;
    let [an, binh, giang] = people.as_slice() else { panic!("three") };
    let year: String = sqlx::query_scalar("SELECT name FROM school_years ORDER BY starts_on DESC LIMIT 1")
        .fetch_one(&mut server.test.admin().await)
        .await
        .unwrap();
    let start: i32 = year[..4].parse().unwrap();
    let (l, to) = (Translator::new(lang), format!("{}-{}", start + 1, start + 2));
    let of_next = |what: &str| {
        format!(
            "SELECT count(*) FROM enrolments e JOIN classes c ON c.id = e.class_id
             JOIN school_years y ON y.id = e.school_year_id WHERE y.name = '{to}' AND {what}"
        )
    };

    // The draft, and two results that are not those of the class.
    let browser = Browser::of(&server, &cast.owner, lang, javascript).await;
    browser.goto(&cast.school.path("/rollover")).await;
    browser.type_into("main [name=to]", &to).await;
    browser.press(&l.t("rollover-begin")).await;
    browser.says(&l.t("rollover-open-line")).await;
    let classes = cast.school.path("/rollover/classes");
    browser.goto(&classes).await;
    browser.type_into("[name=homeroom_11A2]", &format!("{} · {}", cast.teacher.name, cast.teacher.login)).await;
    browser.press(&l.t("rollover-classes-save")).await;
    browser.says(&l.t1("done-rollover-classes", "n", 1)).await;
    browser.goto(&cast.school.path("/rollover/pupils?class=10A2")).await;
    browser.click(&format!("main [name=ids][value='{}']", binh.member_id)).await;
    browser.click("main [name=outcome][value=kept_back]").await;
    browser.says(&l.t1("done-rollover-pupils", "n", 1)).await;

    // Reviewed and applied.
    browser.goto(&cast.school.path("/rollover")).await;
    browser.press(&l.t("rollover-make-plan")).await;
    browser.says(&l.t("plan-title-ready")).await;
    let plan = browser.path().await;
    browser.click("main form.sg-apply .btn-primary").await;
    browser.says(&l.t("plan-title-applied")).await;
    for (class, pupils) in [("11A2", 1), ("10A2", 1)] {
        assert_eq!(count(&server.test, &of_next(&format!("c.name = '{class}'"))).await, pupils, "{class}");
    }
    let closing = format!("SELECT count(*) FROM closings WHERE member_id = '{}'", giang.member_id);
    assert_eq!(count(&server.test, &closing).await, 1);

    // One is put into another class of the new year by hand; the rest goes back.
    let moved = format!(
        "UPDATE enrolments e SET class_id = c.id FROM classes c JOIN school_years y ON y.id = c.school_year_id
         WHERE y.name = '{to}' AND c.name = '11A1' AND e.school_year_id = y.id AND e.member_id = '{}'",
        an.member_id
    );
    sqlx::query(sqlx::AssertSqlSafe(moved)).execute(&mut server.test.admin().await).await.unwrap();
    browser.goto(&format!("{plan}/undo")).await;
    browser.says(&an.name).await;
    browser.click("main form[action$='/undo'] button").await;
    browser.says(&l.t("plan-title-undone")).await;
    assert_eq!(count(&server.test, &of_next("true")).await, 1, "the one who was moved");
    assert_eq!(count(&server.test, &closing).await, 0);
    browser.goto(&cast.school.path("/rollover")).await;
    browser.says(&l.t("rollover-open-line")).await;
    browser.quit().await;
}
