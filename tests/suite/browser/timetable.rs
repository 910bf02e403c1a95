//! The grid of a class by keyboard alone, with the mouse, on a phone and without JavaScript; the own week on a phone;
//! the whole school on paper.

use schoolgate::web::i18n::Lang;
use thirtyfour::Key;

use super::driver::Browser;
use crate::support::say::vi;
use crate::support::{Cast, Someone, TestServer};
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lessons_are_typed_and_moved_without_javascript() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let made = Timetable::new(&server.test, &cast).await;
    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{}", made.version, cast.class_id));
    let browser = Browser::of(&server, &cast.timetable, Lang::Vi, false).await;
    browser.goto(&grid).await;
    browser.type_into("#slot-2-morning-1", "Sử").await;
    browser.type_enter().await;
    browser.arrives(&format!("{grid}?at=2-morning-2")).await;
    assert_eq!(browser.value("#slot-2-morning-1").await, "Sử");
    browser.click(".sg-tt-moves > summary").await;
    browser.choose("one", "Thứ 3, Sáng, tiết 1").await;
    browser.choose("two", "Thứ 4, Sáng, tiết 2").await;
    browser.press(&vi("timetable-swap-do")).await;
    browser.arrives(&format!("{grid}?done=timetable-swapped")).await;
    assert_eq!(browser.value("#slot-3-morning-2").await, "Sử");
    browser.quit().await;
}

/// The width and the height of a phone.
const PHONE: (u32, u32) = (390, 844);

/// Whether the page is wider than the window.
const IS_TOO_WIDE: &str = "const page = document.documentElement; arguments[0](page.scrollWidth > page.clientWidth);";

/// Of the days of a week, where each begins, and that of today.
const TOPS: &str = "const top = each => each.getBoundingClientRect().top;
    const today = document.querySelector('.sg-tt-day.is-today');
    arguments[0]([[...document.querySelectorAll('.sg-tt-day')].map(top), today && top(today)]);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_phone_today_comes_first_and_lessons_are_typed_as_well() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let made = Timetable::new(&server.test, &cast).await;
    let browser = Browser::of(&server, &cast.pupil, Lang::Vi, true).await;
    let (width, height) = PHONE;
    browser.set_size(width, height).await;
    browser.goto(&cast.school.path("/timetable")).await;
    browser.says("Văn").await;
    assert_eq!(browser.ask(IS_TOO_WIDE, vec![]).await, serde_json::json!(false));
    let tops = browser.ask(TOPS, vec![]).await;
    let all: Vec<f64> = serde_json::from_value(tops[0].clone()).unwrap();
    assert_eq!(all.len(), 6);
    // On Sundays there is no today.
    if let Some(today) = tops[1].as_f64() {
        assert!(all.iter().all(|top| today <= *top), "{tops}");
    }
    browser.press(&vi("timetable-by-day")).await;
    browser.says(&vi("timetable-whole-week")).await;
    assert_eq!(browser.texts(".sg-tt-day").await.len(), 1);
    assert_eq!(browser.ask(IS_TOO_WIDE, vec![]).await, serde_json::json!(false));
    browser.quit().await;

    let grid = cast.school.path(&format!("/timetable/versions/{}/classes/{}", made.version, cast.class_id));
    let browser = Browser::of(&server, &cast.timetable, Lang::Vi, true).await;
    browser.set_size(width, height).await;
    browser.goto(&grid).await;
    browser.type_into("#slot-2-morning-1", "Sử").await;
    browser.type_enter().await;
    browser.arrives(&format!("{grid}?at=2-morning-2")).await;
    assert_eq!(browser.ask(IS_TOO_WIDE, vec![]).await, serde_json::json!(false));
    browser.quit().await;
}

