//! Shapes of files that the samples do not have, each made here.

use std::borrow::Cow;
use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format as CellFormat, Workbook};
use schoolgate::{
    roster::fields::{Field, RosterKind},
    sources::spreadsheet::{FileFormat, FileRefusal, Table, read},
};

use super::support::{options, read_students};

/// A workbook of one sheet from rows of texts.
fn xlsx(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    xlsx_in_font(sheet, rows, "Calibri")
}

fn xlsx_in_font(sheet: &str, rows: &[&[&str]], font: &str) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let format = CellFormat::new().set_font_name(font);
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(sheet).unwrap();
    for (line, row) in (0u32..).zip(rows) {
        for (column, text) in (0u16..).zip(*row) {
            if !text.is_empty() {
                worksheet.write_string_with_format(line, column, *text, &format).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

fn csv(rows: &[&[&str]]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(*row).unwrap();
    }
    writer.into_inner().unwrap()
}

/// The rows as `line full_name|class|birth_date|gender|mother_name|mother_birth_year`.
fn shown(table: &Table) -> Vec<String> {
    let fields =
        [Field::FullName, Field::Class, Field::BirthDate, Field::Gender, Field::MotherName, Field::MotherBirthYear];
    table
        .rows
        .iter()
        .map(|row| {
            let values: Vec<&str> =
                fields.iter().map(|field| row.values.get(field).map_or("", String::as_str)).collect();
            format!("{} {}", row.line, values.join("|"))
        })
        .collect()
}

fn students(bytes: &[u8]) -> Vec<String> {
    shown(&read_students(bytes).unwrap())
}

#[test]
fn letters_are_told_by_their_font() {
    let rows: &[&[&str]] = &[
        &["STT", "Hä vµ tªn", "Ngµy sinh", "Giíi tÝnh", "Líp"],
        &["1", "NguyÔn Thóy H»ng", "15/11/2011", "N÷", "10A1"],
        &["2", "Lª ¸i V©n", "20/11/2011", "N÷", "10A1"],
        &["3", "Hoµ", "21/11/2011", "Nam", "10A1"],
    ];
    let expected = [
        "2 Nguyễn Thúy Hằng|10A1|2011-11-15|female||",
        "3 Lê Ái Vân|10A1|2011-11-20|female||",
        "4 Hoà|10A1|2011-11-21|male||",
    ];
    assert_eq!(students(&xlsx_in_font("DS", rows, ".VnTime")), expected);
    // Where the font has been changed since, or the format keeps none, the words tell.
    assert_eq!(students(&xlsx("DS", rows)), expected);
    assert_eq!(students(&csv(rows)), expected);
    let vni: &[&[&str]] = &[
        &["STT", "Hoï vaø teân", "Ngaøy sinh", "Giôùi tính", "Lôùp"],
        &["1", "Nguyeãn Thò Thuùy Haèng", "15/11/2011", "Nöõ", "10A1"],
    ];
    assert_eq!(students(&xlsx_in_font("DS", vni, "VNI-Times")), ["2 Nguyễn Thị Thúy Hằng|10A1|2011-11-15|female||"]);
}

#[test]
fn a_font_of_capitals_gives_names_in_their_usual_case() {
    let rows: &[&[&str]] = &[&["Hä vµ tªn", "Líp"], &["NguyÔn thÞ lan", "10A1"]];
    assert_eq!(students(&xlsx_in_font("DS", rows, ".VnTimeH")), ["2 Nguyễn Thị Lan|10A1||||"]);
}

#[test]
fn letters_of_two_alphabets_in_one_sheet_are_told_apart() {
    let rows: &[&[&str]] = &[
        &["Họ và tên", "Lớp", "Giới tính"],
        &["NguyÔn Thóy H»ng", "10A1", "N÷"],
        &["TrÇn V¨n §øc", "10A1", "Nam"],
        &["Ph¹m ThÞ Mü", "10A1", "N÷"],
        &["Lê Thị Hồng", "10A1", "Nữ"],
        &["Hoµng Hµ", "10A1", "N÷"],
    ];
    let names: Vec<String> =
        read_students(&csv(rows)).unwrap().rows.iter().map(|row| row.values[&Field::FullName].clone()).collect();
    assert_eq!(names, ["Nguyễn Thúy Hằng", "Trần Văn Đức", "Phạm Thị Mỹ", "Lê Thị Hồng", "Hoàng Hà"]);
}

#[test]
fn headers_over_two_lines_say_which_person_they_are_about() {
    let rows: &[&[&str]] = &[
        &["PHÒNG GD&ĐT HUYỆN MẪU"],
        &["DANH SÁCH HỌC SINH LỚP 6/2 NĂM HỌC 2026-2027"],
        &[],
        &["TT", "Họ tên học sinh", "Ngày tháng năm sinh", "Giới tính", "Thông tin cha", "", "Thông tin mẹ", "", ""],
        &["", "", "", "", "Họ tên", "Năm sinh", "Họ tên", "Năm sinh", "SĐT"],
        &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"],
        &["1", "Nguyễn Văn An", "15/11/2014", "Nam", "Nguyễn Văn Ba", "1980", "Trần Thị Bích", "1985", "0912345678"],
        &["2", "Lê Thị Bình", "02/03/2014", "Nữ", "Lê Văn Tư", "1979", "Phạm Thị Cúc", "1984", ""],
        &["", "Tổng số: 2 học sinh"],
        &["", "", "", "", "", "", "Mẫu, ngày 5 tháng 9 năm 2026"],
        &["", "Hiệu trưởng", "", "", "", "", "Người lập bảng"],
        &["", "Nguyễn Thị Hoa", "", "", "", "", "Trần Văn Lập"],
    ];
    for bytes in [xlsx("Sheet1", rows), csv_with_blank_lines(rows)] {
        let table = read_students(&bytes).unwrap();
        assert_eq!(
            shown(&table),
            [
                "7 Nguyễn Văn An|6/2|2014-11-15|male|Trần Thị Bích|1985",
                "8 Lê Thị Bình|6/2|2014-03-02|female|Phạm Thị Cúc|1984"
            ]
        );
        assert_eq!(table.rows[0].values[&Field::Phone], "0912345678");
    }
}

/// Blank lines as spreadsheets write them.
fn csv_with_blank_lines(rows: &[&[&str]]) -> Vec<u8> {
    let line = |row: &&[&str]| {
        row.iter()
            .map(|text| if text.contains(',') { format!("\"{text}\"") } else { (*text).to_owned() })
            .collect::<Vec<_>>()
            .join(",")
    };
    format!("\u{feff}{}\r\n", rows.iter().map(line).collect::<Vec<_>>().join("\r\n")).into_bytes()
}

#[test]
fn names_and_dates_may_have_more_columns_than_headers() {
    let rows: &[&[&str]] = &[
        &["STT", "Họ và tên", "", "Ngày sinh", "", "", "Lớp"],
        &["1", "Nguyễn Văn", "An", "15", "11", "2011", "10A1"],
        &["2", "Hồ", "Tiến", "2", "3", "2011", "10A1"],
    ];
    assert_eq!(students(&xlsx("DS", rows)), ["2 Nguyễn Văn An|10A1|2011-11-15|||", "3 Hồ Tiến|10A1|2011-03-02|||"]);
    let rows: &[&[&str]] = &[
        &["Họ", "Chữ đệm", "Tên", "Ngày sinh", "Tháng sinh", "Năm sinh", "Nam", "Nữ"],
        &["Nguyễn", "Văn", "An", "15", "11", "2011", "x", ""],
        &["Lê", "Thị", "Bình", "2", "3", "2011", "", "X"],
    ];
    assert_eq!(students(&csv(rows)), ["2 Nguyễn Văn An||2011-11-15|male||", "3 Lê Thị Bình||2011-03-02|female||"]);
}

#[test]
fn birth_dates_may_stand_below_the_gender() {
    let rows: &[&[&str]] = &[
        &["STT", "Họ và tên", "Năm sinh", ""],
        &["", "", "Nam", "Nữ"],
        &["1", "Nguyễn Văn An", "15/11/2011", ""],
        &["2", "Lê Thị Bình", "", "02/03/2011"],
    ];
    assert_eq!(
        students(&xlsx("DS", rows)),
        ["3 Nguyễn Văn An||2011-11-15|male||", "4 Lê Thị Bình||2011-03-02|female||"]
    );
}

#[test]
fn the_class_may_stand_in_the_sheets_name_or_between_the_rows() {
    let rows: &[&[&str]] = &[&["STT", "Họ và tên"], &["1", "Nguyễn Văn An"]];
    assert_eq!(students(&xlsx("10A1", rows)), ["2 Nguyễn Văn An|10A1||||"]);
    let rows: &[&[&str]] = &[
        &["STT", "Họ và tên", "Ngày sinh"],
        &["Lớp 10A1"],
        &["1", "Nguyễn Văn An", "15/11/2011"],
        &["Lớp: 10A2"],
        &["STT", "Họ và tên", "Ngày sinh"],
        &["1", "Lê Thị Bình", "02/03/2011"],
    ];
    assert_eq!(students(&xlsx("DS", rows)), ["3 Nguyễn Văn An|10A1|2011-11-15|||", "6 Lê Thị Bình|10A2|2011-03-02|||"]);
}

#[test]
fn other_sheets_with_lists_are_named_and_can_be_asked_for() {
    let mut workbook = Workbook::new();
    for (name, pupil, hidden) in
        [("Bìa", "", false), ("10A1", "Nguyễn Văn An", false), ("10A2", "Lê Thị Bình", false), ("Cũ", "Trần Ẩn", true)]
    {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap().set_hidden(hidden);
        if pupil.is_empty() {
            sheet.write_string(0, 0, "TRƯỜNG THPT MẪU").unwrap();
        } else {
            for (column, text) in (0u16..).zip(["STT", "Họ và tên", "Lớp"]) {
                sheet.write_string(0, column, text).unwrap();
            }
            sheet.write_number(1, 0, 1).unwrap().write_string(1, 1, pupil).unwrap();
        }
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let table = read_students(&bytes).unwrap();
    // One that is hidden is told too: people do not see that there is more in the file.
    let others = ["10A2", "Cũ"].map(str::to_owned).to_vec();
    assert_eq!((table.head.sheet.as_deref(), table.head.other_sheets), (Some("10A1"), others));
    let mut asked = options(RosterKind::Students);
    asked.sheet = Some("10A2".to_owned());
    assert_eq!(shown(&read(&bytes, &asked).unwrap()), ["2 Lê Thị Bình|10A2||||"]);
}

#[test]
fn dates_of_1904_and_numbers_that_lost_digits() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Họ và tên</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>Ngày sinh</t></is></c>\
        <c r=\"C1\" t=\"inlineStr\"><is><t>CCCD</t></is></c><c r=\"D1\" t=\"inlineStr\"><is><t>Mã định danh Bộ GD&amp;ĐT</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>An</t></is></c><c r=\"B2\"><v>39405</v></c><c r=\"C2\"><v>1.0012110000011234E17</v></c></row>\
        <row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>Bình</t></is></c><c r=\"B3\"><v>2011</v></c><c r=\"D3\"><v>1234567890123456</v></c></row>";
    let table = read_students(&raw_xlsx(rows, "<workbookPr date1904=\"1\"/>", false)).unwrap();
    assert_eq!(table.rows[0].values[&Field::BirthDate], "2011-11-20");
    let faults: Vec<String> = table
        .rows
        .iter()
        .flat_map(|row| &row.faults)
        .map(|fault| format!("{}:{}", fault.field.key(), fault.key))
        .collect();
    assert_eq!(faults, ["national_id:digits-lost", "birth_date:date-year-only", "moet_id:digits-lost"]);
}

#[test]
fn strict_workbooks_are_read() {
    let rows = "<row><c t=\"inlineStr\"><is><t>Họ và tên</t></is></c><c t=\"inlineStr\"><is><t>Ngày sinh</t></is></c></row>\
        <row><c t=\"inlineStr\"><is><t>Nguyễn Văn An</t></is></c><c t=\"d\"><v>2011-11-15</v></c></row>";
    assert_eq!(students(&raw_xlsx(rows, "", true)), ["2 Nguyễn Văn An||2011-11-15|||"]);
}

#[test]
fn lines_that_go_back_up_are_damage() {
    let row = |line: u32, name: &str| {
        format!("<row r=\"{line}\"><c r=\"A{line}\" t=\"inlineStr\"><is><t>{name}</t></is></c></row>")
    };
    let sheet = |lines: [u32; 3]| {
        let rows: String = lines.iter().map(|line| row(*line, "Nguyễn Văn An")).collect();
        read_students(&raw_xlsx(&format!("{}{rows}", row(1, "Họ và tên")), "", false))
    };
    let lines: Vec<u32> = sheet([2, 5, 7]).unwrap().rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 5, 7]);
    assert_eq!(sheet([2, 7, 5]).err(), Some(FileRefusal::Broken));
    assert_eq!(sheet([2, 7, 2_000_000_000]).err(), Some(FileRefusal::Broken));
}

