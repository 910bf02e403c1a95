use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// The value as stored and the key of the guess, or the key of the fault.
fn read_as(field: Field, raw: &str) -> Result<(Option<String>, Option<String>), String> {
    match normalise(field, raw, today()) {
        Ok(read) => {
            assert!(read.guess.iter().all(|guess| GUESS_KEYS.contains(&guess.key.as_str())));
            Ok((read.value, read.guess.map(|guess| guess.key)))
        }
        Err(fault) => {
            assert_eq!(fault.field, field);
            assert!(FAULT_KEYS.contains(&fault.key.as_str()), "{fault:?}");
            Err(fault.key)
        }
    }
}

#[track_caller]
fn stored(field: Field, raw: &str, value: &str) {
    assert_eq!(read_as(field, raw), Ok((Some(value.to_owned()), None)), "{raw}");
}

#[track_caller]
fn guessed(field: Field, raw: &str, value: &str, key: &str) {
    assert_eq!(read_as(field, raw), Ok((Some(value.to_owned()), Some(key.to_owned()))), "{raw}");
}

#[track_caller]
fn refused(field: Field, raw: &str, key: &str) {
    assert_eq!(read_as(field, raw), Err(key.to_owned()), "{raw}");
}

fn values(pairs: &[(Field, &str)]) -> Values {
    pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
}

fn keys(faults: &[Fault]) -> Vec<(&'static str, &str)> {
    assert!(faults.iter().all(|fault| FAULT_KEYS.contains(&fault.key.as_str())));
    faults.iter().map(|fault| (fault.field.key(), fault.key.as_str())).collect()
}

#[test]
fn keys_name_fields() {
    for field in Field::ALL {
        assert_eq!(Field::from_key(field.key()), Some(field));
        assert_eq!(serde_json::to_value(field).unwrap(), field.key());
        assert_eq!(field.label_key(), format!("field-{}", field.key().replace('_', "-")));
    }
    assert_eq!(Field::from_key("shoe_size"), None);
    assert!(Field::ALL.is_sorted());
}

#[test]
fn nothing_is_nothing_in_every_field() {
    for field in Field::ALL {
        assert_eq!(read_as(field, ""), Ok((None, None)), "{field:?}");
        assert_eq!(read_as(field, " \u{a0} "), Ok((None, None)), "{field:?}");
    }
    for raw in ["-", "--", "Không có", "N/A", "...", "'"] {
        assert_eq!(read_as(Field::MotherName, raw), Ok((None, None)), "{raw}");
    }
}

#[test]
fn what_no_field_takes() {
    for field in Field::ALL {
        refused(field, &"a".repeat(2_000), "too-long");
    }
    refused(Field::BirthDate, "#N/A", "formula-error");
    let fault = normalise(Field::Address, &"a".repeat(5_000), today()).unwrap_err();
    assert_eq!(fault.value.chars().count(), SHOWN_CHARS + 1);
}

#[test]
fn names() {
    stored(Field::FullName, "  Nguye\u{302}\u{303}n\u{a0}Văn  \u{d0}ạt\n", "Nguyễn Văn Đạt");
    stored(Field::FullName, "Nguyễn Thái Minh (b)", "Nguyễn Thái Minh (b)");
    guessed(Field::FullName, "NGUYỄN THỊ THU PHƯƠNG", "Nguyễn Thị Thu Phương", "name-case");
    guessed(Field::MotherName, "trần thị thùy dương", "Trần Thị Thùy Dương", "name-case");
    refused(Field::GuardianName, "0912345678", "name-implausible");
    refused(Field::FullName, "=HYPERLINK(\"http://evil.example\",\"x\")", "name-implausible");
    refused(Field::FullName, &"An ".repeat(40), "name-too-long");
}

