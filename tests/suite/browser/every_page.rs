//! Every page, as everybody to whom it looks different: axe-core finds nothing, and nothing scrolls sideways, in both
//! languages, on a phone and on a laptop. Colours are the same in both languages, and all but colours in both schemes.
//!
//! Which pages there are is what the routes declare. A person who adds a route need not add it here as long as
//! [`Things`] knows what stands in its address; a page that nobody gets to see fails the test.

mod people;

use std::collections::BTreeSet;

use axum::http::Method;
use schoolgate::{
    access::Grant,
    config::{ProviderKind, SignInProvider},
    identity::links::LinkPurpose,
    ids::PlanId,
    router,
    routes::Access,
    web::i18n::Lang,
};
use serde_json::json;

use super::axe::{self, Findings};
use super::driver::Browser;
use crate::access_matrix::{self, Things};
use crate::support::html;
use crate::support::{Cast, Client, Page, Person, Someone, TestApp, TestServer};
use people::{
    a_company, a_teacher_waits, an_application_asks, links_page, member, populate, register, timetable_pages, upload,
};

/// Led on to another page, no matter who comes; the question for a code is shown between the password and being in only; and no
/// school here has a logo, which is none anyway. What programs read before they sign people in is no page either.
const NO_PAGES: [&str; 11] = [
    "/",
    "/sign-in/code",
    "/sign-in/with/{provider}",
    "/sign-in/with/{provider}/answer",
    "/kept-form",
    "/schools/{code}/logo/{version}",
    "/.well-known/openid-configuration",
    "/oauth2/jwks",
    "/oauth2/logos/{id}/{version}",
    "/oauth2/userinfo",
    "/calendar/{token}",
];

/// A person who looks at pages.
struct Looker {
    name: &'static str,
    /// Nobody: not signed in.
    person: Option<Person>,
    must_choose: bool,
}

impl Looker {
    fn new(name: &'static str, person: &Person) -> Self {
        Self { name, person: Some(person.clone()), must_choose: false }
    }

    async fn client(&self, test: &TestApp) -> Client {
        match &self.person {
            None => test.anonymous(),
            Some(person) if self.must_choose => test.signed_in_by_temporary(person).await,
            Some(person) => test.signed_in(person).await,
        }
    }

    /// Whether a page of this access may be this person's to see; the answer says whether it is.
    fn may_see(&self, access: Access) -> bool {
        match access {
            Access::Anyone | Access::Always => self.person.is_none(),
            Access::SignedIn => ["the owner", "a person who waits", "a pupil with a slip"].contains(&self.name),
            Access::PasswordSet => ["the owner", "a person who waits"].contains(&self.name),
            Access::Operator | Access::NationalOperator => self.name == "an operator",
            Access::Company => self.name == "a representative",
            // No page is a program's.
            Access::Token(_) | Access::Client(_) => false,
            Access::School(_) => !["an operator", "a representative"].contains(&self.name) && self.person.is_some(),
        }
    }
}

/// A page, and how one comes to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stop {
    Open(String),
    /// The form of this address, sent empty.
    Send {
        address: String,
        is_file: bool,
    },
}

impl Stop {
    fn name(&self) -> &str {
        match self {
            Self::Open(address) | Self::Send { address, .. } => address,
        }
    }

    async fn go(&self, browser: &Browser) {
        match self {
            Self::Open(address) => browser.goto(address).await,
            Self::Send { address, is_file } => {
                let kind = if *is_file { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
                // Any page of ours may send to any other.
                browser.goto("/register").await;
                let send = "const [action, enctype, done] = arguments;
                    const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype });
                    document.body.append(form); document.title = 'sent'; form.submit(); done();";
                browser.ask(send, vec![json!(address), json!(kind)]).await;
                browser.leaves_title("sent").await;
            }
        }
    }
}