/// A workbook with this sheet data, written by hand.
fn raw_xlsx(sheet_data: &str, properties: &str, strict: bool) -> Vec<u8> {
    let (main, relations) = if strict {
        ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships")
    } else {
        (
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        )
    };
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let packages = "http://schemas.openxmlformats.org/package/2006";
    for (name, content) in [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{packages}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\">{properties}<sheets><sheet name=\"DS\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet_data}</sheetData></worksheet>"),
        ),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn web_pages_named_xls_are_read_in_whatever_encoding() {
    let page = "<html><head><meta http-equiv=Content-Type content=\"text/html; charset=ENCODING\"></head><body>\
        <table><tr><td colspan=4><b>DANH SÁCH LỚP 10A1</b></td></tr></table>\
        <table border=1><tr><td rowspan=2>STT</td><td colspan=2>Họ và tên</td><td rowspan=2>Ngày sinh</td></tr>\
        <tr><td>Họ đệm</td><td>Tên</td></tr><tr><td>1</td><td>Nguyễn&nbsp;Văn</td><td>An</td><td>15/11/2011</td></tr></table></body></html>";
    let utf8: Cow<'_, str> = Cow::Owned(page.replace("ENCODING", "utf-8"));
    let utf16: Vec<u8> = format!("\u{feff}{page}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [utf8.as_bytes().to_vec(), utf16] {
        let table = read_students(&bytes).unwrap();
        assert_eq!(table.head.format, FileFormat::Html);
        assert_eq!(shown(&table), ["4 Nguyễn Văn An|10A1|2011-11-15|||"]);
    }
}

