//! The table of rights, driven through the real router: every act on a person, as every kind of actor, against every kind
//! of person. What is answered is what the table says, and what was refused has changed nothing.

mod snapshot;

use schoolgate::{
    access::{Authority, Grant, MemberAction, Rank, Role, Target, permits},
    ids::{ClassId, MemberId},
    roster::{fields::Field, model::Status},
};

use self::snapshot::Snapshot;
use crate::support::app::link_in;
use crate::support::people::School;
use crate::support::say::vi;
use crate::support::{Cast, Client, Page, Person, Someone, TestApp, sheets};

/// A person who acts, with what they are in the school of the acts; `None` where they are nothing there.
struct Actor {
    name: &'static str,
    person: Person,
    authority: Option<Authority>,
}

/// A person who is acted on.
struct Aim {
    name: &'static str,
    id: MemberId,
    role: Role,
    grants: Vec<Grant>,
    status: Status,
    /// Of the class of this year whose homeroom teacher is among the actors.
    is_of_the_class: bool,
    is_here: bool,
}

impl Aim {
    fn rank(&self) -> Rank {
        Authority { role: self.role, grants: self.grants.clone() }.rank()
    }
}

/// What the router is asked for an act: an address below the person's, and the form.
struct Call {
    act: MemberAction,
    path: &'static str,
    /// A form is sent; without one, a page is looked at.
    form: Option<&'static [(&'static str, &'static str)]>,
    /// What is answered to those who may: with this person, as they stand with the school.
    answer: u16,
}

/// The acts on a person, each with its answer where the table of rights says yes. A page is 200, what is done 303, also
/// where it is done already; what is wrong with the form or the person is 422; and where there is nothing that could be
/// done to a person who stands as they do, it is 403.
fn calls(aim: &Aim) -> Vec<Call> {
    let get = |act, path, answer| Call { act, path, form: None, answer };
    let post = |act, path, form, answer| Call { act, path, form: Some(form), answer };
    let (is_manager, is_pupil) = (aim.role == Role::Manager, aim.role == Role::Student);
    let unless = |is_so: bool, refusal: u16, otherwise: u16| if is_so { refusal } else { otherwise };
    let (is_active, has_left) = (aim.status == Status::Active, aim.status == Status::Left);
    let other = match aim.role {
        Role::Student => "teacher",
        Role::Teacher | Role::Manager => "student",
    };
    let role_form: &[(&str, &str)] = if other == "teacher" { &[("role", "teacher")] } else { &[("role", "student")] };
    let role_act = if is_manager { MemberAction::ChangeManager } else { MemberAction::ChangeRole };
    let manager_form: &[(&str, &str)] = if is_manager { &[("role", "teacher")] } else { &[("role", "manager")] };
    let [role_page, manager_page] = match (other, is_manager) {
        ("teacher", _) => ["/role?role=teacher", "/role?role=manager"],
        (_, true) => ["/role?role=student", "/role?role=teacher"],
        (_, false) => ["/role?role=student", "/role?role=manager"],
    };
    // Nobody is asked about what cannot be done: they are led back to the person.
    let ask = unless(has_left, 303, 200);
    let grants = unless(is_pupil || !is_active, 422, 303);
    vec![
        get(MemberAction::Edit, "/edit", 200),
        get(MemberAction::Edit, "/data", 200),
        post(MemberAction::Edit, "", &[("full_name", "Đổi Tên Khác"), ("email", "khac@example.vn")], 303),
        post(MemberAction::ShowNationalId, "/national-id", &[], 303),
        post(MemberAction::ResetPassword, "/password", &[], unless(has_left, 403, 303)),
        get(MemberAction::PrintSlip, "/slip", 200),
        post(MemberAction::SignOut, "/sign-out", &[], 303),
        post(MemberAction::Release, "/unlocking", &[], 303),
        get(MemberAction::Suspend, "/suspension", unless(!is_active, 303, 200)),
        post(MemberAction::Suspend, "/suspension", &[], 303),
        post(MemberAction::Suspend, "/suspension", &[("undo", "on")], 303),
        post(MemberAction::Suspend, "/suspension/lifting", &[], 303),
        get(MemberAction::Leave, "/leaving", ask),
        post(MemberAction::Leave, "/leaving", &[], 303),
        post(MemberAction::Leave, "/leaving", &[("undo", "on")], 303),
        post(MemberAction::Leave, "/leaving/return", &[], 303),
        post(MemberAction::Invite, "/invitation", &[], 303),
        post(MemberAction::Invite, "/invitation", &[("undo", "on")], 303),
        post(MemberAction::Invite, "/invitation/withdrawal", &[], 303),
        post(MemberAction::Answer, "/activation", &[], 303),
        post(MemberAction::Answer, "/refusal", &[("reason", "Không phải giáo viên của trường")], 303),
        get(role_act, role_page, ask),
        post(role_act, "/role", role_form, unless(has_left, 403, 303)),
        get(MemberAction::ChangeManager, manager_page, ask),
        post(MemberAction::ChangeManager, "/role", manager_form, unless(has_left, 403, 303)),
        post(MemberAction::SetGrants, "/grants", &[("grants", "exams")], grants),
        post(MemberAction::SetGrants, "/grants", &[("grants", "owner"), ("grants", "account_manager")], grants),
        post(MemberAction::RemoveSecondFactor, "/second-factor", &[], 303),
        // The next school invites a person who signs in with an address of their own.
        get(MemberAction::LetGo, "/release", 200),
        post(MemberAction::LetGo, "/release", &[], unless(!is_pupil, 422, 200)),
        post(MemberAction::LetGo, "/release", &[("undo", "on")], 303),
        post(MemberAction::LetGo, "/release/withdrawal", &[], 303),
        get(MemberAction::Erase, "/erasure", 200),
        // Of a person who is in the school still, the name is to be typed.
        post(MemberAction::Erase, "/erasure", &[("confirmation", "Ai Đó Khác")], 422),
    ]
}