/// A school with a bit of everything, and what else there is to see.
struct World {
    server: TestServer,
    cast: Cast,
    /// An empty school's owner.
    beginner: (String, Person),
    representative: Person,
    waiting: Person,
    operator: Person,
    plan: PlanId,
    /// Addresses beside those that the routes have by themselves.
    more: Vec<(&'static str, String)>,
}

impl World {
    async fn new() -> Self {
        // Nobody is led there: it is enough that pages offer it.
        let provider = SignInProvider {
            kind: ProviderKind::Google,
            issuer: "http://127.0.0.1:9".to_owned(),
            client_id: "schoolgate".to_owned(),
            client_secret: "secret".to_owned(),
        };
        let server = TestServer::start_with(async |config| config.providers = vec![provider]).await;
        let test = &server.test;
        let cast = test.cast("79000001").await;
        let operator = test.operator("operator@example.vn", &[]).await;
        let empty = test.school("79000004").await;
        let beginner = empty.add(test, Someone::manager("Ngô Thị Mới").with(Grant::Owner)).await;
        populate(test, &cast).await;
        let plan = cast.school.plan(test).await;
        test.until("SELECT state = 'ready' FROM plans").await;

        let mut more = Vec::new();
        let owner = test.signed_in(&cast.owner).await;
        sqlx::query(
            "INSERT INTO second_factors (account_id, secret, key_id, begun_at, confirmed_at)
             VALUES ($1, '', '', now(), now())",
        )
        .bind(cast.owner.account_id)
        .execute(&mut test.admin().await)
        .await
        .unwrap();
        let waiting = a_teacher_waits(&server, &cast, "cho@example.vn").await;
        let unverified = register(&server, &cast, "chua@example.vn").await;
        more.push(("nobody", links_page(test, "chua@example.vn", LinkPurpose::EmailVerification, None).await));
        more.push(("nobody", links_page(test, &cast.teacher.login, LinkPurpose::PasswordReset, None).await));
        let new = [
            ("full_name", "Nguyễn Thị Hoài Thương"),
            ("gender", "female"),
            ("birth_date", "1990-05-01"),
            ("email", "moi@example.vn"),
        ];
        owner.post(&cast.school.path("/accounts/teachers"), &new).await.expect(303);
        let invited = member(test, "moi@example.vn").await;
        let membership = Some((cast.school.id(), invited));
        more.push(("nobody", links_page(test, "moi@example.vn", LinkPurpose::Invitation, membership).await));
        for id in [
            member(test, "cho@example.vn").await,
            unverified,
            invited,
            cast.owner.member_id,
            cast.teacher.member_id,
            cast.newcomer.member_id,
            cast.suspended.member_id,
        ] {
            more.push(("the owner", cast.school.path(&format!("/accounts/{id}"))));
        }
        for query in [
            "/accounts?role=teacher",
            "/slips/ledger?done=slips-printed&n=1",
            "/accounts?role=manager",
            "/accounts?status=pending",
            "/accounts?q=nguyen",
            "/accounts?q=zzz",
            "/accounts?sort=name&role=student&done=classes&n=3",
            "/plans/new?source=teachers",
            "/plans/new?source=oneroster",
        ] {
            more.push(("the owner", cast.school.path(query)));
        }
        for outcome in ["create", "error", "update", "duplicate"] {
            more.push(("the owner", cast.school.path(&format!("/plans/{plan}?outcome={outcome}"))));
        }
        for rest in ["role?role=student", "role?role=manager", "leaving"] {
            more.push((
                "the owner",
                cast.school.path(&format!("/accounts/{}/{rest}", cast.homeroom_teacher.member_id)),
            ));
        }
        more.push(("the owner", cast.school.path(&format!("/slips/ledger?class={}", cast.class_id))));
        let waits = member(test, "cho@example.vn").await;
        more.push(("the owner", cast.school.path(&format!("/accounts/{waits}/refusal"))));
        let motherless = upload(test, &cast, &owner, ["Đỗ Thị Không Mẹ", "Nữ", "10A1", "05/09/2011", "", ""]).await;
        more.push(("the owner", format!("{motherless}/missing")));
        let list = "Họ và tên,Giới tính,Lớp,Ngày sinh\nĐỗ Thị Không Mẹ,Nữ,10A1,05/09/2011\n";
        let kind = [("kind", "pupils")];
        let handed_in = owner.upload_with(&cast.school.path("/submissions"), "hs.csv", list.as_bytes(), &kind).await;
        let submission = handed_in.location();
        let id = submission.rsplit('/').next().unwrap();
        test.until(&format!("SELECT state = 'ready' FROM plans WHERE id = '{id}'")).await;
        more.push(("the owner", format!("{submission}/missing")));
        more.push(("the owner", cast.school.path(&format!("/plans/{plan}?all=on"))));
        let applied =
            upload(test, &cast, &owner, ["Hoàng Thị Xuyến", "Nữ", "10A1", "05/09/2011", "Hoàng Thị Mẹ", "1984"]).await;
        owner.post(&format!("{applied}/apply"), &[]).await.expect(303);
        let id = applied.rsplit('/').next().unwrap();
        test.until(&format!("SELECT state = 'applied' FROM plans WHERE id = '{id}'")).await;
        for rest in ["", "/undo", "/slips"] {
            more.push(("the owner", format!("{applied}{rest}")));
        }
        more.push(("nobody", "/register/sent?to=company".to_owned()));
        more.push(("nobody", "/register/teacher?school=thu+nghiem".to_owned()));
        more.push(("nobody", "/register/teacher?school=khong+co".to_owned()));
        more.push(("nobody", "/sign-in?done=verified".to_owned()));
        more.push(("nobody", "/sign-in?refused=not-linked".to_owned()));
        more.push(("the owner", "/me/providers?refused=other-address".to_owned()));
        for kind in ["email_verification", "registration_refused"] {
            let both = ["vi", "en"].map(|language| format!("/mailbox/letters/one?kind={kind}&language={language}"));
            more.extend(both.map(|address| ("nobody", address)));
        }
        let of_class = format!("users?role=student&class={}", cast.class_id);
        for report in ["use?hour=8", "use?grade=10&status=never", "use?reset=first", of_class.as_str()] {
            more.push(("the owner", cast.school.path(&format!("/reports/{report}"))));
        }
        for line in ["no-slip", "no-parent", "no-homeroom", "expired", "twin"] {
            more.push(("the owner", cast.school.path(&format!("/reports/quality?line={line}"))));
        }
        for query in ["province=79&sort=-pupils", "province=79&state=suspended&sort=name", "school=79000001"] {
            more.push(("an operator", format!("/operator/reports?{query}")));
        }
        owner.post(&cast.school.path("/rollover"), &[("to", "2027-2028")]).await.expect(303);
        for rest in ["", "/classes", "/balance", "/pupils", "/pupils?outcome=awaiting"] {
            more.push(("the owner", cast.school.path(&format!("/rollover{rest}"))));
        }
        let asked = an_application_asks(test, &cast).await;
        more.push(("nobody", format!("{asked}&scope=openid")));
        more.extend([asked, "/oauth2/logout".to_owned()].map(|address| ("the owner", address)));
        // What is refused, and what is not there.
        more.push(("nobody", "/nowhere".to_owned()));
        more.push(("the owner", cast.school.path("/nowhere")));
        more.push(("a teacher", cast.school.path("/accounts")));
        more.push(("a person suspended", cast.school.path("")));

        let (company, representative) = a_company(&server, &operator).await;
        more.push(("a representative", format!("/companies/{company}")));
        more.push(("a person who waits", "/registration?done=mail-sent".to_owned()));
        more.push(("the beginner", format!("/schools/{}", empty.code())));
        Self {
            beginner: (empty.code().to_owned(), beginner),
            waiting,
            representative,
            operator,
            plan,
            more,
            server,
            cast,
        }
    }

