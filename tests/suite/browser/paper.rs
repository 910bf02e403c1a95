//! Reports on paper, as a principal prints them: A4, few pages, none of them empty.

use schoolgate::{reports::daily, roster::fields::Field, web::i18n::Lang};

use super::driver::Browser;
use crate::support::{Person, Someone, TestServer};

/// The fewest bytes of what is drawn on a page that has more on it than its number.
pub const MORE_THAN_A_NUMBER: usize = 600;

/// The numbers behind each place of a word, up to what ends them.
fn after<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    text.match_indices(word).map(|(at, _)| text[at + word.len()..].trim_start()).collect()
}

/// Of each page, how many bytes are drawn on it; the writer of Chromium packs them and leaves all else readable.
pub fn drawn(pdf: &str) -> Vec<usize> {
    let number = |text: &str| -> usize {
        text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or_default()
    };
    let pages = after(pdf, "/Type /Page").into_iter().filter(|rest| !rest.starts_with('s'));
    let contents = pages.map(|page| number(after(page, "/Contents")[0]));
    let length = |object: usize| {
        let begins = format!("\n{object} 0 obj");
        let at = pdf.find(&begins).unwrap_or_else(|| panic!("no object {object}"));
        number(after(&pdf[at..], "/Length")[0])
    };
    contents.map(length).collect()
}

/// Nothing of a page is wider than the paper, which would be cut off or shrink all of it.
pub const TOO_WIDE: &str = "const width = document.documentElement.clientWidth;
    arguments[0]([...document.querySelectorAll('main *')].filter(each => each.getBoundingClientRect().right > width + 1)
        .map(each => each.tagName + ' ' + each.className).slice(0, 5));";

async fn prints_well(server: &TestServer, person: &Person, path: &str, most: usize) {
    let browser = Browser::of(server, person, Lang::Vi, true).await;
    browser.goto(path).await;
    let pdf = browser.printed().await;
    let text = String::from_utf8_lossy(&pdf);
    let drawn = drawn(&text);
    assert!((1..=most).contains(&drawn.len()), "{path} is {} pages", drawn.len());
    assert!(drawn.iter().all(|bytes| *bytes > MORE_THAN_A_NUMBER), "{path} has an empty page: {drawn:?}");
    for sheet in after(&text, "/MediaBox") {
        assert!(sheet.starts_with("[0 0 59") && sheet.contains(" 84"), "{path} is not A4: {}", &sheet[..30]);
    }
    // As it is laid out there: 210 mm less the margins.
    browser.set_size(703, 1_000).await;
    browser.prints().await;
    assert_eq!(browser.ask(TOO_WIDE, vec![]).await, serde_json::json!([]), "{path}");
    assert!(
        !browser.texts(".sg-printed").await.concat().is_empty(),
        "{path} says on paper of which school and day it is"
    );
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_printed_on_few_pages_and_none_is_empty() {
    let server = TestServer::start().await;
    let test = &server.test;
    let cast = test.cast("79000001").await;
    for name in ["10A2", "11A1", "11A2", "12A1", "12A2"] {
        let class = cast.school.class(test, name).await;
        let pupils: Vec<Someone> = (0..12)
            .map(|number| {
                Someone::pupil(&format!("Lê Thị Bé {number}"), class)
                    .value(Field::Gender, if number % 3 == 0 { "male" } else { "female" })
                    .value(Field::BirthDate, &format!("20{:02}-03-04", 9 + number % 3))
            })
            .collect();
        cast.school.add_all(test, &pupils).await;
    }
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    daily::write(&cast.school.scope, test, test.clock.now()).await.unwrap();
    for (report, most) in [
        ("users?role=student", 3),
        ("use", 3),
        ("use?hour=8", 1),
        ("size", 2),
        ("quality", 2),
        ("quality?line=no-parent", 2),
    ] {
        prints_well(&server, &cast.reports, &cast.school.path(&format!("/reports/{report}")), most).await;
    }
    let operator = test.operator("operator@example.vn", &[]).await;
    for (path, most) in
        [("/operator/reports", 3), ("/operator/reports?province=79", 2), ("/operator/reports?school=79000001", 1)]
    {
        prints_well(&server, &operator, path, most).await;
    }
}
