//! Reports as workbooks: numbers as numbers, with a chart, as the reader of sheets and as LibreOffice have them.

use std::io::Cursor;

use calamine::{Data, Ods, Reader, Xlsx};
use schoolgate::roster::fields::Field;

use crate::spreadsheet::libreoffice::converted;
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp};

fn workbook(file: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    calamine::open_workbook_from_rs(Cursor::new(file)).unwrap()
}

#[tokio::test]
async fn files_hold_numbers_as_numbers_and_a_chart() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    for report in ["size", "use", "quality"] {
        let file = reporter.get(&cast.school.path(&format!("/reports/{report}.xlsx"))).await.expect(200);
        let mut workbook = workbook(file.file());
        let sheet = workbook.worksheet_range_at(0).unwrap().unwrap();
        assert!(matches!(sheet.get((1, 1)), Some(Data::Float(_))), "{report}: {:?}", sheet.get((1, 1)));
        let mut parts = zip::ZipArchive::new(Cursor::new(file.file())).unwrap();
        let mut chart = String::new();
        std::io::Read::read_to_string(&mut parts.by_name("xl/charts/chart1.xml").unwrap(), &mut chart).unwrap();
        // A bar that begins elsewhere tells another length.
        assert!(chart.contains("<c:min val=\"0\"/>"), "{report}: {chart}");
    }
}

/// Days on an axis are days, and shares are shares.
#[tokio::test]
async fn charts_of_files_have_axes_that_can_be_read() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    let reporter = test.signed_in(&cast.reports).await;
    let file = reporter.get(&cast.school.path("/reports/use.xlsx")).await.expect(200);
    let mut parts = zip::ZipArchive::new(Cursor::new(file.file())).unwrap();
    let mut chart = |number: u32| {
        let mut text = String::new();
        let mut part = parts.by_name(&format!("xl/charts/chart{number}.xml")).unwrap();
        std::io::Read::read_to_string(&mut part, &mut text).unwrap();
        text
    };
    let by_grade = chart(1);
    assert!(by_grade.contains("formatCode=\"0%\"") && by_grade.contains("<c:max val=\"1\"/>"), "{by_grade}");
    let by_day = chart(2);
    assert!(by_day.contains("<c:dateAx>") && by_day.contains("formatCode=\"dd/mm\""), "{by_day}");
}

/// Behind the list of users stand their numbers, each with its chart; the list stays the first sheet.
#[tokio::test]
async fn the_file_of_users_has_their_numbers_too() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    let file = reporter.get(&cast.school.path("/reports/users.xlsx?role=student")).await.expect(200);
    let mut workbook = workbook(file.file());
    assert_eq!(workbook.sheet_names().len(), 4, "{:?}", workbook.sheet_names());
    let statuses = workbook.worksheet_range_at(1).unwrap().unwrap();
    let active = statuses.rows().find(|row| row[0].to_string() == vi("value-status-active")).unwrap();
    assert_eq!(active[1], Data::Float(2.0));
    let mut parts = zip::ZipArchive::new(Cursor::new(file.file())).unwrap();
    for chart in ["xl/charts/chart1.xml", "xl/charts/chart2.xml"] {
        assert!(parts.by_name(chart).is_ok(), "{chart} is missing");
    }
}

