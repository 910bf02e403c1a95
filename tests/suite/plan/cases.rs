//! Lists that went wrong somewhere in silence, each with what is right. The files stand in `tests/samples/cases`.

use schoolgate::{
    ids::PlanId,
    plan::{
        apply,
        draft::Upload,
        model::{Plan, PlanRow, PlanState, ReadProgress, RowOutcome, Source},
        rows, store,
    },
    roster::fields::Field,
    sources::import,
};

use crate::support::TestApp;
use crate::support::people::School;

/// A plan of a list, reviewed and not applied.
pub struct Made {
    pub plan: Plan,
    pub rows: Vec<PlanRow>,
}

impl Made {
    pub fn outcomes(&self) -> Vec<RowOutcome> {
        self.rows.iter().map(|row| row.outcome).collect()
    }

    #[track_caller]
    pub fn comes_to(&self, expected: &[RowOutcome]) -> &Self {
        let said: Vec<_> = self
            .rows
            .iter()
            .map(|row| (row.value(Field::FullName), row.outcome, row.problems().collect::<Vec<_>>()))
            .collect();
        assert_eq!(self.outcomes(), expected, "{said:#?}");
        self
    }

    pub fn values(&self, field: Field) -> Vec<&str> {
        self.rows.iter().map(|row| row.value(field)).collect()
    }

    /// The keys of why each row is held.
    pub fn held(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.problems().map(|fault| fault.key.as_str()).collect()).collect()
    }

    pub fn warnings(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.warnings.iter().map(|fault| fault.key.as_str()).collect()).collect()
    }

    pub fn guesses(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|row| row.guesses.iter().map(|guess| guess.key.as_str()).collect()).collect()
    }
}

pub fn case(name: &str) -> Vec<u8> {
    crate::spreadsheet::support::sample(&format!("cases/{name}"))
}

pub async fn plan_of(test: &TestApp, school: &School, source: Source, name: &str, file: &[u8]) -> Made {
    let granted = school.scope.grant().unwrap();
    let id = import::begin(&granted, test, Upload { source, file_name: name, file, year_id: None }).await.unwrap();
    test.work().await;
    made(test, school, id).await
}

pub async fn made(test: &TestApp, school: &School, id: PlanId) -> Made {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let plan = store::find(&school.scope, &mut tx, id).await.unwrap();
    let rows = rows::page(&school.scope, &mut tx, id, None, 0, 1000).await.unwrap();
    Made { plan, rows }
}

pub async fn apply(test: &TestApp, school: &School, made: &Made) {
    assert!(apply::start(&school.scope.grant().unwrap(), test, made.plan.id, None).await.unwrap());
    test.work().await;
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    assert_eq!(store::find(&school.scope, &mut tx, made.plan.id).await.unwrap().state, PlanState::Applied);
}

/// Reads a file once more, otherwise.
pub async fn read_otherwise(test: &TestApp, school: &School, made_before: &Made, reading: &ReadProgress) -> Made {
    let granted = school.scope.grant().unwrap();
    assert!(import::read_otherwise(&granted, test, &made_before.plan, reading).await.unwrap());
    test.work().await;
    made(test, school, made_before.plan.id).await
}

pub fn csv(lines: &[&str]) -> Vec<u8> {
    lines.join("\n").into_bytes()
}

pub const HEADER: &str = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ";
pub const WITH_IDS: &str = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ,Mã định danh Bộ GD&ĐT";

pub async fn after(test: &TestApp, school: &School, first: &[u8], second: &[u8]) -> Made {
    let before = plan_of(test, school, Source::Students, "truoc.csv", first).await;
    assert!(before.outcomes().iter().all(|outcome| *outcome == RowOutcome::Create), "{:?}", before.held());
    apply(test, school, &before).await;
    plan_of(test, school, Source::Students, "sau.csv", second).await
}

#[tokio::test]
async fn apostrophes_of_every_kind_are_one() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let (first, second) = (case("26a_apostrophe_first.csv"), case("26b_apostrophe_second.csv"));
    after(&test, &school, &first, &second).await.comes_to(&[RowOutcome::Unchanged; 2]);
    let others = csv(&[
        HEADER,
        "HʼMai Niê Thử,Nữ,10A1,01/06/2011,Lò Thị Mẫu,1985",
        "K´BRƠI THỬ,Nam,10A1,02/06/2011,LÒ THỊ MẪU,1985",
    ]);
    plan_of(&test, &school, Source::Students, "khac.csv", &others).await.comes_to(&[RowOutcome::Unchanged; 2]);
}

