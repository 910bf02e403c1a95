//! `/schools/{code}/audit`: who did what to which member, when, from where; and that nobody changes it.

use chrono::Duration;

use crate::support::say::{vi, vi1};
use crate::support::{Cast, Person, TestApp, sheets};

fn of(cast: &Cast, person: &Person, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{}{rest}", person.member_id))
}

#[tokio::test]
async fn the_audit_log_is_filtered_by_actor_action_subject_and_time() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let (owner, manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.manager).await);
    manager.post(&of(&cast, &cast.pupil, "/suspension"), &[]).await.expect(303);
    owner.post(&of(&cast, &cast.teacher, "/grants"), &[("grants", "exams")]).await.expect(303);
    test.clock.advance(Duration::days(2));
    // Two days idle, staff sign in again.
    let (owner, manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.manager).await);
    owner.post(&of(&cast, &cast.pupil, "/suspension"), &[("undo", "on")]).await.expect(303);
    test.signed_in(&elsewhere.owner)
        .await
        .post(&of(&elsewhere, &elsewhere.pupil, "/suspension"), &[])
        .await
        .expect(303);

    let read = async |query: &str| owner.get(&cast.school.path(&format!("/audit?{query}"))).await.expect(200);
    let all = read("").await.rows();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[0].contains(&vi("audit-suspension-lifted")) && all[0].contains(&cast.owner.name), "{all:?}");
    assert!(all[2].contains("203.0.113.7"), "from where: {all:?}");
    for (query, rows) in [
        ("who=mao", 1),
        ("member=hoc", 2),
        ("who=mao&member=hoc", 1),
        ("who=nobody", 0),
        ("action=grants_changed", 1),
        ("from=2026-09-08", 1),
        ("to=2026-09-08", 2),
        ("from=2026-09-07&to=2026-09-07", 2),
        ("from=yesterday", 3),
        (&format!("person={}", cast.pupil.member_id), 2),
        (&format!("person={}", elsewhere.pupil.member_id), 0),
    ] {
        let page = read(query).await;
        assert_eq!(page.rows().len(), rows, "{query}: {:?}", page.rows());
    }
    read("action=grants_changed").await.shows(&[&vi("grant-exams")]);
    let person = owner.get(&of(&cast, &cast.pupil, "")).await.expect(200);
    let told = vi1("history-suspended", "who", cast.manager.name.as_str());
    person.shows(&[&told, &vi("person-history-all"), "10A1"]);
    manager.get(&of(&cast, &cast.pupil, "")).await.expect(200).hides(&[&vi("person-history-all")]);
    manager.get(&cast.school.path("/audit")).await.expect(403);
}

/// Why a person was kept out, or has left, is told where it was done, and where it is on record; each time anew.
#[tokio::test]
async fn the_record_tells_the_reason_that_was_given() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (owner, manager) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.manager).await);
    let (first, second) = ("Gia đình xin nghỉ <một> tháng", "Chuyển nhà về quê");
    manager.post(&of(&cast, &cast.pupil, "/suspension"), &[("reason", first)]).await.expect(303);
    let person = manager.get(&of(&cast, &cast.pupil, "")).await.expect(200);
    person.shows(&[&format!("{} {}", vi("why-suspended"), vi1("audit-reason", "reason", first))]);
    manager.post(&of(&cast, &cast.pupil, "/suspension"), &[("undo", "on")]).await.expect(303);
    manager.post(&of(&cast, &cast.pupil, "/leaving"), &[("reason", second)]).await.expect(303);

    let rows = owner.get(&cast.school.path("/audit")).await.expect(200).rows();
    let told =
        |action: &str| rows.iter().find(|row| row.starts_with(&vi(action))).unwrap_or_else(|| panic!("{rows:?}"));
    assert!(told("audit-suspended").contains(&vi1("audit-reason", "reason", first)), "{rows:?}");
    assert!(told("audit-left").contains(&vi1("audit-reason", "reason", second)), "{rows:?}");
    assert!(!told("audit-suspension-lifted").contains(&vi1("audit-reason", "reason", "")), "{rows:?}");
    let file = owner.get(&cast.school.path("/audit/export.xlsx?action=suspended")).await.expect(200);
    assert_eq!(sheets::read(file.file())[1][3], vi1("audit-reason", "reason", first));
    // Of today, the person's page tells the last one; of before, their history.
    let person = manager.get(&of(&cast, &cast.pupil, "")).await.expect(200);
    let last = format!("{} {}", vi("why-left"), vi1("audit-reason", "reason", second));
    person.shows(&[&last, &vi1("audit-reason", "reason", first)]);
}

