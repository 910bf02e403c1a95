//! What holds of every draft and of every merge, whatever was chosen: nobody is in two places, what is taken back is as it
//! was to the last bit, and no list or sync makes again who was merged away.

use chrono::Duration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use schoolgate::roster::fields::Field;

use crate::rollover::{TO, count, drafted, roster, small};
use crate::support::say::{vi, vi1};
use crate::support::{Client, Person, Someone, TestApp, sheets};

/// In how many schools each is tried.
const SCHOOLS: usize = 5;

const OUTCOMES: [&str; 5] = ["promoted", "kept_back", "awaiting", "finished", "leaving"];

#[tokio::test]
async fn whatever_becomes_of_pupils_each_is_in_one_place_and_all_is_taken_back() {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(0..OUTCOMES.len(), 6);
    for _ in 0..SCHOOLS {
        let outcomes = strategy.new_tree(&mut runner).unwrap().current();
        let small = small().await;
        let (test, owner) = (&small.test, &small.owner);
        small.begin().await;
        let people: Vec<&Person> = small.ten.iter().chain(&small.eleven).chain(&small.twelve).collect();
        for (person, outcome) in people.iter().zip(&outcomes) {
            let is_last = small.twelve.iter().any(|last| last.member_id == person.member_id);
            match OUTCOMES[*outcome] {
                "promoted" if is_last => {}
                "leaving" => small.choose(&[person], &[("outcome", "leaving"), ("reason", "moved")]).await,
                outcome => small.choose(&[person], &[("outcome", outcome)]).await,
            }
        }
        let mut before = Vec::new();
        for person in &people {
            before.push(drafted(test, person).await.unwrap());
        }
        let each = "SELECT count(*) FROM rollover_pupils p WHERE (p.target IS NOT NULL) = (p.outcome IN ('promoted', 'kept_back'))";
        assert_eq!(count(test, each).await, 8, "{outcomes:?}");
        assert_eq!(count(test, "SELECT sum(value)::bigint FROM rollover_counts").await, 8, "{outcomes:?}");
        let was = roster(test).await;
        let plan = small.plan().await;
        owner.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await.expect(303);
        test.work().await;
        owner.get(&plan).await.expect(200).shows(&[&vi("plan-title-applied")]);
        // One class in the coming year for those who have one, and none for all others.
        let astray = format!(
            "SELECT count(*) FROM rollover_pupils p JOIN members m ON m.id = p.member_id WHERE
                 (SELECT count(*) FROM enrolments e JOIN school_years y ON y.id = e.school_year_id
                      JOIN classes c ON c.id = e.class_id
                  WHERE e.member_id = p.member_id AND y.name = '{TO}' AND e.ended_at IS NULL
                      AND c.name IS NOT DISTINCT FROM p.target) <> (p.target IS NOT NULL)::int
                 OR (m.status = 'left') <> (p.outcome = 'leaving')
                 OR EXISTS (SELECT FROM closings c WHERE c.member_id = p.member_id) <> (p.outcome = 'finished')"
        );
        assert_eq!(count(test, &astray).await, 0, "{outcomes:?}");
        test.clock.advance(Duration::seconds(10));
        let again = owner.post(&small.path(""), &[("to", TO)]).await.expect(422);
        again.shows(&[&vi1("fault-rollover-applied", "value", TO.replace('-', "–"))]);
        small.undo(&plan).await;
        assert_eq!(roster(test).await, was, "{outcomes:?}");
        for (person, before) in people.iter().zip(before) {
            assert_eq!(drafted(test, person).await, Some(before), "{outcomes:?}");
        }
    }
}

/// What is known of one of two who are one.
#[derive(Clone, Debug)]
struct Known {
    phone: Option<String>,
    address: Option<String>,
    moet_id: bool,
    class: usize,
    has_moved: bool,
}

fn known() -> impl Strategy<Value = Known> {
    let address = prop::option::of(prop::sample::select(vec!["1 Lê Lợi", "2 Trần Phú"]));
    (prop::option::of("09[0-9]{8}"), address, any::<bool>(), 0..3_usize, any::<bool>()).prop_map(
        |(phone, address, moet_id, class, has_moved)| Known {
            phone,
            address: address.map(str::to_owned),
            moet_id,
            class,
            has_moved,
        },
    )
}