/// A person of `cast` becomes a member of another school as well.
pub async fn joins(test: &TestApp, person: &Person, other: &Cast, role: &str) {
    let owner = test.signed_in(&other.owner).await;
    let fields = [("full_name", person.name.as_str()), ("email", &person.login), ("role", role)];
    owner.post(&other.school.path("/accounts/join"), &fields).await.expect(303);
    test.work().await;
    let link = link_in(&test.mail_to(&person.login).text);
    test.signed_in(person).await.post(&link, &[]).await.expect(303);
}

/// A pupil who was in last year's class of the same homeroom teacher, and is in no class this year.
async fn of_last_year(test: &TestApp, cast: &Cast) -> Person {
    let pupil = cast.school.add(test, Someone::pupil("Đinh Thị Cũ", cast.class_id)).await;
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let last = "2025-2026".parse().unwrap();
    schoolgate::schools::years::add(&cast.school.scope, test, &mut tx, last).await.unwrap();
    tx.commit().await.unwrap();
    let mut admin = test.admin().await;
    let class: ClassId = test.id();
    for sql in [
        "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, homeroom_member_id, created_at)
         SELECT $1, $2, y.id, '9A1', '9A1', $3, now() FROM school_years y
         WHERE y.school_id = $1 AND y.name = '2025-2026' AND $4::uuid IS NOT NULL",
        "UPDATE enrolments e SET class_id = $2, school_year_id = (
             SELECT y.id FROM school_years y WHERE y.school_id = $1 AND y.name = '2025-2026')
         WHERE e.member_id = $4 AND $3::uuid IS NOT NULL",
    ] {
        let query = sqlx::query(sql).bind(cast.school.id()).bind(class);
        query.bind(cast.homeroom_teacher.member_id).bind(pupil.member_id).execute(&mut admin).await.unwrap();
    }
    pupil
}

struct World {
    cast: Cast,
    actors: Vec<Actor>,
    aims: Vec<Aim>,
}

