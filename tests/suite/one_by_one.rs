//! People one by one: twins told, invitations answered, sent again and withdrawn, several schools, teachers who create
//! pupils, what ends with a role or with being in the school.

use schoolgate::{
    access::{Grant, SchoolKind},
    ids::{ClassId, MemberId},
    roster::fields::Field,
};

use crate::support::app::link_in;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Person, Someone, TestApp, html};

const PUPIL: [(&str, &str); 5] = [
    ("full_name", "Lê Văn Tý"),
    ("gender", "male"),
    ("birth_date", "2011-04-05"),
    ("mother_name", "Trần Thị Mai"),
    ("mother_birth_year", "1985"),
];

fn of(cast: &Cast, person: &Person, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{}{rest}", person.member_id))
}

/// A person who is in the school of `cast`, and as a teacher in that of `other`.
async fn in_both(test: &TestApp, person: &Person, other: &Cast) -> Person {
    let owner = test.signed_in(&other.owner).await;
    let fields = [("full_name", person.name.as_str()), ("email", &person.login), ("role", "teacher")];
    let page = owner.post(&other.school.path("/accounts/join"), &fields).await.location();
    test.work().await;
    let link = link_in(&test.mail_to(&person.login).text);
    test.signed_in(person).await.post(&link, &[]).await.expect(303);
    let id = page.rsplit('/').next().unwrap().split('?').next().unwrap();
    Person { member_id: id.parse().unwrap(), ..person.clone() }
}

#[tokio::test]
async fn a_likely_twin_is_told_while_one_types_and_asked_about_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let twin = Someone::pupil("Lê Văn Tý", cast.class_id).value(Field::BirthDate, "2011-04-05");
    let twin = cast.school.add(&test, twin).await;
    let manager = test.signed_in(&cast.manager).await;
    let typed = |query: &str| cast.school.path(&format!("/accounts/twins?kind=student&{query}"));
    let told = manager.get(&typed("full_name=le+van+ty")).await.expect(200);
    told.shows(&["Lê Văn Tý", &vi1("twins-class", "class", "10A1"), &vi1("twins-born", "year", "2011")]);
    manager.get(&typed("full_name=L%C3%AA+V%C4%83n+T%C3%BD&birth_date=2011-04-05")).await.shows(&["Lê Văn Tý"]);
    manager.get(&typed("full_name=le+van+ti&birth_date=2011-04-05")).await.expect(200).shows(&["Lê Văn Tý"]);
    for search in ["full_name=ty", "full_name=le+van+hai", "full_name=le+van+ty&birth_date=2009-04-05", ""] {
        manager.get(&typed(search)).await.expect(200).hides(&["Lê Văn Tý"]);
    }
    // Another school's people are nobody's twins.
    let elsewhere = test.cast("79000002").await;
    let stranger = test.signed_in(&elsewhere.manager).await;
    let there = elsewhere.school.path("/accounts/twins?kind=student&full_name=le+van+ty");
    stranger.get(&there).await.expect(200).hides(&["Lê Văn Tý"]);

    // Without a script the question comes with the answer, once.
    let students = cast.school.path("/accounts/students");
    let class = cast.class_id.to_string();
    let fields = [&PUPIL[..], &[("class", class.as_str())]].concat();
    let asked = manager.post(&students, &fields).await.expect(422).shows(&[&vi("fault-twin"), "10A1"]);
    let seen = asked.input("seen");
    assert_eq!(seen, twin.member_id.to_string());
    let person = manager.post(&students, &[&fields[..], &[("seen", seen.as_str())]].concat()).await.location();
    manager.get(&person).await.expect(200).shows(&["tylv2"]);
}