#[test]
fn xml_of_excel_2003_is_read() {
    let xml = "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>\
        <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
        <Worksheet ss:Name=\"Ẩn\"><Table><Row><Cell><Data ss:Type=\"String\">Họ tên</Data></Cell></Row></Table>\
        <WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>\
        <Worksheet ss:Name=\"10A1\"><Table><Row ss:Index=\"3\"><Cell><Data ss:Type=\"String\">Họ tên</Data></Cell>\
        <Cell ss:Index=\"3\"><Data ss:Type=\"String\">Ngày sinh</Data></Cell></Row>\
        <Row><Cell><Data ss:Type=\"String\">Nguyễn Văn &amp;#65;n</Data></Cell>\
        <Cell ss:Index=\"3\"><Data ss:Type=\"DateTime\">2011-11-15T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>"
        .replace("&amp;#65;", "&#65;");
    let table = read_students(xml.as_bytes()).unwrap();
    assert_eq!((table.head.format, table.head.header_line), (FileFormat::SheetMl, 3));
    assert_eq!(shown(&table), ["4 Nguyễn Văn An|10A1|2011-11-15|||"]);
}

#[test]
fn columns_mapped_by_hand_go_before_what_is_known() {
    let rows: &[&[&str]] = &[&["Họ và tên", "Biệt danh", "Lớp"], &["Nguyễn Văn An", "Trần Văn Bo", "10A1"]];
    let bytes = csv(rows);
    let mut by_hand = options(RosterKind::Students);
    by_hand.mapping.extend([(0, None), (1, Some(Field::FullName))]);
    let table = read(&bytes, &by_hand).unwrap();
    assert_eq!(shown(&table), ["2 Trần Văn Bo|10A1||||"]);
    assert_eq!(table.rows[0].cells, ["Nguyễn Văn An", "Trần Văn Bo", "10A1"]);
    let plain = read_students(&bytes).unwrap();
    assert_eq!(plain.head.shape, table.head.shape);
    assert!(!plain.head.columns[1].known);
}

