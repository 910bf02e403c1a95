//! Reading in a child process, under limits.

use std::io::{Cursor, Write};
use std::path::Path;

use schoolgate::{
    roster::fields::RosterKind,
    sources::spreadsheet::{
        FileRefusal, Table,
        child::{read_all_guarded, read_guarded},
    },
};

use super::support::{options, read_students, sample, samples};

pub async fn guarded(bytes: Vec<u8>) -> Result<Table, FileRefusal> {
    let program = Path::new(env!("CARGO_BIN_EXE_schoolgate"));
    read_all_guarded(program, Cursor::new(bytes), &options(RosterKind::Students)).await
}

#[tokio::test]
async fn a_child_says_the_same_of_every_sample() {
    for entry in std::fs::read_dir(samples()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(guarded(bytes.clone()).await, read_students(&bytes), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn rows_can_be_left_before_the_end() {
    let file = tokio::fs::File::open(samples().join("01_csdl_hocsinh_openpyxl.xlsx")).await.unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_schoolgate"));
    let (head, mut rows) = read_guarded(program, file, &options(RosterKind::Students)).await.unwrap();
    assert_eq!(head.header_line, 7);
    assert_eq!(rows.next().await.unwrap().map(|row| row.line), Some(8));
}

/// A workbook with these shared strings.
fn with_shared_strings(strings: &[u8]) -> Vec<u8> {
    let original = sample("sheetjs_wps_write.xlsx");
    let mut archive = zip::ZipArchive::new(Cursor::new(&original)).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).unwrap();
        if part.name().unwrap() != "xl/sharedStrings.xml" {
            zip.raw_copy_file(part).unwrap();
        }
    }
    zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(strings).unwrap();
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_file_that_takes_all_memory_costs_the_child_alone() {
    // One text that is as long as it says, and a count of texts that are not there.
    let numbers: String = (0..1_000).map(|number| format!("{number} ")).collect();
    let long = format!("<sst><si><t>{}</t></si></sst>", numbers.repeat(30_000));
    for shared in [long, "<sst uniqueCount=\"20000000\"></sst>".to_owned()] {
        assert_eq!(guarded(with_shared_strings(shared.as_bytes())).await.err(), Some(FileRefusal::Memory));
    }
}

#[tokio::test]
async fn what_is_no_reader_is_said_to_have_failed() {
    let read = read_all_guarded(Path::new("/bin/true"), Cursor::new(Vec::new()), &options(RosterKind::Students)).await;
    assert_eq!(read.err(), Some(FileRefusal::ReaderFailed));
    let read = read_all_guarded(Path::new("/nowhere"), Cursor::new(Vec::new()), &options(RosterKind::Students)).await;
    assert_eq!(read.err(), Some(FileRefusal::ReaderFailed));
}
