//! What would fail a submission or keep a person from signing in, line by line.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    figures::{FoundFigures, Quality},
    twins::{self, TwinCounting},
    walk::{self, Walked, WalkedClass},
};
use crate::{
    access::{Role, SchoolKind, Scope},
    error::Result,
    ids::{ClassId, MemberId},
    roster::{
        fields::{self, Field},
        model::Status,
    },
    schools::{classes, years::Year},
    vietnam::{
        national_id::{NationalId, Sex},
        provinces,
    },
};

/// A line of the quality report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualityLine {
    NoParent,
    NoBirthDate,
    NoGender,
    /// Born too early or too late for the grade.
    Age,
    /// The same name and birth date as another pupil, and nothing that tells them apart.
    Twin,
    NoClass,
    /// Has a temporary password whose slip was never printed.
    NoSlip,
    /// A class without a homeroom teacher.
    NoHomeroom,
    /// A personal number that contradicts the rest, or an identifier of the ministry that is none.
    NationalId,
    /// A member of staff without an e-mail address.
    NoEmail,
    /// The last mail bounced.
    Bounced,
    /// A temporary password that is no longer good.
    Expired,
}

impl QualityLine {
    pub const ALL: [Self; 12] = [
        Self::NoParent,
        Self::NoBirthDate,
        Self::NoGender,
        Self::Age,
        Self::Twin,
        Self::NoClass,
        Self::NoHomeroom,
        Self::NationalId,
        Self::NoEmail,
        Self::NoSlip,
        Self::Expired,
        Self::Bounced,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NoParent => "no-parent",
            Self::NoBirthDate => "no-birth-date",
            Self::NoGender => "no-gender",
            Self::Age => "age",
            Self::Twin => "twin",
            Self::NoClass => "no-class",
            Self::NoSlip => "no-slip",
            Self::NoHomeroom => "no-homeroom",
            Self::NationalId => "national-id",
            Self::NoEmail => "no-email",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.key() == key)
    }

    /// The lines that a school of this kind is looked at for.
    pub fn of(kind: SchoolKind) -> impl Iterator<Item = Self> {
        let is_k12 = kind == SchoolKind::K12;
        Self::ALL.into_iter().filter(move |line| is_k12 || !line.is_of_k12())
    }

    fn is_of_k12(self) -> bool {
        matches!(self, Self::NoParent | Self::NoBirthDate | Self::NoGender | Self::Age | Self::NoHomeroom)
    }
}

/// How many ids a line keeps.
pub const MOST_KEPT: usize = 1_000;
/// How many of a line a file names.
pub const MOST_IN_FILE: usize = 100_000;

/// How far an age may be from that of the grade: a year ahead, three behind (Circular 32/2020/TT-BGDĐT, article 33).
const AHEAD: i32 = 1;
const BEHIND: i32 = 3;

/// The age of a grade: six in the first, in the calendar year in which the school year begins.
#[must_use]
pub fn age_of_grade(grade: &str) -> Option<i32> {
    grade.trim().parse::<i32>().ok().filter(|grade| (1..=12).contains(grade)).map(|grade| grade + 5)
}

/// By what a person is judged.
pub struct Judge {
    kind: SchoolKind,
    now: DateTime<Utc>,
    /// The calendar year in which the school year begins.
    year: i32,
}

impl Judge {
    pub fn new(scope: &Scope, now: DateTime<Utc>, year: &Year) -> Self {
        Self { kind: scope.school.kind, now, year: year.starts_on.year() }
    }

