//! `/schools/{code}/plans/{id}/undo`: a plan is taken back, but for what people have done with it since.

use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, TestApp, link_in, sheets};
use schoolgate::ids::PlanId;

use super::properties::{assert_same, roster};

const HEADERS: [&str; 7] =
    ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mật khẩu"];

fn pupils(rows: &[[&str; 7]]) -> Vec<u8> {
    let table = std::iter::once(&HEADERS).chain(rows).map(|row| row.map(str::to_owned).to_vec());
    sheets::written(&table.collect::<Vec<_>>())
}

const AN: [&str; 7] = ["Hoàng Văn An", "Nam", "10A1", "04/04/2011", "Hoàng Thị Mẹ", "1980", "hoa-mai-2011"];
const DAT: [&str; 7] = ["Nguyễn Văn Đạt", "Nam", "10A9", "15/11/2011", "Lê Thị Hoa", "1985", ""];

async fn applied(test: &TestApp, client: &Client, cast: &Cast, kind: &str, file: &[u8]) -> String {
    let plan = client.upload(&cast.school.path(&format!("/plans/new?source={kind}")), "ds.xlsx", file).await.location();
    test.work().await;
    assert_eq!(client.post(&format!("{plan}/apply"), &[]).await.location(), plan);
    test.work().await;
    client.get(&plan).await.expect(200).shows(&[&vi("plan-title-applied"), &vi("plan-undo")]);
    plan
}

async fn undone(test: &TestApp, client: &Client, plan: &str) {
    assert_eq!(client.post(&format!("{plan}/undo"), &[]).await.location(), plan);
    client.get(plan).await.expect(200).shows(&[&vi("plan-title-undoing")]);
    test.work().await;
    client.get(plan).await.expect(200).shows(&[&vi("plan-title-undone")]).hides(&[&vi("plan-undo")]);
}

#[tokio::test]
async fn what_undoing_does_is_shown_and_members_who_signed_in_stay() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = applied(&test, &manager, &cast, "students", &pupils(&[AN, DAT])).await;

    let pupil = test.anonymous();
    let login = [("login", "anhv@79000001"), ("password", "hoa-mai-2011")];
    assert_eq!(pupil.post("/sign-in", &login).await.location(), "/password/change");
    let password = [("password", "con mèo nhà em"), ("password_again", "con mèo nhà em")];
    // A password is chosen, and no page of the school looked at yet: that is a sign-in, too.
    pupil.post("/password/change", &password).await.expect(303);

    let page = manager.get(&format!("{plan}/undo")).await.expect(200);
    page.shows(&[&vi1("undo-removed", "count", 1), &vi1("undo-stays", "count", 1), "Hoàng Văn An"])
        .shows(&[&vi("fault-undo-signed-in")])
        .hides(&["Nguyễn Văn Đạt"]);
    let page = manager.get(&format!("{plan}/undo?show=goes")).await.expect(200);
    page.shows(&["Nguyễn Văn Đạt", &vi("undo-becomes-removed")]).hides(&["Hoàng Văn An"]);
    manager.get(&cast.school.path("/accounts?q=dat")).await.expect(200).shows(&["Nguyễn Văn Đạt"]);

    undone(&test, &manager, &plan).await;
    manager.get(&cast.school.path("/accounts?q=dat")).await.expect(200).hides(&["Nguyễn Văn Đạt"]);
    manager.get(&cast.school.path("/accounts?q=hoang+van+an")).await.expect(200).shows(&["Hoàng Văn An"]);
    pupil.get(&cast.school.path("")).await.expect(200);
    // The class that only Đạt was in is gone as well; An's was there before.
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/classes")).await.expect(200).shows(&["10A1"]).hides(&["10A9"]);
    let page = manager.get(&format!("{plan}/undo")).await.expect(200);
    page.shows(&["Hoàng Văn An", &vi("fault-undo-signed-in")]).hides(&[&vi("undo-final")]);
    // Once more, and it is as it was.
    manager.post(&format!("{plan}/undo"), &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [String; 0]);
    manager.get(&cast.school.path("/plans")).await.expect(200).shows(&[&vi("plan-state-undone")]);

    // Who went can come again, by the same username.
    applied(&test, &manager, &cast, "students", &pupils(&[AN, DAT])).await;
    manager.get(&cast.school.path("/accounts?q=datnv")).await.expect(200).shows(&["Nguyễn Văn Đạt", "10A9"]);
}

