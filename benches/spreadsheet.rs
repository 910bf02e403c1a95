//! 100,000 pupils in an .xlsx: the reader, in a child process as the server runs it, against the crate's own reader of
//! cells in the same run; and the memory of the child.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::NaiveDate;
use nix::sys::resource::{UsageWho, getrusage};
use schoolgate::{
    roster::fields::RosterKind,
    sources::spreadsheet::{ReadOptions, child::read_guarded, read_streaming},
};
use support::{figure, heading, median, of, read_cells, workbook};

const ROWS: u32 = 100_000;

/// Each figure is the median of so many rounds, in each of which everything that is compared is measured.
const ROUNDS: usize = 7;

/// How many times the time of the cell reader alone reading people may take.
const MOST_TIMES: f64 = 2.0;

const MOST_MEMORY_MIB: f64 = 150.0;

const HEADERS: [&str; 12] = [
    "Họ và tên (*)",
    "Giới tính (*)",
    "Lớp (*)",
    "Ngày sinh (*)",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Email",
    "Điện thoại",
    "Địa chỉ",
    "CMND/CCCD",
    "Mã định danh Bộ GD&ĐT",
    "Tên đăng nhập",
];

fn pupil(number: u32) -> [String; HEADERS.len()] {
    let family = of(&["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng"], number);
    let middle = of(&["Văn", "Thị", "Hữu", "Ngọc", "Thùy"], number / 6);
    let given = of(&["An", "Bình", "Phương", "Đạt", "Hằng", "Kiếm", "Quỳnh"], number / 30);
    let (grade, year) = (1 + number % 12, 20 - number % 12);
    [
        format!("{family} {middle} {given}"),
        of(&["Nam", "Nữ"], number),
        format!("{grade}A{}", 1 + number / 12 % 40),
        format!("{:02}/{:02}/20{year:02}", 1 + number % 28, 1 + number / 12 % 12),
        format!("{given} {middle} {family}"),
        (1970 + number % 25).to_string(),
        format!("p{number}@example.edu.vn"),
        format!("09{number:08}"),
        format!("Số {number}, Phường Ba Đình, Thành phố Hà Nội"),
        format!("001{}{year:02}{number:06}", 2 + number % 2),
        format!("{}", 1_000_000_000 + number),
        format!("pupil{number}"),
    ]
}

fn read_people(bytes: &[u8], options: &ReadOptions) {
    let mut rows = 0;
    read_streaming(bytes, options, &mut |head| drop(black_box(head)), &mut |row| {
        rows += 1;
        black_box(row);
    })
    .unwrap();
    assert_eq!(rows, ROWS);
}

/// Reads as the server does.
async fn read_people_in_child(file: &Path, options: &ReadOptions) {
    let program = Path::new(env!("CARGO_BIN_EXE_schoolgate"));
    let file = tokio::fs::File::open(file).await.unwrap();
    let (_, mut people) = read_guarded(program, file, options).await.unwrap();
    let mut rows = 0;
    while let Some(row) = people.next().await.unwrap() {
        rows += 1;
        black_box(row);
    }
    assert_eq!(rows, ROWS);
}

fn time(run: impl FnOnce()) -> f64 {
    let since = Instant::now();
    run();
    since.elapsed().as_secs_f64()
}

fn options() -> ReadOptions {
    ReadOptions::new(RosterKind::Students, NaiveDate::from_ymd_opt(2026, 11, 22).unwrap())
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(future);
}

fn compare(name: &str, bytes: &[u8]) {
    let options = options();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let (mut cells, mut people, mut in_child) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        cells.push(time(|| read_cells(bytes)));
        people.push(time(|| read_people(bytes, &options)));
        in_child.push(time(|| block_on(read_people_in_child(file.path(), &options))));
    }
    let (cells, people, in_child) = (median(cells), median(people), median(in_child));
    let limit = Some(cells * MOST_TIMES);
    figure(&format!("{name}, cells alone"), cells, "s", None);
    figure(&format!("{name}, people, in this process ({:.2} times)", people / cells), people, "s", limit);
    figure(&format!("{name}, people, in a child ({:.2} times)", in_child / cells), in_child, "s", limit);
}

/// The peak memory of a child, in MiB. The system includes its parent's in that, so the parent is another process,
/// which has next to nothing.
fn memory(bytes: &[u8]) -> f64 {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let parent = Command::new(std::env::current_exe().unwrap()).arg(MEMORY).arg(file.path()).output().unwrap();
    String::from_utf8(parent.stdout).unwrap().trim().parse::<f64>().unwrap() / 1024.0
}

/// The argument by which this program is that parent, and prints the child's memory in KiB.
const MEMORY: &str = "memory-of-child";

fn say_memory(file: &Path) {
    block_on(read_people_in_child(file, &options()));
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(MEMORY) {
        return say_memory(Path::new(&arguments.next().unwrap()));
    }
    heading(&format!("{ROWS} rows of .xlsx"));
    for (name, texts_in_cells) in [("texts in their cells", true), ("shared texts", false)] {
        let bytes = workbook(HEADERS, ROWS, pupil, texts_in_cells);
        compare(name, &bytes);
        figure(&format!("{name}, memory of the child"), memory(&bytes), "MiB", Some(MOST_MEMORY_MIB));
    }
}
