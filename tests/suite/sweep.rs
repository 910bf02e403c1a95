//! Every declared route × everybody × the own and a foreign school: what is answered follows from the route's declared
//! access and the table of rights, and from nothing else.

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::{
    access::{self, Action, Authority, ClientScope, Grant, Role, allows},
    clients::{self, NewClient},
    ids::{AccountId, ClassId, ClientId, CompanyId, MemberId, PlanId, TokenId, UnitId, YearId},
    router,
    routes::Access,
    web::{Translator, i18n::Lang},
};

use crate::exams::ExamThings;
use crate::own_registry::RegistryThings;
use crate::registration::registered;
use crate::support::app::link_in;
use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Cast, Client, Page, Person, Someone, TestApp};
use crate::timetable::Timetable;

/// A person who calls.
struct Caller<'a> {
    name: &'static str,
    /// Nobody: not signed in.
    person: Option<&'a Person>,
    part: Part,
}

enum Part {
    Anonymous,
    Operator {
        is_national: bool,
    },
    /// Signed in by a temporary password.
    MustChoose,
    Member(Authority),
    /// Has registered with the school, which has not answered.
    Waiting,
    Suspended,
}

fn standing(role: Role, grants: &[Grant]) -> Part {
    Part::Member(Authority { role, grants: grants.to_vec() })
}

/// Everybody, as far as they belong to the school of `cast`.
fn callers<'a>(cast: &'a Cast, operators: &'a [Person; 2], waiting: &'a Person) -> Vec<Caller<'a>> {
    let caller = |name, person, part| Caller { name, person: Some(person), part };
    vec![
        Caller { name: "nobody", person: None, part: Part::Anonymous },
        caller("a national operator", &operators[0], Part::Operator { is_national: true }),
        caller("a bound operator", &operators[1], Part::Operator { is_national: false }),
        caller("the owner", &cast.owner, standing(Role::Manager, &[Grant::Owner])),
        caller("a manager", &cast.manager, standing(Role::Manager, &[])),
        caller("an account manager", &cast.account_manager, standing(Role::Teacher, &[Grant::AccountManager])),
        caller("timetable", &cast.timetable, standing(Role::Teacher, &[Grant::Timetable])),
        caller("exams", &cast.exams, standing(Role::Teacher, &[Grant::Exams])),
        caller("reports", &cast.reports, standing(Role::Teacher, &[Grant::Reports])),
        caller("a homeroom teacher", &cast.homeroom_teacher, standing(Role::Teacher, &[])),
        caller("a teacher", &cast.teacher, standing(Role::Teacher, &[])),
        caller("a pupil", &cast.pupil, standing(Role::Student, &[])),
        caller("a pupil with a slip", &cast.newcomer, Part::MustChoose),
        caller("a person who has registered", waiting, Part::Waiting),
        caller("a person suspended", &cast.suspended, Part::Suspended),
    ]
}

/// What the auth middleware does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    LetIn,
    SignIn,
    ChoosePassword,
    /// The API: there is no token.
    NoToken,
    Forbidden,
    NotFound,
}

/// What must be done by the declaration alone.
fn verdict(access: Access, (method, path): (&Method, &str), part: &Part, is_own_school: bool) -> Verdict {
    match (access, part) {
        (Access::Anyone, Part::MustChoose) if *method == Method::POST => Verdict::ChoosePassword,
        (Access::Anyone | Access::Always, _) => Verdict::LetIn,
        // What programs read before they use the service.
        (Access::Client([]), _) if *method == Method::GET && !path.ends_with("/userinfo") => Verdict::LetIn,
        // No session opens what is a token's.
        (Access::Token(_) | Access::Client(_), _) => Verdict::NoToken,
        (_, Part::Anonymous) => Verdict::SignIn,
        (Access::SignedIn, _) => Verdict::LetIn,
        (_, Part::MustChoose) => Verdict::ChoosePassword,
        (Access::PasswordSet, _) => Verdict::LetIn,
        (Access::Operator, Part::Operator { .. })
        | (Access::NationalOperator, Part::Operator { is_national: true }) => Verdict::LetIn,
        (Access::Operator | Access::NationalOperator, _) => Verdict::Forbidden,
        // Nobody here represents the company.
        (Access::Company, _) => Verdict::NotFound,
        (Access::School(_), Part::Operator { .. }) => Verdict::NotFound,
        (Access::School(_), _) if !is_own_school => Verdict::NotFound,
        (Access::School(_), Part::Waiting) => Verdict::NotFound,
        (Access::School(_), Part::Suspended) => Verdict::Forbidden,
        (Access::School(action), Part::Member(standing)) => {
            if allows(action, standing) {
                Verdict::LetIn
            } else {
                Verdict::Forbidden
            }
        }
    }
}

