//! What a school may leave lying: so many files, so many bytes, nothing that was refused. Each is seen through two
//! processes over one database.

use futures_util::future::join_all;
use sqlx::PgConnection;

use crate::support::say::vi;
use crate::support::sheets;
use crate::support::{Client, TestApp};

const PATH: &str = "/plans/new?source=students";

fn list() -> Vec<u8> {
    let rows = [["Họ và tên", "Giới tính", "Lớp", "Ngày sinh"], ["Lê Văn Tý", "Nam", "10A1", "05/09/2011"]];
    sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()))
}

/// How many files and bytes are kept.
async fn kept(admin: &mut PgConnection) -> (i64, i64) {
    let kept = "SELECT count(DISTINCT plan_id), coalesce(sum(octet_length(content)), 0)::bigint FROM plan_uploads";
    sqlx::query_as(kept).fetch_one(admin).await.unwrap()
}

async fn upload(client: &Client, path: &str, file: &[u8]) -> Option<String> {
    let page = client.upload(path, "danh-sach.xlsx", file).await;
    match page.status.as_u16() {
        303 => Some(page.location()),
        _ => {
            page.expect(422).shows(&[&vi("fault-files-waiting")]);
            None
        }
    }
}

#[tokio::test]
async fn a_school_has_ten_files_waiting_and_no_more() {
    let mut test = TestApp::with_many_connections().await;
    test.leaves_jobs();
    let other = test.other_process();
    let (greedy, calm) = (test.cast("79000001").await, test.cast("79000002").await);
    let (here, there) = (test.signed_in(&greedy.manager).await, other.takes(test.signed_in(&greedy.manager).await));
    let (file, path) = (list(), greedy.school.path(PATH));
    let mut taken = Vec::new();
    // At the same time, but for no longer than anybody waits for a connection.
    for _ in 0..4 {
        let four = (0..4).map(|at| upload(if at % 2 == 0 { &here } else { &there }, &path, &file));
        taken.extend(join_all(four).await.into_iter().flatten());
    }
    assert_eq!(taken.len(), 10);
    assert_eq!(kept(&mut test.admin().await).await.0, 10);
    let calm_manager = test.signed_in(&calm.manager).await;
    upload(&calm_manager, &calm.school.path(PATH), &file).await.expect("another school's is taken");

    // What was read still waits; what is discarded or applied does not.
    test.work().await;
    assert_eq!(upload(&here, &path, &file).await, None);
    here.post(&format!("{}/discard", taken[0]), &[]).await.expect(303);
    here.get(&taken[0]).await.expect(200).shows(&[&vi("refusal-discarded")]).hides(&["Lê Văn Tý"]);
    upload(&here, &path, &file).await.expect("there is room again");
    assert_eq!(upload(&here, &path, &file).await, None);
    here.post(&format!("{}/apply", taken[1]), &[]).await.expect(303);
    test.work().await;
    upload(&there, &path, &file).await.expect("there is room again");
    let done = "SELECT count(*) FROM plan_uploads u JOIN plans p ON p.id = u.plan_id WHERE p.state NOT IN ('ready', 'reading')";
    let done: i64 = sqlx::query_scalar(done).fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(done, 0, "nothing is kept of what is done");
}

#[tokio::test]
async fn sixty_megabytes_may_wait() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let (file, path) = (vec![b'x'; 20 * 1024 * 1024], cast.school.path(PATH));
    let mut taken = 0;
    for _ in 0..4 {
        taken += usize::from(upload(&manager, &path, &file).await.is_some());
    }
    let (_, bytes) = kept(&mut test.admin().await).await;
    assert!(taken == 2 && bytes <= 60 * 1024 * 1024, "{taken} files of {bytes} bytes");
    // Parts are small, so that nobody holds such a file as a whole.
    let largest = "SELECT max(octet_length(content)) FROM plan_uploads";
    let largest: i32 = sqlx::query_scalar(largest).fetch_one(&mut test.admin().await).await.unwrap();
    assert!(largest <= 2 * 1024 * 1024, "{largest}");
}

#[tokio::test]
async fn what_is_refused_is_dropped_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let mut admin = test.admin().await;
    let mut garbage = b"\x89PNG\r\n\x1a\n".to_vec();
    garbage.resize(3 * 1024 * 1024, 7);
    for file in [garbage.as_slice(), b"%PDF-1.7 nothing", b"\x00\x01\x02\x03"] {
        let plan = upload(&manager, &cast.school.path(PATH), file).await.unwrap();
        assert_ne!(kept(&mut admin).await.1, 0);
        assert_eq!(test.work().await, ["read_upload"]);
        let states: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT state FROM plans").fetch_all(&mut admin).await.unwrap();
        assert_eq!((states, kept(&mut admin).await), (vec!["refused".to_owned()], (0, 0)), "{plan}");
    }
    // A file of several parts comes back as it was.
    let mut rows = vec!["Họ và tên,Giới tính,Lớp,Ngày sinh,Địa chỉ".to_owned()];
    rows.extend((0..2_000).map(|n| format!("Lê Văn {n},Nam,10A1,05/09/2011,{}", "ế".repeat(400))));
    let file = rows.join("\n");
    assert!(file.len() > 2 * 1024 * 1024);
    upload(&manager, &cast.school.path(PATH), file.as_bytes()).await.unwrap();
    test.work().await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM plan_rows").fetch_one(&mut admin).await.unwrap();
    assert_eq!(rows, 2_000);
}

#[tokio::test]
async fn a_form_of_many_parts_is_none_of_ours() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let path = cast.school.path(PATH);
    let long = "x".repeat(10_000);
    manager.upload_with(&path, "a.xlsx", &list(), &[("school_year", &long)]).await.expect(400);
    manager.upload_with(&path, "a.xlsx", &list(), &[("other", "x"); 1_000]).await.expect(400);
    assert_eq!(kept(&mut test.admin().await).await, (0, 0));
}
