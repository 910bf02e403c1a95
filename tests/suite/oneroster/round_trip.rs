//! What goes out of one school comes into another the same, and changes nothing when it comes again.

use std::collections::{BTreeMap, HashMap};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use schoolgate::{ids::ClassId, roster::fields::Field};

use super::export::HEADERS;
use super::unzipped;
use super::zips::{FILES_1P1, Files, applied, counts, imported, manifest, right, zipped};
use crate::support::people::School;
use crate::support::{Someone, TestApp};

type Table = Vec<Vec<String>>;

/// The school's zip.
pub async fn exported(test: &TestApp, school: &School) -> Vec<u8> {
    let mut file = schoolgate::oneroster::export::write(&school.scope.grant().unwrap(), test).await.unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
    bytes
}

/// All schools let out all that they have.
pub async fn share_everything(test: &TestApp) {
    let share = "UPDATE schools SET shares_demographics = true, shares_guardians = true";
    sqlx::query(share).execute(&mut test.admin().await).await.unwrap();
}

/// The files with the ids of a school replaced by what they stand for.
pub fn comparable(zip: &[u8], school: &School) -> BTreeMap<String, Table> {
    let mut files = unzipped(zip);
    let mut names = HashMap::from([(school.id().to_string(), "SCHOOL".to_owned())]);
    names.insert(school.year_id.to_string(), "YEAR".to_owned());
    for (file, column) in [("users.csv", 4), ("classes.csv", 3)] {
        names.extend(files[file][1..].iter().map(|row| (row[0].clone(), format!("<{}>", row[column]))));
    }
    // An id is one of these, or made of several.
    let part = |text: &str| names.get(text).cloned().unwrap_or_else(|| text.to_owned());
    let id = |text: &str| text.split('.').map(part).collect::<Vec<_>>().join(".");
    for (name, rows) in &mut files {
        for row in rows.iter_mut() {
            for cell in row.iter_mut() {
                *cell = cell.split(',').map(id).collect::<Vec<_>>().join(",");
            }
            if name == "orgs.csv" && row[0] == "SCHOOL" {
                (row[3], row[5]) = ("NAME".to_owned(), "CODE".to_owned());
            }
        }
        rows[1..].sort();
    }
    files
}

/// The zip comes into the school and is applied: nobody is known there.
async fn comes_in(test: &TestApp, school: &School, zip: &[u8]) {
    let plan = imported(test, school, zip).await;
    let all = counts(test, school, plan).await;
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["create"], "{all:?}");
    applied(test, school, plan).await;
}

/// The zip comes again, and nothing changes.
async fn changes_nothing(test: &TestApp, school: &School, zip: &[u8]) {
    let plan = imported(test, school, zip).await;
    let all = counts(test, school, plan).await;
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["unchanged"], "{all:?}");
}

#[track_caller]
fn say_the_same((one, of_one): (&[u8], &School), (other, of_other): (&[u8], &School)) {
    let (before, after) = (comparable(one, of_one), comparable(other, of_other));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, rows) in &before {
        assert_eq!(rows, &after[name], "{name}");
    }
}

const FAMILIES: [&str; 18] = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Đặng",
    "Vũ",
    "Ngô",
    "Đỗ",
    "Hồ",
    "Dương",
    "Lý",
    "Y",
    "K'",
    "Ksor",
    "Quách",
    "Giàng",
    "Bạch",
    "Tôn Thất",
];
const MIDDLES: [&str; 12] =
    ["Văn", "Thị", "Thị Mỹ", "Hoàng Bảo", "", "Ê-ban", "Đức", "Quỳnh", "Thị Ánh", "Hữu", "Khắc", "Như"];