/// What is a homeroom teacher's depends on the class, and is looked up by the action.
fn by_the_class(path: &str, caller: &Caller<'_>) -> Option<Verdict> {
    let is_homeroom_teacher = caller.name == "a homeroom teacher";
    let manages = matches!(&caller.part, Part::Member(standing) if allows(Action::ManageAccounts, standing));
    let makes_timetable = matches!(&caller.part, Part::Member(standing) if allows(Action::ManageTimetable, standing));
    let is_in_class = caller.name == "a pupil";
    // Tasks of exams are handed out one by one.
    let holds = matches!(&caller.part, Part::Member(standing) if allows(Action::ManageExams, standing));
    match path.strip_prefix("/schools/{code}")? {
        rest if rest.starts_with("/exams/{exam}") && !holds => Some(Verdict::Forbidden),
        "/my-classes/{id}" | "/my-classes/{id}/slips" | "/my-classes/{id}/exams" if !is_homeroom_teacher => {
            Some(Verdict::NotFound)
        }
        "/accounts/{id}/sign-out" | "/accounts/{id}/slip" | "/accounts/{id}/unlocking"
            if !manages && !is_homeroom_teacher =>
        {
            Some(Verdict::Forbidden)
        }
        // Those who make it see every week, others their own and that of their class.
        "/timetable/classes/{id}" | "/timetable/teachers/{id}" if makes_timetable => None,
        "/timetable/classes/{id}" if !is_homeroom_teacher && !is_in_class => Some(Verdict::Forbidden),
        "/timetable/teachers/{id}" if caller.name != "a teacher" => Some(Verdict::Forbidden),
        // The school does not let them, as long as it does not say so.
        "/accounts/{id}/password" if !manages => Some(Verdict::Forbidden),
        _ => None,
    }
}

/// What the answer shows that the auth middleware did.
fn seen(page: &Page) -> Verdict {
    match (page.status.as_u16(), page.header("location")) {
        (303, to) if to.starts_with("/sign-in?next=") => Verdict::SignIn,
        (303, "/password/change") => Verdict::ChoosePassword,
        (401, _) => Verdict::NoToken,
        (403, _) => Verdict::Forbidden,
        (404, _) => Verdict::NotFound,
        _ => Verdict::LetIn,
    }
}

/// The things that an address can name, in one school.
pub struct Things<'a> {
    pub code: &'a str,
    pub member: MemberId,
    pub plan: PlanId,
    /// A list that waits for an operator.
    pub submission: PlanId,
    pub class: ClassId,
    pub year: YearId,
    pub company: CompanyId,
    /// A row of the plan.
    pub line: i32,
    /// The unit that schools answer to.
    pub unit: UnitId,
    pub token: TokenId,
    /// A program of the school that asks by OAuth 2, and one of the operators.
    pub client: ClientId,
    pub operators_client: ClientId,
    pub timetable: Timetable,
    pub exam: ExamThings,
    pub registry: RegistryThings,
    /// Another member than the one that is meant elsewhere.
    pub other: MemberId,
}

