//! How people sign in: who has done so and who never, when, and by what.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    figures::{InShare, Recent, Usage},
    walk::{Walked, WalkedClass},
};
use crate::{access::Role, ids::ClassId, roster::model::Status, web::i18n};

/// For how long a school in which nobody signs in counts as active still.
const ACTIVE_DAYS: i64 = 30;

/// Counts while the school is walked through.
pub struct UsageCounting {
    year_starts_on: NaiveDate,
    active_since: DateTime<Utc>,
    pupils: InShare,
    teachers: InShare,
    managers: InShare,
    classes: Vec<(ClassId, String, InShare)>,
    grades: Vec<String>,
    first: BTreeMap<NaiveDate, i64>,
    /// Pupils who have been handed a slip, or need none.
    pub with_slip: i64,
    /// A person of the school has signed in lately.
    pub is_active: bool,
}

impl UsageCounting {
    pub fn new(classes: &[WalkedClass], year_starts_on: NaiveDate, now: DateTime<Utc>) -> Self {
        Self {
            year_starts_on,
            active_since: now - Duration::days(ACTIVE_DAYS),
            pupils: InShare::default(),
            teachers: InShare::default(),
            managers: InShare::default(),
            classes: classes.iter().map(|class| (class.id, class.name.clone(), InShare::default())).collect(),
            grades: classes.iter().map(|class| class.grade.clone().unwrap_or_default()).collect(),
            first: BTreeMap::new(),
            with_slip: 0,
            is_active: false,
        }
    }

    pub fn person(&mut self, person: &Walked, class: Option<usize>) {
        self.is_active |= person.last_signed_in_at.is_some_and(|last| last > self.active_since);
        if let Some(first) = person.first_signed_in_at {
            let day = first.with_timezone(&i18n::vietnam()).date_naive();
            if day >= self.year_starts_on {
                *self.first.entry(day).or_default() += 1;
            }
        }
        if person.status != Status::Active.key() {
            return;
        }
        let has_signed_in = person.first_signed_in_at.is_some();
        if person.role == Role::Teacher.key() {
            add(&mut self.teachers, has_signed_in);
            return;
        }
        if person.role == Role::Manager.key() {
            add(&mut self.managers, has_signed_in);
            return;
        }
        add(&mut self.pupils, has_signed_in);
        self.with_slip += i64::from(!person.waits_for_slip());
        if let Some((_, _, share)) = class.and_then(|at| self.classes.get_mut(at)) {
            add(share, has_signed_in);
        }
    }

    /// The first `most` classes are told one by one.
    pub fn finish(mut self, days: Recent, most: usize) -> Usage {
        let mut grades: Vec<(String, InShare)> = Vec::new();
        for ((_, _, share), grade) in self.classes.iter().zip(&self.grades) {
            if grades.last().is_none_or(|(last, _)| last != grade) && !grades.iter().any(|(each, _)| each == grade) {
                grades.push((grade.clone(), InShare::default()));
            }
            if let Some((_, sum)) = grades.iter_mut().find(|(each, _)| each == grade) {
                sum.active += share.active;
                sum.signed_in += share.signed_in;
            }
        }
        self.classes.truncate(most);
        Usage {
            pupils: self.pupils,
            teachers: self.teachers,
            managers: self.managers,
            grades,
            classes: self.classes,
            first: self.first,
            days,
        }
    }
}

fn add(share: &mut InShare, has_signed_in: bool) {
    share.active += 1;
    share.signed_in += i64::from(has_signed_in);
}
