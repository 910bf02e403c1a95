//! What a secretary does when a school begins, from the home page to printed slips, counted.

use std::path::{Path, PathBuf};

use schoolgate::web::{Translator, i18n::Lang};

use super::counted::Counted;
use crate::support::{Cast, TestServer, sheets};

/// From home to the review of a file: four steps.
async fn hand_in(counted: &mut Counted, cast: &Cast, file: &Path, l: &Translator) {
    counted.browser.goto(&cast.school.path("")).await;
    counted.click(&format!("nav a[href='{}']", cast.school.path("/plans"))).await;
    counted.click("main a[href*='/plans/new?source=students']").await;
    counted.steps += 1;
    counted.browser.attach("file", file).await;
    counted.click("main form .btn-primary").await;
    counted.browser.says(&l.t("plan-title-ready")).await;
}

async fn paste(counted: &mut Counted, name: &str, cells: &str) {
    counted.steps += 1;
    counted.browser.paste(name, cells).await;
}

async fn apply(counted: &mut Counted, l: &Translator) {
    counted.click("main form.sg-apply .btn-primary").await;
    counted.browser.says(&l.t("plan-title-applied")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secretary_with_her_own_list_of_ten_needs_twelve_steps_at_most() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let l = Translator::new(Lang::Vi);
    let mut rows = vec![["STT", "Họ tên", "Ngày sinh", "Lớp"].map(str::to_owned).to_vec()];
    for number in 1..=10 {
        let name = format!("Hoàng {} {}", ["Văn", "Thị"][number % 2], ["An", "Bình", "Chi", "Dung", "Hà"][number % 5]);
        rows.push(vec![number.to_string(), name, format!("{number:02}/04/2011"), "10A3".to_owned()]);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("danh-sach.xlsx");
    std::fs::write(&file, sheets::written(&rows)).unwrap();
    let mut counted = Counted::open(&server, &cast.manager, Lang::Vi, true).await;
    hand_in(&mut counted, &cast, &file, &l).await;
    counted.click("main a[href$='/missing']").await;
    let cells: Vec<String> =
        (1..=10).map(|number| format!("{}\tLê Thị Hoa\t19{}", ["Nam", "Nữ"][number % 2], 79 + number)).collect();
    paste(&mut counted, "gender_2", &cells.join("\r\n")).await;
    counted.click("main form .sg-apply .btn-primary").await;
    counted.browser.says(&l.t1("plan-will-write", "count", 10)).await;
    apply(&mut counted, &l).await;
    counted.click("main a[href$='/slips']").await;
    counted.click("main [data-print]").await;
    counted.browser.says(&l.t("slips-noted")).await;
    assert!(counted.steps <= 12, "{} steps", counted.steps);
    server.test.until("SELECT count(*) = 10 FROM members WHERE slip_printed_at IS NOT NULL").await;
    counted.browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_messy_list_is_mended_in_twenty_steps_at_most() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let l = Translator::new(Lang::Vi);
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/02_hocsinh_lonxon_xlsxwriter.xlsx");
    let mut counted = Counted::open(&server, &cast.manager, Lang::Vi, true).await;
    hand_in(&mut counted, &cast, &file, &l).await;
    let plan = counted.browser.path().await;

    // All that is missing, in one go.
    counted.click("main a[href$='/missing']").await;
    counted.browser.says(&l.t("missing-title")).await;
    let rows = counted.browser.texts("main [data-grid-row] .sg-name").await;
    let heads = counted.browser.texts("main .sg-grid thead th").await;
    assert!(rows.len() >= 10 && heads.len() == 9, "{rows:?} {heads:?}");
    let cells: Vec<String> = (1..=rows.len()).map(|number| format!("\t\t{number:02}/03/2011\t\t\t\t")).collect();
    paste(&mut counted, "gender_6", &cells.join("\r\n")).await;
    // The one of which nothing is known but the name, and a person who has no mother.
    for line in [46, 50] {
        if counted.browser.texts(&format!("[name=gender_{line}]")).await.len() == 1 {
            paste(&mut counted, &format!("gender_{line}"), "Nam\t10A1\t\tLê Thị Hoa\t1980").await;
        }
    }
    counted.click("main form .sg-apply .btn-primary").await;

    // What is no name at all is left out, row by row; the focus goes on by itself.
    counted.browser.arrives(&plan).await;
    counted.click("main .sg-sum a[href*='outcome=error']").await;
    let first_wrong = "arguments[0](document.querySelector('form[data-wrong]')?.dataset.mend ?? null);";
    while let Some(line) = counted.browser.ask(first_wrong, vec![]).await.as_str().map(str::to_owned) {
        counted.click(&format!("form[data-mend='{line}'] [value=drop]")).await;
        let said = l.t1("done-row-skip", "n", line.parse::<i64>().unwrap());
        counted.browser.tells_of("#said", &said).await;
        assert!(counted.steps <= 20, "{} steps", counted.steps);
    }
    counted.click("main .sg-sum a:first-child").await;
    apply(&mut counted, &l).await;
    assert!(counted.steps <= 20, "{} steps", counted.steps);
    let left_out: i64 = sqlx::query_scalar("SELECT count(*) FROM plan_rows WHERE outcome IN ('error', 'duplicate')")
        .fetch_one(&mut server.test.admin().await)
        .await
        .unwrap();
    assert_eq!(left_out, 0, "every fault was mended or decided on");
    counted.browser.quit().await;
}