impl Things<'_> {
    /// The address of a route, with real ids in it, and the query without which it has nothing to answer.
    pub fn address(&self, path: &str, ids: &Things<'_>) -> String {
        let mut address = path.replace("{code}", self.code);
        // A well-formed token that nobody was given.
        address = address.replace("{token}", &"A".repeat(43));
        for (before, id) in [
            ("/registry/classes/{id}", ids.registry.class.uuid()),
            ("/registry/people/{id}", ids.registry.person.uuid()),
            ("/identifiers/{id}", ids.registry.conflict.uuid()),
            ("/accounts/{id}", ids.member.uuid()),
            ("/plans/{id}", ids.plan.uuid()),
            ("/submissions/{id}", ids.submission.uuid()),
            ("/timetable/teachers/{id}", ids.timetable.teacher.uuid()),
            ("/timetable/absences/{id}", ids.timetable.absence.uuid()),
            ("/timetable/rooms/{id}", ids.timetable.room.uuid()),
            ("/classes/{id}", ids.class.uuid()),
            ("/years/{id}", ids.year.uuid()),
            ("/my-classes/{id}", ids.class.uuid()),
            ("/units/{id}", ids.unit.uuid()),
            ("/owners/{id}", ids.member.uuid()),
            ("/companies/{id}", ids.company.uuid()),
            ("/tokens/{id}", ids.token.uuid()),
            ("/settings/clients/{id}", ids.client.uuid()),
            ("/applications/{id}", ids.client.uuid()),
            ("/operator/clients/{id}", ids.operators_client.uuid()),
            // Nobody was merged.
            ("/merges/{id}", ids.member.uuid()),
        ] {
            address = address.replace(before, &before.replace("{id}", &id.to_string()));
        }
        if path.starts_with("/scim/") {
            let group = path.starts_with("/scim/v2/Groups");
            address = address.replace("{id}", &if group { ids.class.to_string() } else { ids.member.to_string() });
        }
        if path.starts_with("/ims/") {
            address = address.replace("{id}", &ids.member.to_string()).replace("{class}", &ids.class.to_string());
        }
        address = address
            .replace("{line}", &ids.line.to_string())
            .replace("{v}", &ids.timetable.version.to_string())
            .replace("{class}", &ids.class.to_string())
            .replace("{teacher}", &ids.timetable.teacher.to_string())
            .replace("{a}", &ids.member.to_string())
            .replace("{b}", &ids.other.to_string())
            .replace("{version}", "0123456789ab")
            .replace("{topic}", "import")
            .replace("{exam}", &ids.exam.exam.to_string())
            .replace("{paper}", &ids.exam.paper.to_string())
            .replace("{room}", &ids.exam.room.to_string())
            .replace("{candidate}", &ids.exam.candidate.to_string())
            .replace("{list}", "door");
        assert!(!address.contains('{'), "the sweep does not know what to put into {path}");
        if path.ends_with("/slips") && !path.contains("/plans/") {
            address = format!("{address}?class={}", ids.class);
        }
        address
    }
}

/// The department of the schools' province.
async fn unit(test: &TestApp) -> UnitId {
    let department = "SELECT id FROM managing_units WHERE province_code = '79' AND kind = 'department'";
    sqlx::query_scalar(department).fetch_one(&mut test.admin().await).await.unwrap()
}

/// A program of the operators of the schools' province.
async fn operators_client(test: &TestApp) -> ClientId {
    let operator = access::Operator { name: String::new(), is_national: false, provinces: vec!["79".to_owned()] };
    let new = NewClient { name: "Sở".to_owned(), scopes: vec![ClientScope::Roster], ..NewClient::default() };
    clients::make_for_operators(&operator, AccountId::nil(), test, Some("79"), &new).await.unwrap().unwrap().id
}

/// A pupil who makes no calls: everything may be done about them.
async fn target(test: &TestApp, cast: &Cast) -> MemberId {
    cast.school.add(test, Someone::pupil("Đặng Thị Phượng", cast.class_id)).await.member_id
}