/// How two are merged.
#[derive(Clone, Debug)]
struct Choice {
    keeps_second: bool,
    phone: &'static str,
    address: &'static str,
    ends_login: bool,
}

fn choice() -> impl Strategy<Value = Choice> {
    let side = || prop::sample::select(vec!["a", "b"]);
    (any::<bool>(), side(), side(), any::<bool>()).prop_map(|(keeps_second, phone, address, ends_login)| Choice {
        keeps_second,
        phone,
        address,
        ends_login,
    })
}

struct Merged {
    test: TestApp,
    owner: Client,
    manager: Client,
    path: String,
    school: String,
    pupils: String,
    pair: [Person; 2],
}

/// Two who are one, in a school with three classes.
async fn two(both: &[Known; 2]) -> Merged {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let classes = [cast.class_id, cast.school.class(&test, "10A2").await, cast.school.class(&test, "10A3").await];
    let mut people = Vec::new();
    for (number, known) in both.iter().enumerate() {
        let mut someone = Someone::pupil("Nguyễn Thúy Hằng", classes[known.class])
            .value(Field::BirthDate, "2011-11-15")
            .value(Field::Gender, "female")
            .value(Field::MotherName, "Trần Thị Dương");
        if let Some(phone) = &known.phone {
            someone = someone.value(Field::Phone, phone);
        }
        if let Some(address) = &known.address {
            someone = someone.value(Field::Address, address);
        }
        if known.moet_id {
            someone = someone.value(Field::MoetId, &format!("790000004{number}"));
        }
        let person = cast.school.add(&test, someone).await;
        if known.has_moved {
            sqlx::query(
                "INSERT INTO past_stays (school_id, member_id, school_year_id, class_id, from_day, to_day)
                 SELECT e.school_id, e.member_id, e.school_year_id, $2, NULL, '2026-10-01' FROM enrolments e
                 WHERE e.member_id = $1",
            )
            .bind(person.member_id)
            .bind(classes[(known.class + 1) % 3])
            .execute(&mut test.admin().await)
            .await
            .unwrap();
        }
        people.push(person);
    }
    let pair = <[Person; 2]>::try_from(people).unwrap();
    let path = cast.school.path(&format!("/duplicates/{}/{}/merge", pair[0].member_id, pair[1].member_id));
    manager.get(&cast.school.path("/duplicates")).await.expect(200);
    let (school, pupils) = (cast.school.path(""), cast.school.path("/plans/new?source=students"));
    let owner = test.signed_in(&cast.owner).await;
    Merged { test, owner, manager, path, school, pupils, pair }
}

impl Merged {
    async fn merge(&self, choice: &Choice) {
        self.test.clock.advance(Duration::seconds(10));
        let keep = self.pair[usize::from(choice.keeps_second)].member_id.to_string();
        let mut form = vec![("keep", keep.as_str()), ("field_phone", choice.phone), ("field_address", choice.address)];
        if choice.ends_login {
            form.push(("login", "end"));
        }
        let list = self.manager.post(&self.path, &form).await.location();
        assert!(list.ends_with("/duplicates?done=merged"), "{list}");
        assert_eq!(self.pupils().await, 1, "{choice:?}");
    }

    /// How many are called so.
    async fn pupils(&self) -> i64 {
        count(&self.test, "SELECT count(*) FROM members WHERE full_name = 'Nguyễn Thúy Hằng'").await
    }

    async fn everything(&self) -> Vec<String> {
        let mut all = roster(&self.test).await;
        for query in [
            "SELECT to_jsonb(t)::text FROM accounts t ORDER BY id",
            "SELECT to_jsonb(t)::text FROM login_aliases t ORDER BY login",
            "SELECT to_jsonb(t)::text FROM member_aliases t",
        ] {
            let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut self.test.admin().await).await.unwrap();
            all.extend(rows.into_iter().filter(|row| !row.contains("last_school_id")));
        }
        all
    }
}

