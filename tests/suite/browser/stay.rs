//! What changes in place keeps the focus: mending a row, sorting, paging; and slips that no name makes illegible.

use schoolgate::{roster::fields::Field, web::i18n::Lang};
use serde_json::json;

use super::driver::Browser;
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestServer, sheets};

const HEADERS: [&str; 6] = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"];

/// Marks the document: as long as the mark is there, no other page was opened.
async fn mark(browser: &Browser) {
    browser.ask("globalThis.isMarked = true; arguments[0]();", vec![]).await;
}

async fn is_marked(browser: &Browser) -> bool {
    browser.ask("arguments[0](globalThis.isMarked === true);", vec![]).await == json!(true)
}

/// The id or name of what has the focus.
async fn focused(browser: &Browser) -> String {
    let script = "const at = document.activeElement; arguments[0](at.id || at.name || at.rel || at.tagName);";
    browser.ask(script, vec![]).await.as_str().unwrap_or_default().to_owned()
}

async fn waits_for_focus(browser: &Browser, expected: &str) {
    for _ in 0..100 {
        if focused(browser).await == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the focus is on {} and not on {expected}", focused(browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mended_row_leads_on_to_the_next_fault() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let manager = server.test.signed_in(&cast.manager).await;
    let mut rows = vec![HEADERS.map(str::to_owned).to_vec()];
    for number in 2..40 {
        let right = format!("{:02}/{:02}/2011", number % 28 + 1, number / 28 + 4);
        let born = if matches!(number, 5 | 20 | 30) { "31/02/2011" } else { &right };
        let name = format!("Hoàng Văn {}", ["An", "Bình", "Cường", "Dũng"][number % 4]);
        let mother = format!("Lê Thị Mẹ{}", char::from(b'a' + u8::try_from(number % 26).unwrap()));
        rows.push([&name, "Nam", &format!("10A{number}"), born, &mother, "1980"].map(str::to_owned).to_vec());
    }
    let new = cast.school.path("/plans/new?source=students");
    let plan = manager.upload(&new, "10.xlsx", &sheets::written(&rows)).await.location();
    let browser = Browser::of(&server, &cast.manager, Lang::Vi, true).await;
    browser.goto(&plan).await;
    browser.says(&vi("plan-title-ready")).await;
    mark(&browser).await;
    browser.find("#f5-birth_date").await.clear().await.unwrap();
    browser.find("#f5-birth_date").await.send_keys("28/02/2011" + thirtyfour::Key::Enter).await.unwrap();
    waits_for_focus(&browser, "f20-birth_date").await;
    browser.tells_of("#said", &vi1("done-row-create", "n", 5)).await;
    assert!(is_marked(&browser).await, "the page was not opened anew");
    // Still wrong: the focus stays with the row.
    browser.find("#f20-birth_date").await.send_keys(thirtyfour::Key::Enter + "").await.unwrap();
    browser.tells_of("#said", &vi1("done-row-error", "n", 20)).await;
    waits_for_focus(&browser, "f20-birth_date").await;
    // What is left out needs no more: on to the last one, and then to the button that applies.
    press(&browser, "form[data-mend='20'] [value=drop]").await;
    waits_for_focus(&browser, "f30-birth_date").await;
    press(&browser, "form[data-mend='30'] [value=drop]").await;
    browser.tells_of("#said", &vi1("done-row-skip", "n", 30)).await;
    assert!(is_marked(&browser).await);
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sorting_paging_and_filtering_keep_the_focus() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let browser = Browser::of(&server, &cast.manager, Lang::Vi, true).await;
    let list = cast.school.path("/accounts?role=student");
    browser.goto(&list).await;
    mark(&browser).await;
    press(&browser, "#head-1").await;
    browser.arrives(&format!("{list}&sort=")).await;
    browser.tells_of("#head-1", &vi("field-full-name")).await;
    waits_for_focus(&browser, "head-1").await;
    press(&browser, "#status option[value=never]").await;
    browser.find("#status option[value=never][selected]").await;
    waits_for_focus(&browser, "status").await;
    assert!(is_marked(&browser).await, "the page was not opened anew");
    // Back is where one was before.
    browser.ask("history.back(); setTimeout(arguments[0], 300);", vec![]).await;
    browser.arrives(&format!("{list}&sort=")).await;
    browser.says(&cast.pupil.name).await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_with_a_very_long_name_is_printed_legibly() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let long = "Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Bảo Thiên Ân Khánh Huyền";
    let short = "Lê An";
    for (name, born) in [(long, "2011-04-05"), (short, "2011-04-06")] {
        let pupil = Someone::pupil(name, cast.class_id).new_here().value(Field::BirthDate, born);
        cast.school.add(&server.test, pupil).await;
    }
    sqlx::query("UPDATE schools SET name = $1")
        .bind(format!("Trường {}", "Trung học phổ thông chuyên năng khiếu ".repeat(2)))
        .execute(&mut server.test.admin().await)
        .await
        .unwrap();
    let browser = Browser::of(&server, &cast.manager, Lang::Vi, true).await;
    browser.goto(&cast.school.path(&format!("/slips?class={}", cast.class_id))).await;
    browser.says(long).await;
    browser.says("05/04/2011").await;
    browser.prints().await;
    // Nothing of a slip reaches into another part of it, or out of its box.
    let script = "const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        const wrong = [];
        for (const slip of document.querySelectorAll('.slip')) {
            const box = slip.getBoundingClientRect();
            const parts = [...slip.querySelectorAll('h2, .slip-of, dd, .slip-how, .slip-code svg')];
            parts.forEach((one, at) => {
                const rect = one.getBoundingClientRect();
                if (rect.bottom > box.bottom + 1 || rect.right > box.right + 1) wrong.push(one.textContent + ' reaches out');
                parts.slice(at + 1).forEach((other) => {
                    if (overlap(rect, other.getBoundingClientRect())) wrong.push(one.textContent + ' over ' + other.textContent);
                });
            });
        }
        arguments[0](wrong);";
    assert_eq!(browser.ask(script, vec![]).await, json!([]));
    browser.quit().await;
}

/// Presses what is there now: a part of the page may be replaced between finding and pressing.
async fn press(browser: &Browser, css: &str) {
    for _ in 0..10 {
        let element = browser.find(css).await;
        element.scroll_into_view().await.ok();
        match element.click().await {
            Err(error) if format!("{error:?}").contains("StaleElementReference") => {}
            pressed => return pressed.unwrap(),
        }
    }
    panic!("{css} is replaced again and again");
}