#[tokio::test]
async fn teachers_create_pupils_where_the_school_lets_them() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (owner, teacher) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.teacher).await);
    let (new, students) = (cast.school.path("/accounts/new/student"), cast.school.path("/accounts/students"));
    let class = cast.class_id.to_string();
    let fields = [&PUPIL[..], &[("class", class.as_str())]].concat();
    teacher.get(&new).await.expect(403);
    teacher.post(&students, &fields).await.expect(403);
    owner.get(&cast.school.path("/settings")).await.expect(200).shows(&[&vi("settings-teachers-create")]);
    owner.post(&cast.school.path("/settings"), &[("teachers_may_create_students", "on")]).await.expect(303);

    // The menu follows with the next request.
    teacher.get(&cast.school.path("")).await.expect(200).shows(&[&vi("form-new-student")]);
    teacher.get(&new).await.expect(200).shows(&["10A1"]);
    let next = teacher.post(&students, &fields).await.location();
    teacher.get(&next).await.expect(200).shows(&[&vi1("form-made", "name", "Lê Văn Tý"), "tylv"]);
    // Nobody else's name is told that way, and nothing else is open.
    let of_another = cast.school.path(&format!("/accounts/new/student?made={}", cast.owner.member_id));
    teacher.get(&of_another).await.expect(200).hides(&[&cast.owner.name]);
    teacher.get(&cast.school.path("/accounts")).await.expect(403);
    teacher.get(&cast.school.path("/accounts/new/teacher")).await.expect(403);
    teacher.get(&cast.school.path("/accounts/twins?kind=teacher&full_name=a+b")).await.expect(403);
    test.signed_in(&cast.pupil).await.get(&new).await.expect(403);

    let institute = test.school_of(SchoolKind::Higher, "DH000009").await;
    let lecturer = institute.add(&test, Someone::teacher("Lý Thị Giảng")).await;
    let lecturer = test.signed_in(&lecturer).await;
    lecturer.get(&institute.path("/accounts/new/student")).await.expect(200);
    let student = [("full_name", "Bùi Văn Sinh"), ("email", "sinh@example.vn")];
    lecturer.post(&institute.path("/accounts/students"), &student).await.expect(303);
    assert_eq!(test.work().await, ["send_mail"]);
}

#[tokio::test]
async fn an_invitation_looks_the_same_with_and_without_an_account_elsewhere() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let join = cast.school.path("/accounts/join");
    manager.get(&join).await.expect(200).hides(&["value=\"manager\""]);
    let mut pages = Vec::new();
    for email in ["nobody.yet@example.vn", elsewhere.teacher.login.as_str()] {
        let fields = [("full_name", "Phan Thị Chung"), ("email", email), ("role", "teacher")];
        let to = manager.post(&join, &fields).await.location();
        let (path, done) = to.split_once('?').unwrap();
        assert_eq!(done, "done=invited");
        let id = path.rsplit('/').next().unwrap().to_owned();
        let list = manager.get(&cast.school.path("/accounts?role=teacher&status=invited&q=chung")).await.expect(200);
        let person = manager.get(path).await.expect(200);
        let same = |text: String| text.replace(email, "…").replace(&id, "…");
        pages.push((
            same(list.rows().join("\n")),
            same(person.words()),
            same(manager.post(&join, &fields).await.words()),
        ));
        manager.post(&format!("{path}/invitation/withdrawal"), &[]).await.expect(303);
    }
    assert_eq!(pages[0], pages[1]);
    test.work().await;
    // What is wrong is said; who makes managers is an owner's to decide, and pupils of a school are created.
    for (fields, fault) in [
        ([("full_name", ""), ("email", "a@example.vn"), ("role", "teacher")], "fault-missing"),
        ([("full_name", "Phan Chung"), ("email", "a@example.vn"), ("role", "manager")], "fault-join-role"),
        ([("full_name", "Phan Chung"), ("email", "a@example.vn"), ("role", "student")], "fault-join-role"),
        ([("full_name", "Phan Chung"), ("email", &cast.owner.login), ("role", "teacher")], "fault-email-taken"),
    ] {
        manager.post(&join, &fields).await.expect(422).shows(&[&vi(fault)]);
    }
    let owner = test.signed_in(&cast.owner).await;
    let boss = [("full_name", "Phan Chung"), ("email", "boss@example.vn"), ("role", "manager")];
    let boss = owner.post(&join, &boss).await.location();
    owner.get(&boss).await.expect(200).shows(&[&vi("role-manager"), &vi("state-invited")]);
    test.work().await;
}

