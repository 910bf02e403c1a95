//! OneRoster services elsewhere as a source of plans: added by owners, asked, and taken whole or not at all.

use std::sync::Arc;

use chrono::Duration as Days;
use schoolgate::{
    access::{ClientScope, Grant},
    ids::{PlanId, RemoteSourceId},
    jobs::{Attempt, Handle as _},
    plan::{
        model::{PlanState, Source},
        store,
    },
    sources::remote::{
        self, ServiceLimits,
        keep::{self, RemoteSourceDetails},
    },
    stranded::FindStranded,
    web::connections::{self, ConnectionLimits as ServerLimits},
};

use super::fake::Fake;
use super::round_trip::{comparable, exported, share_everything};
use super::zips::{applied, counts};
use super::{SERVICE, client_of};
use crate::support::people::{PASSWORD, School};
use crate::support::say::vi;
use crate::support::{Someone, TestApp, log};

pub const SECRET: &str = "khong-ai-biet-duoc-dau";

/// Services on loopback may be asked.
pub async fn at_loopback() -> TestApp {
    TestApp::with_config(|config| config.roster_networks = vec!["127.0.0.0/8".parse().unwrap()]).await
}

pub async fn added(test: &TestApp, school: &School, fake: &Fake) -> RemoteSourceId {
    let details = RemoteSourceDetails {
        name: "Hệ thống của Sở".to_owned(),
        address: fake.address(),
        token_address: fake.token_address(),
        client_id: "truong-a".to_owned(),
        secret: SECRET.to_owned().into(),
        with_demographics: true,
    };
    keep::add(&school.scope.grant().unwrap(), test, &details).await.unwrap().unwrap()
}

/// Begins a plan, and lets it be fetched and read.
pub async fn fetched(test: &TestApp, school: &School, source: RemoteSourceId) -> PlanId {
    let plan = remote::begin(&school.scope.grant().unwrap(), test, source).await.unwrap();
    test.work().await;
    plan
}

#[tokio::test]
async fn an_owner_adds_a_service_and_it_is_asked() {
    let test = at_loopback().await;
    let fake = Fake::right().await;
    let school = test.school("79000001").await;
    let owner = school.add(&test, Someone::manager("Lê Thị Chủ").with(Grant::Owner)).await;
    let owner = test.signed_in(&owner).await;
    let (list, new) = (school.path("/settings/oneroster"), school.path("/plans/new?source=oneroster"));
    owner.get(&new).await.expect(200).shows(&[&vi("remote-sources-fetch-none")]);
    owner.get(&list).await.expect(200).shows(&[&vi("remote-sources-none")]);
    test.clock.advance(Days::minutes(11));
    let (address, token_address) = (fake.address(), fake.token_address());
    let form = [
        ("name", "Hệ thống của Sở"),
        ("address", address.as_str()),
        ("token_address", token_address.as_str()),
        ("client_id", "truong-a"),
        ("secret", SECRET),
        ("demographics", "on"),
    ];
    owner.post(&list, &form).await.expect(422).shows(&[&vi("fresh-title")]);
    let with_password = [&form[..], &[("fresh_password", PASSWORD)]].concat();
    owner.post(&list, &with_password).await.expect(303);
    let page = owner.get(&list).await.expect(200).shows(&["Hệ thống của Sở", &address, &vi("remote-sources-never")]);
    page.hides(&[SECRET]);

    let ask = owner.get(&new).await.expect(200).shows(&["Hệ thống của Sở"]);
    assert!(ask.html().contains("/plan\""), "the button leads to a plan");
    let id: RemoteSourceId =
        sqlx::query_scalar("SELECT id FROM oneroster_providers").fetch_one(&mut test.admin().await).await.unwrap();
    let plan = owner.post(&format!("{list}/{id}/plan"), &[]).await.location();
    owner.get(&plan).await.expect(200).shows(&[&vi("plan-stage-waiting")]);
    test.clock.advance(Days::seconds(10));
    assert_eq!(owner.post(&format!("{list}/{id}/plan"), &[]).await.location(), plan, "it is being read");
    test.work().await;
    let page = owner.get(&plan).await.expect(200).shows(&["Lê Văn An", "Trần Thanh Bình", "Nguyễn Thị Thu", "10A1"]);
    page.hides(&["Đỗ Chi", "9A1"]);
    owner.get(&list).await.expect(200).shows(&[&vi("plan-state-ready")]).hides(&[vi("remote-sources-never")]);
    owner.post(&format!("{plan}/apply"), &[("new_classes", "10A1")]).await.expect(303);
    test.work().await;
    let people: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT full_name, role, to_char(birth_date, 'YYYY-MM-DD') FROM members WHERE role <> 'manager' ORDER BY full_name",
    )
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap();
    let person =
        |name: &str, role: &str, born: Option<&str>| (name.to_owned(), role.to_owned(), born.map(str::to_owned));
    assert_eq!(
        people,
        [
            person("Lê Văn An", "student", Some("2011-02-03")),
            person("Nguyễn Thị Thu", "teacher", None),
            person("Trần Thanh Bình", "student", None),
        ]
    );
    let again = fetched(&test, &school, id).await;
    assert_eq!(counts(&test, &school, again).await, [("unchanged", 3)].into());

    // The secret is in none of what is kept, said or shown; and goes to no other server by a change of the address.
    let kept: String = sqlx::query_scalar(
        "SELECT (SELECT string_agg(to_jsonb(o)::text, ' ') FROM oneroster_providers o)
             || (SELECT string_agg(to_jsonb(e)::text, ' ') FROM audit_events e)
             || (SELECT string_agg(to_jsonb(f)::text, ' ') FROM sent_forms f)",
    )
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert!(!kept.contains(SECRET) && kept.contains("provider_added"), "{kept}");
    assert_eq!(log::lines_with(&[SECRET]), [] as [String; 0]);
    let edit = format!("{list}/{id}");
    owner.get(&edit).await.expect(200).shows(&[&vi("remote-sources-secret-known")]).hides(&[SECRET]);
    let elsewhere = format!("{}/other", fake.url);
    let change = |name: &'static str, token_address: &str| {
        let known =
            [("name", name), ("address", &*address), ("client_id", "truong-a"), ("token_address", token_address)];
        known.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    for (name, token_address, status) in [("Sở", &token_address, 303), ("Sở", &elsewhere, 422)] {
        test.clock.advance(Days::seconds(10));
        let form = change(name, token_address);
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = owner.post(&edit, &form).await.expect(status);
        if status == 422 {
            page.shows(&[&vi("fault-remote-source-secret-again")]);
        }
    }
    // Nor do the tokens that it gets.
    test.clock.advance(Days::seconds(10));
    let moved = [
        ("name", "Sở"),
        ("address", "https://sis.example/ims/oneroster/rostering/v1p2"),
        ("client_id", "truong-a"),
        ("token_address", token_address.as_str()),
    ];
    owner.post(&edit, &moved).await.expect(422).shows(&[&vi("fault-remote-source-secret-again")]);
    let (name, with_demographics): (String, bool) =
        sqlx::query_as("SELECT name, with_demographics FROM oneroster_providers")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!((name.as_str(), with_demographics), ("Sở", false));
    fetched(&test, &school, id).await;
    assert_eq!(fake.count("/demographics"), 2, "the two times that they were asked for");

    owner.post(&format!("{edit}/removal"), &[]).await.expect(303);
    owner.get(&edit).await.expect(404);
    owner.get(&plan).await.expect(200);
    for action in ["provider_added", "provider_changed", "provider_removed"] {
        let events = "SELECT count(*) FROM audit_events WHERE action = $1";
        let events: i64 = sqlx::query_scalar(events).bind(action).fetch_one(&mut test.admin().await).await.unwrap();
        assert_eq!(events, 1, "{action}");
    }
}