/// What the addresses of a school with this plan can name.
pub async fn things<'a>(test: &TestApp, cast: &'a Cast, plan: PlanId) -> Things<'a> {
    let (member, unit, company) = (target(test, cast).await, unit(test).await, test.company().await);
    let (submission, token) = (cast.school.submission(test).await, cast.school.token(test).await);
    let (code, class) = (cast.school.code(), cast.class_id);
    let (client, operators_client) = (cast.school.client(test).await, operators_client(test).await);
    let timetable = Timetable::new(test, cast).await;
    let exam = ExamThings::of(test, cast).await;
    let registry = RegistryThings::of(test, cast).await;
    Things {
        code,
        member,
        plan,
        submission,
        class,
        year: cast.school.year_id,
        company,
        line: 2,
        unit,
        token,
        client,
        operators_client,
        timetable,
        exam,
        registry,
        other: cast.pupil.member_id,
    }
}

pub async fn call(client: &Client, method: &Method, path: &str, address: &str) -> Page {
    match *method {
        Method::GET => client.get(address).await,
        Method::POST
            if path.ends_with("/plans/new")
                || path.ends_with("/settings/look")
                || path.ends_with("/sheet")
                || path == "/schools/{code}/submissions"
                || path == "/operator/submissions" =>
        {
            client.upload(address, "", b"").await
        }
        Method::POST => client.post(address, &[]).await,
        // Programs alone.
        _ => client.send(client.request(method.clone(), address), Body::empty()).await,
    }
}

async fn client_of(test: &TestApp, caller: &Caller<'_>) -> Client {
    match (caller.person, &caller.part) {
        (None, _) => test.anonymous(),
        (Some(person), Part::MustChoose) => test.signed_in_by_temporary(person).await,
        (Some(person), _) => test.signed_in(person).await,
    }
}

async fn client_of_one_call(test: &TestApp, caller: &Caller<'_>, path: &str) -> Option<Client> {
    if ["/sign-out", "/oauth2/logout"].contains(&path) { Some(client_of(test, caller).await) } else { None }
}

