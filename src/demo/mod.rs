//! Demo data: plausible schools with classes, teachers and pupils, and people to sign in as.
//!
//! Made with the program's own functions, in the scope of the system; the same seed makes the same people.

mod letters;
mod mailbox;
mod people;

use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    access::{Grant, Role, School, SchoolKind, Scope},
    app::App,
    clock::Randomness,
    error::Error,
    identity::{
        accounts::{self, NewAccounts},
        operators,
        password::TemporaryPassword,
    },
    members::{
        invitations,
        roster::{self, NewMember},
        usernames,
    },
    provisioning,
    schools::{classes, directory, years},
    web::{Access, Routes},
};
use people::{Cast, Role as Part};

/// What only the demo has: elsewhere these pages are not found.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/mailbox", Access::Anyone, mailbox::show)
        .get("/mailbox/letters", Access::Anyone, letters::list)
        .get("/mailbox/letters/one", Access::Anyone, letters::show)
}

/// The own password of everybody whose sign-in is printed.
pub const PASSWORD: &str = "cong-truong-mo-cua";

/// How much demo data.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub schools: usize,
    pub pupils: usize,
    pub seed: u64,
}

/// A sign-in to print.
#[derive(Clone, Debug, Serialize)]
pub struct SignIn {
    pub login: String,
    pub password: &'static str,
}

impl SignIn {
    fn of(login: String) -> Self {
        Self { login, password: PASSWORD }
    }
}

/// The sign-ins of a school.
#[derive(Clone, Debug, Serialize)]
pub struct DemoSchool {
    pub code: String,
    pub name: String,
    pub kind: &'static str,
    pub owner: SignIn,
    pub account_manager: SignIn,
    pub teacher: SignIn,
    pub homeroom_teacher: SignIn,
    pub student: SignIn,
}

/// What `schoolgate demo --json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Demo {
    pub base_url: String,
    pub operators: Vec<SignIn>,
    pub schools: Vec<DemoSchool>,
}

/// Makes what is missing; what is there stays as it is.
///
/// # Errors
/// When the database cannot be reached.
pub async fn make(app: &App, size: Size) -> Result<Demo> {
    let hash = app.hasher.hash(PASSWORD.to_owned(), app.randomness.bytes()).await?;
    let operators = make_operators(app, &hash).await?;
    let mut schools = Vec::new();
    for number in 0..size.schools.max(2) {
        schools.push(make_school(app, size, number, &hash).await?);
    }
    Ok(Demo { base_url: app.config.base_url.to_string().trim_end_matches('/').to_owned(), operators, schools })
}

async fn make_operators(app: &App, hash: &str) -> Result<Vec<SignIn>> {
    let people = [
        ("operator@schoolgate.example.vn", "Trần Quốc Bảo", vec![]),
        ("operator.hcm@schoolgate.example.vn", "Lê Thị Thanh Hương", vec!["79".to_owned()]),
    ];
    let mut sign_ins = Vec::new();
    for (email, name, provinces) in people {
        let mut tx = app.db.begin().await?;
        if accounts::credentials(&mut tx, email).await?.is_none_or(|found| found.own.is_none()) {
            operators::add(app, email, name, &provinces).await?;
            accounts::give_demo_password(&mut tx, &[email.to_owned()], hash, app.clock.now()).await?;
        }
        operators::spare_second_factor(&mut tx, email).await?;
        tx.commit().await?;
        sign_ins.push(SignIn::of(email.to_owned()));
    }
    Ok(sign_ins)
}

/// The code and name of the demo's schools: the first two are always the same.
fn describe(number: usize, randomness: &Randomness) -> (String, String, SchoolKind) {
    match number {
        0 => ("79000701".to_owned(), "Trường THPT Lê Quý Đôn".to_owned(), SchoolKind::K12),
        1 => ("DH000001".to_owned(), "Trường Đại học Bách khoa Phương Nam".to_owned(), SchoolKind::Higher),
        _ => (format!("79{:06}", 1_000 + number), people::school_name(number, randomness), SchoolKind::K12),
    }
}

