//! What a school hands in comes back as it was: submitted, approved, synced, exported and submitted again it is all
//! unchanged, and so is a second sync, whatever the values.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use schoolgate::access::Grant;
use schoolgate::plan::model::OutcomeCounts;

use crate::support::people::School;
use crate::support::{Client, Someone, TestApp, sheets};

const PUPILS: [&str; 12] = [
    "Họ và tên",
    "Giới tính",
    "Lớp",
    "Ngày sinh",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Họ và tên người giám hộ",
    "Năm sinh người giám hộ",
    "Email",
    "Điện thoại",
    "Địa chỉ",
    "Mã định danh Bộ GD&ĐT",
];

const STAFF: [&str; 7] =
    ["Họ và tên", "Giới tính", "Ngày sinh", "Email", "Điện thoại", "Địa chỉ", "Mã định danh Bộ GD&ĐT"];

/// How many schools it is tried in.
const SCHOOLS: usize = 4;

fn words(options: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(options.to_vec())
}

/// A name that belongs to the number alone, spelled in one of the ways that people have.
fn name(number: usize) -> impl Strategy<Value = String> {
    let family = ["Nguyễn", "Trần", "H'Lan Niê", "Đặng", "Tôn Nữ"][number % 5];
    let given = ["An", "Bình", "Đạt", "Hằng", "Quỳnh", "Yến", "Ý"][number % 7];
    words(&["Văn", "Thị Thuỳ", "Thúy", "", "Hoà"])
        .prop_map(move |middle| format!("{family} {middle} {given}").replace("  ", " "))
}

fn pupil(number: usize) -> impl Strategy<Value = [String; PUPILS.len()]> {
    let parent = words(&["mother", "guardian", "both"]);
    let contact =
        (words(&["", "gia.dinh@example.vn", "Phu.Huynh@Example.vn"]), words(&["", "0912345678", "+84 912 345 679"]));
    let address = words(&["", "1 Lê Lợi, P. Bến Nghé", "=1+1", "Thôn 3; \"xóm\" Đoài"]);
    let class = words(&["10A1", "10a2", "Lớp 10A3"]);
    (name(number), class, parent, contact, address, any::<bool>()).prop_map(
        move |(name, class, parent, (email, phone), address, has_moet_id)| {
            let has = |relation: &str| parent == relation || parent == "both";
            let given = |is: bool, value: &str| if is { value.to_owned() } else { String::new() };
            [
                name,
                ["Nam", "Nữ"][number % 2].to_owned(),
                class.to_owned(),
                format!("{:02}/0{}/2011", number + 1, 1 + number % 9),
                given(has("mother"), "Trần Thị Mẹ"),
                given(has("mother"), "1980"),
                given(has("guardian"), "Lê Văn Hộ"),
                given(has("guardian"), "1975"),
                email.to_owned(),
                phone.to_owned(),
                address.to_owned(),
                given(has_moet_id, &format!("79000000{number:02}")),
            ]
        },
    )
}

fn teacher(number: usize) -> impl Strategy<Value = [String; STAFF.len()]> {
    let phone = words(&["", "0987654321"]);
    let address = words(&["", "2 Trần Phú"]);
    (name(number), phone, address, any::<bool>()).prop_map(move |(name, phone, address, has_moet_id)| {
        [
            name,
            ["Nam", "Nữ"][number % 2].to_owned(),
            format!("{:02}/04/198{}", number + 1, number % 10),
            format!("gv{number}@example.vn"),
            phone.to_owned(),
            address.to_owned(),
            if has_moet_id { format!("79000001{number:02}") } else { String::new() },
        ]
    })
}

/// Some of these people, in any order.
fn some<const N: usize, S: Strategy<Value = [String; N]>>(
    of: impl Fn(usize) -> S,
) -> impl Strategy<Value = Vec<[String; N]>> {
    let people: Vec<S> = (0..14).map(of).collect();
    (people, prop::sample::subsequence((0..14).collect::<Vec<usize>>(), 5..=14).prop_shuffle())
        .prop_map(|(people, kept)| kept.into_iter().map(|at| people[at].clone()).collect())
}

fn sheet<const N: usize>(headers: [&str; N], rows: &[[String; N]]) -> Vec<u8> {
    let head = headers.map(str::to_owned).to_vec();
    sheets::written(&std::iter::once(head).chain(rows.iter().map(|row| row.to_vec())).collect::<Vec<_>>())
}

struct Stage {
    test: TestApp,
    operator: Client,
}