#[tokio::test]
async fn an_identifier_against_everything_else_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let (first, second) = (case("27a_id_of_somebody.csv"), case("27b_id_mistyped.csv"));
    let made = after(&test, &school, &first, &second).await;
    made.comes_to(&[RowOutcome::Duplicate]);
    assert_eq!(made.held(), [["doubt-identifier"]]);
    // A name that was corrected, or a birth date, is an update.
    for row in
        ["Phùng Gốc Một,Nam,10A1,19/09/2011,Lò Thị Một,1985", "Phùng Gốc Hai,Nam,10A1,09/09/2011,Lò Thị Một,1985"]
    {
        let corrected = csv(&[WITH_IDS, &format!("{row},9100000001")]);
        plan_of(&test, &school, Source::Students, "sua.csv", &corrected).await.comes_to(&[RowOutcome::Update]);
    }
    // Without a birth date, quite another name of no common family.
    let short = csv(&["Họ và tên,Lớp,Mã định danh Bộ GD&ĐT", "Doãn Khác Hẳn,10A1,9100000001"]);
    plan_of(&test, &school, Source::Students, "ngan.csv", &short).await.comes_to(&[RowOutcome::Duplicate]);
}

#[tokio::test]
async fn a_teachers_email_or_a_username_of_another_member_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let header = "Họ và tên,Giới tính,Ngày sinh,Email";
    let first = csv(&[header, "Lê Thị Hạnh,Nữ,01/02/1985,hanh@example.vn"]);
    apply(&test, &school, &plan_of(&test, &school, Source::Teachers, "gv.csv", &first).await).await;
    let second = csv(&[header, "Trần Văn Dũng,Nam,09/09/1979,HANH@example.vn"]);
    let made = plan_of(&test, &school, Source::Teachers, "gv2.csv", &second).await;
    assert_eq!(made.comes_to(&[RowOutcome::Duplicate]).held(), [["doubt-identifier"]]);
    let pupil = csv(&[HEADER, "Lê Văn Tý,Nam,10A1,04/04/2011,Hoàng Thị Mẹ,1980"]);
    let second = csv(&[
        "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ,Năm sinh của mẹ,Tên đăng nhập",
        "Phạm Thị Sửu,Nữ,10A2,05/05/2010,Vũ Thị Khác,1970,tylv",
    ]);
    let made = after(&test, &school, &pupil, &second).await;
    assert_eq!(made.comes_to(&[RowOutcome::Duplicate]).held(), [["doubt-identifier"]]);
}

/// Six pupils, and a sheet of them in which one column was sorted without the others.
#[tokio::test]
async fn a_column_that_was_sorted_by_itself_is_never_applied_unasked() {
    let test = TestApp::new().await;
    let pupils = [
        ("Nguyễn Văn An", "01/01/2011", "Lý Thị Mai", "7900000001"),
        ("Trần Thị Bình", "02/02/2011", "Võ Thị Lan", "7900000002"),
        ("Lê Văn Cường", "03/03/2011", "Hồ Thị Cúc", "7900000003"),
        ("Phạm Thị Dung", "04/04/2011", "Ngô Thị Đào", "7900000004"),
        ("Hoàng Văn Em", "05/05/2011", "Bùi Thị Hoa", "7900000005"),
        ("Vũ Thị Giang", "06/06/2011", "Đỗ Thị Sen", "7900000006"),
    ];
    for (number, turned) in ["name", "birth", "mother", "id"].into_iter().enumerate() {
        let school = test.school(&format!("7900000{number}")).await;
        let line = |at: usize, turned: &str| {
            let by = |column: &str| pupils[if column == turned { (at + 1) % pupils.len() } else { at }];
            let (name, birth, mother, id) = (by("name").0, by("birth").1, by("mother").2, by("id").3);
            format!("{name},,10A1,{birth},{mother},1980,{id}").replace(",,", ",Nam,")
        };
        let sheet = |turned: &str| {
            let lines: Vec<String> = (0..pupils.len()).map(|at| line(at, turned)).collect();
            csv(&std::iter::once(WITH_IDS).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>())
        };
        let made = after(&test, &school, &sheet(""), &sheet(turned)).await;
        made.comes_to(&[RowOutcome::Duplicate; 6]);
        assert_eq!(made.plan.notes.contradicted, 6, "{turned}");
        let cast =
            test.signed_in(&school.add(&test, crate::support::people::Someone::manager("Mai Thị Quản")).await).await;
        let page = cast.get(&school.path(&format!("/plans/{}", made.plan.id))).await.expect(200);
        page.shows(&[&crate::support::say::vi1("plan-contradicted", "count", 6)]);
    }
}