#[tokio::test]
async fn fifty_invitations_of_one_address_at_once_make_one_member() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let join = cast.school.path("/accounts/join");
    let ask = async |number: usize| {
        let email = if number.is_multiple_of(2) { "chung@example.vn" } else { "Chung@Example.vn" };
        manager.post(&join, &[("full_name", "Phan Thị Chung"), ("email", email), ("role", "teacher")]).await.status
    };
    let answers = futures_util::future::join_all((0..50).map(ask)).await;
    // Those of the same spelling are one form, sent again and again; those of the other one are told why not.
    assert_eq!(answers.iter().filter(|status| status.as_u16() == 303).count(), 25);
    assert_eq!(answers.iter().filter(|status| status.as_u16() == 422).count(), 25);
    let count =
        async |sql: &'static str| -> i64 { sqlx::query_scalar(sql).fetch_one(&mut test.admin().await).await.unwrap() };
    assert_eq!(count("SELECT count(*) FROM members WHERE lower(email) = 'chung@example.vn'").await, 1);
    assert_eq!(count("SELECT count(*) FROM accounts WHERE login = 'chung@example.vn'").await, 1);
    test.work().await;
}

#[tokio::test]
async fn an_invitation_is_declined_sent_again_withdrawn_and_never_two() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let fields = [("full_name", "Phan Thị Chung"), ("email", "chung@example.vn"), ("role", "teacher")];
    let person = manager.post(&cast.school.path("/accounts/join"), &fields).await.location();
    let person = person.split('?').next().unwrap().to_owned();
    test.work().await;
    let first = link_in(&test.mail_to("chung@example.vn").text);
    let invited = test.anonymous();
    invited.get(&first).await.expect(200).shows(&[&vi("invitation-decline")]);
    let page = invited.post(&format!("{first}/refusal"), &[]).await.expect(200);
    page.shows(&[&vi("invitation-declined-title")]);
    invited.get(&first).await.expect(404);
    invited.post(&format!("{first}/refusal"), &[]).await.expect(404);
    manager.get(&person).await.expect(200).shows(&[&vi("state-declined"), &vi("person-withdraw")]);

    // Asked anew; the link before is worth nothing.
    test.clock.advance(chrono::Duration::hours(1));
    manager.post(&format!("{person}/invitation"), &[]).await.expect(303);
    manager.get(&person).await.expect(200).shows(&[&vi("state-invited")]);
    test.work().await;
    let second = link_in(&test.mail_to("chung@example.vn").text);
    test.clock.advance(chrono::Duration::hours(1));
    manager.post(&format!("{person}/invitation"), &[]).await.expect(303);
    test.work().await;
    let third = link_in(&test.mail_to("chung@example.vn").text);
    invited.get(&second).await.expect(404);
    // The address was another one's: what went there opens nothing any more.
    let changed = [("full_name", "Phan Thị Chung"), ("email", "chung2@example.vn")];
    manager.post(&person, &changed).await.expect(303);
    test.work().await;
    invited.get(&third).await.expect(404);
    let fourth = link_in(&test.mail_to("chung2@example.vn").text);
    invited.get(&fourth).await.expect(200);

    manager.post(&format!("{person}/invitation"), &[("undo", "on")]).await.expect(303);
    invited.get(&fourth).await.expect(404);
    manager.get(&person).await.expect(404);
    // Nobody is invited who is here.
    let here = of(&cast, &cast.teacher, "/invitation");
    manager.post(&here, &[("undo", "on")]).await.expect(303);
    manager.get(&of(&cast, &cast.teacher, "")).await.expect(200);
    let actions: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_events WHERE action LIKE 'invitation%' ORDER BY action")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    let again = "invitation_sent_again";
    assert_eq!(actions, ["invitation_declined", again, again, "invitation_withdrawn"]);
}