#[test]
fn small_things_cost_the_value_and_great_ones_the_row() {
    let rows: &[&[&str]] = &[
        &["Họ và tên", "Ngày sinh", "Email", "Điện thoại", "CCCD"],
        &["Nguyễn Văn An", "31/02/2011", "an@", "123", "12"],
    ];
    let keys = |kind| {
        let table = read(&csv(rows), &options(kind)).unwrap();
        let keys = |faults: &[schoolgate::roster::fields::Fault]| {
            faults.iter().map(|fault| fault.field.key().to_owned()).collect::<Vec<_>>().join(" ")
        };
        (keys(&table.rows[0].faults), keys(&table.rows[0].warnings))
    };
    assert_eq!(keys(RosterKind::Students), ("birth_date".into(), "email phone national_id".into()));
    assert_eq!(keys(RosterKind::Teachers), ("birth_date email".into(), "phone national_id".into()));
    assert_eq!(keys(RosterKind::HigherStudents), ("email".into(), "birth_date phone national_id".into()));
}

#[test]
fn english_lists_are_read() {
    let rows: &[&[&str]] = &[
        &["No.", "First name", "Last name", "Email", "Password", "Group", "Department", "Gender"],
        &["1", "An", "Nguyễn Văn", "an@example.edu.vn", "", "K65-CNTT", "Computer Science", "Male"],
    ];
    let table = read(&csv(rows), &options(RosterKind::HigherStudents)).unwrap();
    let values = &table.rows[0].values;
    assert_eq!(values[&Field::FullName], "Nguyễn Văn An");
    assert_eq!((values[&Field::Class].as_str(), values[&Field::Department].as_str()), ("K65-CNTT", "Computer Science"));
    assert_eq!(values[&Field::Gender], "male");
}