    fn lookers(&self) -> Vec<Looker> {
        let cast = &self.cast;
        vec![
            Looker { name: "nobody", person: None, must_choose: false },
            Looker::new("the owner", &cast.owner),
            Looker::new("the beginner", &self.beginner.1),
            Looker::new("a homeroom teacher", &cast.homeroom_teacher),
            Looker::new("a teacher", &cast.teacher),
            Looker::new("a pupil", &cast.pupil),
            Looker { must_choose: true, ..Looker::new("a pupil with a slip", &cast.newcomer) },
            Looker::new("a person suspended", &cast.suspended),
            Looker::new("a person who waits", &self.waiting),
            Looker::new("an operator", &self.operator),
            Looker::new("a representative", &self.representative),
        ]
    }

    /// What each of them looks at.
    async fn stops(&self, own: &Things<'_>, lookers: &[Looker]) -> Vec<BTreeSet<Stop>> {
        let test = &self.server.test;
        let mut seen: BTreeSet<&str> = NO_PAGES.into();
        let mut shapes = Shapes::default();
        let mut stops = Vec::new();
        for looker in lookers {
            let client = looker.client(test).await;
            let mut here = BTreeSet::new();
            for (method, path, access) in router::routes().declared() {
                if method != Method::GET || !looker.may_see(access) {
                    continue;
                }
                let code = if looker.name == "the beginner" { &self.beginner.0 } else { own.code };
                let address = Things { code, ..*own }.address(path, own);
                let page = client.get(&address).await;
                if is_page(&page) && shapes.are_new(path, &page) {
                    here.insert(Stop::Open(address));
                }
                // A file, or a part of a page that was seen whole.
                if page.status == 200 {
                    seen.insert(path);
                }
            }
            if looker.name == "the owner" {
                let of_exam = |list: &str| format!("/schools/{}/exams/{}/lists/{list}", own.code, own.exam.exam);
                here.extend(["plan", "duties", "statistics"].map(|list| Stop::Open(of_exam(list))));
            }
            for (_, address) in self.more.iter().filter(|(name, _)| *name == looker.name) {
                let page = client.get(address).await;
                assert!(page.html().contains("<html"), "{address}: {} {}", page.status, page.words());
                if page.status == 200 {
                    seen.extend(
                        router::routes().declared().map(|(_, path, _)| path).filter(|path| is_at(path, address)),
                    );
                }
                here.insert(Stop::Open(address.clone()));
            }
            assert!(!here.is_empty(), "nothing shows the menu of {}", looker.name);
            stops.push(here);
        }
        let unseen: Vec<_> = router::routes()
            .declared()
            // What programs ask for by a token is no page.
            .filter(|(_, path, _)| !["/api/", "/ims/", "/scim/"].iter().any(|service| path.starts_with(service)))
            .filter(|(method, path, _)| **method == Method::GET && !seen.contains(path))
            .map(|(_, path, _)| path)
            .collect();
        assert!(unseen.is_empty(), "nobody got to see {unseen:?}");
        stops
    }