#[tokio::test]
async fn a_member_of_several_schools_changes_between_them_and_lands_in_the_last_one() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    in_both(&test, &cast.teacher, &elsewhere).await;
    let teacher = test.signed_in(&cast.teacher).await;
    let (here, there) = (cast.school.path(""), elsewhere.school.path(""));
    teacher.get(&here).await.expect(200).shows(&[&elsewhere.school.scope.school.name]);
    assert_eq!(teacher.get("/").await.location(), here);
    assert_eq!(teacher.get(&here).await.expect(200).link("/schools/79000002"), there);
    teacher.get(&there).await.expect(200).shows(&[&cast.school.scope.school.name]);
    assert_eq!(test.signed_in(&cast.teacher).await.get("/").await.location(), there);
    // A person who has one school sees no switcher.
    let other = test.signed_in(&cast.exams).await;
    other.get(&here).await.expect(200).hides(&[&elsewhere.school.scope.school.name, &vi("shell-switch")]);
    // Out of one, they are still in the other.
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&of(&cast, &cast.teacher, "/leaving")).await.expect(200).shows(&[&vi("transition-ends-sign-in")]);
    owner.post(&of(&cast, &cast.teacher, "/leaving"), &[]).await.expect(303);
    teacher.get(&here).await.expect(404);
    teacher.get(&there).await.expect(200).hides(&[&cast.school.scope.school.name]);
}

#[tokio::test]
async fn what_ends_with_a_role_is_said_before_and_the_rest_stays() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let homeroom = of(&cast, &cast.homeroom_teacher, "");
    owner.post(&format!("{homeroom}/grants"), &[("grants", "exams"), ("grants", "reports")]).await.expect(303);
    let asked = owner.get(&format!("{homeroom}/role?role=student")).await.expect(200);
    let grants = format!("{}, {}", vi("grant-exams"), vi("grant-reports"));
    asked.shows(&[
        &vi1("transition-ends-homeroom", "classes", "10A1"),
        &vi1("transition-ends-grants", "grants", grants),
    ]);
    owner.get(&format!("{homeroom}/role?role=manager")).await.expect(200).hides(&[&vi("transition-ends")]);
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    teacher.get(&cast.school.path("/my-classes")).await.expect(303);
    owner.post(&format!("{homeroom}/role"), &[("role", "student")]).await.expect(303);
    // The same session, the next request.
    teacher.get(&cast.school.path("/my-classes")).await.expect(403);
    teacher.get(&cast.school.path("")).await.expect(200);
    owner.get(&homeroom).await.expect(200).shows(&[&vi("role-student"), &cast.homeroom_teacher.login]);

    let pupil = of(&cast, &cast.pupil, "");
    let asked = owner.get(&format!("{pupil}/role?role=teacher")).await.expect(200);
    asked.shows(&[&vi1("transition-ends-class", "class", "10A1")]);
    owner.post(&format!("{pupil}/role"), &[("role", "teacher")]).await.expect(303);
    let ended: bool = sqlx::query_scalar("SELECT ended_at IS NOT NULL FROM enrolments WHERE member_id = $1")
        .bind(cast.pupil.member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert!(ended, "the class is remembered as over");
    // Nothing to ask about: they have that role already, or there is no such role.
    for nothing in ["teacher", "king", ""] {
        owner.get(&format!("{pupil}/role?role={nothing}")).await.expect(303);
    }
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&format!("{pupil}/role?role=manager")).await.expect(403);
    manager.get(&of(&cast, &cast.account_manager, "/role?role=student")).await.expect(403);
    manager.get(&of(&cast, &cast.owner, "/leaving")).await.expect(403);
    manager.get(&of(&cast, &cast.manager, "/suspension")).await.expect(403);
}

