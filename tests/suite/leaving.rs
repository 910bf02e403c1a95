//! Leaving the system: `…/accounts/{id}/data`, `/erasure`, `/release`, and `…/accounts/transfer`.

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use chrono::Duration;
use schoolgate::{
    ids::{AccountId, MemberId, RegistryPersonId},
    roster::fields::Field,
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Cast, Client, Page, Person, Someone, TestApp, html};

fn of(cast: &Cast, person: &Person, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{}{rest}", person.member_id))
}

/// The sheets of a workbook: names, and every cell as text.
fn sheets(file: &[u8]) -> Vec<(String, String)> {
    let mut workbook: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(file.to_vec())).unwrap();
    let cell = |cell: &Data| cell.to_string();
    let names = workbook.sheet_names();
    let text = |range: calamine::Range<Data>| range.rows().flatten().map(cell).collect::<Vec<_>>().join("|");
    names.into_iter().map(|name| (name.clone(), text(workbook.worksheet_range(&name).unwrap()))).collect()
}

/// Every table with a row that says this anywhere.
async fn tables_with(admin: &mut PgConnection, text: &str) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname IN ('public', 'graphile_worker') ORDER BY 1",
    )
    .fetch_all(&mut *admin)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("SELECT EXISTS (SELECT FROM {table} t WHERE t::text LIKE '%' || $1 || '%')");
        let is_there: bool =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(text).fetch_one(&mut *admin).await.unwrap();
        if is_there {
            found.push(table);
        }
    }
    found
}

async fn count(admin: &mut PgConnection, sql: &'static str, id: impl Into<Uuid>) -> i64 {
    sqlx::query_scalar(sql).bind(id.into()).fetch_one(admin).await.unwrap()
}

#[tokio::test]
async fn a_persons_data_are_one_workbook() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = Someone::pupil("Lê Văn Tý", cast.class_id)
        .value(Field::BirthDate, "2011-04-05")
        .value(Field::Gender, "male")
        .value(Field::NationalId, "079211012345")
        .value(Field::MotherName, "Trần Thị Mai")
        .value(Field::Address, "=1+1");
    let pupil = cast.school.add(&test, pupil).await;
    test.signed_in(&pupil).await.get(&cast.school.path("")).await.expect(200);
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&of(&cast, &pupil, "")).await.expect(200).shows(&[&vi("leaving-data")]);
    let foreign = test.cast("79000002").await;
    for (school, scopes) in [(&cast.school, "{openid,profile,offline_access}"), (&foreign.school, "{openid,email}")] {
        let consent = "INSERT INTO openid_school_consents (account_id, client_id, school_id, scopes, given_at)
             VALUES ($1, $2, $3, $4::text[], now())";
        let consent = sqlx::query(consent).bind(pupil.account_id).bind(school.client(&test).await);
        consent.bind(school.id()).bind(scopes).execute(&mut test.admin().await).await.unwrap();
    }
    let file = manager.get(&of(&cast, &pupil, "/data")).await.expect(200);
    let sheets = sheets(file.file());
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    let keys = ["profile", "classes", "devices", "applications", "record"].map(|sheet| format!("data-sheet-{sheet}"));
    assert_eq!(names, keys.map(|key| vi(&key)));
    for told in ["Lê Văn Tý", "05/04/2011", "079211012345", "Trần Thị Mai", "=1+1", &pupil.login] {
        assert!(sheets[0].1.contains(told), "{told}: {}", sheets[0].1);
    }
    assert!(sheets[1].1.contains("2026-2027|10A1"), "{}", sheets[1].1);
    // What the person has let applications learn; not those of another school.
    assert!(sheets[3].1.contains(&vi("openid-scope-profile")), "{}", sheets[3].1);
    assert!(!sheets[3].1.contains(&vi("openid-scope-email")), "{}", sheets[3].1);
    // On record, which the next one tells.
    let again = manager.get(&of(&cast, &pupil, "/data")).await.expect(200);
    assert!(self::sheets(again.file())[4].1.contains(&vi("audit-data-exported")));
    // One's own, and of those below; of nobody else.
    manager.get(&of(&cast, &cast.manager, "/data")).await.expect(200);
    for (person, status) in [(&cast.account_manager, 403), (&cast.owner, 403), (&cast.teacher, 200)] {
        manager.get(&of(&cast, person, "/data")).await.expect(status);
    }
    test.signed_in(&foreign.owner).await.get(&of(&cast, &pupil, "/data")).await.expect(404);
    let theirs = foreign.school.path(&format!("/accounts/{}/data", pupil.member_id));
    test.signed_in(&foreign.owner).await.get(&theirs).await.expect(404);
}