impl Stage {
    async fn counts(&self, at: &str) -> OutcomeCounts {
        let id: uuid::Uuid = at.rsplit('/').next().unwrap().parse().unwrap();
        let counts: serde_json::Value = sqlx::query_scalar("SELECT counts FROM plans WHERE id = $1")
            .bind(id)
            .fetch_one(&mut self.test.admin().await)
            .await
            .unwrap();
        serde_json::from_value(counts).unwrap()
    }

    async fn upload(&self, school: &School, owner: &Client, kind: &str, file: &[u8]) -> String {
        let list = school.path("/submissions");
        let at = owner.upload_with(&list, "danh-sach.xlsx", file, &[("kind", kind)]).await.location();
        self.test.work().await;
        at
    }

    async fn take_over(&self, school: &School, owner: &Client, kind: &str, file: &[u8], rows: usize) {
        let at = self.upload(school, owner, kind, file).await;
        let expected = OutcomeCounts { create: rows as i64, ..OutcomeCounts::default() };
        assert_eq!(self.counts(&at).await, expected, "{kind}");
        owner.post(&format!("{at}/submit"), &[]).await.expect(303);
        let id = at.rsplit('/').next().unwrap();
        self.operator.post(&format!("/operator/submissions/{id}/approval"), &[]).await.expect(303);
        self.test.work().await;
    }

    /// Syncs, and gives what it came to.
    async fn sync(&self, school: &School, owner: &Client, what: &str) -> OutcomeCounts {
        let plan = owner.post(&school.path(&format!("/{what}/sync")), &[]).await.location();
        self.test.work().await;
        let counts = self.counts(&plan).await;
        owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
        self.test.work().await;
        counts
    }
}

#[tokio::test]
async fn what_was_submitted_comes_back_unchanged() {
    let test = TestApp::new().await;
    let operator = test.operator("chuyenvien@example.vn", &["79"]).await;
    let operator = test.signed_in(&operator).await;
    let stage = Stage { test, operator };
    let mut runner = TestRunner::deterministic();
    for number in 0..SCHOOLS {
        let school = stage.test.school(&format!("790000{number:02}")).await;
        let owner = school.add(&stage.test, Someone::manager("Hồ Thị Chủ").with(Grant::Owner)).await;
        let owner = stage.test.signed_in(&owner).await;
        // Identifiers are one person's in the whole country.
        let mut pupils = some(pupil).new_tree(&mut runner).unwrap().current();
        let mut staff = some(teacher).new_tree(&mut runner).unwrap().current();
        let moet_ids = pupils.iter_mut().map(|row| &mut row[11]).chain(staff.iter_mut().map(|row| &mut row[6]));
        for id in moet_ids.filter(|id| !id.is_empty()) {
            id.replace_range(2..4, &format!("{number:02}"));
        }
        let names = ["10A1", "10A2", "10A3"].map(|class| [class.to_owned()]);
        let unchanged = |rows: usize| OutcomeCounts { unchanged: rows as i64, ..OutcomeCounts::default() };
        let created = |rows: usize| OutcomeCounts { create: rows as i64, ..OutcomeCounts::default() };
        stage.take_over(&school, &owner, "classes", &sheet(["Lớp"], &names), 3).await;
        stage.take_over(&school, &owner, "staff", &sheet(STAFF, &staff), staff.len()).await;
        stage.take_over(&school, &owner, "pupils", &sheet(PUPILS, &pupils), pupils.len()).await;
        assert_eq!(stage.sync(&school, &owner, "classes").await, created(3));
        let people = pupils.len() + staff.len();
        assert_eq!(stage.sync(&school, &owner, "accounts").await, created(people));
        assert_eq!(stage.sync(&school, &owner, "accounts").await, unchanged(people));

        for (role, kind, rows) in [("student", "pupils", pupils.len()), ("teacher", "staff", staff.len())] {
            for form in ["xlsx", "csv"] {
                let path = school.path(&format!("/accounts/export.{form}?role={role}"));
                let export = owner.get(&path).await.expect(200).file().to_vec();
                let name = format!("danh-sach.{form}");
                let list = school.path("/submissions");
                let at = owner.upload_with(&list, &name, &export, &[("kind", kind)]).await.location();
                stage.test.work().await;
                let page = owner.get(&at).await.expect(200);
                assert_eq!(stage.counts(&at).await, unchanged(rows), "{kind} of {number} as {form}: {}", page.words());
            }
        }
    }
}
