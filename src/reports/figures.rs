//! The figures of a school: numbers, and ids of those that a line of the quality report is about.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{count, daily};
use crate::{
    access::{Role, Scope},
    app::App,
    error::Result,
    ids::ClassId,
    roster::store,
};

/// Up to how many people a page counts by itself. In a larger school it shows what was counted last.
const COUNTED_AT_ONCE: i64 = 3_000;

/// Up to how many classes are told one by one; files have all.
pub const MOST_CLASSES: usize = 200;

/// Numbers by the key of what is counted.
pub type Numbers = BTreeMap<String, i64>;

/// How the genders stand in [`Genders`]; the last is for those whose gender is not known.
pub const GENDERS: [&str; 4] = ["male", "female", "other", "unknown"];

/// Numbers in the order of [`GENDERS`].
pub type Genders = [i64; 4];

/// Where a gender stands in [`Genders`].
pub fn gender_place(gender: Option<&str>) -> usize {
    gender.and_then(|gender| GENDERS.iter().position(|each| *each == gender)).unwrap_or(GENDERS.len() - 1)
}

/// All that is counted of a school.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub counted_at: DateTime<Utc>,
    /// The year whose classes are meant.
    pub year: String,
    /// By role: members who have not left.
    pub roles: BTreeMap<String, OfRole>,
    pub size: SchoolSize,
    pub usage: Usage,
    pub quality: Quality,
}

/// The members of a role who have not left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OfRole {
    pub genders: Genders,
    pub statuses: Numbers,
}

/// How many pupils there are, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchoolSize {
    /// In the order of the classes. A grade of no name gathers the classes without one.
    pub grades: Vec<GradeSize>,
    /// The first [`MOST_CLASSES`]; in a file, all.
    pub classes: Vec<ClassSize>,
    pub class_count: i64,
    /// How many classes have so many pupils, by the lower end of the range.
    pub bands: BTreeMap<i64, i64>,
    pub without_class: i64,
    /// By age, which is the calendar year in which the school year begins less the year of birth.
    pub ages: BTreeMap<i32, AgeSize>,
    /// Those whose birth date is not known.
    pub without_birth_date: i64,
    /// The latest years, the oldest first.
    pub years: Vec<YearSize>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GradeSize {
    pub grade: String,
    pub classes: i64,
    pub genders: Genders,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassSize {
    pub id: ClassId,
    pub name: String,
    pub genders: Genders,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgeSize {
    pub genders: Genders,
    /// How many pupils are in the grade of this age.
    pub expected: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct YearSize {
    pub name: String,
    /// Pupils by grade, in the order of the classes.
    pub grades: Vec<(String, i64)>,
}

/// How people sign in. Those who may are active.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    pub pupils: InShare,
    pub teachers: InShare,
    pub managers: InShare,
    pub grades: Vec<(String, InShare)>,
    /// The first [`MOST_CLASSES`]; in a file, all.
    pub classes: Vec<(ClassId, String, InShare)>,
    /// First sign-ins by day, since the year began.
    pub first: BTreeMap<NaiveDate, i64>,
    pub days: Recent,
}

impl Usage {
    /// Teachers and managers together.
    #[must_use]
    pub fn staff(&self) -> InShare {
        let (teachers, managers) = (self.teachers, self.managers);
        InShare { active: teachers.active + managers.active, signed_in: teachers.signed_in + managers.signed_in }
    }
}

/// How many may sign in, and how many of them have done so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InShare {
    pub active: i64,
    pub signed_in: i64,
}

/// The last weeks, from the daily rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    pub hours: Vec<i64>,
    /// From Monday on.
    pub weekdays: Vec<i64>,
    pub devices: Numbers,
    pub resets: Numbers,
}

/// What would fail a submission or keep a person from signing in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    pub lines: Vec<FoundFigures>,
    /// People and classes that were looked at, and those with nothing to mend.
    pub checked: i64,
    pub clean: i64,
}

/// What was found of one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundFigures {
    /// The key of its [`super::QualityLine`].
    pub key: String,
    pub count: i64,
    /// The first of them: members, or classes.
    pub ids: Vec<Uuid>,
}

impl Quality {
    /// In hundredths, rounded down: a hundred only where there is nothing to mend. None where there is nobody yet.
    #[must_use]
    pub fn score(&self) -> Option<i64> {
        (self.checked > 0).then(|| self.clean.saturating_mul(100) / self.checked)
    }
}

/// The figures with all classes, for a file.
pub async fn for_file(scope: &Scope, app: &App, tx: &mut PgConnection) -> Result<Figures> {
    let (figures, _) = current(scope, app, tx).await?;
    if figures.size.class_count <= i64::try_from(MOST_CLASSES).unwrap_or(i64::MAX) {
        return Ok(figures);
    }
    Ok(count::all(scope, tx, app.clock.now(), count::Most::OF_FILE).await?.figures)
}

/// The figures as they are, or in a large school as they were counted last; and whether the school is so large.
pub async fn current(scope: &Scope, app: &App, tx: &mut PgConnection) -> Result<(Figures, bool)> {
    let is_kept = store::counts(scope, tx, []).await?.everybody() > COUNTED_AT_ONCE;
    if is_kept {
        if let Some(kept) = kept(scope, tx).await? {
            return Ok((kept, is_kept));
        }
        // Never counted: this once the page does it, and the worker keeps it.
        daily::enqueue(tx, scope.school_id()).await?;
    }
    Ok((count::of_school(scope, tx, app.clock.now()).await?, is_kept))
}

async fn kept(scope: &Scope, tx: &mut PgConnection) -> Result<Option<Figures>> {
    let found = sqlx::query_scalar!("SELECT figures FROM report_figures WHERE school_id = $1", scope.school_id())
        .fetch_optional(tx)
        .await?;
    // What an older version kept is counted anew.
    Ok(found.and_then(|figures| serde_json::from_value(figures).ok()))
}

/// Keeps what was counted.
pub async fn keep(scope: &Scope, tx: &mut PgConnection, figures: &Figures) -> Result<()> {
    sqlx::query!(
        "INSERT INTO report_figures (school_id, counted_at, figures) VALUES ($1, $2, $3)
         ON CONFLICT (school_id) DO UPDATE SET counted_at = excluded.counted_at, figures = excluded.figures",
        scope.school_id(),
        figures.counted_at,
        serde_json::to_value(figures)?,
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Figures {
    #[must_use]
    pub fn of_role(&self, role: Role) -> OfRole {
        self.roles.get(role.key()).cloned().unwrap_or_default()
    }
}
