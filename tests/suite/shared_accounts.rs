//! Accounts that are in use in more than one place: no school opens, sets or joins what is not its own alone. Each test is
//! an attack by a school that has the account's person in its list.

use schoolgate::{
    companies::store::{self as companies, NewRepresentative},
    identity::{
        accounts::{self, Temporary},
        operators,
        password::TemporaryPassword,
    },
    ids::{AccountId, MemberId, SchoolId},
    registration::teachers,
};

use crate::leaving::printed;
use crate::registration::members;
use crate::slips::slips;
use crate::support::people::TEMPORARY;
use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Person, Someone, TestApp, link_in, sheets};

fn of(cast: &Cast, member: MemberId, rest: &str) -> String {
    cast.school.path(&format!("/accounts/{member}{rest}"))
}

/// The school invites a person who has an account elsewhere; gives the member and the link in the mail.
async fn invited(test: &TestApp, cast: &Cast, person: &Person) -> (MemberId, String) {
    let owner = test.signed_in(&cast.owner).await;
    let fields = [("full_name", person.name.as_str()), ("email", &person.login), ("role", "teacher")];
    owner.post(&cast.school.path("/accounts/join"), &fields).await.expect(303);
    test.work().await;
    let member = "SELECT id FROM members WHERE school_id = $1 AND email = $2";
    let member = sqlx::query_scalar(member).bind(cast.school.id()).bind(&person.login);
    let member = member.fetch_one(&mut test.admin().await).await.unwrap();
    (member, link_in(&test.mail_to(&person.login).text))
}

/// The schools that an account leads to.
async fn schools_of(test: &TestApp, person: &Person) -> Vec<SchoolId> {
    let schools = "SELECT school_id FROM memberships WHERE account_id = $1 ORDER BY school_id";
    sqlx::query_scalar(schools).bind(person.account_id).fetch_all(&mut test.admin().await).await.unwrap()
}

async fn has_temporary(test: &TestApp, person: &Person) -> bool {
    let has = "SELECT temporary_password IS NOT NULL FROM accounts WHERE id = $1";
    sqlx::query_scalar(has).bind(person.account_id).fetch_one(&mut test.admin().await).await.unwrap()
}

/// The school gives a temporary password; gives the slip's.
async fn reset(client: &Client, cast: &Cast, person: &Person) -> String {
    let slip = client.post(&of(cast, person.member_id, "/password"), &[]).await.location();
    assert!(slip.ends_with("/slip"), "{slip}");
    let page = client.get(&slip).await.expect(200);
    slips(&page)[0].1.clone()
}

async fn applied(test: &TestApp, client: &Client, cast: &Cast, kind: &str, rows: &[[&str; 3]]) -> String {
    let table: Vec<_> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    let new = cast.school.path(&format!("/plans/new?source={kind}"));
    let plan = client.upload(&new, "ds.xlsx", &sheets::written(&table)).await.location();
    test.work().await;
    client.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    client.get(&plan).await.expect(200).shows(&[&vi("plan-title-applied")]);
    plan
}

