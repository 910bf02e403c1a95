//! Every declared route × everybody × the own and a foreign school: what is answered follows from the route's declared
//! access and the table of rights, and from nothing else.

mod accounts_elsewhere;
mod addresses;
mod answers;
mod scopes;

pub use addresses::{Things, things};

use axum::body::Body;
use axum::http::Method;
use schoolgate::{
    access::{Action, Authority, Grant, Role, allows},
    ids::{ClientId, RemoteSourceId, TokenId},
    router,
    routes::Access,
};

use self::addresses::{lasting_source, operators_client, target, unit};
use crate::own_registry::RegistryThings;
use crate::registration::registered;
use crate::support::exams::ExamThings;
use crate::support::{Cast, Client, Page, Person, TestApp};
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

fn member(role: Role, grants: &[Grant]) -> Part {
    Part::Member(Authority { role, grants: grants.to_vec() })
}

/// Everybody, as far as they belong to the school of `cast`.
fn callers<'a>(cast: &'a Cast, operators: &'a [Person; 2], waiting: &'a Person) -> Vec<Caller<'a>> {
    let caller = |name, person, part| Caller { name, person: Some(person), part };
    vec![
        Caller { name: "nobody", person: None, part: Part::Anonymous },
        caller("a national operator", &operators[0], Part::Operator { is_national: true }),
        caller("a bound operator", &operators[1], Part::Operator { is_national: false }),
        caller("the owner", &cast.owner, member(Role::Manager, &[Grant::Owner])),
        caller("a manager", &cast.manager, member(Role::Manager, &[])),
        caller("an account manager", &cast.account_manager, member(Role::Teacher, &[Grant::AccountManager])),
        caller("timetable", &cast.timetable, member(Role::Teacher, &[Grant::Timetable])),
        caller("exams", &cast.exams, member(Role::Teacher, &[Grant::Exams])),
        caller("reports", &cast.reports, member(Role::Teacher, &[Grant::Reports])),
        caller("a homeroom teacher", &cast.homeroom_teacher, member(Role::Teacher, &[])),
        caller("a teacher", &cast.teacher, member(Role::Teacher, &[])),
        caller("a pupil", &cast.pupil, member(Role::Student, &[])),
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
        (Access::School(action), Part::Member(authority)) => {
            if allows(action, authority) {
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
    let manages = matches!(&caller.part, Part::Member(authority) if allows(Action::ManageAccounts, authority));
    let makes_timetable = matches!(&caller.part, Part::Member(authority) if allows(Action::ManageTimetable, authority));
    let is_in_class = caller.name == "a pupil";
    // Tasks of exams are handed out one by one.
    let holds = matches!(&caller.part, Part::Member(authority) if allows(Action::ManageExams, authority));
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

pub async fn call(client: &Client, method: &Method, path: &str, address: &str) -> Page {
    match *method {
        Method::GET => client.get(address).await,
        Method::POST
            if path.ends_with("/plans/new")
                || path.ends_with("/settings/look")
                || path.ends_with("/sheet")
                || path.ends_with("/logo")
                || path.ends_with("/timetable/imports")
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
    let (own_source, foreign_source) = (lasting_source(&test, &own).await, lasting_source(&test, &foreign).await);
    let things = |cast: &Cast, member, plan, submission, programs: (TokenId, ClientId, RemoteSourceId), exam| {
        (cast.school.code().to_owned(), member, plan, submission, cast.class_id, programs, exam)
    };
    let (own_things, foreign_things) = (
        things(&own, own_member, own_plan, own_submission, (own_token, own_client, own_source), own_exam),
        things(
            &foreign,
            foreign_member,
            foreign_plan,
            foreign_submission,
            (foreign_token, foreign_client, foreign_source),
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
            source: programs.2,
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
            let has_ids =
                ["{id}", "{v}", "{import}", "{exam}", "{a}"].iter().any(|part| path.contains(part)) && is_of_school;
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
                if path.contains("/absences/{id}") || path.contains("{import}") {
                    // Or may have taken one back, or taken a file.
                    let timetable = if is_there && is_own_school { &own_timetable } else { &foreign_timetable };
                    timetable.put_back(&mut admin).await;
                }
                if path.contains("/accounts/{id}/") {
                    // Or may have sent a person away.
                    for again in [
                        "UPDATE members SET status = 'active' WHERE status = 'left'",
                        "UPDATE enrolments SET ended_at = NULL WHERE ended_at IS NOT NULL",
                    ] {
                        sqlx::query(again).execute(&mut admin).await.unwrap();
                    }
                }
                if path.ends_with("/{v}/deletion") {
                    // What is published stays for those who come next.
                    let published = "UPDATE timetable_versions SET published_at = now() WHERE published_at IS NULL";
                    sqlx::query(published).execute(&mut admin).await.unwrap();
                }
                if path.contains("{token}") {
                    // All of them come from one address, and none has a link.
                    sqlx::query("DELETE FROM attempts").execute(&mut admin).await.unwrap();
                }
                if path.contains("/clients/{id}") {
                    // Or may have revoked a program.
                    let in_force = "UPDATE oauth_clients SET revoked_at = NULL WHERE revoked_at IS NOT NULL";
                    sqlx::query(in_force).execute(&mut admin).await.unwrap();
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