#[test]
fn genders() {
    for raw in ["Nam", "NAM", " nam ", "M", "male", "Boy", "trai"] {
        stored(Field::Gender, raw, "male");
    }
    for raw in ["Nữ", "nu", "NỮ", "F", "Female", "girl", "gái"] {
        stored(Field::Gender, raw, "female");
    }
    stored(Field::Gender, "Khác", "other");
    guessed(Field::Gender, "1", "male", "gender-code");
    guessed(Field::Gender, "0.0", "female", "gender-code");
    guessed(Field::Gender, "x", "female", "gender-tick");
    refused(Field::Gender, "N", "gender-unknown");
    refused(Field::Gender, "2", "gender-unknown");
}

#[test]
fn dates() {
    for raw in [
        "2011-11-05",
        "05/11/2011",
        "5/11/2011",
        "05-11-2011",
        "05.11.2011",
        "5 11 2011",
        "2011/11/5",
        "05/11/2011 00:00:00",
        "2011-11-05T00:00:00Z",
        "2011-11-05 00:00:00.000",
        "5/11/2011 12:00:00 AM",
        "5/11/2011 0:00",
        "5-Nov-2011",
        "November 5, 2011",
        "ngày 5 tháng 11 năm 2011",
        "5 Thg11 2011",
        "05 / 11 / 2011",
    ] {
        stored(Field::BirthDate, raw, "2011-11-05");
    }
}

/// A word that says which number is the month leaves nothing to the order of the column.
#[test]
fn a_month_that_is_named_is_that_month_in_every_column() {
    let orders = [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::Unsure];
    let read = |raw: &str, order| {
        let read = normalise_in(Field::BirthDate, raw, today(), order);
        read.map(|read| (read.value.unwrap_or_default(), read.guess.map(|guess| guess.key))).map_err(|fault| fault.key)
    };
    for order in orders {
        for raw in [
            "7 tháng 8 năm 2011",
            "Ngày 07 tháng 08 năm 2011",
            "ngày 07 Tháng 8, 2011",
            "07 Thg8 2011",
            "7-thg 8-2011",
            "sinh ngày 7 tháng 8/2011",
            "tháng 8 ngày 7 năm 2011",
            "năm 2011 tháng 8 ngày 7",
            "7 August 2011",
        ] {
            assert_eq!(read(raw, order), Ok(("2011-08-07".to_owned(), None)), "{raw} {order:?}");
            assert_eq!(order_shown(raw), None, "{raw}");
        }
        for raw in ["12 tháng 16 năm 2011", "ngày 31 tháng 2 năm 2011", "5 tháng 0 năm 2011"] {
            assert_eq!(read(raw, order), Err("date-impossible".to_owned()), "{raw} {order:?}");
        }
        assert_eq!(read("tháng 11 năm 2011", order), Err("date-incomplete".to_owned()));
    }
    // The word that names all three parts names no month.
    assert_eq!(
        read("Ngày tháng năm sinh 07/08/2011", DateOrder::MonthFirst),
        Ok(("2011-07-08".to_owned(), Some("date-month-first".to_owned())))
    );
}

#[test]
fn guessed_dates() {
    guessed(Field::BirthDate, "6/12/11", "2011-12-06", "date-two-digit-year");
    guessed(Field::BirthDate, "6/12/75", "1975-12-06", "date-two-digit-year");
    guessed(Field::BirthDate, "22/11/26", "1926-11-22", "date-two-digit-year");
    guessed(Field::BirthDate, "40862", "2011-11-15", "date-serial");
    guessed(Field::BirthDate, "40862.0", "2011-11-15", "date-serial");
    guessed(Field::BirthDate, "9131", "1924-12-30", "date-serial");
    guessed(Field::BirthDate, "15112011", "2011-11-15", "date-compact");
    guessed(Field::BirthDate, "20111115", "2011-11-15", "date-compact");
}