#[tokio::test]
async fn whatever_was_merged_is_as_it_was_once_that_is_undone() {
    let mut runner = TestRunner::deterministic();
    let strategy = ([known(), known()], choice());
    for _ in 0..SCHOOLS {
        let (both, choice) = strategy.new_tree(&mut runner).unwrap().current();
        let merged = two(&both).await;
        let before = merged.everything().await;
        merged.merge(&choice).await;
        merged.test.clock.advance(Duration::seconds(10));
        let id = sqlx::query_scalar::<_, uuid::Uuid>("SELECT id FROM merges");
        let id = id.fetch_one(&mut merged.test.admin().await).await.unwrap();
        let undone = merged.manager.post(&format!("{}/merges/{id}/undo", merged.school), &[]).await.location();
        assert!(undone.ends_with("done=merge-undone"), "{undone}: {both:?} {choice:?}");
        assert_eq!(merged.everything().await, before, "{both:?} {choice:?}");
    }
}

#[tokio::test]
async fn no_list_makes_again_who_was_merged_away() {
    let mut runner = TestRunner::deterministic();
    let strategy = ([known(), known()], choice());
    for _ in 0..SCHOOLS {
        let (both, choice) = strategy.new_tree(&mut runner).unwrap().current();
        let merged = two(&both).await;
        merged.merge(&choice).await;
        for (number, known) in both.iter().enumerate() {
            let identifier = if known.moet_id { format!("790000004{number}") } else { String::new() };
            let class = ["10A1", "10A2", "10A3"][known.class];
            let header = [
                "Họ và tên",
                "Giới tính",
                "Lớp",
                "Ngày sinh",
                "Họ và tên mẹ",
                "Mã định danh Bộ GD&ĐT",
                "Tên đăng nhập",
            ];
            let login = merged.pair[number].login.split('@').next().unwrap();
            for login in ["", login] {
                let row = ["Nguyễn Thúy Hằng", "Nữ", class, "15/11/2011", "Trần Thị Dương", &identifier, login];
                let table = [header, row].map(|row| row.map(str::to_owned).to_vec());
                merged.test.clock.advance(Duration::seconds(10));
                let plan = merged.manager.upload(&merged.pupils, "ds.xlsx", &sheets::written(&table)).await.location();
                merged.test.work().await;
                merged.manager.post(&format!("{plan}/apply"), &[]).await;
                merged.test.work().await;
                assert_eq!(merged.pupils().await, 1, "{row:?} {both:?} {choice:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_sync_makes_again_who_was_merged_away() {
    let known = Known { phone: None, address: None, moet_id: true, class: 0, has_moved: false };
    let merged = two(&[known.clone(), Known { moet_id: false, class: 1, ..known }]).await;
    let test = &merged.test;
    // The registry has both, and each is linked to one of them.
    for (number, person) in merged.pair.iter().enumerate() {
        let registered: uuid::Uuid = test.id();
        let fields = serde_json::json!({
            "full_name": "Nguyễn Thúy Hằng", "gender": "female", "birth_date": "2011-11-15", "mother_name": "Trần Thị Dương",
        });
        for statement in [
            "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, birth_date,
                 fields, origin, created_at, changed_at)
             SELECT school_id, $2, 'student', full_name, given_name, '', '', birth_date, $3, 'submission', now(), now()
             FROM members WHERE id = $1",
            "INSERT INTO registry_links (school_id, registry_person_id, member_id, base, synced_version, synced_at)
             SELECT school_id, $2, id, $3, 0, now() FROM members WHERE id = $1",
        ] {
            let query = sqlx::query(statement).bind(person.member_id).bind(registered).bind(&fields);
            query.execute(&mut test.admin().await).await.unwrap_or_else(|fault| panic!("{number}: {fault}"));
        }
    }
    merged.merge(&Choice { keeps_second: false, phone: "a", address: "a", ends_login: false }).await;
    let sync = format!("{}/accounts/sync", merged.school);
    for _ in 0..2 {
        test.clock.advance(Duration::seconds(10));
        let plan = merged.owner.post(&sync, &[]).await.location();
        test.work().await;
        merged.owner.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await;
        test.work().await;
        assert_eq!(merged.pupils().await, 1);
    }
}