#[tokio::test]
async fn forms_that_add_no_service_come_back_as_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let list = cast.school.path("/settings/oneroster");
    let owner = test.signed_in(&cast.owner).await;
    let right = [
        ("name", "Sở"),
        ("address", "https://sis.example/ims/oneroster/rostering/v1p2"),
        ("token_address", "https://sis.example/token"),
        ("client_id", "a"),
        ("secret", SECRET),
    ];
    let long = "x".repeat(101);
    for (field, value, fault) in [
        ("name", "", "fault-remote-source-name-missing"),
        ("name", long.as_str(), "fault-remote-source-name-too-long"),
        ("address", "sis.example", "fault-remote-source-address-unfit"),
        ("address", "http://sis.example/", "fault-remote-source-address-unfit"),
        ("address", "https://a:b@sis.example/", "fault-remote-source-address-unfit"),
        ("address", "https://sis.example/?a=b", "fault-remote-source-address-unfit"),
        ("address", "https://10.0.0.1/", "fault-remote-source-address-not-public"),
        ("token_address", "https://169.254.169.254/token", "fault-remote-source-address-not-public"),
        ("token_address", "http://127.0.0.1/token", "fault-remote-source-address-unfit"),
        ("token_address", "https://localhost/token", "fault-remote-source-address-not-public"),
        ("token_address", "https://[::ffff:10.0.0.1]/token", "fault-remote-source-address-not-public"),
        ("client_id", "", "fault-remote-source-client-missing"),
        ("secret", "", "fault-remote-source-secret-missing"),
    ] {
        let form = right.map(|(name, known)| (name, if name == field { value } else { known }));
        let page = owner.post(&list, &form).await.expect(422).shows(&[&vi(fault)]).hides(&[SECRET]);
        assert_eq!((page.input("name"), page.input("address")), (form[0].1.to_owned(), form[1].1.to_owned()));
    }
    let strange = right.map(|(name, known)| (name, if name == "address" { "https://sis.example/\0" } else { known }));
    owner.post(&list, &strange).await.expect(422).shows(&[&vi("fault-remote-source-address-unfit")]);
    owner.post(&list, &right).await.expect(303);
    test.clock.advance(Days::seconds(10));
    owner.post(&list, &right).await.expect(422).shows(&[&vi("fault-remote-source-name-taken")]);
    for n in 2..=10 {
        let name = format!("Sở {n}");
        owner.post(&list, &[&[("name", name.as_str())], &right[1..]].concat()).await.expect(303);
    }
    owner
        .post(&list, &[&[("name", "Sở 11")], &right[1..]].concat())
        .await
        .expect(422)
        .shows(&[&vi("fault-remote-source-too-many")]);
}

