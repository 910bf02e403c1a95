//! Demo data: plausible schools with classes, teachers and pupils, and people to sign in as.
//!
//! `people` draws who is in a school and the state of each account, `school` makes rows of them, and `staging` inserts
//! those, some hundreds at a time, as the owner of the tables. The same seed makes the same people. What was
//! interrupted goes on where it stopped.

mod exam;
mod history;
mod letters;
mod mailbox;
mod people;
mod registry;
mod school;
mod staging;
mod timetable;

use std::sync::Arc;

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::{
    access::{School, SchoolKind, Scope},
    app::App,
    clock::Randomness,
    db::Db,
    error::Error,
    identity::{accounts, operators},
    paths,
    routes::{Access, Routes},
    schools::directory,
};
use people::DemoRole;

/// What only the demo has: elsewhere these pages are not found.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get(paths::Mailbox::PATH, Access::Anyone, mailbox::show)
        .get(paths::MailboxLetters::PATH, Access::Anyone, letters::list)
        .get(paths::MailboxLetter::PATH, Access::Anyone, letters::show)
}

/// The own password of every account whose sign-in is printed.
pub const PASSWORD: &str = "cong-truong-mo-cua";

/// How much demo data.
#[derive(Clone, Copy, Debug)]
pub struct DemoSize {
    pub schools: usize,
    /// In each, or on average where there are as many schools as a country has.
    pub pupils: usize,
    pub seed: u64,
}

/// From how many schools on they are of different sizes, as in life.
const A_COUNTRY: usize = 1_000;

/// Which school of a country is its largest, and how many pupils it has.
const LARGEST: (usize, usize) = (2, 100_000);

impl DemoSize {
    /// The pupils of a school. In a country most have somewhat fewer than the average, and some have five times as many.
    #[must_use]
    pub fn pupils_of(self, number: usize) -> usize {
        if self.schools < A_COUNTRY || number < LARGEST.0 {
            return self.pupils;
        }
        if number == LARGEST.0 {
            return LARGEST.1;
        }
        // Evenly from 0 to 999, the neighbours far from each other.
        let place = (number as u128 * 619 + u128::from(self.seed)) % 1_000;
        let thousandths = 350 + 400 * place / 1_000 + 4_100 * place.pow(8) / 1_000_u128.pow(8);
        let pupils = usize::try_from(self.pupils as u128 * thousandths / 1_000).unwrap_or(self.pupils);
        pupils.max(1)
    }
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

/// How many schools are made at a time: while the database writes one, the next is drawn.
const AT_A_TIME: usize = 2;

/// After so many schools the log tells how far it is.
const TOLD_EACH: usize = 100;

/// Makes what is missing; existing data stays. `owner` is the database as its owner sees it: the program's role may
/// neither set passwords of new accounts nor stage rows.
pub async fn make(app: &App, owner: &Db, size: DemoSize) -> Result<Demo> {
    let hash = app.hasher.hash(PASSWORD.to_owned(), app.randomness.bytes()).await?;
    let operators = make_operators(app, owner, &hash).await?;
    let schools = stream::iter(0..size.schools.max(2))
        .map(|number| make_school(app, owner, size, number, &hash))
        .buffered(AT_A_TIME)
        .try_collect()
        .await?;
    Ok(Demo { base_url: app.config.base_url.to_string().trim_end_matches('/').to_owned(), operators, schools })
}

/// The demo's operators: addresses, names and provinces.
const OPERATORS: [(&str, &str, &[&str]); 2] = [
    ("operator@schoolgate.example.vn", "Trần Quốc Bảo", &[]),
    ("operator.hcm@schoolgate.example.vn", "Lê Thị Thanh Hương", &["79"]),
];

/// The demo's traces: accounts with public passwords, and whether there are real ones beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// The demo's operators that exist.
    pub demo_operators: Vec<String>,
    /// Operators that the demo did not make, or schools that neither it nor its operators opened.
    pub is_real: bool,
}

/// Looks for what the demo has made, and for other data. Only operators open schools: where there is a school and no
/// operator of the demo, it is a real one.
pub async fn traces(app: &App) -> crate::error::Result<Traces> {
    let logins =
        sqlx::query_scalar!("SELECT a.login FROM operators o JOIN accounts a ON a.id = o.account_id ORDER BY 1")
            .fetch_all(app.db.pool())
            .await?;
    let has_schools =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM schools) AS "has!""#).fetch_one(app.db.pool()).await?;
    let is_demo = |login: &String| OPERATORS.iter().any(|(demo, ..)| demo == login);
    let (demo_operators, real): (Vec<_>, Vec<_>) = logins.into_iter().partition(is_demo);
    let is_real = !real.is_empty() || has_schools && demo_operators.is_empty();
    Ok(Traces { demo_operators, is_real })
}

