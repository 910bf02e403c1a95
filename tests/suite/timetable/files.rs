//! A version as a file.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use super::Timetable;
use crate::support::TestApp;

fn cells(file: &[u8]) -> Vec<Vec<String>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.to_vec())).unwrap();
    let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
    let text = |cell: &Data| if matches!(cell, Data::Empty) { String::new() } else { cell.to_string() };
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[tokio::test]
async fn a_version_is_a_workbook_in_three_shapes() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let address = cast.school.path(&format!("/timetable/versions/{}.xlsx", made.version));
    let teacher = cast.teacher.name.rsplit(' ').next().unwrap();
    // The room is said, since it is not the one that is assigned.
    let lesson = format!("Văn - {teacher} (Phòng Lý)");
    let grid = cells(maker.get(&format!("{address}?shape=grid")).await.expect(200).file());
    assert_eq!(grid[0], ["Thứ", "Buổi", "Tiết", "10A1"]);
    assert_eq!(grid[1], ["Thứ 2", "S", "1", &lesson]);
    assert_eq!(grid.len(), 61);
    let blocks = cells(maker.get(&format!("{address}?shape=blocks")).await.expect(200).file());
    assert!(blocks[0][0].starts_with("TKB TỪ 20"), "{:?}", blocks[0]);
    assert_eq!(blocks[2][0], "10A1");
    assert_eq!(blocks[3], ["Buổi", "Tiết", "Thứ 2", "Thứ 3", "Thứ 4", "Thứ 5", "Thứ 6", "Thứ 7"]);
    assert_eq!(blocks[4][..3], ["S".to_owned(), "1".to_owned(), lesson]);
    let teachers = cells(maker.get(&format!("{address}?shape=teachers")).await.expect(200).file());
    assert_eq!(teachers[3][..3], [cast.teacher.name.clone(), "10A1-Văn (Phòng Lý)".to_owned(), "#".to_owned()]);
    maker.get(&format!("{address}?shape=round")).await.expect(404);
    maker.get(&address.replace(".xlsx", ".pdf")).await.expect(404);
    let fet = maker.get(&address.replace(".xlsx", ".fet")).await.expect(200);
    let text = String::from_utf8(fet.file().to_vec()).unwrap();
    assert!(text.contains("<fet version=") && text.contains(&cast.teacher.name), "{text}");
    maker.get(&format!("{}?shape=round", address.replace(".xlsx", ".fet"))).await.expect(404);
    // Without the grant no file.
    test.signed_in(&cast.teacher).await.get(&address).await.expect(403);
}