#[tokio::test]
async fn reasons_are_kept_with_the_person_and_leaving_is_no_end() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let person = of(&cast, &cast.homeroom_teacher, "");
    owner.get(&format!("{person}/suspension")).await.expect(200).shows(&[&vi("transition-ends-sessions")]);
    let long = "x".repeat(501);
    let page = owner.post(&format!("{person}/suspension"), &[("reason", &long)]).await.expect(422);
    page.shows(&[&vi("fault-reason-too-long"), &long]);
    owner.post(&format!("{person}/suspension"), &[("reason", " Nghỉ thai sản ")]).await.expect(303);
    // Told as what is so, and as what was done.
    let told = async |reason: &str| owner.get(&person).await.expect(200).words().matches(reason).count();
    owner.get(&person).await.expect(200).shows(&["Nghỉ thai sản", &vi("state-suspended")]);
    assert_eq!(told("Nghỉ thai sản").await, 2);
    owner.get(&format!("{person}/suspension")).await.expect(303);
    owner.post(&format!("{person}/suspension/lifting"), &[]).await.expect(303);
    assert_eq!(told("Nghỉ thai sản").await, 1, "lifted, it is history");

    owner.post(&format!("{person}/grants"), &[("grants", "exams")]).await.expect(303);
    let asked = owner.get(&format!("{person}/leaving")).await.expect(200);
    asked.shows(&[
        &vi1("transition-ends-homeroom", "classes", "10A1"),
        &vi1("transition-ends-grants", "grants", vi("grant-exams")),
        &vi("transition-stays-leaving"),
    ]);
    owner.post(&format!("{person}/leaving"), &[("reason", "Chuyển công tác")]).await.expect(303);
    owner.get(&person).await.expect(200).shows(&["Chuyển công tác", &vi("person-come-back")]);
    owner.get(&cast.school.path("/grants")).await.expect(200).hides(&[&cast.homeroom_teacher.name]);
    // Back: asked first, since no account is bound to a school without its person's knowledge.
    owner.post(&format!("{person}/leaving"), &[("undo", "on")]).await.expect(303);
    owner.get(&person).await.expect(200).shows(&[&vi("state-invited")]);
    assert_eq!(told("Chuyển công tác").await, 1);
    test.work().await;
    let back = test.signed_in(&cast.homeroom_teacher).await;
    back.get(&cast.school.path("")).await.expect(404);
    back.post(&link_in(&test.mail_to(&cast.homeroom_teacher.login).text), &[]).await.expect(303);
    back.get(&cast.school.path("")).await.expect(200);

    // A pupil has the account again.
    let pupil = of(&cast, &cast.pupil, "");
    owner.post(&format!("{pupil}/leaving"), &[]).await.expect(303);
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(404);
    owner.post(&format!("{pupil}/leaving/return"), &[]).await.expect(303);
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
}