/// Each line of the quality report has a sheet with all its people, and no numbers of theirs.
#[tokio::test]
async fn the_file_of_the_quality_report_has_a_sheet_for_each_line() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let wrong = Someone::pupil("Đặng Thị Lệch", cast.class_id)
        .value(Field::Gender, "female")
        .value(Field::NationalId, "079211012345");
    cast.school.add(&test, wrong).await;
    let many: Vec<Someone> =
        (0..1_200).map(|number| Someone::pupil(&format!("Lê Văn Bé{number}"), cast.class_id)).collect();
    cast.school.add_all(&test, &many).await;
    let reporter = test.signed_in(&cast.reports).await;
    let file = reporter.get(&cast.school.path("/reports/quality.xlsx")).await.expect(200);
    let mut workbook = workbook(file.file());
    let named = |key: &str| {
        let title = vi(&format!("quality-line-{key}"));
        // A sheet's name is cut off where it is too long for one.
        let is_of = |name: &String| name.split_once(". ").is_some_and(|(_, rest)| title.starts_with(rest));
        workbook.sheet_names().into_iter().find(is_of).unwrap_or_else(|| panic!("no {title}"))
    };
    let (of_numbers, of_dates) = (named("national-id"), named("no-birth-date"));
    let people = workbook.worksheet_range(&of_numbers).unwrap();
    let cells: Vec<String> = people.rows().flatten().map(ToString::to_string).collect();
    assert!(cells.contains(&"Đặng Thị Lệch".to_owned()) && cells.iter().all(|cell| !cell.contains("0792110")));
    // More than a page keeps of a line: a file has them all, pupils and teachers.
    let people = workbook.worksheet_range(&of_dates).unwrap();
    assert_eq!(people.rows().count(), 1 + 1_200 + 3 + 7, "a head, and each of them");
    let told: String = sqlx::query_scalar("SELECT detail::text FROM audit_events WHERE action = 'report_taken'")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(told.contains("quality") && told.contains("people"), "{told}");
}

/// Pages tell the first classes one by one and say so; files have all.
#[tokio::test]
async fn files_have_the_classes_that_a_page_leaves_out() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for number in 1..=210 {
        cast.school.class(&test, &format!("11A{number}")).await;
    }
    let reporter = test.signed_in(&cast.reports).await;
    for (report, sheet) in [("size", "reports-size-classes"), ("use", "reports-use-classes")] {
        let page = reporter.get(&cast.school.path(&format!("/reports/{report}"))).await.expect(200);
        page.shows(&[&vi1("reports-first-classes", "count", 200)]).hides(&["11A205"]);
        let file = reporter.get(&cast.school.path(&format!("/reports/{report}.xlsx"))).await.expect(200);
        let mut workbook = workbook(file.file());
        let name = workbook.sheet_names().into_iter().find(|name| name.ends_with(&vi(sheet))).unwrap();
        let classes = workbook.worksheet_range(&name).unwrap();
        assert_eq!(classes.rows().count(), 1 + 211, "{report}");
    }
}

/// LibreOffice opens each, reads numbers as numbers, and has the chart.
#[tokio::test]
async fn libreoffice_has_the_same_numbers_and_a_chart() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let reporter = test.signed_in(&cast.reports).await;
    let operator = test.signed_in(&test.operator("operator@example.vn", &[]).await).await;
    let mut files = Vec::new();
    for report in ["users.xlsx?role=student", "use.xlsx", "size.xlsx", "quality.xlsx"] {
        files.push((report, reporter.get(&cast.school.path(&format!("/reports/{report}"))).await.expect(200)));
    }
    files.push(("country", operator.get("/operator/reports.xlsx").await.expect(200)));
    for (report, file) in files {
        let theirs = converted(file.file(), "ods");
        let mut parts = zip::ZipArchive::new(Cursor::new(theirs.as_slice())).unwrap();
        assert!(
            parts.by_name("Object 1/content.xml").is_ok(),
            "{report} has no chart: {:?}",
            parts.file_names().collect::<Vec<_>>()
        );
        let mut theirs: Ods<_> = calamine::open_workbook_from_rs(Cursor::new(theirs.as_slice())).unwrap();
        let mut ours = workbook(file.file());
        assert_eq!(theirs.sheet_names(), ours.sheet_names(), "{report}");
        let mut numbers = 0;
        for name in ours.sheet_names() {
            let (ours, theirs) = (ours.worksheet_range(&name).unwrap(), theirs.worksheet_range(&name).unwrap());
            for (row, column, cell) in ours.used_cells() {
                if let Data::Float(number) = cell {
                    let place = (u32::try_from(row).unwrap(), u32::try_from(column).unwrap());
                    assert_eq!(theirs.get_value(place), Some(&Data::Float(*number)), "{report}, {name}, {place:?}");
                    numbers += 1;
                }
            }
        }
        assert!(numbers > 3, "{report} has {numbers} numbers");
    }
}