/// Serves the pages of a test on loopback; its address.
async fn served(test: &TestApp) -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (router, limits) = (test.router(), ServerLimits::of(10_000, Vec::new()));
    let server = tokio::spawn(connections::serve(listener, router, limits, std::future::pending()));
    (url, server)
}

#[tokio::test]
async fn a_school_is_fetched_from_this_very_program() {
    let test = at_loopback().await;
    let cast = test.cast("79000001").await;
    let mut admin = test.admin().await;
    let settled = "UPDATE members SET status = 'active' WHERE status = 'suspended'";
    sqlx::query(settled).execute(&mut admin).await.unwrap();
    let other = cast.school.class(&test, "11A2").await;
    let pupils: Vec<Someone> = (0..30)
        .map(|n| {
            use schoolgate::roster::fields::Field;
            let name =
                format!("{} Thị {}", ["Đặng", "Nguyễn", "Hồ"][n % 3], ["Ý", "Hường", "Khuê", "Ánh (b)", "Đào"][n % 5]);
            Someone::pupil(&name, [cast.class_id, other][n % 2])
                .value(Field::BirthDate, &format!("2011-{:02}-{:02}", 1 + n % 12, 1 + n % 28))
                .value(Field::Gender, "female")
                .value(Field::MotherName, "Trần Thị Hoa")
                .value(Field::MoetId, &format!("7900{n:04}"))
        })
        .collect();
    cast.school.add_all(&test, &pupils).await;
    let empty = test.school("79000002").await;
    share_everything(&test).await;
    let made = client_of(&test, &cast.school, &ClientScope::ONEROSTER).await;
    let (url, server) = served(&test).await;
    let details = RemoteSourceDetails {
        name: "Trường cũ".to_owned(),
        address: format!("{url}{SERVICE}"),
        token_address: format!("{url}/oauth2/token"),
        client_id: made.id.to_string(),
        secret: made.secret.into(),
        with_demographics: true,
    };
    let source = keep::add(&empty.scope.grant().unwrap(), &test, &details).await.unwrap().unwrap();
    // In small pages as well.
    let limits = ServiceLimits { page: 7, ..ServiceLimits::default() };
    remote::fetch(&empty.scope, &test, test.id(), source, limits).await.unwrap().unwrap();

    let plan = fetched(&test, &empty, source).await;
    let all = counts(&test, &empty, plan).await;
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["create"], "{all:?}");
    applied(&test, &empty, plan).await;
    let (before, after) = (exported(&test, &cast.school).await, exported(&test, &empty).await);
    let (before, after) = (comparable(&before, &cast.school), comparable(&after, &empty));
    assert!(before["users.csv"].len() > 60, "with the mothers");
    for (name, rows) in &before {
        assert_eq!(rows, &after[name], "{name}");
    }
    let again = fetched(&test, &empty, source).await;
    let all = counts(&test, &empty, again).await;
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), ["unchanged"], "{all:?}");
    // The client is revoked there: nothing more is given, and the plan says so.
    schoolgate::clients::revoke_of_school(&cast.school.scope.grant().unwrap(), &test, made.id).await.unwrap();
    let refused = fetched(&test, &empty, source).await;
    let mut tx = test.db.begin_in(empty.id()).await.unwrap();
    let refused = store::find(&empty.scope, &mut tx, refused).await.unwrap();
    assert_eq!((refused.state, refused.source), (PlanState::Refused, Source::OneRoster));
    assert!(refused.refusal.unwrap().contains("token-refused"));
    server.abort();
}

#[tokio::test]
async fn a_plan_whose_fetching_was_lost_is_fetched_after_all() {
    let test = at_loopback().await;
    let school = test.school("79000001").await;
    let fake = Fake::right().await;
    let source = added(&test, &school, &fake).await;
    let plan = remote::begin(&school.scope.grant().unwrap(), &test, source).await.unwrap();
    sqlx::query("DELETE FROM graphile_worker._private_jobs").execute(&mut test.admin().await).await.unwrap();
    let attempt = Attempt { number: 1, is_last: false };
    FindStranded {}.handle(Arc::new((*test).clone()), attempt).await.unwrap();
    test.work().await;
    assert_eq!(counts(&test, &school, plan).await, [("create", 3)].into());
}