    /// Forms that are refused when nothing is filled in.
    async fn refusals(&self, own: &Things<'_>, lookers: &[Looker]) -> Vec<BTreeSet<Stop>> {
        let test = &self.server.test;
        let mut shapes = Shapes::default();
        let mut stops = Vec::new();
        for looker in lookers {
            let mut here = BTreeSet::new();
            for (method, path, access) in router::routes().declared() {
                let is_seldom = ["a teacher", "a pupil", "the beginner", "a person suspended"].contains(&looker.name);
                if method != Method::POST || is_seldom || !looker.may_see(access) {
                    continue;
                }
                let address = own.address(path, own);
                let page = access_matrix::call(&looker.client(test).await, method, path, &address).await;
                if page.status == 422 && shapes.are_new(path, &page) {
                    here.insert(Stop::Send {
                        address,
                        is_file: ["/plans/new", "/sheet", "/timetable/imports"].iter().any(|end| path.ends_with(end)),
                    });
                }
                self.put_back(own).await;
            }
            stops.push(here);
        }
        let count: usize = stops.iter().map(BTreeSet::len).sum();
        assert!(count > 15, "only {count} forms were refused");
        stops
    }

    /// Undoes what an empty form has done that was not refused.
    async fn put_back(&self, own: &Things<'_>) {
        let mut admin = self.server.test.admin().await;
        own.timetable.put_back(&mut admin).await;
        for again in [
            "UPDATE plans SET state = 'ready' WHERE state <> 'applied'",
            "UPDATE members SET status = 'active' WHERE status = 'left'",
            "UPDATE enrolments SET ended_at = NULL",
            "UPDATE schools SET suspended_at = NULL",
        ] {
            sqlx::query(again).execute(&mut admin).await.unwrap();
        }
    }