#[tokio::test]
async fn an_erased_pupil_is_nowhere_any_more() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    // They came by a spreadsheet that was applied, and stand in one that waits.
    let applied = cast.school.plan(&test).await;
    owner.post(&cast.school.path(&format!("/plans/{applied}/apply")), &[("new_classes", "10A9")]).await.expect(303);
    test.work().await;
    let waiting = cast.school.plan(&test).await;
    let mut admin = test.admin().await;
    let (id, account_id, login): (MemberId, AccountId, String) = sqlx::query_as(
        "SELECT m.id, a.id, a.login FROM members m JOIN accounts a ON a.id = m.account_id
         WHERE m.full_name = 'Đặng Thị Phượng'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    // She was kept out for a while, for a reason that names her; another person for another one.
    let suspension = cast.school.path(&format!("/accounts/{id}/suspension"));
    owner.post(&suspension, &[("reason", "Gia đình em Đặng Thị Phượng xin nghỉ")]).await.expect(303);
    owner.post(&suspension, &[("undo", "on")]).await.expect(303);
    owner.post(&of(&cast, &cast.pupil, "/suspension"), &[("reason", "Gia đình xin nghỉ một tháng")]).await.expect(303);
    let before = tables_with(&mut admin, "Đặng Thị Phượng").await;
    for table in ["public.members", "public.plan_rows", "public.audit_reasons"] {
        assert!(before.contains(&table.to_owned()), "{table}: {before:?}");
    }
    let counted = async || -> (i64, i64) {
        let counter = "SELECT value FROM counters WHERE counter = $1 AND school_id = $2";
        let mut admin = test.admin().await;
        let of = async |admin: &mut PgConnection, name: &str| -> i64 {
            sqlx::query_scalar(counter).bind(name).bind(cast.school.id()).fetch_one(admin).await.unwrap()
        };
        let class = format!("class:{}", cast.class_id);
        (of(&mut admin, "member:student:active").await, of(&mut admin, &class).await)
    };
    let (active, in_class) = counted().await;
    let erasure = cast.school.path(&format!("/accounts/{id}/erasure"));
    // Only an owner, and only by the name.
    test.signed_in(&cast.manager).await.post(&erasure, &[("confirmation", "Đặng Thị Phượng")]).await.expect(403);
    owner.get(&erasure).await.expect(200).shows(&[&vi("erasure-lead"), &vi("erasure-goes-plans")]);
    let page = owner.post(&erasure, &[("confirmation", "Đặng Thị")]).await.expect(422);
    page.shows(&[&vi("fault-erasure-name")]);
    let foreign = test.cast("79000002").await;
    let theirs = foreign.school.path(&format!("/accounts/{id}/erasure"));
    test.signed_in(&foreign.owner).await.post(&theirs, &[("confirmation", "Đặng Thị Phượng")]).await.expect(404);
    owner.post(&of(&cast, &cast.teacher, "/erasure"), &[("confirmation", &cast.teacher.name)]).await.expect(403);
    // And with the password, where it was not typed a moment ago.
    test.clock.advance(Duration::minutes(11));
    let name = ("confirmation", "dang thi phuong");
    owner.post(&erasure, &[name]).await.expect(422).shows(&[&vi("fresh-title")]);
    let done = owner.post(&erasure, &[name, ("fresh_password", PASSWORD)]).await.location();
    owner.get(&done).await.expect(200).shows(&[&vi("done-erased")]).hides(&["Đặng Thị Phượng"]);

    for gone in ["Đặng Thị Phượng", &login, &account_id.to_string()] {
        assert_eq!(tables_with(&mut admin, gone).await, [] as [String; 0], "{gone}");
    }
    for words in [
        "SELECT count(*) FROM member_words WHERE member_id = $1",
        "SELECT count(*) FROM guardians WHERE member_id = $1",
    ] {
        assert_eq!(count(&mut admin, words, id).await, 0);
    }
    assert_eq!(counted().await, (active - 1, in_class - 1));
    assert_eq!(count(&mut admin, "SELECT count(*) FROM plan_uploads WHERE plan_id = $1", applied).await, 0);
    let record = owner.get(&cast.school.path("/audit")).await.expect(200);
    record.shows(&[&vi("audit-pupil-erased"), &vi("audit-suspension-lifted"), "Gia đình xin nghỉ một tháng"]);
    // The plan that waited is given up; the one that was applied can be undone still.
    owner.get(&cast.school.path(&format!("/plans/{waiting}"))).await.expect(200).shows(&[&vi("refusal-expired")]);
    owner.get(&cast.school.path(&format!("/plans/{applied}/undo"))).await.expect(200).hides(&["Phượng"]);
    owner.post(&cast.school.path(&format!("/plans/{applied}/undo")), &[]).await.expect(303);
    test.work().await;
    let left = "SELECT count(*) FROM members WHERE full_name = 'Đặng Văn Quyền' AND school_id = $1";
    assert_eq!(count(&mut admin, left, cast.school.id()).await, 0);
}

