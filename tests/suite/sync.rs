//! `/schools/{code}/accounts/sync`: three ways are compared, field by field, and what the school has changed itself
//! stays unless a person decides otherwise.

use futures_util::future::{join, join_all};
use schoolgate::ids::{PlanId, RegistryClassId, RegistryPersonId};
use schoolgate::plan::{links, model::OutcomeCounts};
use serde_json::{Value, json};

use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, TestApp, sheets};

/// The registry of a school, as approved submissions leave it.
pub struct Registry<'a> {
    pub test: &'a TestApp,
    pub school: &'a School,
}

impl Registry<'_> {
    pub async fn class(&self, name: &str) -> RegistryClassId {
        let id: RegistryClassId = self.test.id();
        sqlx::query(
            "INSERT INTO registry_classes (school_id, id, school_year_id, name, sort_key, origin, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $4, 'submission', $5, $5)",
        )
        .bind(self.school.id())
        .bind(id)
        .bind(self.school.year_id)
        .bind(name)
        .bind(self.test.clock.now())
        .execute(&mut self.test.admin().await)
        .await
        .unwrap();
        id
    }

    /// A pupil, with all that a new one needs.
    pub async fn pupil(&self, name: &str, class_id: RegistryClassId, more: &[(&str, &str)]) -> RegistryPersonId {
        let mut fields = json!({
            "full_name": name, "gender": "female", "birth_date": "2011-09-05", "mother_name": format!("Mẹ của {name}"),
            "mother_birth_year": "1984",
        });
        fields.as_object_mut().unwrap().extend(more.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
        self.person("student", name, Some(class_id), &fields).await
    }

    pub async fn person(
        &self,
        kind: &str,
        name: &str,
        class_id: Option<RegistryClassId>,
        fields: &Value,
    ) -> RegistryPersonId {
        let id: RegistryPersonId = self.test.id();
        sqlx::query(
            "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name,
                 birth_date, email, moet_id, class_id, fields, origin, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $8, '', '', ($6::jsonb ->> 'birth_date')::date, $6 ->> 'email', $6 ->> 'moet_id', $5,
                 $6, 'submission', $7, $7)",
        )
        .bind(self.school.id())
        .bind(id)
        .bind(kind)
        .bind(name)
        .bind(class_id)
        .bind(fields)
        .bind(self.test.clock.now())
        .bind(schoolgate::vietnam::name::sort_keys(name)[0].clone())
        .execute(&mut self.test.admin().await)
        .await
        .unwrap();
        id
    }

    /// The registry says something else of a person from now on.
    pub async fn says(&self, person: RegistryPersonId, field: &str, value: &str) {
        self.changes(
            "UPDATE registry_people SET version = version + 1, changed_at = $4, fields = fields || jsonb_build_object($2, $3)
             WHERE id = $1",
            person,
            (field, value),
        )
        .await;
    }

    pub async fn moves(&self, person: RegistryPersonId, class_id: RegistryClassId) {
        self.changes(
            "UPDATE registry_people SET version = version + 1, changed_at = $4, class_id = $3::uuid
             WHERE id = $1 AND $2 <> ''",
            person,
            ("class", &class_id.to_string()),
        )
        .await;
    }

    pub async fn loses(&self, person: RegistryPersonId, reason: &str) {
        self.changes(
            "UPDATE registry_people SET version = version + 1, changed_at = $4, left_at = $4, left_reason = $3
             WHERE id = $1 AND $2 <> ''",
            person,
            ("left", reason),
        )
        .await;
    }

    pub async fn changes(&self, change: &'static str, person: RegistryPersonId, (field, value): (&str, &str)) {
        // Later than the last sync.
        self.test.clock.advance(chrono::Duration::seconds(1));
        let changed = sqlx::query(change)
            .bind(person)
            .bind(field)
            .bind(value)
            .bind(self.test.clock.now())
            .execute(&mut self.test.admin().await)
            .await
            .unwrap();
        assert_eq!(changed.rows_affected(), 1);
    }

    /// The school changes something by hand.
    pub async fn school_says(&self, name: &str, column: &str, value: &str) {
        let change = format!("UPDATE members SET {column} = $2, version = version + 1 WHERE full_name = $1");
        let change = sqlx::query(sqlx::AssertSqlSafe(change)).bind(name).bind(value);
        assert_eq!(change.execute(&mut self.test.admin().await).await.unwrap().rows_affected(), 1);
    }

    /// What the school has of a pupil: phone, class, status.
    pub async fn has(&self, name: &str) -> (Option<String>, Option<String>, String) {
        sqlx::query_as(
            "SELECT m.phone, c.name, m.status FROM members m
             LEFT JOIN enrolments e ON e.member_id = m.id AND e.ended_at IS NULL LEFT JOIN classes c ON c.id = e.class_id
             WHERE m.full_name = $1",
        )
        .bind(name)
        .fetch_one(&mut self.test.admin().await)
        .await
        .unwrap()
    }
}

