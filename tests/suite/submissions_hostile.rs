//! What no honest school hands in, by file and by token: it is refused with a sentence, within the reader's limits, and what
//! is handed in afterwards is taken.

use std::fmt::Write as _;

use crate::api::{Program, answered};
use crate::submissions::{STAFF, Stage, sheet, text};

/// Two hundred thousand rows, of which few name anybody.
fn huge() -> Vec<u8> {
    let mut text =
        String::from("STT,Họ và tên,Giới tính,Ngày sinh,Email\n1,Lý Thị Giáo,Nữ,01/02/1990,giao@example.vn\n");
    for n in 2..=200_100 {
        writeln!(text, "{n},,,,").unwrap();
    }
    text.into_bytes()
}

/// A workbook that was cut off on its way.
fn cut_off() -> Vec<u8> {
    let mut file = sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", ""]]);
    file.truncate(file.len() / 2);
    file
}

#[tokio::test]
async fn hostile_huge_and_broken_lists_are_refused_by_file_and_by_token() {
    let stage = Stage::new().await;
    let program = Program::of(&stage.test, &stage.cast.school).await;
    let files = [
        ("two hundred thousand rows", huge()),
        ("half a workbook", cut_off()),
        ("a zip of nothing", b"PK\x05\x06".iter().copied().chain([0; 18]).collect()),
        ("no spreadsheet", b"\x00\x01\x02 nothing".to_vec()),
    ];
    for (what, file) in &files {
        let at = stage.upload("staff", file).await;
        let refused =
            format!("SELECT refusal FROM plans WHERE id = '{}' AND state = 'refused'", crate::submissions::id_of(&at));
        let key = text(&mut stage.test.admin().await, &refused).await;
        assert!(key.starts_with("refusal-"), "{what}: {key}");
        stage.look(&at).await.shows(&[&crate::support::say::vi(&key)]);
        stage.owner.post(&format!("{at}/submit"), &[]).await.expect(422);
        let answer = answered(&stage.test, program.hands_in("staff", file, &[])).await.expect(202);
        let told: serde_json::Value = serde_json::from_slice(answer.bytes()).unwrap();
        assert_eq!((&told["state"], &told["rows"]), (&"refused".into(), &0.into()), "{what}: {told}");
        stage.test.clock.advance(chrono::Duration::seconds(10));
    }
    let mut admin = stage.test.admin().await;
    for kept in ["plan_rows", "plan_uploads", "submission_queue"] {
        assert_eq!(text(&mut admin, &format!("SELECT count(*)::text FROM {kept}")).await, "0", "{kept}");
    }
    // And an honest one is taken, as ever.
    let file = sheet(STAFF, &[["Lý Thị Giáo", "Nữ", "01/02/1990", "giao@example.vn", ""]]);
    answered(&stage.test, program.hands_in("staff", &file, &[])).await.expect(202);
    assert_eq!(text(&mut admin, "SELECT state FROM submission_queue").await, "submitted");
}