#[tokio::test]
async fn undoing_a_plan_invites_staff_and_joins_no_account() {
    let test = TestApp::new().await;
    let (keeper, thief) = (test.cast("79000001").await, test.cast("79000002").await);
    let victim = &keeper.teacher;
    let (member, link) = invited(&test, &thief, victim).await;
    test.signed_in(victim).await.post(&link, &[]).await.expect(303);
    assert_eq!(schools_of(&test, victim).await.len(), 2);

    let thieves = test.signed_in(&thief.owner).await;
    let list = [["Họ và tên", "Email", "Trạng thái"], [&victim.name, &victim.login, "Nghỉ việc"]];
    let plan = applied(&test, &thieves, &thief, "teachers", &list).await;
    let password = reset(&test.signed_in(&keeper.manager).await, &keeper, victim).await;
    // Invitations are rationed.
    test.clock.advance(chrono::Duration::hours(2));
    let thieves = test.signed_in(&thief.owner).await;
    thieves.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;

    assert_eq!(schools_of(&test, victim).await, [keeper.school.id()]);
    let (status, account): (String, Option<AccountId>) =
        sqlx::query_as("SELECT status, account_id FROM members WHERE id = $1")
            .bind(member)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!((status.as_str(), account), ("invited", None));
    thieves.get(&of(&thief, member, "/slip")).await.hides(&[&password]);
    thieves.get(&of(&thief, member, "/password")).await.hides(&[&password]);
    let all = [("action", "slips"), ("ids", &*member.to_string())];
    let page = thieves.post(&thief.school.path("/accounts/bulk"), &all).await;
    page.hides(&[&password]);

    // By the mail it is the person's own word, and with it the paper of the first school is worth nothing.
    let link = link_in(&test.mail_to(&victim.login).text);
    let own = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    test.anonymous().post(&link, &own).await.expect(303);
    assert_eq!(schools_of(&test, victim).await.len(), 2);
    assert!(!has_temporary(&test, victim).await);
    let sign_in = [("login", victim.login.as_str()), ("password", password.as_str())];
    test.anonymous().post("/sign-in", &sign_in).await.expect(422);
    test.work().await;
}

