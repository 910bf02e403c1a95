//! What holds of every plan, whatever the sheet: it is taken back to the last bit, applied twice it changes nothing, the
//! order of its rows does not matter, and it reaches no other school.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use schoolgate::{
    ids::PlanId,
    plan::{
        apply,
        draft::Upload,
        model::{OutcomeCounts, PlanState, Source},
        rows, store, undo,
    },
    sources::import,
};
use serde_json::Value;

use crate::support::people::School;
use crate::support::{TestApp, crowd, sheets};

const HEADERS: [&str; 11] = [
    "Họ và tên",
    "Giới tính",
    "Lớp",
    "Ngày sinh",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Điện thoại",
    "Địa chỉ",
    "Mã định danh Bộ GD&ĐT",
    "Trạng thái",
    "Tên đăng nhập",
];

/// How many schools each property is tried in.
const SCHOOLS: u32 = 8;

type Row = [String; HEADERS.len()];

/// A pupil of a sheet; the identity follows from the number, the rest may be different from sheet to sheet.
fn pupil(number: usize) -> impl Strategy<Value = Row> {
    let family = ["Nguyễn", "Trần", "Lê", "Phạm"][number % 4];
    let given = ["An", "Bình", "Đạt", "Hằng", "Quỳnh"][number % 5];
    let classes = prop::sample::select(vec!["10A1", "10A2", "10A3", ""]);
    let phone = prop::option::of("09[0-9]{8}");
    let address = prop::option::of(prop::sample::select(vec!["1 Lê Lợi", "2 Trần Phú", "=1+1"]));
    let status = prop::sample::select(vec!["", "", "Đang học", "Thôi học"]);
    let mother_year = prop::sample::select(vec!["1980", "1981"]);
    (classes, phone, address, status, mother_year, any::<bool>()).prop_map(
        move |(class, phone, address, status, mother_year, has_moet_id)| {
            [
                format!("{family} Văn {given}"),
                "Nam".to_owned(),
                class.to_owned(),
                format!("{:02}/03/2011", number + 1),
                format!("{family} Thị Mẹ"),
                mother_year.to_owned(),
                phone.unwrap_or_default(),
                address.unwrap_or_default().to_owned(),
                if has_moet_id { format!("79000000{number:02}") } else { String::new() },
                status.to_owned(),
                String::new(),
            ]
        },
    )
}

/// Some of twelve pupils, in any order.
fn sheet() -> impl Strategy<Value = Vec<Row>> {
    let rows: Vec<_> = (0..12).map(pupil).collect();
    (rows, prop::sample::subsequence((0..12).collect::<Vec<usize>>(), 4..=12).prop_shuffle())
        .prop_map(|(rows, kept)| kept.into_iter().map(|at| rows[at].clone()).collect())
}

fn file(rows: &[Row]) -> Vec<u8> {
    let header = HEADERS.map(str::to_owned).to_vec();
    sheets::written(&std::iter::once(header).chain(rows.iter().map(|row| row.to_vec())).collect::<Vec<_>>())
}

async fn plan(test: &TestApp, school: &School, sheet: &[Row]) -> PlanId {
    let granted = school.scope.grant().unwrap();
    let file = file(sheet);
    let upload = Upload { source: Source::Students, file_name: "danh-sach.xlsx", file: &file, year_id: None };
    let id = import::begin(&granted, test, upload).await.unwrap();
    test.work().await;
    id
}

async fn state(test: &TestApp, school: &School, id: PlanId) -> (PlanState, OutcomeCounts) {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let plan = store::find(&school.scope, &mut tx, id).await.unwrap();
    (plan.state, plan.counts)
}

async fn applied(test: &TestApp, school: &School, sheet: &[Row]) -> PlanId {
    let id = plan(test, school, sheet).await;
    assert!(apply::start(&school.scope.grant().unwrap(), test, id, None).await.unwrap());
    test.work().await;
    assert_eq!(state(test, school, id).await.0, PlanState::Applied);
    id
}

/// Everything that is known of a school's people, table by table, but for the versions, which only grow.
pub async fn roster(test: &TestApp, school: &School) -> BTreeMap<&'static str, Value> {
    let mut admin = test.admin().await;
    let mut roster = BTreeMap::new();
    for (table, what) in [
        ("members", "to_jsonb(t) - '{version,changed_at}'::text[] FROM members t WHERE school_id = $1"),
        ("guardians", "to_jsonb(t) - 'changed_at' FROM guardians t WHERE school_id = $1"),
        ("enrolments", "to_jsonb(t) - 'changed_at' FROM enrolments t WHERE school_id = $1"),
        ("classes", "to_jsonb(t) - '{changed_at,homeroom_changed_at}'::text[] FROM classes t WHERE school_id = $1"),
        ("grants", "to_jsonb(t) FROM grants t WHERE school_id = $1"),
        ("member_words", "to_jsonb(t) FROM member_words t WHERE school_id = $1"),
        ("memberships", "to_jsonb(t) FROM memberships t WHERE school_id = $1"),
        ("counters", "to_jsonb(t) FROM counters t WHERE school_id = $1 AND value <> 0"),
        (
            "accounts",
            "to_jsonb(t) FROM accounts t WHERE id IN (SELECT account_id FROM members WHERE school_id = $1) OR login LIKE '%@' || (SELECT lower(code) FROM schools WHERE id = $1)",
        ),
    ] {
        let rows: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "SELECT coalesce(jsonb_agg(row ORDER BY row::text), '[]') FROM (SELECT {what}) AS of_table (row)"
        )))
        .bind(school.id())
        .fetch_one(&mut admin)
        .await
        .unwrap();
        roster.insert(table, rows);
    }
    assert_eq!(crowd::with_other_words(test).await, 0);
    roster
}