    /// Whether a member who has not left stands in a line, by what the school knows of them alone. `grade` is that of the
    /// class.
    fn is(&self, line: QualityLine, person: &Walked, grade: Option<&str>) -> bool {
        let is_pupil = person.role == Role::Student.key();
        let is_active = person.status == Status::Active.key();
        // Lists that are handed in have pupils and teachers.
        let is_handed_in = person.role != Role::Manager.key();
        match line {
            QualityLine::NoParent => is_pupil && !person.has_parent,
            QualityLine::NoBirthDate => is_handed_in && person.birth_date.is_none(),
            QualityLine::NoGender => is_handed_in && person.gender.is_none(),
            QualityLine::Age => is_pupil && self.is_out_of_grade(person, grade),
            QualityLine::NoClass => is_pupil && person.class_id.is_none(),
            QualityLine::NationalId => !checks(person) || !is_identifier(person, self.now.date_naive()),
            QualityLine::NoEmail => !is_pupil && person.email.is_none(),
            QualityLine::NoSlip => is_pupil && is_active && person.waits_for_slip(),
            QualityLine::Expired => is_active && person.temporary_until.is_some_and(|until| until <= self.now),
            // Of others, of classes, of mails.
            QualityLine::Twin | QualityLine::NoHomeroom | QualityLine::Bounced => false,
        }
    }

    fn is_out_of_grade(&self, person: &Walked, grade: Option<&str>) -> bool {
        let Some(born) = person.birth_date else { return false };
        let age = self.year - born.year();
        let fits = |usual: i32| (usual - AHEAD..=usual + BEHIND).contains(&age);
        grade.and_then(age_of_grade).is_some_and(|usual| !fits(usual))
    }
}

/// Counts the lines while the school is walked through.
pub struct QualityCounting {
    judge: Judge,
    bounced: HashSet<MemberId>,
    twins: TwinCounting,
    found: HashMap<QualityLine, Vec<Uuid>>,
    checked: i64,
    /// Those with something to mend.
    touched: HashSet<Uuid>,
}

impl QualityCounting {
    pub fn new(judge: Judge, bounced: HashSet<MemberId>, twins: TwinCounting) -> Self {
        Self { judge, bounced, twins, found: HashMap::new(), checked: 0, touched: HashSet::new() }
    }

    fn note(&mut self, line: QualityLine, id: Uuid) {
        self.found.entry(line).or_default().push(id);
        self.touched.insert(id);
    }

    /// A member who has not left. `grade` is that of the class.
    pub fn person(&mut self, person: &Walked, grade: Option<&str>) {
        self.checked += 1;
        let id = person.id.uuid();
        for line in QualityLine::of(self.judge.kind) {
            if self.judge.is(line, person, grade) {
                self.note(line, id);
            }
        }
        if self.bounced.contains(&person.id) {
            self.note(QualityLine::Bounced, id);
        }
        if person.role == Role::Student.key() {
            self.twins.pupil(person);
        }
    }

    /// A class of the year.
    pub fn class(&mut self, class: &WalkedClass) {
        self.checked += 1;
        if self.judge.kind == SchoolKind::K12 && !class.has_homeroom_teacher {
            self.note(QualityLine::NoHomeroom, class.id.uuid());
        }
    }

    /// What was found; of each line the first `most` ids.
    pub fn finish(mut self, most: usize) -> Quality {
        let twins = std::mem::take(&mut self.twins).finish();
        twins.into_iter().for_each(|twin| self.note(QualityLine::Twin, twin.uuid()));
        let clean = self.checked - i64::try_from(self.touched.len()).unwrap_or(i64::MAX);
        let lines = QualityLine::of(self.judge.kind).map(|line| {
            let mut ids = self.found.remove(&line).unwrap_or_default();
            let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            ids.truncate(most);
            FoundFigures { key: line.key().to_owned(), count, ids }
        });
        Quality { lines: lines.collect(), checked: self.checked, clean }
    }
}

