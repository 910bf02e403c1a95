//! What would fail a submission or keep a person from signing in, line by line.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    figures::{FoundFigures, Quality},
    walk::{Walked, WalkedClass},
};
use crate::{
    access::{Role, SchoolKind, Scope},
    error::Result,
    ids::MemberId,
    roster::model::Status,
    vietnam::{
        national_id::{NationalId, Sex},
        provinces, text,
    },
};

/// A line of the quality report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    NoParent,
    NoBirthDate,
    /// Born too early or too late for the grade.
    Age,
    /// The same name and birth date as another pupil.
    Twin,
    NoClass,
    /// Has a temporary password whose slip was never printed.
    NoSlip,
    /// A class without a homeroom teacher.
    NoHomeroom,
    /// A personal number that contradicts the rest.
    NationalId,
    /// The last mail bounced.
    Bounced,
    /// A temporary password that is no longer good.
    Expired,
}

impl Line {
    pub const ALL: [Self; 10] = [
        Self::NoParent,
        Self::NoBirthDate,
        Self::Age,
        Self::Twin,
        Self::NoClass,
        Self::NoHomeroom,
        Self::NationalId,
        Self::NoSlip,
        Self::Expired,
        Self::Bounced,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NoParent => "no-parent",
            Self::NoBirthDate => "no-birth-date",
            Self::Age => "age",
            Self::Twin => "twin",
            Self::NoClass => "no-class",
            Self::NoSlip => "no-slip",
            Self::NoHomeroom => "no-homeroom",
            Self::NationalId => "national-id",
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
        Self::ALL.into_iter().filter(move |line| {
            is_k12 || !matches!(line, Self::NoParent | Self::NoBirthDate | Self::Age | Self::NoHomeroom)
        })
    }
}

/// How many ids a line keeps.
pub const MOST_KEPT: usize = 1_000;

/// How far an age may be from that of the grade: a year ahead, three behind (Circular 32/2020/TT-BGDĐT, article 33).
const AHEAD: i32 = 1;
const BEHIND: i32 = 3;

/// The age of a grade: six in the first, in the calendar year in which the school year begins.
#[must_use]
pub fn age_of_grade(grade: &str) -> Option<i32> {
    grade.trim().parse::<i32>().ok().filter(|grade| (1..=12).contains(grade)).map(|grade| grade + 5)
}

/// Counts the lines while the school is walked through.
pub struct QualityCounting {
    kind: SchoolKind,
    now: DateTime<Utc>,
    /// The calendar year in which the school year begins.
    year: i32,
    bounced: HashSet<MemberId>,
    found: HashMap<Line, Vec<Uuid>>,
    /// The first of a name and birth date, and whether a second came.
    seen: HashMap<(String, NaiveDate), (Uuid, bool)>,
    checked: i64,
    /// Those with something to mend.
    touched: HashSet<Uuid>,
}

impl QualityCounting {
    pub fn new(kind: SchoolKind, now: DateTime<Utc>, year_starts_on: NaiveDate, bounced: HashSet<MemberId>) -> Self {
        Self {
            kind,
            now,
            year: year_starts_on.year(),
            bounced,
            found: HashMap::new(),
            seen: HashMap::new(),
            checked: 0,
            touched: HashSet::new(),
        }
    }

    fn note(&mut self, line: Line, id: Uuid) {
        self.found.entry(line).or_default().push(id);
        self.touched.insert(id);
    }

    /// A member who has not left. `grade` is that of the class.
    pub fn person(&mut self, person: &Walked, grade: Option<&str>) {
        self.checked += 1;
        let id = person.id.uuid();
        if person.role == Role::Student.key() {
            self.pupil(person, grade);
        }
        if !checks(person) {
            self.note(Line::NationalId, id);
        }
        let is_active = person.status == Status::Active.key();
        if is_active && person.temporary_until.is_some_and(|until| until <= self.now) {
            self.note(Line::Expired, id);
        }
        if self.bounced.contains(&person.id) {
            self.note(Line::Bounced, id);
        }
    }

    fn pupil(&mut self, person: &Walked, grade: Option<&str>) {
        let id = person.id.uuid();
        if self.kind == SchoolKind::K12 {
            if !person.has_parent {
                self.note(Line::NoParent, id);
            }
            match person.birth_date {
                None => self.note(Line::NoBirthDate, id),
                Some(born) => {
                    let age = self.year - born.year();
                    let fits = |usual: i32| (usual - AHEAD..=usual + BEHIND).contains(&age);
                    if grade.and_then(age_of_grade).is_some_and(|usual| !fits(usual)) {
                        self.note(Line::Age, id);
                    }
                }
            }
        }
        if person.class_id.is_none() {
            self.note(Line::NoClass, id);
        }
        let is_active = person.status == Status::Active.key();
        if is_active && person.waits_for_slip() {
            self.note(Line::NoSlip, id);
        }
        let Some(born) = person.birth_date else { return };
        let key = (text::fold(&person.full_name), born);
        match self.seen.get_mut(&key) {
            None => {
                self.seen.insert(key, (id, false));
            }
            Some((first, is_told)) => {
                let first = (!std::mem::replace(is_told, true)).then_some(*first);
                first.into_iter().chain([id]).for_each(|id| self.note(Line::Twin, id));
            }
        }
    }

    /// A class of the year.
    pub fn class(&mut self, class: &WalkedClass) {
        self.checked += 1;
        if self.kind == SchoolKind::K12 && !class.has_homeroom_teacher {
            self.note(Line::NoHomeroom, class.id.uuid());
        }
    }

    /// What was found; of each line the first `most` ids.
    pub fn finish(mut self, most: usize) -> Quality {
        let clean = self.checked - i64::try_from(self.touched.len()).unwrap_or(i64::MAX);
        let lines = Line::of(self.kind).map(|line| {
            let mut ids = self.found.remove(&line).unwrap_or_default();
            let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
            ids.truncate(most);
            FoundFigures { key: line.key().to_owned(), count, ids }
        });
        Quality { lines: lines.collect(), checked: self.checked, clean }
    }
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

/// The members whose last mail bounced, as far as the school may know: of a person who is only invited, its own letters
/// alone. Accounts and their mails are no school's tables.
pub async fn bounced(scope: &Scope, connection: &mut PgConnection) -> Result<HashSet<MemberId>> {
    let ids = sqlx::query_scalar!(
        r#"SELECT DISTINCT w.member_id AS "member_id!"
           FROM (SELECT DISTINCT account_id FROM mails WHERE refused_at IS NOT NULL) r
           CROSS JOIN LATERAL (
               SELECT member_id, true AS is_member FROM memberships
               WHERE account_id = r.account_id AND school_id = $1
               UNION ALL
               SELECT member_id, false FROM links
               WHERE account_id = r.account_id AND purpose = 'invitation' AND school_id = $1
           ) w
           CROSS JOIN LATERAL (
               SELECT refused_at FROM mails
               WHERE account_id = r.account_id AND (sent_at IS NOT NULL OR refused_at IS NOT NULL)
                   AND coalesce(coalesce(letter->>'school', letter->>'place') = $2, w.is_member)
               ORDER BY created_at DESC LIMIT 1
           ) latest
           WHERE latest.refused_at IS NOT NULL"#,
        scope.school_id(),
        scope.school.name,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().collect())
}