#[tokio::test]
async fn every_route_answers_everybody_as_it_declares() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let (own_plan, foreign_plan) = (own.school.plan(&test).await, foreign.school.plan(&test).await);
    let (own_submission, foreign_submission) =
        (own.school.submission(&test).await, foreign.school.submission(&test).await);
    let operators = [test.operator("operator@example.vn", &[]).await, test.operator("bound@example.vn", &["79"]).await];
    let (own_member, foreign_member) = (target(&test, &own).await, target(&test, &foreign).await);
    let company = test.company().await;
    let (own_token, foreign_token) = (own.school.token(&test).await, foreign.school.token(&test).await);
    let (own_exam, foreign_exam) = (ExamThings::of(&test, &own).await, ExamThings::of(&test, &foreign).await);
    let (own_client, foreign_client) = (own.school.client(&test).await, foreign.school.client(&test).await);
    let operators_client = operators_client(&test).await;
    let things = |cast: &Cast, member, plan, submission, programs: (TokenId, ClientId), exam| {
        (cast.school.code().to_owned(), member, plan, submission, cast.class_id, programs, exam)
    };
    let (own_things, foreign_things) = (
        things(&own, own_member, own_plan, own_submission, (own_token, own_client), own_exam),
        things(
            &foreign,
            foreign_member,
            foreign_plan,
            foreign_submission,
            (foreign_token, foreign_client),
            foreign_exam,
        ),
    );
    let unit = unit(&test).await;
    let (own_timetable, foreign_timetable) = (Timetable::new(&test, &own).await, Timetable::new(&test, &foreign).await);
    let (own_registry, foreign_registry) =
        (RegistryThings::of(&test, &own).await, RegistryThings::of(&test, &foreign).await);
    let [ours, theirs] =
        [&own_things, &foreign_things].map(|(code, member, plan, submission, class, programs, exam)| Things {
            code,
            member: *member,
            plan: *plan,
            submission: *submission,
            class: *class,
            year: if *code == own_things.0 { own.school.year_id } else { foreign.school.year_id },
            company,
            line: 2,
            unit,
            token: programs.0,
            client: programs.1,
            operators_client,
            timetable: if *code == own_things.0 { own_timetable } else { foreign_timetable },
            exam: *exam,
            registry: if *code == own_things.0 { own_registry } else { foreign_registry },
            other: if *code == own_things.0 { own.pupil.member_id } else { foreign.pupil.member_id },
        });
    registered(&test, "Nguyễn Thị Sen", "sen@example.vn", own.school.code()).await;
    let waiting = test.person_of("sen@example.vn").await;
    let foreign_names: Vec<&str> =
        foreign.everybody().iter().map(|person| person.name.as_str()).chain(["Đặng Thị Phượng"]).collect();

    let mut admin = test.admin().await;
    let mut calls = 0;
    for caller in callers(&own, &operators, &waiting) {
        let whole_time = client_of(&test, &caller).await;
        for (method, path, access) in router::routes().declared() {
            let is_of_school = path.contains("{code}");
            // Units are no school's.
            let has_ids = ["{id}", "{v}", "{exam}", "{a}"].iter().any(|part| path.contains(part)) && is_of_school;
            // The own school; the own one with ids of the other; the other.
            let mut addresses = vec![(ours.address(path, &ours), true, true)];
            if has_ids {
                addresses.push((ours.address(path, &theirs), true, false));
            }
            if is_of_school {
                addresses.push((theirs.address(path, &theirs), false, true));
            }
            for (address, is_own_school, is_there) in addresses {
                // A person who signs out is out.
                let once = client_of_one_call(&test, &caller, path).await;
                let client = once.as_ref().unwrap_or(&whole_time);
                if path.contains("/plans/{id}/") {
                    // A person who came before may have begun to apply it. What is applied already cannot be discarded, and
                    // is still there for a person who comes next.
                    let state = if path.ends_with("/discard") { "applied" } else { "ready" };
                    sqlx::query("UPDATE plans SET state = $1").bind(state).execute(&mut admin).await.unwrap();
                }
                if path.contains("/submissions/{id}") {
                    // Or to hand it in, or to decide on it.
                    let waits = path.starts_with("/operator") || path.ends_with("/withdraw");
                    let (of_plan, own) = match () {
                        () if waits => ("submitted", "submitted"),
                        // What is taken over already cannot be discarded.
                        () if path.ends_with("/discard") => ("applied", "approved"),
                        () => ("ready", "draft"),
                    };
                    let turn = "UPDATE plans SET state = $1 WHERE book = 'registry'";
                    sqlx::query(turn).bind(of_plan).execute(&mut admin).await.unwrap();
                    sqlx::query("UPDATE submissions SET state = $1").bind(own).execute(&mut admin).await.unwrap();
                }
                if path.contains("{exam}") {
                    // Or may have removed a paper or a room.
                    let exam = if is_there && is_own_school { &own_things.6 } else { &foreign_things.6 };
                    exam.put_back(&mut admin).await;
                }
                if path.contains("/absences/{id}") {
                    // Or may have taken one back.
                    let timetable = if is_there && is_own_school { &own_timetable } else { &foreign_timetable };
                    timetable.put_back(&mut admin).await;
                }
                if path.contains("/accounts/{id}/") {
                    // Or may have sent a person away.
                    for again in [
                        "UPDATE members SET status = 'active' WHERE status = 'left'",
                        "UPDATE enrolments SET ended_at = NULL",
                    ] {
                        sqlx::query(again).execute(&mut admin).await.unwrap();
                    }
                }
                if path.ends_with("/{v}/deletion") {
                    // What is published stays for those who come next.
                    let published = "UPDATE timetable_versions SET published_at = now()";
                    sqlx::query(published).execute(&mut admin).await.unwrap();
                }
                if path.contains("{token}") {
                    // All of them come from one address, and none has a link.
                    sqlx::query("DELETE FROM attempts").execute(&mut admin).await.unwrap();
                }
                let page = call(client, method, path, &address).await;
                if path.ends_with("/suspension") && !path.contains("/accounts/") {
                    // A person who comes next wants to get in.
                    sqlx::query("UPDATE schools SET suspended_at = NULL").execute(&mut admin).await.unwrap();
                }
                let what = format!("{} at {}", caller.name, page.what);
                calls += 1;
                let mut expected = verdict(access, (method, path), &caller.part, is_own_school);
                // Nobody has such a token, no school such a logo, and only the demo has a mailbox.
                // No owner of these schools is still to accept the invitation.
                let nowhere = ["{token}", "{version}", "/owners/", "/merges/"];
                let is_nowhere = nowhere.iter().any(|part| path.contains(part)) || path.starts_with("/mailbox");
                if expected == Verdict::LetIn && (!is_there || is_nowhere) {
                    expected = Verdict::NotFound;
                }
                if expected == Verdict::LetIn {
                    expected = by_the_class(path, &caller).unwrap_or(expected);
                }
                // A landing page's own redirect is not that of the auth middleware.
                let verdict = if path == "/" { Verdict::LetIn } else { seen(&page) };
                assert_eq!(verdict, expected, "{what}: {} {}", page.status, page.words());
                assert!(!page.status.is_server_error(), "{what}: {}", page.status);
                if verdict == Verdict::LetIn {
                    let fine = if *method == Method::GET { [200, 303] } else { [303, 422] };
                    // A code that is kept as a hash alone can be shown at once or never.
                    let is_fine = fine.contains(&page.status.as_u16())
                        || path == "/password/forgot"
                        // There is no application to lead back to.
                        || page.status == 400 && ["/oauth2/authorize", "/oauth2/consent"].contains(&path)
                        || path.ends_with("/release")
                        || path == "/me/calendar";
                    assert!(is_fine, "{what}: {}: {}", page.status, page.words());
                }
                if matches!(access, Access::School(_)) && (!is_own_school || !is_there) {
                    page.hides(&foreign_names);
                }
            }
        }
    }
    assert!(calls > 700, "{calls} calls");
    test.work().await;
}