#[tokio::test]
async fn each_field_that_goes_back_is_shown_and_the_result_says_who_did_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    applied(&test, &manager, &cast, "students", &pupils(&[AN, DAT])).await;
    let later = [AN[0], AN[1], "10A9", AN[3], AN[4], "1981", ""];
    let plan = applied(&test, &manager, &cast, "students", &pupils(&[later, DAT])).await;
    let by = vi2("plan-applied-by", ("name", cast.manager.name.as_str()), ("at", "08:00 07/09/2026"));
    manager.get(&plan).await.expect(200).shows(&[&by]);
    let counts = format!("{} · {}", vi1("plans-count-update", "count", 1), vi1("plans-count-unchanged", "count", 1));
    manager.get(&cast.school.path("/plans")).await.expect(200).shows(&[&counts]);

    // By the plan, and before it.
    let page = manager.get(&format!("{plan}/undo")).await.expect(200).hides(&["Nguyễn Văn Đạt"]);
    let (now, before) = (vi("plan-before"), vi("plan-after"));
    page.shows(&["Hoàng Văn An", &vi("undo-becomes-set-back")])
        .shows(&[&format!("{now} 10A9 {before} 10A1"), &format!("{now} 1981 {before} 1980")]);
}

#[tokio::test]
async fn a_teacher_who_left_by_a_list_is_invited_back_with_everything() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let manager = test.signed_in(&cast.manager).await;
    for client in [&owner, &manager] {
        client.get(&cast.school.path("")).await.expect(200);
    }
    let before = roster(&test, &cast.school).await;
    let header = ["Họ và tên", "Email", "Trạng thái"];
    let leaves = |people: &[&crate::support::Person]| {
        let rows = people.iter().map(|person| [person.name.as_str(), person.login.as_str(), "Nghỉ việc"]);
        let table = std::iter::once(header).chain(rows).map(|row| row.map(str::to_owned).to_vec());
        sheets::written(&table.collect::<Vec<_>>())
    };
    let file = leaves(&[&cast.homeroom_teacher, &cast.account_manager]);
    let plan = applied(&test, &owner, &cast, "teachers", &file).await;
    let teacher = test.signed_in(&cast.account_manager).await;
    teacher.get(&cast.school.path("/accounts")).await.expect(404);

    // A manager may not hand a right back that they could not give.
    let page = manager.get(&format!("{plan}/undo")).await.expect(200);
    page.shows(&[&cast.account_manager.name, &vi("fault-undo-rank"), &vi1("undo-brought-back", "count", 1)]);

    owner.get(&format!("{plan}/undo")).await.expect(200).shows(&[&vi1("undo-brought-back", "count", 2)]);
    undone(&test, &owner, &plan).await;
    // The account is theirs: they come in again by their own word, and have then what they had.
    teacher.get(&cast.school.path("/accounts")).await.expect(404);
    for person in [&cast.homeroom_teacher, &cast.account_manager] {
        let link = link_in(&test.mail_to(&person.login).text);
        test.signed_in(person).await.post(&link, &[]).await.expect(303);
    }
    assert_same(&before, &roster(&test, &cast.school).await);
    teacher.get(&cast.school.path("/accounts")).await.expect(200);
}

#[tokio::test]
async fn no_list_removes_an_owner_or_its_own_actor() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for person in [&cast.owner, &cast.manager] {
        let client = test.signed_in(person).await;
        let table = [["Họ và tên", "Email", "Trạng thái"], [&person.name, &person.login, "Nghỉ việc"]];
        let file = sheets::written(&table.map(|row| row.map(str::to_owned).to_vec()));
        let plan = client.upload(&cast.school.path("/plans/new?source=teachers"), "gv.xlsx", &file).await.location();
        test.work().await;
        client.get(&plan).await.expect(200).shows(&[&vi("fault-rank"), &vi1("plan-will-write", "count", 0)]);
    }
}

/// A teacher who had left and comes back by a list is asked, as anyone with an address of their own is.
#[tokio::test]
async fn staff_who_come_back_are_invited_and_a_pupil_has_the_account_again() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let list = |person: &crate::support::Person, status: &str| {
        let table = [["Họ và tên", "Email", "Trạng thái"], [&person.name, &person.login, status]];
        sheets::written(&table.map(|row| row.map(str::to_owned).to_vec()))
    };
    applied(&test, &owner, &cast, "teachers", &list(&cast.teacher, "Nghỉ việc")).await;
    let back = applied(&test, &owner, &cast, "teachers", &list(&cast.teacher, "Đang làm việc")).await;
    let teacher = test.signed_in(&cast.teacher).await;
    teacher.get(&cast.school.path("")).await.expect(404);
    let link = link_in(&test.mail_to(&cast.teacher.login).text);
    teacher.post(&link, &[]).await.expect(303);
    teacher.get(&cast.school.path("")).await.expect(200);
    owner.get(&format!("{back}/undo")).await.expect(200).shows(&[&vi("fault-undo-changed")]);

    let pupil = |status: &str| {
        let table = [["Họ và tên", "Tên đăng nhập", "Trạng thái"], [&cast.pupil.name, login(&cast.pupil), status]];
        sheets::written(&table.map(|row| row.map(str::to_owned).to_vec()))
    };
    fn login(person: &crate::support::Person) -> &str {
        person.login.split('@').next().unwrap()
    }
    applied(&test, &owner, &cast, "students", &pupil("Chuyển đi")).await;
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(404);
    applied(&test, &owner, &cast, "students", &pupil("Đang học")).await;
    test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(200);
}