const GIVENS: [&str; 20] = [
    "An",
    "Ánh",
    "Ý",
    "Yến",
    "Đạt",
    "Hường",
    "Khuê",
    "Uyên",
    "Ngọc (b)",
    "Phượng",
    "Trương",
    "Oanh",
    "Thuỷ",
    "Thủy",
    "Huyền",
    "Nghĩa",
    "Quyên",
    "Xuân",
    "Khiếu",
    "Toàn",
];

fn name(random: &mut StdRng) -> String {
    let mut pick = |from: &[&'static str]| from[random.random_range(0..from.len())];
    let name = [pick(&FAMILIES), pick(&MIDDLES), pick(&GIVENS)].join(" ");
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Pupils by lot: of each some have what others lack.
fn pupils(seed: u64, classes: &[ClassId], count: usize, with_moet_ids: bool) -> Vec<Someone> {
    let mut random = StdRng::seed_from_u64(seed);
    let random = &mut random;
    let number = |n: usize| seed * 1_000 + u64::try_from(n).unwrap();
    let pupil = |n: usize| {
        let born = format!("{}-{:02}-{:02}", 2009 + n % 4, 1 + n % 12, 1 + (n * 7) % 28);
        let mut pupil = Someone::pupil(&name(random), classes[n % classes.len()])
            .value(Field::BirthDate, &born)
            .value(Field::Gender, ["male", "female", "other"][random.random_range(0..3)]);
        if random.random_bool(0.4) {
            pupil = pupil.value(Field::MotherName, &name(random));
        }
        if random.random_bool(0.3) {
            pupil = pupil.value(Field::GuardianName, &name(random));
        }
        if random.random_bool(0.3) {
            pupil = pupil.value(Field::Phone, &format!("090{:07}", number(n)));
        }
        if with_moet_ids && random.random_bool(0.5) {
            pupil = pupil.value(Field::MoetId, &format!("79{:08}", number(n)));
        }
        pupil
    };
    (0..count).map(pupil).collect()
}

/// The same as version 1.1 has it: the role of a user stands with them, and there is no ministry's identifier.
fn as_1p1(zip: &[u8]) -> Vec<u8> {
    let mut tables = unzipped(zip);
    let roles = tables.remove("roles.csv").unwrap();
    let role: HashMap<&str, &str> = roles[1..].iter().map(|row| (row[3].as_str(), row[5].as_str())).collect();
    let header = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
        middleName,identifier,email,sms,phone,agentSourcedIds,grades,password";
    let mut users: Table = vec![header.split(',').map(str::to_owned).collect()];
    for row in &tables["users.csv"][1..] {
        let of = role[row[0].as_str()].to_owned();
        let mut user = row[..4].to_vec();
        user.extend([row[20].clone(), of]);
        user.extend_from_slice(&row[4..16]);
        users.push(user);
    }
    tables.insert("users.csv".to_owned(), users);
    tables.remove("manifest.csv");
    let there: Vec<&str> = tables.keys().map(|name| name.trim_end_matches(".csv")).collect();
    let manifest = manifest("1.1", &FILES_1P1, &there, "bulk");
    let mut files: Files = tables.iter().map(|(name, rows)| (name.clone(), written(rows))).collect();
    files.insert("manifest.csv".to_owned(), manifest.into_bytes());
    zipped(&files)
}

fn written(rows: &Table) -> Vec<u8> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    rows.iter().for_each(|row| csv.write_record(row).unwrap());
    csv.into_inner().unwrap()
}

#[tokio::test]
async fn what_goes_out_of_one_school_comes_into_another_the_same() {
    let test = TestApp::new().await;
    for (seed, is_old) in [(1, false), (2, true), (3, false), (4, true)] {
        let cast = test.cast(&format!("7900010{seed}")).await;
        // Who is suspended comes in as anybody else.
        let settled = "UPDATE members SET status = 'active' WHERE status = 'suspended'";
        sqlx::query(settled).execute(&mut test.admin().await).await.unwrap();
        let mut classes = vec![cast.class_id];
        for name in ["10A2", "11A1", "12A10"] {
            classes.push(cast.school.class(&test, name).await);
        }
        cast.school.add_all(&test, &pupils(seed, &classes, 80, !is_old)).await;
        let empty = test.school(&format!("7900020{seed}")).await;
        share_everything(&test).await;
        let out = exported(&test, &cast.school).await;
        let sent = if is_old { as_1p1(&out) } else { out.clone() };
        comes_in(&test, &empty, &sent).await;
        let back = exported(&test, &empty).await;
        say_the_same((&out, &cast.school), (&back, &empty));
        // Again, in either school: nothing changes.
        for (school, zip) in [(&empty, &sent), (&empty, &back), (&cast.school, &sent)] {
            changes_nothing(&test, school, zip).await;
        }
    }
}

/// A school of 75 classes with 40 pupils and a teacher each.
fn large() -> Vec<u8> {
    let header = |name: &str| HEADERS.iter().find(|(file, _)| *file == name).unwrap().1;
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut put = |file, row| rows.entry(file).or_insert_with(|| vec![header(file).to_owned()]).push(row);
    let mut born = Vec::new();
    for grade in [10, 11, 12] {
        put("courses.csv", format!("k{grade},,,year,Khối {grade},{grade},{grade},org1,,"));
    }
    for class in 0..75_usize {
        let grade = 10 + class / 25;
        let title = format!("{grade}A{}", 1 + class % 25);
        put("classes.csv", format!("c{class},,,{title},{grade},k{grade},{title},homeroom,,org1,year,,,"));
        for place in 0..=40_usize {
            // The first is the teacher.
            let (kind, id) = (if place == 0 { "teacher" } else { "student" }, format!("u{class}-{place}"));
            // Each name once: who is called and born alike would have to be told apart by a person.
            let n = class * 41 + place;
            let (family, middle) = (FAMILIES[n % 18], MIDDLES[n / 18 % 12]);
            let given = format!("{middle} {}", GIVENS[n / 216]);
            let (login, email, of) = match place {
                0 => (format!("t{class}@example.vn"), format!("t{class}@example.vn"), String::new()),
                _ => (format!("hs{class}.{place}"), String::new(), grade.to_string()),
            };
            put("users.csv", format!("{id},,,true,{login},,{given},{family},,,{email},,,,{of},,,,,,org1,"));
            put("roles.csv", format!("{id}.role,,,{id},primary,{kind},,,org1,"));
            let primary = place == 0;
            put("enrollments.csv", format!("{id}.{class},,,c{class},org1,{id},{kind},{primary},,"));
            if place > 0 {
                let date = format!("{}-{:02}-{:02}", 2009 + place % 3, 1 + class % 12, 1 + (place * 5 + class) % 28);
                born.push(format!("{id},,,{date},{},,,,,,,,,,,", ["male", "female"][place % 2]));
            }
        }
    }
    let mut files = right();
    for (file, rows) in rows {
        files.insert(file.to_owned(), (rows.join("\r\n") + "\r\n").into_bytes());
    }
    let header = String::from_utf8(files["demographics.csv"].clone()).unwrap();
    let header = header.split("\r\n").next().unwrap();
    files.insert("demographics.csv".to_owned(), format!("{header}\r\n{}\r\n", born.join("\r\n")).into_bytes());
    zipped(&files)
}

#[tokio::test]
async fn three_thousand_pupils_come_and_go_the_same() {
    let test = TestApp::new().await;
    let (first, second) = (test.school("79000001").await, test.school("79000002").await);
    share_everything(&test).await;
    comes_in(&test, &first, &large()).await;
    let out = exported(&test, &first).await;
    assert_eq!(unzipped(&out)["users.csv"].len(), 75 * 41 + 1);
    comes_in(&test, &second, &out).await;
    let back = exported(&test, &second).await;
    say_the_same((&out, &first), (&back, &second));
    changes_nothing(&test, &second, &back).await;
}