#[tokio::test]
async fn another_surname_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let (first, second) = (case("28_surname_changed_1.csv"), case("28_surname_changed_2.csv"));
    let made = after(&test, &school, &first, &second).await;
    assert_eq!(made.comes_to(&[RowOutcome::Duplicate]).held(), [["doubt-surname"]]);
    // The class alone, where nobody says otherwise of the mother; a boy of the name is another person.
    let others = csv(&[
        HEADER,
        "Hoàng Thị Tên,Nữ,10A1,11/11/2011,,",
        "Hoàng Văn Tên,Nam,10A1,11/11/2011,Lường Thị Mẹ,1985",
        "Lường Thị Em,Nữ,10A1,11/11/2011,Lường Thị Mẹ,1985",
    ]);
    let made = plan_of(&test, &school, Source::Students, "khac.csv", &others).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Create, RowOutcome::Create]);
}

#[tokio::test]
async fn another_birth_date_of_the_same_name_class_and_mother_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let first = csv(&[HEADER, "Lê Thị Hoà,Nữ,10A1,09/08/2011,Lò Thị Mẫu,1985"]);
    let second = csv(&[
        HEADER,
        "Lê Thị Hòa,Nữ,10A1,10/08/2011,LÒ THỊ MẪU,1985",
        "Lê Thị Hòa,Nữ,10A2,08/09/2011,Lo Thi Mau,1985",
        "Lê Thị Hòa,Nữ,10A2,11/11/2011,Vi Thị Khác,1979",
    ]);
    let made = after(&test, &school, &first, &second).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Duplicate, RowOutcome::Create]);
    assert_eq!(made.held()[..2], [["doubt-birth-date"], ["doubt-birth-date"]]);
}

#[tokio::test]
async fn another_spelling_is_a_decision_and_capitals_are_nothing() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = after(&test, &school, &case("49a_spelling.csv"), &case("49b_spelling.csv")).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Duplicate, RowOutcome::Unchanged]);
    assert_eq!(made.held()[..2], [["doubt-spelling"], ["doubt-spelling"]]);
    let capitals = csv(&[HEADER, "đỗ đức Thử,Nam,10a1,11/02/2011,LÒ THỊ MẪU,1985"]);
    plan_of(&test, &school, Source::Students, "hoa.csv", &capitals).await.comes_to(&[RowOutcome::Unchanged]);
}

#[tokio::test]
async fn another_spelling_within_the_sheet_is_a_decision() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let sheet = csv(&[
        HEADER,
        "Lê Thị Mỹ Kỳ,Nữ,10A1,10/02/2011,Lò Thị Mẫu,1985",
        "Lê Thị Mĩ Kì,Nữ,10A1,10/02/2011,Lò Thị Mẫu,1985",
        "Lê Bảo An,Nam,10A1,10/02/2011,Vi Thị Đôi,1985",
        "Lê Bảo Ân,Nam,10A1,10/02/2011,Vi Thị Đôi,1985",
    ]);
    let made = plan_of(&test, &school, Source::Students, "ds.csv", &sheet).await;
    made.comes_to(&[RowOutcome::Duplicate, RowOutcome::Duplicate, RowOutcome::Create, RowOutcome::Create]);
}

#[tokio::test]
async fn what_people_sign_in_with_stays_and_that_is_said() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let before = plan_of(&test, &school, Source::Teachers, "48a.csv", &case("48a_teacher.csv")).await;
    apply(&test, &school, before.comes_to(&[RowOutcome::Create])).await;
    let made = plan_of(&test, &school, Source::Teachers, "48b.csv", &case("48b_teacher_new_email.csv")).await;
    made.comes_to(&[RowOutcome::Unchanged]);
    assert_eq!(made.warnings(), [["email-kept"]]);
    assert_eq!(made.rows[0].warnings[0].value, "thu.cu@example.vn");

    let made = after(&test, &school, &case("28_surname_changed_1.csv"), &case("50_password_for_known.csv")).await;
    assert_eq!(made.comes_to(&[RowOutcome::Unchanged]).warnings(), [["password-kept"]]);
}