    async fn look(&self, lang: Lang, lookers: &[Looker], stops: &[BTreeSet<Stop>]) -> Findings {
        let browser = Browser::open(&self.server.url, true).await;
        axe::install(&browser).await;
        let mut findings = Findings::default();
        for (looker, stops) in lookers.iter().zip(stops) {
            browser.goto("/register").await;
            browser.forget_me().await;
            browser.set_cookie("lang", lang.key()).await;
            if let Some(session) = looker.client(&self.server.test).await.cookie("session") {
                browser.set_cookie("session", &session).await;
            }
            for stop in stops {
                stop.go(&browser).await;
                let page = format!("{} ({}, {})", stop.name(), looker.name, lang.key());
                findings.judge_crosswise(&browser, &page, lang).await;
            }
        }
        browser.quit().await;
        findings
    }
}

/// What was seen of each route: a page that differs from one that another role sees in words alone is looked at once. The
/// menu beside it is looked at on the pages that are the role's own.
#[derive(Default)]
struct Shapes(BTreeSet<(&'static str, String)>);

impl Shapes {
    fn are_new(&mut self, path: &'static str, page: &Page) -> bool {
        let html = page.html();
        let main = html::elements(&html, "main").concat();
        self.0.insert((path, html::shape(if main.is_empty() { &html } else { &main })))
    }
}

/// Whether an address is one of this route.
fn is_at(path: &str, address: &str) -> bool {
    let address = address.split('?').next().unwrap_or_default();
    let fits = |(part, word): (&str, &str)| part.starts_with('{') || part == word;
    path.split('/').count() == address.split('/').count() && path.split('/').zip(address.split('/')).all(fits)
}

/// Whether this is a whole page, and not a file, a part, or a way elsewhere.
fn is_page(page: &Page) -> bool {
    page.status == 200 && page.header("content-type").starts_with("text/html") && page.html().contains("<html")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_and_nothing_scrolls_sideways() {
    let mut world = World::new().await;
    let own = access_matrix::things(&world.server.test, &world.cast, world.plan).await;
    let shown = timetable_pages(&world.server.test, &world.cast, &own.timetable).await;
    world.more.extend(shown.into_iter().map(|address| ("the owner", address)));
    let lookers = world.lookers();
    let mut findings = Findings::default();
    let pages = world.stops(&own, &lookers).await;
    // Each language in a browser of its own, side by side.
    let look = |lang, stops| world.look(lang, &lookers, stops);
    let (vi, en) = tokio::join!(look(Lang::Vi, &pages), look(Lang::En, &pages));
    findings.add(vi);
    findings.add(en);
    // Afterwards: a form that is not refused changes something.
    let refusals = world.refusals(&own, &lookers).await;
    let (vi, en) = tokio::join!(look(Lang::Vi, &refusals), look(Lang::En, &refusals));
    findings.add(vi);
    findings.add(en);
    let count: usize = pages.iter().chain(&refusals).map(BTreeSet::len).sum();
    println!("{count} pages in two languages");
    findings.expect_none();
}