async fn make_school(app: &App, size: Size, number: usize, hash: &str) -> Result<DemoSchool> {
    let randomness = Randomness::seeded(size.seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
    let (code, name, kind) = describe(number, &randomness);
    let cast = people::cast(&code, kind, size.pupils, app.clock.today(), &randomness);
    let existing = match directory::find(&app.db, &code).await {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    if !existing {
        let school = School {
            id: app.randomness.uuid_v7(app.clock.now()),
            code: code.clone(),
            name: name.clone(),
            kind,
            year_starts_month: 8,
        };
        fill(app, &Scope::system(Arc::new(school)), &cast, hash).await.with_context(|| format!("the school {code}"))?;
    }
    let sign_in = |part: Part| SignIn::of(cast.login_of(part, &code));
    Ok(DemoSchool {
        owner: sign_in(Part::Owner),
        account_manager: sign_in(Part::AccountManager),
        teacher: sign_in(Part::Teacher),
        homeroom_teacher: sign_in(Part::HomeroomTeacher),
        student: sign_in(Part::Student),
        code,
        name,
        kind: kind.key(),
    })
}

/// One transaction a school: a demo that was interrupted has whole schools only.
async fn fill(app: &App, scope: &Scope, cast: &Cast, hash: &str) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    provisioning::insert_demo_school(scope, app, &mut tx, "79").await?;
    let calendar = years::calendar_year(&scope.school, app.clock.today());
    years::add(scope, app, &mut tx, calendar).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    let made = classes::insert(scope, app, &mut tx, year.id, &cast.classes, None).await?;
    let class_id = |name: &str| made.iter().find(|class| class.name == name).map(|class| class.id);

    let mut batch = Batch::default();
    for person in &cast.people {
        batch.add(app, scope, person, class_id(&person.class));
    }
    let accounts = NewAccounts {
        ids: batch.members.iter().filter_map(|member| member.account_id).collect(),
        logins: batch.logins.clone(),
        sealed: batch.sealed,
        key_id: app.keys.sealing_key_id().to_owned(),
        expires_at: now + chrono::Duration::days(90),
    };
    accounts::insert(&mut tx, &accounts, now).await?;
    roster::insert(scope, &mut tx, Some(year.id), &batch.members, now).await?;
    let ids: Vec<Uuid> = batch.members.iter().map(|member| member.id).collect();
    accounts::join(&mut tx, &accounts.ids, scope.school_id(), &ids).await?;
    for (member_id, grant) in batch.grants {
        invitations::give_grant(scope, app, &mut tx, member_id, grant).await?;
    }
    if let (Some(teacher), Some(class)) = (batch.homeroom_teacher, made.first()) {
        classes::set_homeroom_teacher(scope, &mut tx, class.id, teacher).await?;
    }
    accounts::give_demo_password(&mut tx, &batch.settled, hash, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The people of a school, being put into rows.
#[derive(Default)]
struct Batch {
    members: Vec<NewMember>,
    logins: Vec<String>,
    sealed: Vec<Vec<u8>>,
    grants: Vec<(Uuid, Grant)>,
    homeroom_teacher: Option<Uuid>,
    /// Logins of those who have an own password already.
    settled: Vec<String>,
}

impl Batch {
    fn add(&mut self, app: &App, scope: &Scope, person: &people::Person, class_id: Option<Uuid>) {
        let now = app.clock.now();
        let (id, account_id) = (app.randomness.uuid_v7(now), app.randomness.uuid_v7(now));
        let is_printed = person.part.is_printed();
        let login = match &person.username {
            Some(username) => usernames::login(username, &scope.school.code),
            None => person.email.clone(),
        };
        if is_printed {
            self.settled.push(login.clone());
        }
        if let Some(grant) = person.part.grant() {
            self.grants.push((id, grant));
        }
        if person.part == Part::HomeroomTeacher {
            self.homeroom_teacher = Some(id);
        }
        self.logins.push(login);
        self.sealed
            .push(TemporaryPassword::generate(&app.randomness).seal(&app.keys, &app.randomness, account_id).bytes);
        self.members.push(NewMember {
            id,
            account_id: Some(account_id),
            role: person.role,
            status: crate::members::model::Status::Active,
            username: person.username.clone(),
            temporary_until: (!is_printed).then(|| now + chrono::Duration::days(90)),
            class_id: class_id.filter(|_| person.role == Role::Student),
            values: person.values.clone(),
        });
    }
}
