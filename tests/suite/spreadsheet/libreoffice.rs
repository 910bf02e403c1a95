//! What LibreOffice makes of the files that are written here. It has to be installed.

use std::path::Path;
use std::process::Command;

use schoolgate::{
    roster::fields::{RosterKind, Values},
    sources::spreadsheet::{
        PersonRow, read,
        write::{XlsxExport, template},
    },
};

use super::support::{options, read_students, sample, vietnamese};

/// Has LibreOffice open a workbook and write it again, in another format.
pub fn converted(workbook: &[u8], kind: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.xlsx");
    std::fs::write(&file, workbook).unwrap();
    convert(&file, kind, folder.path());
    std::fs::read(folder.path().join("out").join(format!("list.{kind}"))).unwrap()
}

/// A profile of its own lets it run beside another one of the same user. On a busy machine it sometimes dies while it
/// makes that profile, which says nothing of the file: it may begin anew.
fn convert(file: &Path, kind: &str, folder: &Path) {
    let attempt = |number: usize| {
        let profile = folder.join(format!("profile-{number}"));
        Command::new("soffice")
            .arg(format!("-env:UserInstallation=file://{}", profile.display()))
            .args(["--headless", "--convert-to", kind, "--outdir"])
            .args([folder.join("out").as_path(), file])
            .output()
            .unwrap_or_else(|error| panic!("LibreOffice's soffice cannot be started: {error}"))
    };
    let outputs = (0..3).map(attempt).find(|output| output.status.success());
    assert!(outputs.is_some(), "LibreOffice does not convert {} to {kind}", file.display());
}

#[test]
fn templates_open_in_it() {
    let classes = ["10A1".to_owned(), "10A2".to_owned()];
    for kind in [RosterKind::Students, RosterKind::Teachers, RosterKind::HigherStudents] {
        let ours = template(kind, &classes, &vietnamese).unwrap();
        let theirs = read(&converted(&ours, "ods"), &options(kind)).unwrap();
        let ours = read(&ours, &options(kind)).unwrap();
        assert_eq!(theirs.head.columns, ours.head.columns);
        assert!(theirs.rows.is_empty());
    }
}

#[test]
fn exports_come_back_from_it_the_same() {
    let table = read_students(&sample("01_csdl_hocsinh_openpyxl.xlsx")).unwrap();
    let mut export = XlsxExport::new(RosterKind::Students, &vietnamese).unwrap();
    for row in &table.rows {
        export.push(&row.values).unwrap();
    }
    let mut bytes = Vec::new();
    export.finish(&mut bytes).unwrap();
    let values = |rows: &[PersonRow]| rows.iter().map(|row| row.values.clone()).collect::<Vec<Values>>();
    for kind in ["xls", "ods"] {
        let again = read_students(&converted(&bytes, kind)).unwrap();
        assert_eq!(values(&again.rows), values(&table.rows), "{kind}");
    }
}

#[test]
fn formats_and_hidden_rows_are_read_from_its_xls_as_well() {
    for name in ["44_zero_by_format.xlsx", "47_class_10_10.xlsx", "11_filtered_rows.xlsx"] {
        let workbook = sample(&format!("cases/{name}"));
        let (ours, theirs) = (read_students(&workbook).unwrap(), read_students(&converted(&workbook, "xls")).unwrap());
        let values = |rows: &[PersonRow]| rows.iter().map(|row| row.values.clone()).collect::<Vec<Values>>();
        assert_eq!(values(&theirs.rows), values(&ours.rows), "{name}");
        assert_eq!(theirs.findings, ours.findings, "{name}");
    }
    let hidden = read_students(&converted(&sample("cases/11_filtered_rows.xlsx"), "xls")).unwrap().findings;
    assert_eq!(hidden.hidden, 3);
}