#[test]
fn dates_that_are_none() {
    refused(Field::BirthDate, "31/02/2011", "date-impossible");
    refused(Field::BirthDate, "11/15/2011", "date-impossible");
    refused(Field::BirthDate, "29/02/11", "date-impossible");
    refused(Field::BirthDate, "0/1/2011", "date-impossible");
    refused(Field::BirthDate, "2011", "date-year-only");
    refused(Field::BirthDate, "năm 2011", "date-year-only");
    refused(Field::BirthDate, "11/2011", "date-incomplete");
    refused(Field::BirthDate, "22/11/2026", "date-out-of-range");
    refused(Field::BirthDate, "31/12/1899", "date-out-of-range");
    refused(Field::BirthDate, "99999", "date-out-of-range");
    for raw in [
        "hôm qua",
        "15/11/20111",
        "15/11",
        "1/2/3/4",
        "151111",
        "2011-11-14T17:00:00Z",
        "15/11/2011 ?",
        "1/1/1",
        "Nam 10A1",
    ] {
        refused(Field::BirthDate, raw, "date-unreadable");
    }
}

#[test]
fn birth_years() {
    stored(Field::MotherBirthYear, "1977", "1977");
    stored(Field::GuardianBirthYear, "1977.0", "1977");
    guessed(Field::MotherBirthYear, "15/03/1980", "1980", "year-of-date");
    guessed(Field::MotherBirthYear, "1980-03-15", "1980", "year-of-date");
    refused(Field::MotherBirthYear, "1899", "year-out-of-range");
    refused(Field::MotherBirthYear, "2027", "year-out-of-range");
    for raw in ["77", "19800", "năm"] {
        refused(Field::MotherBirthYear, raw, "year-unreadable");
    }
}

#[test]
fn addresses_of_mail() {
    stored(Field::Email, " Hs0@Example.edu.vn ", "Hs0@Example.edu.vn");
    stored(Field::Email, "mailto:a.b+c@x-y.vn", "a.b+c@x-y.vn");
    let long = format!("a@{}.vn", "b.".repeat(130));
    for raw in [
        "a",
        "a@",
        "@b.vn",
        "a@b",
        "a@@b.vn",
        "a b@c.vn",
        "a..b@c.vn",
        "đạt@c.vn",
        "a@c.vn;",
        "A <a@c.vn>",
        "a@-c.vn",
        "a@1.2.3.4",
        &long,
    ] {
        refused(Field::Email, raw, "email-malformed");
    }
}

#[test]
fn numbers() {
    stored(Field::Phone, "+84 982 216 782", "0982216782");
    guessed(Field::Phone, "981539115", "0981539115", "phone-zero-restored");
    guessed(Field::Phone, "01685559585", "0385559585", "phone-renumbered");
    refused(Field::Phone, "8.4912E+10", "digits-lost");
    refused(Field::Phone, "12345", "phone-length");
    stored(Field::NationalId, "075211693375", "075211693375");
    stored(Field::NationalId, "527836201", "527836201");
    guessed(Field::NationalId, "33311646049", "033311646049", "national-id-zero-restored");
    guessed(Field::NationalId, "8311900904", "008311900904", "national-id-zero-restored");
    refused(Field::NationalId, "1234567890", "national-id-malformed");
    refused(Field::NationalId, "3.33116E+10", "digits-lost");
    stored(Field::MoetId, "0400031245", "0400031245");
    stored(Field::MoetId, "HS 2031", "HS2031");
    refused(Field::MoetId, "3,38581E+11", "digits-lost");
    refused(Field::MoetId, "12345678901234500", "digits-lost");
    refused(Field::MoetId, "12/34", "moet-id-malformed");
}

#[test]
fn classes() {
    stored(Field::Class, "Lớp 10a01", "10A1");
    stored(Field::Class, "10/1", "10/1");
    refused(Field::Class, "2026-01-10", "class-is-date");
    refused(Field::Class, &"10A1 ".repeat(9), "class-malformed");
    refused(Field::Class, "Lớp", "class-malformed");
}