async fn world(test: &TestApp) -> World {
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let second_owner = cast.school.add(test, Someone::manager("Phan Thị Chủ").with(Grant::Owner)).await;
    let of_two = cast.school.add(test, Someone::teacher("Lưu Thị Đôi")).await;
    joins(test, &of_two, &elsewhere, "teacher").await;
    let other_class = cast.school.class(test, "10A2").await;
    let other_pupil = cast.school.add(test, Someone::pupil("Lý Văn Lạ", other_class)).await;
    let last_year = of_last_year(test, &cast).await;
    let gone = cast.school.add(test, Someone::teacher("Mạc Thị Xa").who_is(Status::Left)).await;
    let operator = test.operator("operator@example.vn", &[]).await;

    let of = |role, grants: &[Grant]| Some(Authority { role, grants: grants.to_vec() });
    let actor = |name, person: &Person, authority| Actor { name, person: person.clone(), authority };
    let actors = vec![
        actor("an owner", &cast.owner, of(Role::Manager, &[Grant::Owner])),
        actor("a manager", &cast.manager, of(Role::Manager, &[])),
        actor("an account manager", &cast.account_manager, of(Role::Teacher, &[Grant::AccountManager])),
        actor("a teacher for exams", &cast.exams, of(Role::Teacher, &[Grant::Exams])),
        actor("a homeroom teacher", &cast.homeroom_teacher, of(Role::Teacher, &[])),
        actor("a teacher", &cast.teacher, of(Role::Teacher, &[])),
        actor("a teacher of two schools", &of_two, of(Role::Teacher, &[])),
        actor("a pupil", &cast.pupil, of(Role::Student, &[])),
        actor("an owner from elsewhere", &elsewhere.owner, None),
        actor("an operator", &operator, None),
    ];
    let aim = |name, person: &Person, role, grants: &[Grant]| Aim {
        name,
        id: person.member_id,
        role,
        grants: grants.to_vec(),
        status: Status::Active,
        is_of_the_class: false,
        is_here: true,
    };
    let of_the_class = |name, person| Aim { is_of_the_class: true, ..aim(name, person, Role::Student, &[]) };
    let foreign = |name, person, role, grants| Aim { is_here: false, ..aim(name, person, role, grants) };
    let aims = vec![
        aim("an owner", &cast.owner, Role::Manager, &[Grant::Owner]),
        aim("a second owner", &second_owner, Role::Manager, &[Grant::Owner]),
        aim("a manager", &cast.manager, Role::Manager, &[]),
        aim("an account manager", &cast.account_manager, Role::Teacher, &[Grant::AccountManager]),
        aim("a teacher for exams", &cast.exams, Role::Teacher, &[Grant::Exams]),
        aim("a homeroom teacher", &cast.homeroom_teacher, Role::Teacher, &[]),
        aim("a teacher", &cast.teacher, Role::Teacher, &[]),
        aim("a teacher of two schools", &of_two, Role::Teacher, &[]),
        Aim { status: Status::Suspended, ..aim("a suspended teacher", &cast.suspended, Role::Teacher, &[]) },
        Aim { status: Status::Left, ..aim("a teacher who left", &gone, Role::Teacher, &[]) },
        of_the_class("a pupil", &cast.pupil),
        of_the_class("a pupil with a slip", &cast.newcomer),
        aim("a pupil of another class", &other_pupil, Role::Student, &[]),
        aim("last year's pupil", &last_year, Role::Student, &[]),
        foreign("a pupil from elsewhere", &elsewhere.pupil, Role::Student, &[]),
        foreign("an owner from elsewhere", &elsewhere.owner, Role::Manager, &[Grant::Owner]),
    ];
    World { cast, actors, aims }
}

async fn send(client: &Client, school: &School, aim: &Aim, call: &Call) -> Page {
    let address = school.path(&format!("/accounts/{}{}", aim.id, call.path));
    match call.form {
        Some(form) => client.post(&address, form).await,
        None => client.get(&address).await,
    }
}

/// The status that is asked for: by the table of rights, and where it says yes, by how the person stands.
fn expected(actor: &Actor, aim: &Aim, call: &Call) -> u16 {
    let act = call.act;
    let Some(authority) = &actor.authority else { return 404 };
    // The auth middleware asks first whether such an act is anything for them at all.
    let may_at_all = match act {
        MemberAction::SetGrants | MemberAction::Erase => authority.is_owner(),
        MemberAction::ResetPassword | MemberAction::PrintSlip | MemberAction::SignOut | MemberAction::Release => {
            authority.role != Role::Student
        }
        _ => authority.manages_accounts(),
    };
    if !may_at_all {
        return 403;
    }
    if !aim.is_here {
        return 404;
    }
    let target = Target {
        rank: aim.rank(),
        is_pupil: aim.role == Role::Student,
        is_self: actor.person.member_id == aim.id,
        is_of_own_class: actor.name == "a homeroom teacher" && aim.is_of_the_class,
        homeroom_may_reset: false,
    };
    if permits(act, authority, &target) { call.answer } else { 403 }
}