#[tokio::test]
async fn an_erased_pupil_is_not_in_the_registry_either() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let mut admin = test.admin().await;
    let (person, other, member): (RegistryPersonId, RegistryPersonId, _) = (test.id(), test.id(), cast.pupil.member_id);
    let name = "Đặng Thị Phượng";
    for statement in [
        format!("UPDATE members SET full_name = '{name}', status = 'left' WHERE id = '{member}'"),
        format!(
            "INSERT INTO registry_people (school_id, id, kind, full_name, given_name, family_name, middle_name, fields,
                 origin, created_at, changed_at)
             SELECT '{school}', id, 'student', name, 'Phượng', '', '', jsonb_build_object('full_name', name), 'submission',
                 now(), now()
             FROM (VALUES ('{person}'::uuid, '{name}'), ('{other}', 'Đỗ Thị Phượng')) AS new (id, name)",
            school = cast.school.id()
        ),
        format!(
            "INSERT INTO registry_links (school_id, registry_person_id, member_id, base, synced_version, synced_at)
             VALUES ('{}', '{person}', '{member}', '{{\"full_name\": \"{name}\"}}', 1, now())",
            cast.school.id()
        ),
        format!(
            "INSERT INTO registry_changes (school_id, id, at, actor_kind, subject, subject_id, change, after)
             VALUES ('{}', '{person}', now(), 'system', 'person', '{person}', 'create', '{{\"full_name\": \"{name}\"}}')",
            cast.school.id()
        ),
        format!("INSERT INTO registry_identifiers VALUES (sha256('\\x00'), '{}', '{person}')", cast.school.id()),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    assert!(tables_with(&mut admin, name).await.contains(&"public.registry_people".to_owned()));
    owner.post(&of(&cast, &cast.pupil, "/erasure"), &[]).await.expect(303);
    assert_eq!(tables_with(&mut admin, name).await, [] as [String; 0]);
    let held = "SELECT count(*) FROM registry_identifiers WHERE person_id = $1";
    assert_eq!(count(&mut admin, held, person).await, 0);
    assert_eq!(count(&mut admin, "SELECT count(*) FROM registry_people WHERE id = $1", other).await, 1);
}

