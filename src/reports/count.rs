//! Counts a school.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    days,
    figures::{Figures, MOST_CLASSES, OfRole, gender_place},
    quality, size, twins, usage, walk,
};
use crate::{
    access::{Role, Scope},
    duplicates::pairs,
    error::Result,
    schools::years,
    web::i18n,
};

/// What a count says beyond the figures of the pages.
pub struct Counted {
    pub figures: Figures,
    /// Pupils who have been handed a slip, or need none.
    pub with_slip: i64,
    /// A person of the school has signed in lately.
    pub is_active: bool,
}

/// How much a count names one by one.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Of each line of the quality report.
    pub ids: usize,
    pub classes: usize,
}

impl Most {
    /// What pages show, and what is kept for them.
    pub const OF_PAGE: Self = Self { ids: quality::MOST_KEPT, classes: MOST_CLASSES };
    /// Files have all, as far as a sheet can be read.
    pub const OF_FILE: Self = Self { ids: quality::MOST_IN_FILE, classes: usize::MAX };
}

/// All figures of a school, as pages show them.
pub async fn of_school(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Figures> {
    Ok(all(scope, tx, now, Most::OF_PAGE).await?.figures)
}

/// The same with what operators see.
pub async fn all(scope: &Scope, tx: &mut PgConnection, now: DateTime<Utc>, most: Most) -> Result<Counted> {
    let today = now.with_timezone(&i18n::vietnam()).date_naive();
    let year = years::current(scope, tx, today).await?;
    let classes = walk::classes(scope, tx, year.id).await?;
    let bounced = quality::bounced(scope, tx).await?;
    let twins = twins::TwinCounting::new(pairs::told_apart(scope, tx).await?);
    let mut of_quality = quality::QualityCounting::new(quality::Judge::new(scope, now, &year), bounced, twins);
    let mut of_size = size::SizeCounting::new(&classes, year.starts_on);
    let mut of_usage = usage::UsageCounting::new(&classes, year.starts_on, now);
    let mut roles: BTreeMap<String, OfRole> = BTreeMap::new();
    let places = walk::by_id(&classes);
    walk::everybody(scope, tx, year.id, |person| {
        let class = person.class_id.and_then(|id| places.get(&id).copied());
        let grade = class.and_then(|at| classes.get(at)).and_then(|class| class.grade.as_deref());
        if person.role == Role::Student.key() {
            of_size.pupil(&person, class);
        }
        of_usage.person(&person, class);
        of_quality.person(&person, grade);
        let role = roles.entry(person.role).or_default();
        if let Some(count) = role.genders.get_mut(gender_place(person.gender.as_deref())) {
            *count += 1;
        }
        *role.statuses.entry(person.status).or_default() += 1;
    })
    .await?;
    classes.iter().for_each(|class| of_quality.class(class));
    let (with_slip, is_active) = (of_usage.with_slip, of_usage.is_active);
    let figures = Figures {
        counted_at: now,
        year: year.name,
        roles,
        size: of_size.finish(size::years(scope, tx, today).await?, most.classes),
        usage: of_usage.finish(days::recent(scope, tx, now).await?, most.classes),
        quality: of_quality.finish(most.ids),
    };
    Ok(Counted { figures, with_slip, is_active })
}