#[tokio::test]
async fn every_act_as_everybody_on_everybody_is_as_the_table_says() {
    let test = TestApp::new().await;
    let World { cast, actors, aims } = world(&test).await;
    let mut clients = Vec::new();
    for actor in &actors {
        clients.push(test.signed_in(&actor.person).await);
    }
    let mut snapshot = Snapshot::take(&test).await;
    let mut admin = test.admin().await;
    let (mut done, mut refused) = (0, 0);
    let mut driven = std::collections::HashSet::new();
    let mut wrong = Vec::new();
    for (actor, client) in actors.iter().zip(&clients) {
        for aim in &aims {
            for call in calls(aim) {
                let page = send(client, &cast.school, aim, &call).await;
                let what = format!("{} does {:?} ({}) to {}", actor.name, call.act, page.what, aim.name);
                let (status, expected) = (page.status.as_u16(), expected(actor, aim, &call));
                if status != expected {
                    wrong.push(format!("{what}: {status} and not {expected}"));
                }
                if status < 400 {
                    driven.insert(call.act);
                    done += 1;
                    if call.form.is_some() {
                        snapshot.restore(&mut admin).await;
                    }
                } else {
                    let changes = snapshot.changes(&mut admin).await;
                    assert!(changes.is_empty(), "{what} was refused and changed something: {changes:#?}");
                    refused += 1;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(driven.len(), MemberAction::ALL.len(), "an act that nobody may do to anybody: {driven:?}");
    assert!(done > 400 && refused > 2_000, "{done} done, {refused} refused");
    test.work().await;
}

/// The ways round: what may not be done to a person is done neither by a list, nor by their address, nor by inviting them.
#[tokio::test]
async fn no_list_address_or_invitation_reaches_a_member_of_higher_rank() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let owner = test.signed_in(&cast.owner).await;
    let stored = async |person: &Person| -> (String, String, Option<String>, Option<String>, i64) {
        sqlx::query_as(
            "SELECT m.role, m.status, m.email, m.phone, (SELECT count(*) FROM grants g WHERE g.member_id = m.id)
             FROM members m WHERE m.id = $1",
        )
        .bind(person.member_id)
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap()
    };
    let above = [&cast.owner, &cast.account_manager, &cast.manager];
    let mut before = Vec::new();
    for person in above {
        before.push(stored(person).await);
    }

    // By a list of teachers: over those above nothing is written, and nobody leaves by it.
    let row = |name: &str, email: &str, status: &str| -> Vec<String> {
        [name, "Nữ", "01/02/1980", email, "0912345678", status].map(str::to_owned).into()
    };
    let head = ["Họ và tên", "Giới tính", "Ngày sinh", "Email", "Điện thoại", "Trạng thái"].map(str::to_owned).to_vec();
    let sheet = vec![
        head,
        row(&cast.owner.name, &cast.owner.login, ""),
        row(&cast.account_manager.name, &cast.account_manager.login, "Nghỉ việc"),
        row(&cast.teacher.name, &cast.teacher.login, ""),
    ];
    let file = sheets::written(&sheet);
    let plan = manager.upload(&cast.school.path("/plans/new?source=teachers"), "gv.xlsx", &file).await.location();
    test.work().await;
    manager.get(&plan).await.expect(200).shows(&[&vi("fault-rank")]);
    manager.post(&format!("{plan}/apply"), &[("confirm_leaves", "on")]).await.expect(303);
    test.work().await;
    assert_eq!(stored(&cast.teacher).await.3.as_deref(), Some("0912345678"), "a member below is written");

    // By an address: neither of those above, nor of a person who signs in with it.
    let taken = [("full_name", cast.teacher.name.as_str()), ("email", "cua-toi@example.vn")];
    manager.post(&cast.school.path(&format!("/accounts/{}", cast.teacher.member_id)), &taken).await.expect(303);
    assert_eq!(stored(&cast.teacher).await.2.as_deref(), Some(cast.teacher.login.as_str()));
    for person in above {
        let path = cast.school.path(&format!("/accounts/{}", person.member_id));
        let own = person.member_id == cast.manager.member_id;
        let answer = manager.post(&path, &[("full_name", person.name.as_str()), ("email", "cua-toi@example.vn")]).await;
        answer.expect(if own { 303 } else { 403 });
    }
    // An owner who is invited: nobody may turn the invitation to themselves.
    let boss = [("full_name", "Phan Thị Mời"), ("email", "moi@example.vn"), ("role", "manager")];
    let invited = owner.post(&cast.school.path("/accounts/join"), &boss).await.location();
    let invited = invited.split('?').next().unwrap().to_owned();
    let mine = [("full_name", "Phan Thị Mời"), ("email", "cua-toi@example.vn")];
    manager.post(&invited, &mine).await.expect(403);
    manager.post(&format!("{invited}/invitation"), &[]).await.expect(403);
    manager.post(&format!("{invited}/invitation"), &[("undo", "on")]).await.expect(403);
    test.work().await;

    // By an invitation: as a manager nobody is asked in by a manager, and nobody twice.
    let join = cast.school.path("/accounts/join");
    for (email, role) in [("toi2@example.vn", "manager"), (cast.manager.login.as_str(), "teacher")] {
        manager.post(&join, &[("full_name", "Tôi Hai"), ("email", email), ("role", role)]).await.expect(422);
    }
    // By many at once: those above are passed over.
    let ids: Vec<String> = above.iter().chain(&[&cast.exams]).map(|person| person.member_id.to_string()).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("ids", id.as_str())).collect();
    fields.push(("action", "suspension"));
    manager.post(&cast.school.path("/accounts/bulk?role=teacher"), &fields).await.expect(303);
    assert_eq!(stored(&cast.exams).await.1, "suspended");
    // Across schools: an id of theirs in an address of ours, and the other way round.
    for person in [&elsewhere.pupil, &elsewhere.owner] {
        for school in [&cast.school, &elsewhere.school] {
            let path = school.path(&format!("/accounts/{}/suspension", person.member_id));
            manager.post(&path, &[]).await.expect(404);
        }
    }
    for (person, before) in above.iter().zip(before) {
        let mut after = stored(person).await;
        if person.member_id == cast.manager.member_id {
            // Their own record they may edit, but not what they sign in with.
            after.3.clone_from(&before.3);
        }
        assert_eq!(after, before, "{}", person.name);
    }
}

/// A school's only owner is neither demoted, nor suspended, nor sent away: not by themselves, not by anybody.
#[tokio::test]
async fn the_last_owner_stays() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let of = |rest: &str| cast.school.path(&format!("/accounts/{}{rest}", cast.owner.member_id));
    for (actor, grants) in [(&cast.owner, 422), (&cast.manager, 403), (&cast.account_manager, 403)] {
        let client = test.signed_in(actor).await;
        client.post(&of("/grants"), &[("grants", "exams")]).await.expect(grants);
        client.post(&of("/role"), &[("role", "teacher")]).await.expect(403);
        client.post(&of("/suspension"), &[]).await.expect(403);
        client.post(&of("/leaving"), &[]).await.expect(403);
    }
    // An owner who does not want to be one any more names another one first.
    let owner = test.signed_in(&cast.owner).await;
    let heir = cast.school.path(&format!("/accounts/{}/grants", cast.teacher.member_id));
    owner.post(&heir, &[("grants", "owner")]).await.expect(303);
    owner.post(&of("/grants"), &[("grants", "exams")]).await.expect(303);
    owner.get(&cast.school.path("/grants")).await.expect(403);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("/grants")).await.expect(200);
}