#[tokio::test]
async fn what_a_query_names_is_looked_for_in_the_own_school_only() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let owner = test.signed_in(&own.owner).await;
    let names: Vec<&str> = foreign.everybody().iter().map(|person| person.name.as_str()).collect();
    for query in [
        format!("/accounts?class={}", foreign.class_id),
        format!("/accounts?role=teacher&after={}", foreign.teacher.member_id),
        "/accounts?q=tan".to_owned(),
        "/accounts?role=manager".to_owned(),
        format!("/classes?school_year={}", foreign.school.year_id),
        format!("/accounts/export.csv?class={}", foreign.class_id),
    ] {
        owner.get(&own.school.path(&query)).await.expect(200).hides(&names);
    }
    owner.get(&own.school.path(&format!("/slips?class={}", foreign.class_id))).await.hides(&names);
    let into = [("name", "10A7"), ("school_year", &foreign.school.year_id.to_string())];
    owner.post(&own.school.path("/classes"), &into).await.expect(303);
    let theirs = test.signed_in(&foreign.owner).await;
    theirs.get(&foreign.school.path("/classes")).await.expect(200).hides(&["10A7"]);
}

/// A request that holds one connection while it waits for a second one stands still when many do so at once.
#[tokio::test]
async fn no_request_needs_two_connections_at_once() {
    let test = TestApp::with_one_connection().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let operator = test.operator("operator@example.vn", &[]).await;
    for person in [&cast.owner, &operator] {
        for (method, path, _) in
            router::routes().declared().filter(|(_, path, _)| !["/sign-out", "/oauth2/logout"].contains(path))
        {
            let client = test.signed_in(person).await;
            let page = call(&client, method, path, &things.address(path, &things)).await;
            assert!(!page.status.is_server_error(), "{}: {}", page.what, page.words());
        }
    }
    test.work().await;

    // The flows whose forms must be filled in to get to the database.
    let opened = [
        ("name", "Trường mới"),
        ("code", "79000009"),
        ("kind", "k12"),
        ("province", "79"),
        ("owner_name", "Lê Thị Chủ"),
        ("owner_email", "chu@example.vn"),
    ];
    test.signed_in(&operator).await.post("/operator/schools", &opened).await.expect(303);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    for address in ["chu@example.vn", &cast.teacher.login] {
        let link = link_in(&test.mail_to(address).text);
        let client = test.anonymous();
        client.get(&link).await.expect(200);
        client.post(&link, &password).await.expect(303);
    }
    test.work().await;
    let client = test.anonymous();
    let sign_in = [("login", cast.newcomer.login.as_str()), ("password", cast.newcomer.temporary.as_deref().unwrap())];
    client.post("/sign-in", &sign_in).await.expect(303);
    client.post("/password/change", &password).await.expect(303);
}