/// Begins a sync; gives the address of its plan.
pub async fn sync(test: &TestApp, owner: &Client, cast: &Cast) -> String {
    let plan = owner.post(&cast.school.path("/accounts/sync"), &[]).await.location();
    test.work().await;
    plan
}

/// Runs the job that begins a school's sync at night, so many days from today, and the jobs that it enqueues.
pub async fn sync_at_night(test: &TestApp, cast: &Cast, days: i64) {
    use schoolgate::{jobs, nightly::SyncAtNight};
    let night = test.clock.today() + chrono::Duration::days(days);
    let mut tx = test.db.begin().await.unwrap();
    jobs::enqueue(&mut tx, &SyncAtNight { school_id: cast.school.id(), night }).await.unwrap();
    tx.commit().await.unwrap();
    test.work().await;
}

pub async fn counts(test: &TestApp, plan: &str) -> OutcomeCounts {
    let id: PlanId = plan.rsplit('/').next().unwrap().parse().unwrap();
    let counts: Value = sqlx::query_scalar("SELECT counts FROM plans WHERE id = $1")
        .bind(id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    serde_json::from_value(counts).unwrap()
}

pub async fn apply(test: &TestApp, owner: &Client, plan: &str) {
    owner.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await.expect(303);
    test.work().await;
    owner.get(plan).await.expect(200).shows(&[&vi("sync-plan-applied")]);
}

pub const NAMES: [&str; 5] = ["Bùi Thị Ánh", "Cao Thị Bích", "Đỗ Thị Cúc", "Giang Thị Diệp", "Hà Thị Én"];

/// A school whose registry has five pupils, all synced.
pub async fn synced<'a>(
    test: &'a TestApp,
    cast: &'a Cast,
    owner: &Client,
) -> (Registry<'a>, Vec<RegistryPersonId>, RegistryClassId) {
    let registry = Registry { test, school: &cast.school };
    let class = registry.class("10A1").await;
    let mut people = Vec::new();
    for (n, name) in NAMES.into_iter().enumerate() {
        people.push(registry.pupil(name, class, &[("phone", &format!("091234567{n}"))]).await);
    }
    let plan = sync(test, owner, cast).await;
    assert_eq!(counts(test, &plan).await, OutcomeCounts { create: 5, ..OutcomeCounts::default() });
    apply(test, owner, &plan).await;
    (registry, people, class)
}

#[tokio::test]
async fn exactly_what_differs_is_shown_and_the_second_sync_changes_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let page = cast.school.path("/accounts/sync");
    owner.get(&page).await.expect(200).shows(&[&vi("sync-never"), &vi("sync-nothing-there")]);
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    for name in NAMES {
        assert_eq!(registry.has(name).await.1.as_deref(), Some("10A1"), "{name}");
    }

    let again = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &again).await, OutcomeCounts { unchanged: 5, ..OutcomeCounts::default() });
    apply(&test, &owner, &again).await;
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 0)]);

    // One renamed, one in another class, one gone, one whose phone the school has changed.
    registry.says(people[0], "full_name", "Bùi Thị Ánh Tuyết").await;
    let other_class = registry.class("10A2").await;
    registry.moves(people[1], other_class).await;
    registry.loses(people[2], "gone").await;
    registry.school_says(NAMES[3], "phone", "0987654321").await;
    owner.get(&page).await.expect(200).shows(&[&vi1("sync-changes", "count", 3)]);
    let plan = sync(&test, &owner, &cast).await;
    let expected = OutcomeCounts { update: 2, leave: 1, unchanged: 2, ..OutcomeCounts::default() };
    assert_eq!(counts(&test, &plan).await, expected);
    let shown = owner.get(&plan).await.expect(200);
    shown.shows(&[
        "Bùi Thị Ánh Tuyết",
        "10A2",
        NAMES[2],
        &vi("fault-registry-gone"),
        NAMES[3],
        &vi1("fault-registry-differs", "value", "0912345673"),
        &vi1("sync-unlisted", "count", 1),
    ]);
    let rows = owner.get(&plan).await.rows();
    assert!(rows.iter().all(|row| !row.contains(NAMES[4])), "{rows:?}");
    apply(&test, &owner, &plan).await;
    assert_eq!(registry.has("Bùi Thị Ánh Tuyết").await.2, "active");
    assert_eq!(registry.has(NAMES[1]).await.1.as_deref(), Some("10A2"));
    assert_eq!(registry.has(NAMES[2]).await.2, "left");
    assert_eq!(registry.has(NAMES[3]).await.0.as_deref(), Some("0987654321"));

    // And once more: nothing to do, and what differs is still said.
    let last = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &last).await, OutcomeCounts { unchanged: 4, ..OutcomeCounts::default() });
    owner.get(&last).await.expect(200).shows(&[NAMES[3], &vi1("fault-registry-differs", "value", "0912345673")]);
}