async fn make_operators(app: &App, owner: &Db, hash: &str) -> Result<Vec<SignIn>> {
    let mut sign_ins = Vec::new();
    for (email, name, provinces) in OPERATORS {
        let provinces: Vec<String> = provinces.iter().map(|code| (*code).to_owned()).collect();
        let mut tx = app.db.begin().await?;
        if accounts::credentials(&mut tx, email).await?.is_none_or(|found| found.own.is_none()) {
            operators::add(app, email, name, &provinces).await?;
            accounts::give_demo_password(&mut tx, &[email.to_owned()], hash, app.clock.now()).await?;
        }
        tx.commit().await?;
        let mut tx = owner.begin().await?;
        operators::spare_second_factor(&mut tx, email).await?;
        tx.commit().await?;
        sign_ins.push(SignIn::of(email.to_owned()));
    }
    Ok(sign_ins)
}

/// Where further schools are: Hồ Chí Minh City, Hà Nội, Đà Nẵng, Cần Thơ, Thanh Hóa, Đắk Lắk.
const PROVINCES: [&str; 6] = ["79", "01", "48", "92", "38", "66"];

/// A school of the demo before it is made.
struct Description {
    code: String,
    name: String,
    kind: SchoolKind,
    province: &'static str,
}

/// The first two schools are always the same.
fn describe(number: usize, randomness: &Randomness) -> Description {
    let province = PROVINCES.get(number % PROVINCES.len()).copied().unwrap_or("79");
    match number {
        0 => Description {
            code: "79000701".to_owned(),
            name: "Trường THPT Lê Quý Đôn".to_owned(),
            kind: SchoolKind::K12,
            province: "79",
        },
        1 => Description {
            code: "DH000001".to_owned(),
            name: "Trường Đại học Bách khoa Phương Nam".to_owned(),
            kind: SchoolKind::Higher,
            province: "79",
        },
        _ => Description {
            code: format!("{province}{:06}", 1_000 + number),
            name: people::school_name(number, randomness),
            kind: SchoolKind::K12,
            province,
        },
    }
}

/// What happens in a school besides its people: what is missing of it where the demo was interrupted. That its reports
/// are counted comes last.
async fn fill_life(app: &App, scope: &Scope, number: usize) -> Result<()> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let has = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM report_figures WHERE school_id = $1) AS "reports!",
               EXISTS (SELECT FROM registry_people WHERE school_id = $1) AS "registry!",
               EXISTS (SELECT FROM timetable_assignments WHERE school_id = $1) AS "timetable!",
               EXISTS (SELECT FROM exams WHERE school_id = $1) AS "exams!""#,
        scope.school_id(),
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    if has.reports {
        return Ok(());
    }
    // The first school lives from the registry, and has a timetable and exams.
    if number == 0 && !has.registry {
        registry::fill(app, scope).await.context("the registry")?;
    }
    if number == 0 && !has.timetable {
        timetable::fill(app, scope).await.context("the timetable")?;
    }
    if number == 0 && !has.exams {
        exam::fill(app, scope).await.context("the exams")?;
    }
    history::fill(app, scope, app.clock.now()).await.context("the reports")
}

async fn make_school(app: &App, owner: &Db, size: DemoSize, number: usize, hash: &str) -> Result<DemoSchool> {
    let randomness = Randomness::seeded(size.seed.wrapping_mul(1_000_003).wrapping_add(number as u64));
    let Description { code, name, kind, province } = describe(number, &randomness);
    let existing = match directory::find(&app.db, &code).await {
        Ok(school) => Some(school),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let pupils = size.pupils_of(number);
    // Of a school that is there only those are drawn whose sign-ins are printed: making a country goes on where it stopped.
    let drawn = if existing.is_some() { 1 } else { pupils };
    let cast = people::cast(&code, kind, (pupils, drawn), app.clock.now(), &randomness);
    let scope = match existing {
        Some(school) => Scope::system(school),
        None => {
            let school = School {
                id: app.randomness.uuid_v7(app.clock.now()),
                code: code.clone(),
                name: name.clone(),
                kind,
                year_starts_month: 8,
                look: crate::access::Look::default(),
            };
            let scope = Scope::system(Arc::new(school));
            let filled = school::fill(app, owner, &scope, province, &cast, hash).await;
            filled.with_context(|| format!("the school {code}"))?;
            scope
        }
    };
    fill_life(app, &scope, number).await.with_context(|| format!("what happens in the school {code}"))?;
    if number > 0 && number.is_multiple_of(TOLD_EACH) {
        tracing::info!("{number} schools are made");
    }
    let sign_in = |part: DemoRole| SignIn::of(cast.login_of(part, &code));
    Ok(DemoSchool {
        owner: sign_in(DemoRole::Owner),
        account_manager: sign_in(DemoRole::AccountManager),
        teacher: sign_in(DemoRole::Teacher),
        homeroom_teacher: sign_in(DemoRole::HomeroomTeacher),
        student: sign_in(DemoRole::Student),
        code,
        name,
        kind: kind.key(),
    })
}