/// What the pages refuse, the database refuses too.
#[tokio::test]
async fn the_database_keeps_an_owner_and_the_ranks() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (owner, manager) = (cast.owner.member_id, cast.manager.member_id);
    let (teacher, pupil) = (cast.teacher.member_id, cast.pupil.member_id);
    let second = cast.school.add(&test, Someone::manager("Phan Thị Chủ").with(Grant::Owner)).await;
    let attempt = async |actor: Option<MemberId>, sql: &'static str, id: MemberId| -> Option<String> {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        if let Some(actor) = actor {
            let set = "SELECT set_config('app.actor_id', $1, true)";
            sqlx::query(set).bind(actor.to_string()).execute(&mut *tx).await.unwrap();
        }
        let done = sqlx::query(sql).bind(cast.school.id()).bind(id).execute(&mut *tx).await;
        let done = match done {
            Ok(_) => sqlx::query("SET CONSTRAINTS ALL IMMEDIATE").execute(&mut *tx).await,
            refused => refused,
        };
        done.err().map(|error| error.as_database_error().unwrap().constraint().unwrap().to_owned())
    };
    const LET_GO: &str = "DELETE FROM grants WHERE school_id = $1 AND member_id = $2";
    const SUSPEND: &str = "UPDATE members SET status = 'suspended' WHERE school_id = $1 AND id = $2";
    const PROMOTE: &str = "UPDATE members SET role = 'manager' WHERE school_id = $1 AND id = $2";
    const DEMOTE: &str = "UPDATE members SET role = 'teacher' WHERE school_id = $1 AND id = $2";
    const OWN: &str =
        "INSERT INTO grants (school_id, member_id, \"grant\", granted_at) VALUES ($1, $2, 'owner', now())";
    const REMOVE: &str = "DELETE FROM members WHERE school_id = $1 AND id = $2";
    let rank = Some("rank_is_kept".to_owned());
    for (actor, sql, target, refused) in [
        // Of two owners one may go, the actor included.
        (None, LET_GO, owner, None),
        (Some(owner), LET_GO, owner, None),
        (Some(owner), LET_GO, second.member_id, rank.clone()),
        (Some(manager), SUSPEND, owner, rank.clone()),
        (Some(manager), SUSPEND, cast.account_manager.member_id, rank.clone()),
        (Some(manager), SUSPEND, manager, rank.clone()),
        (Some(manager), SUSPEND, teacher, None),
        (Some(manager), PROMOTE, teacher, rank.clone()),
        (Some(owner), PROMOTE, teacher, None),
        (Some(manager), DEMOTE, pupil, None),
        (Some(teacher), SUSPEND, pupil, None),
        (Some(teacher), PROMOTE, teacher, rank.clone()),
        (Some(manager), OWN, manager, rank.clone()),
        (Some(manager), OWN, teacher, rank),
        (Some(owner), OWN, teacher, None),
        (None, OWN, pupil, Some("pupils_hold_no_grants".to_owned())),
    ] {
        assert_eq!(attempt(actor, sql, target).await, refused, "{sql} {target}");
    }
    let last = Some("school_keeps_an_owner".to_owned());
    sqlx::query("DELETE FROM grants WHERE member_id = $1")
        .bind(second.member_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    for sql in [LET_GO, SUSPEND, REMOVE] {
        assert_eq!(attempt(None, sql, owner).await, last, "{sql}");
    }
}

/// Two owners let go at the same instant, past the pages and their lock: the database itself keeps one.
#[tokio::test]
async fn two_owners_who_go_at_once_leave_one_whatever_the_program_does() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let second = cast.school.add(&test, Someone::manager("Phan Thị Chủ").with(Grant::Owner)).await;
    let go = async |id: MemberId| {
        let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
        sqlx::query("DELETE FROM grants WHERE member_id = $1").bind(id).execute(&mut *tx).await.unwrap();
        tx
    };
    let (one, two) = (go(cast.owner.member_id).await, go(second.member_id).await);
    let (one, two) = tokio::join!(one.commit(), two.commit());
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1);
}

#[tokio::test]
async fn a_pupil_stays_in_the_class_where_no_choice_is_sent() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let person = of(&cast, &cast.pupil, "");
    let class_of = async || {
        let classes: Vec<ClassId> =
            sqlx::query_scalar("SELECT class_id FROM enrolments WHERE member_id = $1 AND ended_at IS NULL")
                .bind(cast.pupil.member_id)
                .fetch_all(&mut test.admin().await)
                .await
                .unwrap();
        classes
    };
    let edit = of(&cast, &cast.pupil, "/edit");
    manager.get(&edit).await.expect(200).shows(&["10A1"]).hides(&[&vi("form-no-class")]);
    let named = |name| [("full_name", name), ("class", "")];
    manager.post(&person, &named("Quách Thị Mới")).await.expect(303);
    manager.get(&person).await.expect(200).shows(&["Quách Thị Mới", "10A1"]);
    assert_eq!(class_of().await, [cast.class_id]);
    // Refused, the form still has it.
    let page = manager.post(&person, &named("")).await.expect(422);
    assert!(page.html().contains(&format!("value=\"{}\" selected", cast.class_id)));
    // Another class is another class; a person who is in none may stay so.
    let other = cast.school.class(&test, "10A2").await;
    let moved = [("full_name", "Quách Thị Mới"), ("class", &other.to_string())];
    manager.post(&person, &moved).await.expect(303);
    assert_eq!(class_of().await, [other]);
    let free = cast.school.add(&test, Someone::pupil("Phan Tự Do", cast.class_id).without_class()).await;
    manager.get(&of(&cast, &free, "/edit")).await.expect(200).shows(&[&vi("form-no-class")]);
    manager.post(&of(&cast, &free, ""), &named("Phan Văn Tự Do")).await.expect(303);
}