#[tokio::test]
async fn where_both_have_changed_the_school_decides_and_that_is_remembered() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    registry.says(people[0], "phone", "0911111111").await;
    registry.school_says(NAMES[0], "phone", "0922222222").await;
    let phone = async || registry.has(NAMES[0]).await.0.unwrap();

    // Undecided, it is the school's, and is not asked again.
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await, OutcomeCounts { duplicate: 1, unchanged: 4, ..OutcomeCounts::default() });
    owner.get(&plan).await.expect(200).shows(&[&vi1("fault-doubt-registry", "value", "0911111111"), &vi("sync-take")]);
    apply(&test, &owner, &plan).await;
    assert_eq!(phone().await, "0922222222");
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await, OutcomeCounts { unchanged: 5, ..OutcomeCounts::default() });
    owner.get(&plan).await.expect(200).shows(&[&vi1("fault-registry-differs", "value", "0911111111")]);

    // The registry changes again: the school takes what it says.
    registry.says(people[0], "phone", "0933333333").await;
    registry.school_says(NAMES[0], "phone", "0944444444").await;
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await.duplicate, 1);
    let line = owner.get(&plan).await.expect(200).html();
    let line = line.split("id=\"row-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    owner.post(&format!("{plan}/rows/{line}"), &[("decision", "same")]).await.expect(303);
    assert_eq!(counts(&test, &plan).await, OutcomeCounts { update: 1, unchanged: 4, ..OutcomeCounts::default() });
    apply(&test, &owner, &plan).await;
    assert_eq!(phone().await, "0933333333");

    // A leaver that the school keeps is not proposed again.
    registry.loses(people[1], "moved").await;
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await.leave, 1);
    let page = owner.get(&plan).await.expect(200).shows(&[&vi("fault-registry-moved"), &vi("submission-decide-stays")]);
    let line = page.html().split("id=\"row-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    owner.post(&format!("{plan}/rows/{line}"), &[("decision", "drop")]).await.expect(303);
    apply(&test, &owner, &plan).await;
    assert_eq!(registry.has(NAMES[1]).await.2, "active");
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await.leave, 0);
}

#[tokio::test]
async fn people_who_are_there_already_are_matched_and_not_doubled() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let sheet = [
        ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Điện thoại"],
        ["Bùi Thị Ánh", "Nữ", "10A1", "05/09/2011", "Mẹ của Bùi Thị Ánh", "1984", "0999999999"],
        ["Cao Thị Bích", "Nữ", "10A1", "05/09/2011", "Mẹ của Cao Thị Bích", "1984", ""],
    ];
    let file = sheets::written(&sheet.map(|row| row.map(str::to_owned).to_vec()));
    let import = owner.upload(&cast.school.path("/plans/new?source=students"), "ds.xlsx", &file).await.location();
    test.work().await;
    owner.post(&format!("{import}/apply"), &[]).await.expect(303);
    test.work().await;

    let registry = Registry { test: &test, school: &cast.school };
    let class = registry.class("10A1").await;
    for name in &NAMES[..2] {
        registry.pupil(name, class, &[("phone", "0911111111")]).await;
    }
    let staff = json!({ "full_name": "Ngô Văn Thầy", "gender": "male", "birth_date": "1980-01-02",
        "email": "ngo.van.thay@example.vn" });
    registry.person("staff", "Ngô Văn Thầy", None, &staff).await;
    let plan = sync(&test, &owner, &cast).await;
    // Never compared, one phone contradicts and one is missing; the teacher is new.
    let expected = OutcomeCounts { create: 1, update: 1, duplicate: 1, ..OutcomeCounts::default() };
    assert_eq!(counts(&test, &plan).await, expected);
    apply(&test, &owner, &plan).await;
    assert_eq!(registry.has(NAMES[0]).await.0.as_deref(), Some("0999999999"));
    assert_eq!(registry.has(NAMES[1]).await.0.as_deref(), Some("0911111111"));
    assert_eq!(registry.has("Ngô Văn Thầy").await.2, "invited");
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await, OutcomeCounts { unchanged: 3, ..OutcomeCounts::default() });
}