/// Sixty classes with thirty lessons each, and a teacher for each two of them; some with the widest of names and subjects.
async fn fill(server: &TestServer, cast: &Cast, made: &Timetable) {
    let test = &server.test;
    let names: Vec<String> = ["10", "11", "12"]
        .into_iter()
        .flat_map(|grade| (2..=21).map(move |number| format!("{grade}A{number}")))
        .collect();
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let year = cast.school.year_id;
    schoolgate::schools::classes::insert(&cast.school.scope, test, &mut tx, year, &names, None).await.unwrap();
    tx.commit().await.unwrap();
    let given = ["Hiền", "Khánh", "Nguyệt", "Phượng", "Quỳnh", "Thương", "Trường", "Nghĩa", "Lan", "Thanh"];
    // No two with the same initials and given name: their addresses are made of them.
    let middle = ["Bích", "Cẩm", "Diệu", "Hồng", "Kim", "Lan", "Mỹ", "Ngọc", "Thu"];
    let names = middle.iter().flat_map(|middle| given.map(|given| format!("Nguyễn Hoàng {middle} {given}")));
    let teachers: Vec<Someone> = names.map(|name| Someone::teacher(&name)).collect();
    cast.school.add_all(test, &teachers).await;
    sqlx::query(
        "WITH c AS (SELECT id, row_number() OVER (ORDER BY sort_key) - 1 AS n FROM classes
                WHERE school_id = $1 AND name <> '10A1'),
            t AS (SELECT id, full_name, row_number() OVER (ORDER BY full_name) - 1 AS n, count(*) OVER () AS many FROM members
                WHERE school_id = $1 AND full_name LIKE 'Nguyễn Hoàng %'),
            s AS (SELECT id, short_name, row_number() OVER (ORDER BY short_name) - 1 AS n, count(*) OVER () AS many
                FROM timetable_subjects WHERE school_id = $1)
        INSERT INTO timetable_lessons (school_id, version_id, class_id, day, session, period, subject_id, teacher_id)
        SELECT $1, $2, c.id, slot / 5 + 1, CASE WHEN c.n % 2 = 0 THEN 'morning' ELSE 'afternoon' END, slot % 5 + 1, s.id, t.id
        FROM c CROSS JOIN generate_series(0, 29) slot
        JOIN t ON t.n = (c.n + slot) % t.many JOIN s
            ON CASE WHEN t.full_name LIKE '% Thương' THEN s.short_name = 'HĐTN-HN' ELSE s.n = (c.n + slot) % s.many END",
    )
    .bind(cast.school.id())
    .bind(made.version)
    .execute(&mut test.admin().await)
    .await
    .unwrap();
}

/// What is cut off in the tables of a sheet, and the smallest letters, in pixels.
const CUT: &str = "const cells = [...document.querySelectorAll('.sg-tt-sheet :is(td, th)')];
    const is_cut = each => each.scrollWidth > each.clientWidth + 1 && !each.querySelector('.visually-hidden');
    const sizes = [...document.querySelectorAll('.sg-tt-sheet :is(td, th, small)')].filter(each => each.textContent)
        .map(each => parseFloat(getComputedStyle(each).fontSize));
    arguments[0]([cells.filter(is_cut).map(each => each.textContent).slice(0, 5), Math.min(...sizes)]);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_school_of_sixty_classes_is_legible_on_paper() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let made = Timetable::new(&server.test, &cast).await;
    fill(&server, &cast, &made).await;
    let sheet = cast.school.path(&format!("/timetable/versions/{}/sheet", made.version));
    let browser = Browser::of(&server, &cast.timetable, Lang::Vi, true).await;
    // The address, the paper, the most pages, the width in pixels less the margins, and the smallest letters in points.
    for (query, paper, most, width, points) in [
        ("", "[0 0 1191", 4, 1_527, 5.0),
        ("?of=teachers", "[0 0 1191", 4, 1_527, 4.4),
        ("?paper=a4", "[0 0 842", 6, 1_077, 4.7),
        ("?of=teachers&paper=a4", "[0 0 842", 8, 1_077, 4.4),
    ] {
        browser.goto(&format!("{sheet}{query}")).await;
        let pdf = browser.printed().await;
        let text = String::from_utf8_lossy(&pdf);
        let papers: Vec<&str> = text.split("/MediaBox ").skip(1).map(|rest| rest.split(']').next().unwrap()).collect();
        assert!((1..=most).contains(&papers.len()), "{query}: {} pages", papers.len());
        let rounded = |size: &str| size.split('.').next().unwrap().parse::<f64>().unwrap();
        for size in &papers {
            let wide = size.split_whitespace().nth(2).unwrap();
            assert!((rounded(wide) - rounded(paper.rsplit(' ').next().unwrap())).abs() <= 1.0, "{query}: {size}");
        }
        browser.set_size(width, 1_000).await;
        browser.prints().await;
        let found = browser.ask(CUT, vec![]).await;
        assert_eq!(found[0], serde_json::json!([]), "{query} cuts off");
        assert!(found[1].as_f64().unwrap() >= points * 96.0 / 72.0, "{query}: letters of {found} px");
    }
    browser.quit().await;
}