#[tokio::test]
async fn what_is_wrong_names_its_field_and_leads_to_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let students = cast.school.path("/accounts/students");
    let page = manager.post(&students, &[]).await.expect(422);
    for field in ["full-name", "gender", "class", "birth-date"] {
        let line = format!("{}: {}", vi(&format!("field-{field}")), vi("fault-missing"));
        let field = field.replace('-', "_");
        assert!(page.html().contains(&format!("<a href=\"#{field}\">{line}</a>")), "{line}");
        // Where the line leads, something can be done.
        let target = format!(" id=\"{field}\"");
        let controls = [html::tags(&page.html(), "input").join("\n"), html::tags(&page.html(), "select").join("\n")];
        assert!(controls.iter().any(|tags| tags.contains(&target)), "{field} can be typed into or chosen");
    }
    // What cannot be read does not hide what is missing: all of it is said at once, in the order of the form.
    let typed = [("full_name", "Lê Văn Ba"), ("birth_date", "31/02/2011"), ("mother_name", "Trần Thị Mai")];
    let page = manager.post(&students, &typed).await.expect(422);
    let summary = page.html();
    let places = ["gender", "class", "birth_date", "mother_birth_year"]
        .map(|field| summary.find(&format!("<li><a href=\"#{field}\">")).unwrap_or_else(|| panic!("{field}")));
    assert!(places.is_sorted(), "{places:?}");
    let title = |page: &crate::support::Page| html::elements(&page.html(), "title")[0].to_owned();
    assert!(title(&page).starts_with(&format!("{} {}", vi("form-fault-title"), vi("form-new-student"))));
    let fresh = manager.get(&cast.school.path("/accounts/new/student")).await.expect(200);
    assert!(title(&fresh).starts_with(&vi("form-new-student")));
    let door = test.anonymous().post("/sign-in", &[("login", ""), ("password", "")]).await.expect(422);
    assert!(title(&door).starts_with(&vi("form-fault-title")));
}

#[tokio::test]
async fn before_there_are_classes_one_is_told_to_make_some() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let owner = Someone::manager("Mai Thị Chủ").with(schoolgate::access::Grant::Owner);
    let (owner, manager) = (school.add(&test, owner).await, school.add(&test, Someone::manager("Mai Văn Quản")).await);
    let new = school.path("/accounts/new/student");
    let (classes, import) = (school.path("/classes/new"), school.path("/plans/new?source=students"));
    let page = test.signed_in(&owner).await.get(&new).await.expect(200).shows(&[&vi("form-classes-first")]);
    assert_eq!((page.link("/classes/new"), page.link("source=students")), (classes.clone(), import));
    let page = test.signed_in(&manager).await.get(&new).await.expect(200).shows(&[&vi("form-classes-first")]);
    page.hides(&[&classes]);
    school.class(&test, "10A1").await;
    let page = test.signed_in(&manager).await.get(&new).await.expect(200);
    page.shows(&[&vi("field-class")]).hides(&[&vi("form-classes-first")]);
    // Groups of an institute are nobody's must.
    let institute = test.school_of(schoolgate::access::SchoolKind::Higher, "DH000009").await;
    let manager = institute.add(&test, Someone::manager("Mai Thị Khoa")).await;
    let page = test.signed_in(&manager).await.get(&institute.path("/accounts/new/student")).await.expect(200);
    page.hides(&[&vi("form-classes-first")]);
}