#[tokio::test]
async fn a_sync_that_is_taken_back_is_proposed_again() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let (registry, people, _) = synced(&test, &cast, &owner).await;
    registry.says(people[0], "phone", "0911111111").await;
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    assert_eq!(registry.has(NAMES[0]).await.0.as_deref(), Some("0911111111"));
    owner.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    assert_eq!(registry.has(NAMES[0]).await.0.as_deref(), Some("0912345670"));
    let plan = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &plan).await, OutcomeCounts { update: 1, unchanged: 4, ..OutcomeCounts::default() });
}

#[tokio::test]
async fn two_syncs_or_a_sync_and_an_import_at_once_happen_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let registry = Registry { test: &test, school: &cast.school };
    let class = registry.class("10A1").await;
    for name in NAMES {
        registry.pupil(name, class, &[]).await;
    }
    let page = cast.school.path("/accounts/sync");
    let begun = join_all((0..4).map(|_| owner.post(&page, &[]))).await;
    let plans: std::collections::BTreeSet<String> = begun.into_iter().map(|page| page.location()).collect();
    assert_eq!(plans.len(), 1, "{plans:?}");
    test.work().await;
    let plan = plans.first().unwrap();

    // The same five by a sheet, applied at the same instant.
    let head = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"];
    let mother = NAMES.map(|name| format!("Mẹ của {name}"));
    let mut sheet = vec![head.map(str::to_owned).to_vec()];
    sheet.extend(
        NAMES.iter().zip(&mother).map(|(name, mother)| {
            [name, "Nữ", "10A1", "05/09/2011", mother.as_str(), "1984"].map(str::to_owned).to_vec()
        }),
    );
    let file = sheets::written(&sheet);
    let import = owner.upload(&cast.school.path("/plans/new?source=students"), "ds.xlsx", &file).await.location();
    test.work().await;
    let (of_sync, of_import) = (format!("{plan}/apply"), format!("{import}/apply"));
    let (one, other) = join(owner.post(&of_sync, &[]), owner.post(&of_import, &[])).await;
    one.expect(303);
    other.expect(303);
    test.work().await;
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM members WHERE full_name = ANY($1)")
        .bind(NAMES.map(str::to_owned).to_vec())
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!(made, 5, "each pupil once");
    let again = sync(&test, &owner, &cast).await;
    assert_eq!(counts(&test, &again).await, OutcomeCounts { unchanged: 5, ..OutcomeCounts::default() });
}

/// Every combination of who has changed what: the school's own changes stay, whatever else there is.
#[tokio::test]
async fn no_field_that_the_school_changed_is_overwritten_unless_decided() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let registry = Registry { test: &test, school: &cast.school };
    let class = registry.class("10A1").await;
    let fields = [("phone", ["0911111111", "0922222222", "0933333333"]), ("address", ["Huế", "Đà Lạt", "Vinh"])];
    let names: Vec<String> = (0..16)
        .map(|n| {
            format!("Lý Thị {}", ["An", "Bình", "Chi", "Dung"][n / 4].to_owned() + ["", " Hoa", " Lan", " Mai"][n % 4])
        })
        .collect();
    let mut people = Vec::new();
    for name in &names {
        people.push(registry.pupil(name, class, &fields.map(|(field, values)| (field, values[0]))).await);
    }
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    // Two bits for each field: the registry has changed, the school has.
    for (n, (name, person)) in names.iter().zip(&people).enumerate() {
        for (place, (field, values)) in fields.iter().enumerate() {
            let bits = n >> (2 * place);
            if bits & 1 == 1 {
                registry.says(*person, field, values[1]).await;
            }
            if bits & 2 == 2 {
                registry.school_says(name, field, values[2]).await;
            }
        }
    }
    let plan = sync(&test, &owner, &cast).await;
    apply(&test, &owner, &plan).await;
    for (n, name) in names.iter().enumerate() {
        let has: (String, String) = sqlx::query_as("SELECT phone, address FROM members WHERE full_name = $1")
            .bind(name)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
        for (place, (has, (field, values))) in [has.0, has.1].into_iter().zip(&fields).enumerate() {
            let expected = match (n >> (2 * place)) & 3 {
                0 => values[0],
                1 => values[1],
                _ => values[2],
            };
            assert_eq!(has, expected, "{field} of {name} ({n:04b})");
        }
    }
    assert_eq!(links::REASONS.len(), 2);
}