/// Those of these ids that stand in the line now, in their order: since they were counted, some may have been mended.
pub async fn still(
    scope: &Scope,
    tx: &mut PgConnection,
    year: &Year,
    now: DateTime<Utc>,
    line: QualityLine,
    ids: &[Uuid],
) -> Result<Vec<Uuid>> {
    let members: Vec<MemberId> = ids.iter().copied().map(MemberId::from).collect();
    let standing: HashSet<Uuid> = match line {
        QualityLine::NoHomeroom => {
            let ids: Vec<ClassId> = ids.iter().copied().map(ClassId::from).collect();
            let left = classes::without_homeroom_teacher(scope, tx, year.id, &ids).await?;
            left.into_iter().map(ClassId::uuid).collect()
        }
        QualityLine::Bounced => {
            let here = walk::these(scope, tx, year.id, &members).await?;
            let here: Vec<MemberId> = here.into_iter().map(|(person, _)| person.id).collect();
            bounced_of(scope, tx, &here).await?.into_iter().map(MemberId::uuid).collect()
        }
        QualityLine::Twin => {
            let twins = twins::of_these(scope, tx, year.id, &members).await?;
            twins.into_keys().map(MemberId::uuid).collect()
        }
        _ => {
            let judge = Judge::new(scope, now, year);
            let people = walk::these(scope, tx, year.id, &members).await?;
            let stands = |(person, grade): &(Walked, Option<String>)| judge.is(line, person, grade.as_deref());
            people.iter().filter(|each| stands(each)).map(|(person, _)| person.id.uuid()).collect()
        }
    };
    Ok(ids.iter().copied().filter(|id| standing.contains(id)).collect())
}

/// Whether the ministry's identifier is one, where there is any.
fn is_identifier(person: &Walked, today: NaiveDate) -> bool {
    let read = |id: &String| fields::normalise(Field::MoetId, id, today).ok()?.value;
    person.moet_id.as_ref().is_none_or(|id| read(id).as_ref() == Some(id))
}

/// Whether the personal number contradicts nothing: it names a province, the gender and the year of birth.
fn checks(person: &Walked) -> bool {
    let Some(number) = &person.national_id else { return true };
    let Ok(number) = NationalId::parse(number) else { return false };
    let sex = match person.gender.as_deref() {
        Some("male") => Some(Sex::Male),
        Some("female") => Some(Sex::Female),
        _ => None,
    };
    let names_a_province = number.province_code().is_none_or(|code| provinces::former_by_cccd_code(code).is_some());
    names_a_province && number.mismatches(sex, person.birth_date).is_empty()
}

/// The members of a school whose last mail bounced, as far as the school may know: of a person who is only invited, its own
/// letters alone. Accounts and their mails are no school's tables. It begins with the accounts of the school, however many
/// mails bounce in the country, and asks for each by the key.
macro_rules! whose_mail_bounced {
    ($which:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_scalar!(
            r#"SELECT DISTINCT w.member_id AS "member_id!"
               FROM (
                   SELECT account_id, member_id, true AS is_member FROM memberships
                   WHERE school_id = $1 AND member_id IS NOT NULL
                   UNION ALL
                   SELECT account_id, member_id, false FROM links WHERE school_id = $1 AND purpose = 'invitation'
               ) w
               WHERE EXISTS (
                   SELECT FROM mails WHERE account_id = w.account_id AND refused_at IS NOT NULL OFFSET 0)
               AND (
                   SELECT refused_at FROM mails
                   WHERE account_id = w.account_id AND (sent_at IS NOT NULL OR refused_at IS NOT NULL)
                       AND coalesce(coalesce(letter->>'school', letter->>'place') = $2, w.is_member)
                   ORDER BY created_at DESC LIMIT 1
               ) IS NOT NULL"# + $which,
            $($argument),+
        )
    };
}

/// All of the school.
pub async fn bounced(scope: &Scope, connection: &mut PgConnection) -> Result<HashSet<MemberId>> {
    let ids = whose_mail_bounced!("", scope.school_id(), scope.school.name).fetch_all(connection).await?;
    Ok(ids.into_iter().collect())
}

/// Of these members.
async fn bounced_of(scope: &Scope, connection: &mut PgConnection, ids: &[MemberId]) -> Result<HashSet<MemberId>> {
    let ids = whose_mail_bounced!(" AND w.member_id = ANY($3)", scope.school_id(), scope.school.name, ids);
    Ok(ids.fetch_all(connection).await?.into_iter().collect())
}
