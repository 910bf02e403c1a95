//! The school's home: what it tells, and that it finds it by keys in a school of any size.

use schoolgate::{
    access::{Scope, may},
    audit::list,
    home::figures,
    roster::{presence, store},
    schools::class_figures,
};

use crate::support::{
    Someone, TestApp,
    say::{vi, vi1, vi2},
};

#[tokio::test]
async fn a_manager_sees_totals_charts_steps_and_who_is_online() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&cast.school.path("")).await.expect(200);
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path(&format!("/accounts/{}/sign-out", cast.pupil.member_id)), &[]).await.expect(303);

    let home = owner.get(&cast.school.path("")).await.expect(200);
    let (ring, all) = (vi2("home-ring", ("part", 0), ("whole", 2)), vi("step-sign-in"));
    let home = home.shows(&[&ring, &vi1("home-grade", "grade", "10"), "0/2 · 0%", "1/2 · 50%", &all]);
    let home =
        home.shows(&[&vi("audit-signed-out-everywhere"), &cast.pupil.name, &vi("home-online"), &cast.teacher.name]);
    home.link("/accounts?role=student");
    home.link("/audit");
    assert!(home.html().contains("<caption>"), "the figures stand in a table as well");

    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    let share = vi2("home-ring", ("part", 1), ("whole", 2));
    owner.get(&cast.school.path("")).await.expect(200).shows(&[&share, "1/2 · 50%"]);
    // An account manager sees what happened to people, and has no link to the audit log.
    let manager = test.signed_in(&cast.manager).await.get(&cast.school.path("")).await.expect(200);
    let manager = manager.shows(&[&vi("audit-signed-out-everywhere")]);
    assert!(!manager.html().contains("/audit"), "the log is the owners'");
}

#[tokio::test]
async fn members_are_online_for_ten_minutes() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&cast.school.path("")).await.expect(200);
    let online = async || {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        let granted = cast.school.scope.grant::<may::ManageAccounts>().unwrap();
        let (count, people) = presence::online(&granted, &mut tx, test.clock.now(), 9).await.unwrap();
        assert_eq!(usize::try_from(count).unwrap(), people.len());
        people.into_iter().map(|person| person.full_name).collect::<Vec<_>>()
    };
    assert_eq!(online().await, std::slice::from_ref(&cast.teacher.name));
    test.clock.advance(chrono::Duration::minutes(9));
    teacher.get(&cast.school.path("")).await.expect(200);
    test.clock.advance(chrono::Duration::minutes(9));
    assert_eq!(online().await, std::slice::from_ref(&cast.teacher.name), "seen again in between");
    test.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(online().await, [] as [String; 0]);
}

#[tokio::test]
async fn pupils_and_teachers_find_their_class() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
    pupil.shows(&["10A1", &cast.homeroom_teacher.name]).link("/password/change");

    let teacher = test.signed_in(&cast.homeroom_teacher).await.get(&cast.school.path("")).await.expect(200);
    let teacher = teacher.shows(&[&vi1("to-do-never", "count", 1), "1/2 · 50%"]);
    teacher.link(&format!("/my-classes/{}", cast.class_id));
    let other = test.signed_in(&cast.teacher).await.get(&cast.school.path("")).await.expect(200);
    other.shows(&[&vi("my-classes-none"), &cast.owner.name]).hides(&[vi("to-do-title")]);
}

#[tokio::test]
async fn an_empty_school_has_no_blank_page() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let owner = school.add(&test, Someone::manager("Nghiêm Thị Oanh").with(schoolgate::access::Grant::Owner)).await;
    let home = test.signed_in(&owner).await.get(&school.path("")).await.expect(200);
    let home = home.shows(&[&vi("step-students"), &vi("to-do-students"), &vi("home-lately-none")]);
    home.link("/plans/new?source=students");
}

/// How many members this transaction has walked past.
async fn walked(tx: &mut sqlx::PgConnection) -> i64 {
    sqlx::query_scalar("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'members'")
        .fetch_one(tx)
        .await
        .unwrap()
}

#[tokio::test]
async fn the_home_reads_no_row_in_vain() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let school = &cast.school;
    let mut admin = test.admin().await;
    sqlx::query(
        "INSERT INTO members (school_id, id, role, status, full_name, given_name, family_name, middle_name, birth_date,
             username, created_at, words)
         SELECT $1, md5('home' || n)::uuid, 'student', 'active', 'Lê Văn ' || n, 'An', 'Lê', 'Văn', '2011-01-01',
             'u' || n, '2026-08-01', ' le van'
         FROM generate_series(1, 20000) n",
    )
    .bind(school.id())
    .execute(&mut admin)
    .await
    .unwrap();
    sqlx::query("ANALYZE members").execute(&mut admin).await.unwrap();
    test.signed_in(&cast.teacher).await.get(&school.path("")).await.expect(200);

    let scope: &Scope = &school.scope;
    let granted = scope.grant::<may::ManageAccounts>().unwrap();
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    store::counts(scope, &mut tx, []).await.unwrap();
    assert_eq!(class_figures::of_year(scope, &mut tx, school.year_id, None).await.unwrap().len(), 1);
    figures::place_of(scope, &mut tx, school.year_id, cast.pupil.member_id).await.unwrap().unwrap();
    assert_eq!(figures::owners(scope, &mut tx).await.unwrap(), std::slice::from_ref(&cast.owner.name));
    presence::online(&granted, &mut tx, test.clock.now(), 6).await.unwrap();
    list::lately(&granted, &mut tx).await.unwrap();
    assert_eq!(walked(&mut tx).await, 0);
}