#[track_caller]
pub fn assert_same(before: &BTreeMap<&'static str, Value>, after: &BTreeMap<&'static str, Value>) {
    let rows = |rows: &Value| rows.as_array().unwrap().iter().map(Value::to_string).collect::<BTreeSet<String>>();
    for (table, was) in before {
        let (was, is) = (rows(was), rows(&after[table]));
        let gone: Vec<&String> = was.difference(&is).collect();
        let come: Vec<&String> = is.difference(&was).collect();
        assert!(gone.is_empty() && come.is_empty(), "{table}: {gone:#?} became {come:#?}");
    }
}

/// A school that a first sheet has filled, and that a second one will meet.
async fn filled_school(test: &TestApp, number: u32, runner: &mut TestRunner) -> School {
    let school = test.school(&format!("790001{number:02}")).await;
    school.class(test, "10A1").await;
    let first = sheet().new_tree(runner).unwrap().current();
    applied(test, &school, &first).await;
    // Some of those who came leave, so that others can come back.
    let leaving: Vec<Row> = first
        .iter()
        .step_by(3)
        .map(|row| {
            let mut row = row.clone();
            row[9] = "Chuyển đi".to_owned();
            row
        })
        .collect();
    applied(test, &school, &leaving).await;
    school
}

#[tokio::test]
async fn a_plan_is_taken_back_to_the_last_bit() {
    let test = TestApp::new().await;
    let mut runner = TestRunner::deterministic();
    let bystander = filled_school(&test, 99, &mut runner).await;
    let beside = roster(&test, &bystander).await;
    let mut written = OutcomeCounts::default();
    for number in 0..SCHOOLS {
        let school = filled_school(&test, number, &mut runner).await;
        let before = roster(&test, &school).await;
        let id = applied(&test, &school, &sheet().new_tree(&mut runner).unwrap().current()).await;
        let (_, counts) = state(&test, &school, id).await;
        written.create += counts.create;
        written.update += counts.update;
        written.leave += counts.leave;
        assert!(undo::start(&school.scope.grant().unwrap(), &test, id).await.unwrap());
        test.work().await;
        assert_eq!(state(&test, &school, id).await.0, PlanState::Undone);
        assert_same(&before, &roster(&test, &school).await);
    }
    assert!(written.create > 9 && written.update > 9 && written.leave > 2, "tried too little: {written:?}");
    assert_same(&beside, &roster(&test, &bystander).await);
}

#[tokio::test]
async fn applied_twice_a_plan_changes_nothing() {
    let test = TestApp::new().await;
    let mut runner = TestRunner::deterministic();
    for number in 0..SCHOOLS {
        let school = filled_school(&test, number, &mut runner).await;
        let sheet = sheet().new_tree(&mut runner).unwrap().current();
        let (_, first) = state(&test, &school, applied(&test, &school, &sheet).await).await;
        let once = roster(&test, &school).await;
        let again = plan(&test, &school, &sheet).await;
        let (_, second) = state(&test, &school, again).await;
        assert_eq!((second.create, second.update, second.leave), (0, 0, 0), "{first:?} then {second:?}");
        assert_eq!(second.error, first.error);
        apply::start(&school.scope.grant().unwrap(), &test, again, None).await.unwrap();
        test.work().await;
        assert_same(&once, &roster(&test, &school).await);
    }
}

#[tokio::test]
async fn the_order_of_rows_does_not_matter() {
    let test = TestApp::new().await;
    let mut runner = TestRunner::deterministic();
    for number in 0..SCHOOLS {
        let school = filled_school(&test, number, &mut runner).await;
        let sheet = sheet().new_tree(&mut runner).unwrap().current();
        // Twins too: the first row once more, and once more with another address.
        let mut twins = sheet.clone();
        twins.push(sheet[0].clone());
        twins.push(sheet[1].clone());
        twins.last_mut().unwrap()[7] = "9 Hai Bà Trưng".to_owned();
        let outcomes = async |rows: &[Row]| {
            let id = plan(&test, &school, rows).await;
            let mut tx = test.db.begin_in(school.id()).await.unwrap();
            let rows = rows::page(&school.scope, &mut tx, id, None, 0, 100).await.unwrap();
            let mut outcomes: Vec<String> =
                rows.iter().map(|row| format!("{:?} {:?} {:?}", row.outcome, row.values, row.before)).collect();
            outcomes.sort();
            outcomes
        };
        let forwards = outcomes(&twins).await;
        twins.reverse();
        assert_eq!(forwards, outcomes(&twins).await);
    }
}