#[tokio::test]
async fn each_act_happens_once_however_many_ask() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let upload = async || {
        let new = cast.school.path("/plans/new?source=students");
        let plan = manager.upload(&new, "ds.xlsx", &pupils(&[AN, DAT])).await.location();
        test.work().await;
        plan
    };
    // Two plans over the same people, each applied twice at the same instant: everybody is there once.
    let (one, two) = (upload().await, upload().await);
    let post = async |path: String| manager.post(&path, &[]).await.expect(303);
    tokio::join!(
        post(format!("{one}/apply")),
        post(format!("{two}/apply")),
        post(format!("{one}/apply")),
        post(format!("{two}/apply")),
    );
    assert_eq!(test.work().await.iter().filter(|job| *job == "apply_plan").count(), 2);
    let page = manager.get(&cast.school.path("/accounts?q=dat")).await.expect(200);
    assert_eq!(page.rows().len(), 1, "{}", page.words());
    let done = async |plan: &str| -> (i64, i64) {
        let id: PlanId = plan.rsplit('/').next().unwrap().parse().unwrap();
        let counts = sqlx::query_as(
            "SELECT coalesce((results->>'done')::bigint, 0), coalesce((results->>'stale')::bigint, 0) FROM plans WHERE id = $1",
        );
        counts.bind(id).fetch_one(&mut test.admin().await).await.unwrap()
    };
    let mut both = [done(&one).await, done(&two).await];
    both.sort_unstable();
    assert_eq!(both, [(0, 2), (2, 0)], "what one has written, the other finds stale");

    // Undo of the one that wrote, twice, and of the other, at the same instant as another apply.
    let writer = if done(&one).await.0 == 2 { &one } else { &two };
    let three = upload().await;
    tokio::join!(
        post(format!("{writer}/undo")),
        post(format!("{writer}/undo")),
        post(format!("{three}/apply")),
        post(format!("{three}/undo")),
    );
    test.work().await;
    manager.get(writer).await.expect(200).shows(&[&vi("plan-title-undone")]);
    let page = manager.get(&cast.school.path("/accounts?q=dat")).await.expect(200);
    assert_eq!(page.rows().len(), 0, "the third changed nothing, for all was there: {}", page.words());
}

/// A list of one pupil and what became of them.
fn of_pupil(pupil: &crate::support::Person, status: &str) -> Vec<u8> {
    let username = pupil.login.split('@').next().unwrap();
    let table = [["Họ và tên", "Tên đăng nhập", "Trạng thái"], [&pupil.name, username, status]];
    sheets::written(&table.map(|row| row.map(str::to_owned).to_vec()))
}

/// Three lists, a minute apart: by the first the pupil leaves, by the second they are back, by the third they leave again.
/// Gives the addresses of the plans.
async fn left_by_lists(test: &TestApp, owner: &Client, cast: &Cast) -> Vec<String> {
    let mut plans = Vec::new();
    for status in ["Chuyển đi", "Đang học", "Chuyển đi"] {
        plans.push(applied(test, owner, cast, "students", &of_pupil(&cast.pupil, status)).await);
        test.clock.advance(chrono::Duration::minutes(1));
    }
    plans
}

#[tokio::test]
async fn who_has_left_by_a_later_list_stays_away() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let plans = left_by_lists(&test, &owner, &cast).await;
    let school = cast.school.path("");
    let page = owner.get(&format!("{}/undo", plans[0])).await.expect(200);
    page.shows(&[&vi("fault-undo-changed"), &vi1("undo-will-stay", "count", 1)]);
    undone(&test, &owner, &plans[0]).await;
    test.signed_in(&cast.pupil).await.get(&school).await.expect(404);
    // That later list itself can be taken back.
    undone(&test, &owner, &plans[2]).await;
    test.signed_in(&cast.pupil).await.get(&school).await.expect(200);
}

#[tokio::test]
async fn lists_that_are_taken_back_one_by_one_leave_all_as_it_was() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let plans = left_by_lists(&test, &owner, &cast).await;
    for (plan, status) in plans.iter().rev().zip([200, 404, 200]) {
        undone(&test, &owner, plan).await;
        test.signed_in(&cast.pupil).await.get(&cast.school.path("")).await.expect(status);
    }
}