/// Operators administer schools, not people; and the bound one those of their provinces only.
#[tokio::test]
async fn a_bound_operator_sees_and_opens_schools_of_his_provinces() {
    let test = TestApp::new().await;
    test.school("79000001").await;
    let bound = test.operator("hue@example.vn", &["46"]).await;
    let bound = test.signed_in(&bound).await;
    bound.get("/operator/schools").await.expect(200).hides(&["79000001"]);
    let form = |province: &'static str| {
        [
            ("name", "Trường mới"),
            ("code", "46000001"),
            ("kind", "k12"),
            ("province", province),
            ("owner_name", "Lê Thị Huế"),
            ("owner_email", "hue.owner@example.vn"),
        ]
    };
    let page = bound.post("/operator/schools", &form("79")).await.expect(422);
    page.shows(&[&vi("fault-province")]).hides(&["Hồ Chí Minh"]);
    bound.post("/operator/schools", &form("46")).await.expect(303);
    bound.get("/operator/schools").await.expect(200).shows(&["46000001"]);
    test.work().await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_back_afterwards() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let there = cast.school.path("/accounts?q=an&role=teacher");
    let location = test.anonymous().get(&there).await.location();
    assert_eq!(location, "/sign-in?next=%2Fschools%2F79000001%2Faccounts%3Fq%3Dan%26role%3Dteacher");
    let client = test.anonymous();
    let next = client.get(&location).await.expect(200).input("next");
    let form = [("login", cast.owner.login.as_str()), ("password", PASSWORD), ("next", &next)];
    assert_eq!(client.post("/sign-in", &form).await.location(), there);
    // A form that was sent too late cannot be sent again by a GET.
    let late = test.anonymous().post(&cast.school.path("/classes"), &[]).await.location();
    assert_eq!(late, "/sign-in?next=%2F");
}

#[tokio::test]
async fn a_change_must_show_that_it_comes_from_here() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let owner = test.signed_in(&cast.owner).await;
    let elsewhere: [&[(&str, &str)]; 7] = [
        &[],
        &[("origin", "http://evil.example")],
        &[("origin", "http://schoolgate.test.evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none"), ("origin", "http://schoolgate.test")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://schoolgate.test")],
    ];
    let mut posts = 0;
    // Those of programs look at tokens and not at cookies, which alone a foreign page could send along.
    let is_of_pages = |path: &str| {
        !path.starts_with("/api/")
            && !path.starts_with("/scim/")
            && !["/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo"].contains(&path)
    };
    for (_, path, _) in
        router::routes().declared().filter(|(method, path, _)| **method == Method::POST && is_of_pages(path))
    {
        for headers in elsewhere {
            let mut request = owner.request(Method::POST, &things.address(path, &things));
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let page = owner.send(request, Body::from("name=10A5")).await;
            assert_eq!(page.status, 403, "{} with {headers:?}", page.what);
            page.shows(&[&vi("error-foreign-origin-title")]);
            posts += 1;
        }
    }
    assert!(posts > 80, "{posts}");
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["10A5"]);
    let here = owner.request(Method::POST, &cast.school.path("/classes")).header("sec-fetch-site", "same-origin");
    let here = here.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    owner.send(here, Body::from("name=10A5")).await.expect(303);
}