/// A personal number is masked wherever it stands, and who looked at it is on record.
#[tokio::test]
async fn a_personal_number_is_shown_by_right_and_that_is_audited() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (number, masked) = ("079311001234", "•••••••••234");
    let pupil = Someone::pupil("Lê Văn Tý", cast.class_id).value(Field::NationalId, number);
    let pupil = cast.school.add(&test, pupil).await;
    let path = cast.school.path(&format!("/accounts/{}", pupil.member_id));
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&path).await.expect(200).shows(&[masked, &vi("person-show-number")]).hides(&[number]);
    let form = manager.get(&format!("{path}/edit")).await.expect(200).hides(&[number]);
    assert_eq!(form.input("national_id"), masked);
    // As it was shown, it stays; what is typed in its place is the new one.
    let fields = [("full_name", "Lê Văn Tý"), ("phone", "0912345678"), ("national_id", masked)];
    manager.post(&path, &fields).await.expect(303);
    let shown = manager.post(&format!("{path}/national-id"), &[]).await.expect(200);
    shown.shows(&[number, "0912345678"]);
    let sentence = crate::support::say::vi1("history-national-id-shown", "who", cast.manager.name.as_str());
    manager.get(&path).await.expect(200).hides(&[number]).shows(&[&sentence]);
    test.signed_in(&cast.homeroom_teacher).await.post(&format!("{path}/national-id"), &[]).await.expect(403);
    let looked: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_events WHERE action = 'national_id_shown' AND subject_id = $1 AND actor_id = $2",
    )
    .bind(pupil.member_id)
    .bind(cast.manager.member_id)
    .fetch_one(&mut test.admin().await)
    .await
    .unwrap();
    assert_eq!(looked, 1);
}