/// A new person cannot have what is another's.
#[tokio::test]
async fn a_decision_for_a_new_person_asks_for_an_identifier_of_their_own() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let made = after(&test, &school, &case("27a_id_of_somebody.csv"), &case("27b_id_mistyped.csv")).await;
    let manager =
        test.signed_in(&school.add(&test, crate::support::people::Someone::manager("Mai Thị Quản")).await).await;
    let plan = school.path(&format!("/plans/{}", made.plan.id));
    manager.post(&format!("{plan}/rows/2"), &[("decision", "new")]).await.expect(303);
    let now = self::made(&test, &school, made.plan.id).await;
    assert_eq!(now.comes_to(&[RowOutcome::Error]).held(), [["identifier-taken"]]);
    manager.post(&format!("{plan}/rows/2"), &[("moet_id", "9100000002")]).await.expect(303);
    let now = self::made(&test, &school, made.plan.id).await;
    apply(&test, &school, now.comes_to(&[RowOutcome::Create])).await;
}

/// An export fed back in changes nothing, no matter who is in the school.
mod round_trip {
    use proptest::prelude::*;
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    use schoolgate::access::Grant;

    use super::*;
    use crate::support::people::Someone;

    /// Names among which some are the same, some but spelled alike, and some look like a line of something else.
    fn name() -> impl Strategy<Value = String> {
        let odd = vec![
            "Nguyễn Văn An",
            "NGUYỄN Văn An",
            "Nguyễn Văn Ân",
            "Nguyen Van An",
            "Lê Thị Mỹ Kỳ",
            "Lê Thị Mĩ Kì",
            "H'Mai Niê",
            "H’Mai Niê",
            "Y Ê-ban",
            "An",
            "Lê Thị M.",
            "Phạm Thị Thủy (B)",
            "Lưu Ý Nhi",
            "Trong Đó",
            "Tổng Thị Số",
            "Kế Toán Trưởng",
            "Nam",
            "Mẫu Văn Tên",
            "Hoà",
            "Hòa",
            "김민준",
            "O'Connor Seán",
        ];
        prop_oneof![
            prop::sample::select(odd).prop_map(str::to_owned),
            ("(Lê|Trần|Hồ)", "(Văn|Thị|Bảo)", "(An|Ân|Bình|Hoà|Quý|Quí)").prop_map(|(a, b, c)| format!("{a} {b} {c}")),
        ]
    }

    fn pupil() -> impl Strategy<Value = Vec<(Field, String)>> {
        let birth = prop::sample::select(vec!["2011-02-01", "2011-01-02", "2011-11-30", "2012-01-01"]);
        let mother = prop::sample::select(vec!["Lò Thị Mẫu", "LÒ Thị Mẫu", "Vi Thị Khác"]);
        let gender = prop::sample::select(vec!["male", "female"]);
        (name(), birth, mother, gender, any::<bool>()).prop_map(|(name, birth, mother, gender, has_phone)| {
            let mut values = vec![
                (Field::FullName, name),
                (Field::BirthDate, birth.to_owned()),
                (Field::MotherName, mother.to_owned()),
                (Field::MotherBirthYear, "1985".to_owned()),
                (Field::Gender, gender.to_owned()),
            ];
            values.extend(has_phone.then(|| (Field::Phone, "0912345678".to_owned())));
            values
        })
    }

    #[tokio::test]
    async fn of_namesakes_twins_and_odd_names_is_unchanged() {
        let test = TestApp::new().await;
        let mut runner = TestRunner::deterministic();
        let school = test.school("79000001").await;
        let classes = [school.class(&test, "10A1").await, school.class(&test, "10A2").await];
        let manager =
            test.signed_in(&school.add(&test, Someone::manager("Vũ Thị Hiệu Trưởng").with(Grant::Owner)).await).await;
        let mut people = Vec::new();
        for number in 0..150 {
            let values = pupil().new_tree(&mut runner).unwrap().current();
            let name = values.iter().find(|(field, _)| *field == Field::FullName).unwrap().1.clone();
            let pupil = Someone::pupil(&name, classes[number % 2]);
            people.push(values.iter().fold(pupil, |pupil, (field, value)| pupil.value(*field, value)));
        }
        school.add_all(&test, &people).await;
        for teacher in ["Lưu Ý Nhi", "Nguyễn Văn An", "Trong Đó", "Kế Toán Trưởng"] {
            school.add(&test, Someone::teacher(teacher).value(Field::BirthDate, "1980-01-01")).await;
        }
        school.add(&test, Someone::teacher("Lưu Ý")).await;
        for (role, source, count) in [("student", Source::Students, 150), ("teacher", Source::Teachers, 5)] {
            for form in ["xlsx", "csv"] {
                let file = manager.get(&school.path(&format!("/accounts/export.{form}?role={role}"))).await.expect(200);
                let made = plan_of(&test, &school, source, &format!("ds.{form}"), file.file()).await;
                made.comes_to(&vec![RowOutcome::Unchanged; count]);
            }
        }
    }
}
