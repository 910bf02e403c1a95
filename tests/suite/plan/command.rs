//! `schoolgate import`: what it says, what it leaves behind, and what it does not apply unasked.

use std::process::Output;

use serde_json::Value;

use super::cases::{HEADER, csv};
use crate::support::people::School;
use crate::support::say::vi1;
use crate::support::{Someone, TestApp};

/// Runs the command over a file in a folder of its own.
fn run(test: &TestApp, school: &School, file: &[u8], more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ds.csv"), file).unwrap();
    let mut command = test.database.command(folder.path());
    command.args(["import", "--school", school.code(), "--kind", "students", "ds.csv"]).args(more).output().unwrap()
}

/// Its exit code, and the one object that it prints.
fn import(test: &TestApp, school: &School, file: &[u8], more: &[&str]) -> (Option<i32>, Value) {
    let output = run(test, school, file, &[more, &["--json"]].concat());
    let said = serde_json::from_slice(&output.stdout);
    (output.status.code(), said.unwrap_or_else(|error| panic!("{error}: {output:?}")))
}

async fn count(test: &TestApp, what: &'static str) -> i64 {
    sqlx::query_scalar(what).fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn a_dry_run_leaves_nothing_waiting() {
    let test = TestApp::real_time().await;
    let school = test.school("79000001").await;
    let sheet = csv(&[HEADER, "Lê Văn Tý,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980"]);
    for _ in 0..2 {
        let (code, said) = import(&test, &school, &sheet, &["--dry-run"]);
        assert_eq!((code, said["create"].as_i64()), (Some(0), Some(1)), "{said}");
    }
    assert_eq!(count(&test, "SELECT count(*) FROM plan_uploads").await, 0);
    assert_eq!(count(&test, "SELECT count(*) FROM plan_rows").await, 0);
    assert_eq!(count(&test, "SELECT count(*) FROM plans WHERE state = 'ready'").await, 0);
    assert_eq!(count(&test, "SELECT count(*) FROM members WHERE role = 'student'").await, 0);
    // What the command line leaves for a person keeps no upload back.
    let refused = csv(&[HEADER, "Lê Văn Tý,Nam,10A1,31/02/2011,Hoàng Thị Mẹ,1980"]);
    assert_eq!(import(&test, &school, &refused, &[]).0, Some(1));
    assert_eq!(count(&test, "SELECT count(DISTINCT plan_id) FROM plan_uploads").await, 1);
    let manager = test.signed_in(&school.add(&test, Someone::manager("Mai Thị Quản")).await).await;
    manager.get(&school.path("/plans?waiting=on")).await.expect(200).shows(&["ds.csv"]);
    for number in 0..10 {
        let name = format!("{number}.csv");
        manager.upload(&school.path("/plans/new?source=students"), &name, &refused).await.expect(303);
    }
    test.work().await;
}

#[tokio::test]
async fn guessed_columns_of_names_are_not_applied_unasked() {
    let test = TestApp::real_time().await;
    let school = test.school("79000001").await;
    for (sheet, columns) in [
        (
            ["Lò Thị Mẫu,Chu Không Một,1985,Nam,10A1,05/01/2011", "Lò Thị Mẹ,Chu Không Hai,1986,Nữ,10A1,06/01/2011"],
            "A, B",
        ),
        (
            ["Chu Không Một,Lò Thị Mẫu,1985,Nam,10A1,05/01/2011", "Chu Không Hai,Lò Thị Mẹ,1986,Nữ,10A1,06/01/2011"],
            "A, B",
        ),
        (["1,Lò Thị Mẫu,1985,Chu Không Một,Nam,10A1", "2,Lò Thị Mẹ,1986,Chu Không Hai,Nữ,10A1"], "B, D"),
    ] {
        let (code, said) = import(&test, &school, &csv(&sheet), &[]);
        let refusal = said["refusal"].as_str().unwrap_or_default().to_owned();
        assert_eq!((code, refusal), (Some(1), vi1("import-guessed-names", "columns", columns)), "{said}");
    }
    assert_eq!(count(&test, "SELECT count(*) FROM members WHERE role = 'student'").await, 0);
    // A mother far behind, beside her year of birth, is no pupil; nor is where people were born.
    for sheet in [
        super::cases::case("19_no_header.csv"),
        csv(&["Trần Văn An,Nam,10A1,1/2/2011,Hà Nội", "Lò Thị Bình,Nữ,10A1,2/2/2011,Điện Biên"]),
    ] {
        let (_, said) = import(&test, &school, &sheet, &["--dry-run"]);
        assert_eq!(said["rows"].as_i64(), Some(2), "{said}");
        let (_, said) = import(&test, &school, &sheet, &[]);
        assert!(!said["refusal"].to_string().contains("cột ghi họ tên"), "{said}");
    }
    assert_eq!(count(&test, "SELECT count(*) FROM members WHERE full_name LIKE 'Chu Không%'").await, 2);
}

#[tokio::test]
async fn a_status_that_a_list_does_not_change_is_told() {
    let test = TestApp::real_time().await;
    let school = test.school("79000001").await;
    let header = format!("{HEADER},Trạng thái");
    let of = |status: &str| csv(&[&header, &format!("Lê Văn Tý,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980,{status}")]);
    assert_eq!(import(&test, &school, &of(""), &[]).0, Some(0));
    for status in ["Bảo lưu", "Đình chỉ", "Suspended", "Inactive", "Tạm nghỉ"] {
        let (code, said) = import(&test, &school, &of(status), &[]);
        assert_eq!((code, said["unchanged"].as_i64()), (Some(0), Some(1)), "{said}");
        assert!(said["notes"].to_string().contains(&vi1("plan-status-kept", "count", 1)), "{said}");
    }
    let (_, said) = import(&test, &school, &of("Đang học"), &[]);
    assert!(!said["notes"].to_string().contains("bảo lưu"), "{said}");
}