#[test]
fn sign_in() {
    stored(Field::Username, "KhaiNTM2@79000701", "khaintm2");
    stored(Field::Username, "hs", "hs");
    for raw in ["khải", "a", "khai ntm", "@79000701", "._a.b!"] {
        refused(Field::Username, raw, "username-malformed");
    }
    stored(Field::Password, " mat  Khau ", "mat  Khau");
    refused(Field::Password, "12345", "password-short");
    let fault = normalise(Field::Password, "12345", today()).unwrap_err();
    assert_eq!(fault.value, "", "a fault repeats no password");
}

#[test]
fn texts() {
    stored(Field::Address, "Tổ 9,\nphường Hoàn Kiếm", "Tổ 9, phường Hoàn Kiếm");
    refused(Field::Department, &"Khoa ".repeat(41), "too-long");
}

#[test]
fn statuses() {
    for raw in [
        "Đang học",
        "đang theo học",
        "Đang làm việc",
        "Chuyển đến",
        "Chuyển đến kì 1",
        "Nghỉ thai sản",
        "Nghỉ hè",
        "Lưu ban",
        "Đang học lại",
        "ENROLLED",
        "Chuyển trường đến",
        "HS mới",
        "active",
        "Studying",
        "On sick leave",
        "On maternity leave",
        "Chờ kích hoạt",
        "transferred in",
        "Chuyển từ trường khác",
        "Mới chuyển đến",
        "Học lại sau bảo lưu",
        "Transferred from another school abroad",
        "Đang học chuyên cần",
    ] {
        stored(Field::Status, raw, "active");
    }
    for raw in [
        "Bảo lưu",
        "Đang bảo lưu",
        "Tạm khóa",
        "suspended",
        "INACTIVE",
        "Đình chỉ",
        "Đã bị đình chỉ học",
        "Nghỉ học tạm thời",
        "Xin bảo lưu",
        "On hold",
        "Leave of absence",
        "On leave",
        "On leave of absence",
        "ON-LEAVE",
        "Temporary leave",
    ] {
        stored(Field::Status, raw, "suspended");
    }
    for raw in [
        "Chuyển đi",
        "Chuyển đi kì 2",
        "Thôi học",
        "Bỏ học",
        "Nghỉ hưu",
        "Nghỉ việc",
        "Chuyển công tác",
        "Đã tốt nghiệp",
        "Ra trường",
        "Đã nghỉ học",
        "Đã chuyển trường",
        "Đã rời trường",
        "Nghỉ",
        "left",
        "Graduated",
        "Retired",
        "Transferred",
        "DROPPED",
        "Withdrawn",
        "Xin nghỉ học",
        "Đã xin thôi học",
        "Thôi học - chuyển trường",
        "Đã chuyển đi",
        "Học sinh đã nghỉ học",
        "Chuyển",
        "Not enrolled",
        "Cho thôi học",
        "Rút học bạ",
    ] {
        stored(Field::Status, raw, "left");
    }
    for raw in [
        "Mới nghỉ học",
        "Mới chuyển trường",
        "Học xong",
        "Học trường khác",
        "Chính thức nghỉ việc",
        "Hợp đồng hết hạn",
        "Hợp đồng đã chấm dứt",
        "Registered - withdrawn",
        "Current status: withdrawn",
        "Attending elsewhere",
        "Studying abroad",
        "Đang không học",
        "Mới nghỉ",
    ] {
        refused(Field::Status, raw, "status-unknown");
    }
    refused(Field::Status, "Giỏi", "status-unknown");
    refused(Field::Status, "đã", "status-unknown");
    refused(Field::Status, "Nghỉ nhiều", "status-unknown");
    refused(Field::Status, "Đang xin nghỉ học", "status-unknown");
    refused(Field::Status, "Chưa nghỉ học", "status-unknown");
    refused(Field::Status, "Hoàn thành tốt", "status-unknown");
    refused(Field::Status, "PX3", "status-unknown");
}