#[tokio::test]
async fn who_must_choose_a_password_accepts_no_invitation() {
    let test = TestApp::new().await;
    let (keeper, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let victim = &keeper.teacher;
    let (member, link) = invited(&test, &other, victim).await;
    let password = reset(&test.signed_in(&keeper.manager).await, &keeper, victim).await;
    test.work().await;
    let client = test.anonymous();
    let sign_in = [("login", victim.login.as_str()), ("password", password.as_str())];
    assert_eq!(client.post("/sign-in", &sign_in).await.location(), "/password/change");
    let own = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    for fields in [&[][..], &own[..]] {
        assert_eq!(client.post(&link, fields).await.location(), "/password/change");
        assert_eq!(client.post(&format!("{link}/refusal"), fields).await.location(), "/password/change");
    }
    assert_eq!(client.get(&link).await.location(), "/password/change");
    assert_eq!(schools_of(&test, victim).await, [keeper.school.id()]);
    let (_, status) = members(&test, &victim.login).await.into_iter().find(|(id, _)| *id == member).unwrap();
    assert_eq!(status, "invited");
    // With a password of their own it is theirs to say.
    client.post("/password/change", &own).await.expect(303);
    client.post(&link, &[]).await.expect(303);
    assert_eq!(schools_of(&test, victim).await.len(), 2);
    test.work().await;
}

/// Ways in which an account comes to be another person's too.
#[derive(Clone, Copy, Debug)]
enum Way {
    Member,
    Operator,
    Company,
    Registration,
}

async fn comes(test: &TestApp, way: Way, person: &Person, elsewhere: &Cast) {
    let school = &elsewhere.school;
    match way {
        Way::Member => {
            let mut tx = test.db.begin_in(school.id()).await.unwrap();
            accounts::add_memberships(&mut tx, &[person.account_id], school.id(), &[test.id()]).await.unwrap();
            // What follows stays in the scope of the school that joins.
            let scope: String =
                sqlx::query_scalar("SELECT current_setting('app.school_id')").fetch_one(&mut *tx).await.unwrap();
            assert_eq!(scope, school.id().to_string());
            tx.commit().await.unwrap();
        }
        Way::Operator => {
            operators::add(test, &person.login, &person.name, &[]).await.unwrap();
        }
        Way::Company => {
            let company = test.company().await;
            let new = NewRepresentative {
                company_id: company,
                account_id: person.account_id,
                full_name: &person.name,
                phone: None,
                position: None,
            };
            let mut tx = test.db.begin().await.unwrap();
            companies::add_representative(&mut tx, &new, test.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        Way::Registration => {
            let school = school.scope.school.clone();
            let values = schoolgate::roster::fields::Values::from([(
                schoolgate::roster::fields::Field::FullName,
                person.name.clone(),
            )]);
            let taken =
                teachers::register_signed_in(test, school, person.account_id, &person.login, &values, None).await;
            taken.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_temporary_password_ends_when_the_account_joins_anything_else() {
    let test = TestApp::new().await;
    let (keeper, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&keeper.manager).await;
    let waiting = async || -> i64 {
        let counter = "SELECT value FROM counters WHERE school_id = $1 AND counter = 'slip_waiting:teacher'";
        let value = sqlx::query_scalar(counter).bind(keeper.school.id());
        value.fetch_optional(&mut test.admin().await).await.unwrap().unwrap_or_default()
    };
    for way in [Way::Member, Way::Operator, Way::Company, Way::Registration] {
        let name = format!("Trần Thị {way:?}");
        let victim = keeper.school.add(&test, Someone::teacher(&name)).await;
        let before = waiting().await;
        let password = reset(&manager, &keeper, &victim).await;
        let half_in = test.signed_in_by_temporary(&victim).await;
        half_in.get("/password/change").await.expect(200);
        comes(&test, way, &victim, &other).await;

        assert!(!has_temporary(&test, &victim).await, "{way:?}");
        let until = "SELECT temporary_until IS NULL FROM members WHERE id = $1";
        let until = sqlx::query_scalar::<_, bool>(until).bind(victim.member_id);
        assert!(until.fetch_one(&mut test.admin().await).await.unwrap(), "{way:?}");
        assert_eq!(waiting().await, before, "{way:?}");
        half_in.get("/password/change").await.expect(303);
        manager.get(&of(&keeper, victim.member_id, "/slip")).await.hides(&[&password]);
        let sign_in = [("login", victim.login.as_str()), ("password", password.as_str())];
        test.anonymous().post("/sign-in", &sign_in).await.expect(422);
        // From now on it is a mail to the person, and nothing that the school gets to see.
        let mailed = manager.post(&of(&keeper, victim.member_id, "/password"), &[]).await.location();
        assert!(!mailed.ends_with("/slip"), "{way:?}: {mailed}");
        assert!(!has_temporary(&test, &victim).await, "{way:?}");
        test.work().await;
    }
}

#[tokio::test]
async fn the_database_gives_no_temporary_password_to_an_account_in_use_elsewhere() {
    let test = TestApp::new().await;
    let (keeper, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let shared = &keeper.pupil;
    comes(&test, Way::Member, shared, &other).await;
    let sealed = TemporaryPassword::generate(&test.randomness).seal(&test.keys, &test.randomness, shared.account_id);
    let given = [(shared.account_id, Temporary { sealed, expires_at: test.clock.now() + TEMPORARY })];
    for school in [keeper.school.id(), other.school.id()] {
        let mut tx = test.db.begin_in(school).await.unwrap();
        let refused = accounts::set_temporary(&mut tx, school, &given).await.unwrap_err();
        assert_eq!(refused.violated_constraint(), Some("temporary_password_of_school_alone"));
    }
    // Nor a school that the account is not of.
    let sealed = TemporaryPassword::generate(&test.randomness);
    let sealed = sealed.seal(&test.keys, &test.randomness, keeper.teacher.account_id);
    let given = [(keeper.teacher.account_id, Temporary { sealed, expires_at: test.clock.now() + TEMPORARY })];
    let mut tx = test.db.begin_in(other.school.id()).await.unwrap();
    let refused = accounts::set_temporary(&mut tx, other.school.id(), &given).await.unwrap_err();
    assert_eq!(refused.violated_constraint(), Some("temporary_password_of_school_alone"));
}

/// A reset and an acceptance at the same instant, each in a process of its own: no matter which is first, no school holds a
/// password of a person who is in two.
#[tokio::test]
async fn of_a_reset_and_a_join_at_once_none_passes_the_other() {
    let test = TestApp::with_many_connections().await;
    let (keeper, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let given = ["An", "Bình", "Chi", "Dung", "Giang", "Hà", "Khanh", "Lan"];
    let people = given.map(|given| Someone::teacher(&format!("Vũ Thị {given}")));
    let people = keeper.school.add_all(&test, &people).await;
    let manager = test.signed_in(&keeper.manager).await;
    for victim in &people {
        let (_, link) = invited(&test, &other, victim).await;
        let accepts = test.through_another_process(&test.signed_in(victim).await);
        let reset = of(&keeper, victim.member_id, "/password");
        let bulk = [("action", "password"), ("ids", &*victim.member_id.to_string())];
        let at_once = keeper.school.path("/accounts/bulk");
        let (one, two, three) =
            tokio::join!(manager.post(&reset, &[]), accepts.post(&link, &[]), manager.post(&at_once, &bulk));
        for page in [one, two, three] {
            assert!(!page.status.is_server_error(), "{}: {}", page.what, page.words());
        }
        let is_shared = schools_of(&test, victim).await.len() > 1;
        assert!(!(is_shared && has_temporary(&test, victim).await), "{}", victim.name);
        if is_shared {
            let until = "SELECT temporary_until IS NULL FROM members WHERE id = $1";
            let until = sqlx::query_scalar::<_, bool>(until).bind(victim.member_id);
            assert!(until.fetch_one(&mut test.admin().await).await.unwrap(), "{}", victim.name);
        }
        test.work().await;
    }
}

/// Two transactions held open on purpose: the second waits for the first, and then sees what it did.
#[tokio::test]
async fn the_check_that_an_account_is_one_schools_alone_cannot_be_overtaken() {
    let test = TestApp::with_many_connections().await;
    let (keeper, other) = (test.cast("79000001").await, test.cast("79000002").await);
    let account = keeper.teacher.account_id;
    let (ours, theirs) = (keeper.school.id(), other.school.id());
    let mut asks = test.db.begin_in(ours).await.unwrap();
    assert!(accounts::is_of_school_alone(&mut asks, account, ours).await.unwrap());
    let db = test.db.clone();
    let member: MemberId = test.id();
    let joins = tokio::spawn(async move {
        let mut tx = db.begin_in(theirs).await.unwrap();
        accounts::add_memberships(&mut tx, &[account], theirs, &[member]).await.unwrap();
        tx.commit().await.unwrap();
    });
    test.until_one_waits_for_a_lock().await;
    let sealed = TemporaryPassword::generate(&test.randomness).seal(&test.keys, &test.randomness, account);
    let given = [(account, Temporary { sealed, expires_at: test.clock.now() + TEMPORARY })];
    accounts::set_temporary(&mut asks, ours, &given).await.unwrap();
    asks.commit().await.unwrap();
    joins.await.unwrap();
    assert!(!has_temporary(&test, &keeper.teacher).await);

    let account = keeper.reports.account_id;
    let mut joins = test.db.begin_in(theirs).await.unwrap();
    accounts::add_memberships(&mut joins, &[account], theirs, &[test.id()]).await.unwrap();
    let db = test.db.clone();
    let asks = tokio::spawn(async move {
        let mut tx = db.begin_in(ours).await.unwrap();
        accounts::is_of_school_alone(&mut tx, account, ours).await.unwrap()
    });
    test.commit_once_waited_for(joins).await;
    assert!(!asks.await.unwrap());
}

fn username(person: &Person) -> &str {
    person.login.split('@').next().unwrap()
}

#[tokio::test]
async fn a_pupil_who_went_elsewhere_is_not_taken_back_by_undoing_or_a_list() {
    let test = TestApp::new().await;
    let (old, new) = (test.cast("79000001").await, test.cast("79000002").await);
    let theirs = test.signed_in(&old.owner).await;
    // One who has an own password, one who still has the slip of the first school.
    let pupils = [&old.pupil, &old.newcomer];
    let mut codes = Vec::new();
    for pupil in pupils {
        codes.push(printed(&theirs, &old, pupil).await);
    }
    let list = |status: &'static str| {
        let head = ["Họ và tên", "Tên đăng nhập", "Trạng thái"];
        [head, [&old.pupil.name, username(&old.pupil), status], [&old.newcomer.name, username(&old.newcomer), status]]
    };
    let plan = applied(&test, &theirs, &old, "students", &list("Chuyển đi")).await;
    let ours = test.signed_in(&new.manager).await;
    for code in &codes {
        ours.post(&new.school.path("/accounts/transfer"), &[("code", code)]).await.expect(303);
    }
    let page = theirs.get(&format!("{plan}/undo")).await.expect(200);
    page.shows(&[&vi("fault-undo-gone-elsewhere"), &vi1("undo-will-stay", "count", 2)]);
    theirs.post(&format!("{plan}/undo"), &[]).await.expect(303);
    test.work().await;
    applied(&test, &theirs, &old, "students", &list("Đang học")).await;
    for pupil in pupils {
        theirs.post(&of(&old, pupil.member_id, "/leaving"), &[("undo", "on")]).await.expect(303);
        assert_eq!(schools_of(&test, pupil).await, [new.school.id()], "{}", pupil.name);
        let (status, account): (String, Option<AccountId>) =
            sqlx::query_as("SELECT status, account_id FROM members WHERE id = $1")
                .bind(pupil.member_id)
                .fetch_one(&mut test.admin().await)
                .await
                .unwrap();
        assert_eq!((status.as_str(), account), ("left", None), "{}", pupil.name);
        theirs.get(&of(&old, pupil.member_id, "/slip")).await.hides(&[old.newcomer.temporary.as_deref().unwrap()]);
    }
    // The slip of the first school opens nothing; the second one has its own.
    let old_slip = old.newcomer.temporary.as_deref().unwrap();
    let sign_in = [("login", old.newcomer.login.as_str()), ("password", old_slip)];
    test.anonymous().post("/sign-in", &sign_in).await.expect(422);
    let member = "SELECT member_id FROM memberships WHERE account_id = $1";
    let member: MemberId =
        sqlx::query_scalar(member).bind(old.newcomer.account_id).fetch_one(&mut test.admin().await).await.unwrap();
    let slip = slips(&ours.get(&of(&new, member, "/slip")).await.expect(200));
    let sign_in = [("login", slip[0].0.as_str()), ("password", slip[0].1.as_str())];
    assert_eq!(test.anonymous().post("/sign-in", &sign_in).await.location(), "/password/change");
}

/// The school undoes its list in one process while another school takes the pupil in by the code in another.
#[tokio::test]
async fn undoing_and_a_transfer_at_once_leave_the_pupil_in_one_school() {
    let test = TestApp::with_many_connections().await;
    let (old, new) = (test.cast("79000001").await, test.cast("79000002").await);
    let theirs = test.signed_in(&old.owner).await;
    let ours = test.through_another_process(&test.signed_in(&new.manager).await);
    let names: Vec<String> = (0..5).map(|number| format!("Vũ Văn Chuyển{number}")).collect();
    let people: Vec<Someone> = names.iter().map(|name| Someone::pupil(name, old.class_id)).collect();
    for pupil in old.school.add_all(&test, &people).await {
        let code = printed(&theirs, &old, &pupil).await;
        let head = ["Họ và tên", "Tên đăng nhập", "Trạng thái"];
        let list = [head, [&pupil.name, username(&pupil), "Chuyển đi"]];
        let plan = applied(&test, &theirs, &old, "students", &list).await;
        theirs.post(&format!("{plan}/undo"), &[]).await.expect(303);
        let transfer = new.school.path("/accounts/transfer");
        let form = [("code", code.as_str())];
        let (_, page) = tokio::join!(test.work(), ours.post(&transfer, &form));
        assert!(!page.status.is_server_error(), "{}", page.words());
        let schools = schools_of(&test, &pupil).await;
        let (status, account): (String, Option<AccountId>) =
            sqlx::query_as("SELECT status, account_id FROM members WHERE id = $1")
                .bind(pupil.member_id)
                .fetch_one(&mut test.admin().await)
                .await
                .unwrap();
        if schools == [new.school.id()] {
            assert_eq!((status.as_str(), account), ("left", None), "{}", pupil.name);
        } else {
            assert_eq!(schools, [old.school.id()], "{}", pupil.name);
            assert_eq!((status.as_str(), account), ("active", Some(pupil.account_id)), "{}", pupil.name);
        }
    }
}
