//! Results by spreadsheet: read, reviewed, and taken as typed results.

use chrono::Duration;

use crate::rollover::{Small, becomes, count, drafted, small};
use crate::support::client::Page;
use crate::support::say::{vi, vi1};
use crate::support::{html, sheets};

/// All fields of this name, as they would be sent.
fn fields(page: &Page, name: &str) -> Vec<String> {
    let html = page.html();
    let inputs = html::tags(&html, "input");
    let of_name = inputs.iter().filter(|tag| html::attribute(tag, "name").as_deref() == Some(name));
    of_name.filter_map(|tag| html::attribute(tag, "value")).collect()
}

fn table(rows: &[&[&str]]) -> Vec<u8> {
    sheets::written(&rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect::<Vec<_>>())
}

async fn review(small: &Small, file: &[u8]) -> Page {
    small.test.clock.advance(Duration::seconds(10));
    small.owner.upload(&small.path("/pupils"), "ket-qua.xlsx", file).await
}

async fn take(small: &Small, review: &Page) -> Page {
    small.test.clock.advance(Duration::seconds(10));
    let sheet = fields(review, "sheet");
    let made_of = review.input("made_of");
    let mut form: Vec<(&str, &str)> = sheet.iter().map(|field| ("sheet", field.as_str())).collect();
    form.push(("made_of", &made_of));
    small.owner.post(&small.path("/pupils"), &form).await
}

#[tokio::test]
async fn results_of_a_sheet_are_reviewed_and_taken_together() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let [an, binh] = &small.ten;
    let [chi, dung] = &small.eleven;
    let file = table(&[
        &["TRƯỜNG THPT", "", "", "", ""],
        &["Tên đăng nhập", "Họ và tên", "Kết quả", "Lớp năm tới", "Lý do"],
        &[&an.login, "", "Lưu ban", "", ""],
        &["", &binh.name, "Lên lớp", "11A1", ""],
        &["", &chi.name, "Rèn luyện trong hè", "", ""],
        &["", &dung.name, "Thôi học", "", "Đi làm"],
        &["", &small.twelve[0].name, "Tốt nghiệp", "", ""],
        &["", &small.twelve[1].name, "Giỏi", "", ""],
        &["", "Không Có Ai", "Lên lớp", "", ""],
    ]);
    let shown = review(&small, &file).await.expect(200).shows(&[
        "ket-qua.xlsx",
        &vi1("rollover-sheet-found", "count", 4),
        &vi1("rollover-sheet-same", "count", 1),
        &vi1("rollover-sheet-not-taken", "count", 2),
        &vi("rollover-sheet-why-result"),
        &vi("rollover-sheet-why-nobody"),
        "Giỏi",
        "Không Có Ai",
    ]);
    assert_eq!(drafted(test, an).await, becomes("promoted", Some("11A2"), None), "shown, and nothing done");
    let done = take(&small, &shown).await.location();
    small.owner.get(&done).await.expect(200).shows(&[&vi1("done-rollover-pupils", "n", "4")]);
    assert_eq!(drafted(test, an).await, becomes("kept_back", Some("10A2"), None));
    assert_eq!(drafted(test, binh).await, becomes("promoted", Some("11A1"), None));
    assert_eq!(drafted(test, chi).await, becomes("awaiting", None, None));
    assert_eq!(drafted(test, dung).await, becomes("leaving", None, Some("Đi làm")));
    assert_eq!(drafted(test, &small.twelve[1]).await, becomes("finished", None, None), "as it was");
    assert_eq!(count(test, "SELECT sum(value)::bigint FROM rollover_counts").await, 8);
    let noted = "SELECT count(*) FROM audit_events WHERE action = 'rollover_pupils_changed'";
    assert_eq!(count(test, noted).await, 4, "one for each outcome");
    // Handed in again, there is nothing to do.
    review(&small, &file).await.expect(200).shows(&[&vi("rollover-sheet-nothing")]).hides(&["name=\"made_of\""]);
}

#[tokio::test]
async fn a_sheet_takes_nothing_that_was_not_shown() {
    let small = small().await;
    let test = &small.test;
    let nothing = review(&small, &table(&[&["Họ và tên", "Kết quả"]])).await;
    assert!(nothing.location().ends_with("done=rollover-gone"), "there is no draft");
    small.begin().await;
    let an = &small.ten[0];
    let file = table(&[&["Tên đăng nhập", "Kết quả"], &[&an.login, "Ở lại lớp"]]);
    let shown = review(&small, &file).await.expect(200);
    // A colleague has decided meanwhile: nothing is lost.
    small.choose(&[an], &[("outcome", "awaiting")]).await;
    take(&small, &shown).await.expect(422).shows(&[&vi("fault-rollover-sheet-meanwhile")]);
    assert_eq!(drafted(test, an).await, becomes("awaiting", None, None));
    // Files that are none, or say nothing.
    let path = small.path("/pupils");
    small.owner.upload(&path, "", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
    small.owner.upload(&path, "leer.xlsx", b"").await.expect(422).shows(&[&vi("fault-file-empty")]);
    small.owner.upload(&path, "bild.xlsx", b"\x89PNG\r\n").await.expect(422);
    let unknown = table(&[&["Họ và tên", "Ghi chú"], &[&an.name, "x"]]);
    review(&small, &unknown).await.expect(422).shows(&[&vi("fault-rollover-sheet-columns")]);
    // What no page of ours has made.
    test.clock.advance(Duration::seconds(10));
    small.owner.post(&path, &[("sheet", "{"), ("made_of", "x")]).await.expect(400);
    let manager = test.signed_in(&small.cast.manager).await;
    manager.upload(&path, "ket-qua.xlsx", &file).await.expect(403);
    assert_eq!(drafted(test, an).await, becomes("awaiting", None, None));
}