#[tokio::test]
async fn the_record_is_read_page_by_page_and_taken_as_a_file() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    sqlx::query(
        "INSERT INTO audit_events (school_id, id, at, actor_kind, actor_id, action, subject_id)
         SELECT $1, gen_random_uuid(), $4, 'member', $2, 'member_changed', $3 FROM generate_series(1, 1120)",
    )
    .bind(cast.school.id())
    .bind(cast.manager.member_id)
    .bind(cast.pupil.member_id)
    .bind(test.clock.now())
    .execute(&mut test.admin().await)
    .await
    .unwrap();
    // All at the same moment, none twice, none left out.
    let (mut path, mut seen) = (cast.school.path("/audit"), 0);
    loop {
        let page = owner.get(&path).await.expect(200);
        seen += page.rows().len();
        let Some(next) = page.links().into_iter().find(|link| link.contains("before=")) else { break };
        path = cast.school.path(&format!("/audit{next}"));
    }
    assert_eq!(seen, 1120);

    sqlx::query("UPDATE members SET full_name = '=1+1' WHERE id = $1")
        .bind(cast.manager.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let csv = owner.get(&cast.school.path("/audit/export.csv?member=hoc")).await.expect(200);
    let text = String::from_utf8(csv.file().to_vec()).unwrap();
    assert!(text.starts_with('\u{feff}'));
    assert_eq!(text.lines().count(), 1121);
    assert!(text.contains("\"'=1+1\"") && text.contains(&cast.pupil.name), "{}", &text[..300]);
    let sheet = owner.get(&cast.school.path("/audit/export.xlsx?action=audit_exported")).await.expect(200);
    let table = sheets::read(sheet.file());
    assert_eq!(table[0][1], vi("audit-who"));
    assert_eq!(table.len(), 3, "that the record was taken is on record, this time too: {table:?}");
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&cast.school.path("/audit/export.csv")).await.expect(403);
}

#[tokio::test]
async fn the_program_can_add_to_the_record_and_change_nothing_in_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&of(&cast, &cast.pupil, "/suspension"), &[]).await.expect(303);
    for sql in [
        "UPDATE audit_events SET action = 'left'",
        "DELETE FROM audit_events",
        "UPDATE audit_reasons SET reason = 'x'",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY",
        "UPDATE account_events SET action = 'left'",
        "DELETE FROM account_events",
    ] {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        let refused = sqlx::query(sql).execute(&mut *tx).await.unwrap_err();
        let code = refused.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
    }
}

/// A row of another version of the program, with details that this one does not know, is still told; a kind of action
/// that is not known at all is a fault of ours, and not an empty page.
#[tokio::test]
async fn rows_of_another_version_are_told_as_far_as_they_are_known() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let write = async |action: &str, detail: &str| {
        sqlx::query(
            "INSERT INTO audit_events (school_id, id, at, actor_kind, actor_id, action, subject_id, detail)
             VALUES ($1, gen_random_uuid(), $4, 'member', $2, $5, $3, $6::jsonb)",
        )
        .bind(cast.school.id())
        .bind(cast.manager.member_id)
        .bind(cast.pupil.member_id)
        .bind(test.clock.now())
        .bind(action)
        .bind(detail)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    };
    write("member_changed", r#"{"fields": ["email", "shoe_size"], "bulk": true}"#).await;
    write("plan_applied", r#"{"created": "many"}"#).await;
    write("role_changed", r#"{"role": "janitor"}"#).await;
    let rows = owner.get(&cast.school.path("/audit")).await.expect(200).rows();
    assert_eq!(rows.len(), 3, "{rows:?}");
    let told = |action: &str| rows.iter().find(|row| row.starts_with(&vi(action))).expect(action);
    assert!(told("audit-member-changed").contains(&format!("{} · {}", vi("field-email"), vi("history-bulk"))));
    assert!(told("audit-plan-applied").contains(&cast.manager.name));
    assert!(!told("audit-role-changed").contains("janitor"));
    owner.get(&of(&cast, &cast.pupil, "")).await.expect(200).shows(&[&vi("field-email")]);

    write("moon_landed", "{}").await;
    owner.get(&cast.school.path("/audit")).await.expect(500);
}