#[test]
fn a_class_that_spans_its_pupils_is_theirs() {
    let header: &[&str] = &["Lớp", "STT", "Họ và tên", "Ngày sinh", "Giới tính"];
    let rows: &[&[&str]] = &[
        header,
        &["10A1", "1", "Nguyễn Thị Hằng", "15/11/2011", "Nữ"],
        &["", "2", "Lê Ái Vân", "20/11/2011", "Nữ"],
        &["", "3", "Trần Văn Hoà", "21/11/2011", "Nam"],
        &["10A2", "1", "Phạm Văn Bình", "2/3/2011", "Nam"],
        &["", "2", "Vũ Thị Cúc", "3/3/2011", "Nữ"],
        &["", "3", "Đỗ Văn Dũng", "4/3/2011", "Nam"],
        &["", "", "Người lập biểu", "", ""],
    ];
    let expected = [
        "2 Nguyễn Thị Hằng|10A1|2011-11-15|female||",
        "3 Lê Ái Vân|10A1|2011-11-20|female||",
        "4 Trần Văn Hoà|10A1|2011-11-21|male||",
        "5 Phạm Văn Bình|10A2|2011-03-02|male||",
        "6 Vũ Thị Cúc|10A2|2011-03-03|female||",
        "7 Đỗ Văn Dũng|10A2|2011-03-04|male||",
    ];
    assert_eq!(students(&xlsx("DS", rows)), expected);
    assert_eq!(students(&csv(rows)), expected);
    let table = read_students(&csv(rows)).unwrap();
    let guessed: Vec<bool> =
        table.rows.iter().map(|row| row.guesses.iter().any(|guess| guess.key == "class-from-above")).collect();
    assert_eq!(guessed, [false, true, true, false, true, true]);
}

#[test]
fn a_class_that_is_missing_is_not_made_up() {
    let rows: &[&[&str]] = &[
        &["Lớp", "STT", "Họ và tên", "Ngày sinh", "Giới tính"],
        &["10A1", "1", "Nguyễn Thị Hằng", "15/11/2011", "Nữ"],
        &["", "2", "Lê Ái Vân", "20/11/2011", "Nữ"],
        &["10A1", "3", "Trần Văn Hoà", "21/11/2011", "Nam"],
        &["10A2", "1", "Phạm Văn Bình", "2/3/2011", "Nam"],
    ];
    let read = students(&xlsx("10A7", rows));
    assert_eq!(read.get(1).map(String::as_str), Some("3 Lê Ái Vân||2011-11-20|female||"));
}

#[test]
fn a_column_of_classes_that_stands_empty_leaves_the_title_its_say() {
    let rows: &[&[&str]] = &[
        &["DANH SÁCH LỚP 10A1"],
        &["STT", "Họ và tên", "Ngày sinh", "Lớp"],
        &["1", "Nguyễn Thị Hằng", "15/11/2011", ""],
        &["2", "Lê Ái Vân", "20/11/2011", ""],
    ];
    assert_eq!(students(&csv(rows)), ["3 Nguyễn Thị Hằng|10A1|2011-11-15|||", "4 Lê Ái Vân|10A1|2011-11-20|||"]);
}