#[test]
fn what_a_new_pupil_lacks() {
    use Field::{BirthDate, Class, FullName, Gender, GuardianBirthYear, GuardianName, MotherBirthYear, MotherName};
    let base = [(FullName, "An"), (Gender, "male"), (Class, "10A1"), (BirthDate, "2011-11-15")];
    let lacking = |more: &[(Field, &str)]| missing_of_new(RosterKind::Students, &values(&[&base, more].concat()));
    assert!(lacking(&[(MotherName, "Bình"), (MotherBirthYear, "1980")]).is_empty());
    assert!(lacking(&[(MotherName, "Bình"), (GuardianName, "Chi"), (GuardianBirthYear, "1980")]).is_empty());
    assert_eq!(keys(&lacking(&[])), [("mother_name", "mother-or-guardian-missing")]);
    assert_eq!(keys(&lacking(&[(MotherName, "Bình")])), [("mother_birth_year", "mother-year-missing")]);
    assert_eq!(keys(&lacking(&[(GuardianName, "Chi")])), [("guardian_birth_year", "guardian-year-missing")]);
    assert_eq!(keys(&lacking(&[(MotherBirthYear, "1980")])), [("mother_name", "mother-name-missing")]);
    assert_eq!(
        keys(&missing_of_new(RosterKind::Students, &values(&[(MotherName, "B"), (MotherBirthYear, "1980")]))),
        [("full_name", "missing"), ("gender", "missing"), ("class", "missing"), ("birth_date", "missing")]
    );
}

#[test]
fn what_other_new_people_lack() {
    let nothing = Values::new();
    assert_eq!(keys(&missing_of_new(RosterKind::Teachers, &nothing)).len(), 4);
    for kind in [RosterKind::HigherStudents, RosterKind::HigherTeachers] {
        assert_eq!(keys(&missing_of_new(kind, &nothing)), [("full_name", "missing"), ("email", "missing")]);
    }
}

#[test]
fn contradictions_are_warned_of() {
    use Field::{BirthDate, Class, Gender, MotherBirthYear, NationalId};
    let check = |kind, pairs: &[(Field, &str)]| {
        let warnings = cross_check(kind, &values(pairs), today());
        keys(&warnings).into_iter().map(|(_, key)| key.to_owned()).collect::<Vec<_>>()
    };
    let pupil = [(BirthDate, "2011-11-15"), (Gender, "female"), (NationalId, "033311646049")];
    assert!(
        check(RosterKind::Students, &[&pupil[..], &[(Class, "10A1"), (MotherBirthYear, "1977")]].concat()).is_empty()
    );
    assert_eq!(
        check(RosterKind::Students, &[(BirthDate, "2010-11-15"), (Gender, "male"), (NationalId, "033311646049")]),
        ["national-id-gender-mismatch", "national-id-birth-year-mismatch"]
    );
    assert_eq!(check(RosterKind::Students, &[&pupil[..], &[(Class, "1A")]].concat()), ["age-grade-mismatch"]);
    assert_eq!(check(RosterKind::Students, &[&pupil[..], &[(MotherBirthYear, "2005")]].concat()), ["mother-too-young"]);
    assert_eq!(check(RosterKind::Teachers, &[(BirthDate, "2011-11-15")]), ["age-too-young"]);
    assert!(check(RosterKind::HigherStudents, &[&pupil[..], &[(Class, "1A")]].concat()).is_empty());
    assert!(check(RosterKind::Teachers, &[(BirthDate, "1980-11-15"), (NationalId, "054715130")]).is_empty());
}

proptest::proptest! {
    #[test]
    fn what_is_stored_is_stored_again_unchanged(at in 0..Field::ALL.len(), raw in "\\PC{0,24}|[0-9./ -]{1,12}") {
        let field = Field::ALL[at];
        if let Ok(Normalised { value: Some(value), .. }) = normalise(field, &raw, today()) {
            let again = normalise(field, &value, today());
            proptest::prop_assert_eq!(again, Ok(Normalised { value: Some(value), guess: None }));
        }
    }
}
