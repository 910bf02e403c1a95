//! How much of a file is read, and what is said of more.

use schoolgate::{
    roster::fields::RosterKind,
    sources::spreadsheet::{FileRefusal, limits, read_streaming},
};

use super::support::{options, read_students};

#[test]
fn the_last_row_is_the_hundred_thousandth() {
    let rows = limits::ROWS as usize;
    let list = |rows: usize| format!("Họ và tên,Ngày sinh\n{}", "An,15/11/2011\n".repeat(rows));
    let read = |list: &str| {
        let mut count = 0;
        let read = read_streaming(list.as_bytes(), &options(RosterKind::Students), &mut |_| {}, &mut |_| count += 1);
        (count, read)
    };
    assert_eq!(rows, 100_000);
    assert_eq!(read(&list(rows + 1)), (rows, Err(FileRefusal::TooManyRows)));
}

#[test]
fn no_table_has_more_than_200_columns() {
    let header =
        |columns: usize| (1..columns).fold("Họ và tên".to_owned(), |header, n| format!("{header},Cột {n}"));
    let list = |columns: usize| format!("{}\nAn{}\n", header(columns), ",1".repeat(columns - 1));
    assert_eq!(read_students(list(200).as_bytes()).unwrap().head.columns.len(), 200);
    assert_eq!(read_students(list(201).as_bytes()).err(), Some(FileRefusal::TooManyColumns));
}

#[test]
fn a_cell_is_kept_to_its_2000th_character() {
    let list = format!("Họ và tên,Địa chỉ\nAn,{}\n", "ế".repeat(3_000));
    let table = read_students(list.as_bytes()).unwrap();
    assert_eq!(table.rows[0].cells[1], "ế".repeat(2_000));
    assert_eq!(table.rows[0].warnings[0].key, "too-long");
}

#[test]
fn a_file_has_20_mib_at_most() {
    assert_eq!(limits::FILE_BYTES, 20 * 1024 * 1024);
    let refusal = |bytes: usize| read_students(&vec![b'a'; bytes]).err();
    assert_eq!(refusal(limits::FILE_BYTES), Some(FileRefusal::NoTable));
    assert_eq!(refusal(limits::FILE_BYTES + 1), Some(FileRefusal::TooLarge));
}