#[tokio::test]
async fn who_has_left_is_erased_and_an_account_in_use_elsewhere_stays() {
    let test = TestApp::new().await;
    let (cast, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let owner = test.signed_in(&cast.owner).await;
    let mut tx = test.db.begin().await.unwrap();
    let id = [cast.pupil.account_id];
    schoolgate::identity::accounts::add_memberships(&mut tx, &id, other.school.id(), &[test.id()]).await.unwrap();
    tx.commit().await.unwrap();
    owner.post(&of(&cast, &cast.pupil, "/leaving"), &[]).await.expect(303);
    owner.post(&of(&cast, &cast.pupil, "/erasure"), &[]).await.expect(303);
    owner.get(&of(&cast, &cast.pupil, "")).await.expect(404);
    let mut admin = test.admin().await;
    assert_eq!(count(&mut admin, "SELECT count(*) FROM accounts WHERE id = $1", cast.pupil.account_id).await, 1);
}

pub async fn printed(client: &Client, cast: &Cast, person: &Person) -> String {
    client.get(&of(cast, person, "/release")).await.expect(200).shows(&[&vi("release-carries")]);
    let page = client.post(&of(cast, person, "/release"), &[]).await.expect(200).shows(&[&person.name]).html();
    html::words(html::elements(&page, "code")[0])
}

async fn signs_in(client: &Client, login: &str) -> Page {
    client.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await
}

#[tokio::test]
async fn a_pupil_goes_to_another_school_with_the_account() {
    let test = TestApp::new().await;
    let (old, new) = (test.cast("79000001").await, test.cast("79000002").await);
    let someone = Someone::pupil("Lê Văn Tý", old.class_id)
        .value(Field::BirthDate, "2011-04-05")
        .value(Field::Gender, "male")
        .value(Field::NationalId, "079211012345")
        .value(Field::MotherName, "Trần Thị Mai")
        .value(Field::Phone, "0912345678");
    let pupil = old.school.add(&test, someone).await;
    // A member there has the same username.
    new.school.add(&test, Someone::pupil("Lê Văn Tý", new.class_id)).await;
    let session = test.signed_in(&pupil).await;
    let (theirs, ours) = (test.signed_in(&old.manager).await, test.signed_in(&new.manager).await);
    let code = printed(&theirs, &old, &pupil).await;
    assert_eq!(code.len(), 19);
    session.get(&old.school.path("")).await.expect(200);
    let mut admin = test.admin().await;
    assert_eq!(tables_with(&mut admin, &code).await, [] as [String; 0], "only its hash is kept");
    theirs.get(&of(&old, &pupil, "/release")).await.expect(200).shows(&[&vi("release-withdraw")]).hides(&[&code]);

    let transfer = new.school.path("/accounts/transfer");
    ours.post(&transfer, &[]).await.expect(422).shows(&[&vi("fault-release-missing")]);
    ours.post(&transfer, &[("code", "aaaa-bbbb-cccc-dddd")]).await.expect(422).shows(&[&vi("fault-release-not-good")]);
    let own = theirs.post(&old.school.path("/accounts/transfer"), &[("code", &code)]).await.expect(422);
    own.shows(&[&vi("fault-release-own")]);
    let no_class = ours.post(&transfer, &[("code", &code), ("class", &old.class_id.to_string())]).await.expect(422);
    no_class.shows(&[&vi("fault-class-gone")]).hides(&["Lê Văn Tý", "10A9"]);
    session.get(&old.school.path("")).await.expect(200);

    let class = new.class_id.to_string();
    let typed = code.to_uppercase().replace('-', " ");
    let person = ours.post(&transfer, &[("code", &typed), ("class", &class)]).await.location();
    let page = ours.get(&person).await.expect(200);
    let page = page.shows(&["Lê Văn Tý", "10A1", "05/04/2011", &pupil.login, &vi("done-taken-in")]);
    // Nothing but what the code carries, and not from where.
    page.hides(&["0912345678", "Trần Thị Mai", "079211012345", "Trường thử nghiệm 79000001"]);
    ours.post(&transfer, &[("code", &code)]).await.expect(422).shows(&[&vi("fault-release-not-good")]);

    // The same login and password, and the new school.
    session.get(&old.school.path("")).await.expect(303);
    assert_eq!(signs_in(&session, &pupil.login).await.location(), "/");
    assert_eq!(session.get("/").await.location(), new.school.path(""));
    session.get(&new.school.path("")).await.expect(200).shows(&["Lê Văn Tý"]);
    session.get(&old.school.path("")).await.expect(404);
    let door = [("login", pupil.login.as_str()), ("password", PASSWORD)];
    test.anonymous().post(&new.school.path("/sign-in"), &door).await.expect(303);

    // The old school remembers what it knew, as of a person who has left; where to is not told, nor can they be taken back.
    let before = theirs.get(&of(&old, &pupil, "")).await.expect(200);
    let before = before.shows(&["Lê Văn Tý", &vi("state-left"), "0912345678"]);
    before.hides(&["79000002", &vi("person-come-back")]);
    theirs.post(&of(&old, &pupil, "/leaving"), &[("undo", "on")]).await.expect(303);
    session.get(&old.school.path("")).await.expect(404);
    let owner_there = test.signed_in(&old.owner).await;
    owner_there.get(&old.school.path("/audit")).await.expect(200).shows(&[&vi("audit-pupil-let-go")]);
    let owner_here = test.signed_in(&new.owner).await;
    owner_here.get(&new.school.path("/audit")).await.expect(200).shows(&[&vi("audit-pupil-taken-in")]);
    let counters: Vec<i64> = sqlx::query_scalar(
        "SELECT (SELECT value FROM counters WHERE counter = 'member:student:left' AND school_id = $1)
         UNION ALL SELECT (SELECT value FROM counters WHERE counter = 'class:' || $2::text)",
    )
    .bind(old.school.id())
    .bind(new.class_id)
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(counters, [1, 4]);
}

#[tokio::test]
async fn of_two_who_type_one_code_one_gets_the_pupil() {
    let test = TestApp::with_many_connections().await;
    let (old, one, two) = (test.cast("79000001").await, test.cast("79000002").await, test.cast("79000004").await);
    let code = printed(&test.signed_in(&old.manager).await, &old, &old.pupil).await;
    let clients = [test.signed_in(&one.manager).await, test.signed_in(&two.manager).await];
    let form = [("code", code.as_str())];
    let there = [one.school.path("/accounts/transfer"), two.school.path("/accounts/transfer")];
    let (first, second) = tokio::join!(clients[0].post(&there[0], &form), clients[1].post(&there[1], &form));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    let mut admin = test.admin().await;
    let memberships = "SELECT count(*) FROM memberships WHERE account_id = $1";
    assert_eq!(count(&mut admin, memberships, old.pupil.account_id).await, 1);
}

#[tokio::test]
async fn a_code_ends_in_time_when_it_is_taken_back_and_with_a_new_one() {
    let test = TestApp::new().await;
    let (old, new) = (test.cast("79000001").await, test.cast("79000002").await);
    let (theirs, ours) = (test.signed_in(&old.manager).await, test.signed_in(&new.manager).await);
    let transfer = new.school.path("/accounts/transfer");
    let first = printed(&theirs, &old, &old.pupil).await;
    let second = printed(&theirs, &old, &old.pupil).await;
    ours.post(&transfer, &[("code", &first)]).await.expect(422);
    let done = theirs.post(&of(&old, &old.pupil, "/release/withdrawal"), &[]).await.location();
    theirs.get(&done).await.expect(200).shows(&[&vi("done-release-withdrawn")]);
    ours.post(&transfer, &[("code", &second)]).await.expect(422);
    let third = printed(&theirs, &old, &old.pupil).await;
    // Sessions end sooner.
    test.clock.advance(Duration::days(30));
    test.signed_in(&new.manager).await.post(&transfer, &[("code", &third)]).await.expect(422);
    let fresh = test.signed_in(&old.manager).await;
    let fourth = printed(&fresh, &old, &old.pupil).await;
    test.clock.advance(Duration::days(30) - Duration::seconds(1));
    test.signed_in(&new.manager).await.post(&transfer, &[("code", &fourth)]).await.expect(303);

    // Staff are invited, and nobody lets go of a member that another school has too.
    let fresh = test.signed_in(&old.owner).await;
    let page = fresh.get(&of(&old, &old.teacher, "/release")).await.expect(200);
    page.shows(&[&vi("release-not-by-code")]);
    fresh.post(&of(&old, &old.teacher, "/release"), &[]).await.expect(422);
    let mut tx = test.db.begin().await.unwrap();
    let id = [old.newcomer.account_id];
    schoolgate::identity::accounts::add_memberships(&mut tx, &id, new.school.id(), &[test.id()]).await.unwrap();
    tx.commit().await.unwrap();
    fresh.post(&of(&old, &old.newcomer, "/release"), &[]).await.expect(422).shows(&[&vi("release-not-ours")]);
    let foreign = test.signed_in(&new.owner).await;
    foreign.post(&of(&old, &old.newcomer, "/release"), &[]).await.expect(404);
}