const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[tokio::test]
async fn every_answer_carries_the_headers_that_guard_it() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let mut addresses: Vec<String> = router::routes()
        .declared()
        .filter(|(method, ..)| **method == Method::GET)
        .map(|(_, path, _)| things.address(path, &things))
        .collect();
    addresses.extend(["/nowhere", "/healthz", "/readyz", "/metrics", "/assets/nothing.css"].map(str::to_owned));
    let mut ids = std::collections::HashSet::new();
    for client in [test.anonymous(), test.signed_in(&cast.owner).await] {
        for address in &addresses {
            let page = client.get(address).await;
            for (name, value) in HEADERS {
                assert_eq!(page.header(name), value, "{name} of {}", page.what);
            }
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{}", page.what);
            // Programs keep for a while how signing in goes, and with which keys it is checked.
            let is_kept = ["/.well-known/openid-configuration", "/oauth2/jwks"].contains(&address.as_str());
            let cached = if is_kept { "public, max-age=300" } else { "no-store" };
            assert_eq!(page.header("cache-control"), cached, "{}", page.what);
            let is_page = !["/healthz", "/readyz", "/metrics", "/assets"].iter().any(|bare| address.starts_with(bare));
            if is_page {
                let id = page.header("x-request-id").to_owned();
                assert!(id.len() == 12 && ids.insert(id), "{} has no id of its own", page.what);
            }
        }
    }
}

#[tokio::test]
async fn errors_are_pages_in_the_visitors_language() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for lang in Lang::ALL {
        let l = Translator::new(lang);
        let client = |client: Client| if lang == Lang::En { client.in_english() } else { client };
        let anonymous = client(test.anonymous());
        let shown = |page: Page, status: u16, key: &str| {
            let id = page.header("x-request-id").to_owned();
            let page = page.expect(status).shows(&[&l.t(&format!("error-{key}-title")), &id]);
            assert!(page.html().contains(&format!("<html lang=\"{}\"", l.lang())));
        };
        shown(anonymous.get("/nowhere").await, 404, "not-found");
        shown(anonymous.get("/schools/79000001/nowhere").await, 404, "not-found");
        let put = anonymous.request(Method::PUT, "/sign-in").header(header::ORIGIN, "http://schoolgate.test");
        shown(anonymous.send(put, Body::empty()).await, 405, "method");
        let long = "x".repeat(3 * 1024 * 1024);
        shown(anonymous.post("/sign-in", &[("login", &long)]).await, 413, "too-large");
        let teacher = client(test.signed_in(&cast.teacher).await);
        shown(teacher.get(&cast.school.path("/accounts")).await, 403, "forbidden");
        shown(teacher.get("/operator/schools").await, 403, "forbidden");

        // Something that nobody foresaw.
        let mut admin = test.admin().await;
        let broken = [
            "ALTER TABLE school_years RENAME TO school_years_away",
            "ALTER TABLE school_years_away RENAME TO school_years",
        ];
        let owner = client(test.signed_in(&cast.owner).await);
        sqlx::query(broken[0]).execute(&mut admin).await.unwrap();
        let page = owner.get(&cast.school.path("/classes")).await;
        sqlx::query(broken[1]).execute(&mut admin).await.unwrap();
        shown(page.hides(&["school_years", "relation"]), 500, "internal");
        owner.get(&cast.school.path("/classes")).await.expect(200);
    }
}

/// The router is made of declared routes and of nothing else.
#[test]
fn routes_are_added_in_one_place() {
    let mut places = Vec::new();
    for file in crate::support::files::below("src", "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let makes_routes = [".route(", ".route_service(", ".nest(", ".nest_service(", "Router::new()", ".fallback("];
        if makes_routes.iter().any(|call| text.contains(call)) {
            places.push(file);
        }
    }
    let names: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    assert!(names.len() == 1 && names[0].ends_with("src/router.rs"), "{names:?}");
}

#[test]
fn every_action_is_some_routes() {
    let declared: Vec<Access> = router::routes().declared().map(|(.., access)| access).collect();
    for action in Action::ALL {
        assert!(declared.contains(&Access::School(action)), "{action:?} lets nobody in anywhere");
    }
}
