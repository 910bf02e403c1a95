//! The subjects of a school's timetable.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db,
    error::{Error, Result},
    ids::SubjectId,
    vietnam::text,
    web::{Translator, i18n::Lang},
};

/// The most subjects of a school.
pub const MOST: usize = 200;

#[derive(Clone, Debug)]
pub struct Subject {
    pub id: SubjectId,
    pub code: Option<String>,
    pub name: String,
    pub name_en: Option<String>,
    pub short_name: String,
    /// The usual periods a week, by grade.
    pub periods: BTreeMap<String, i16>,
    /// Better early in a session.
    pub is_heavy: bool,
}

impl Subject {
    /// Its name in the reader's language, where it has one there.
    #[must_use]
    pub fn name_in(&self, l: &Translator) -> &str {
        match (l.0, &self.name_en) {
            (Lang::En, Some(name)) => name,
            _ => &self.name,
        }
    }

    /// The periods as they are typed; see [`read_periods`].
    #[must_use]
    pub fn periods_typed(&self) -> String {
        let mut periods: Vec<(&String, &i16)> = self.periods.iter().collect();
        // Grade 2 before grade 10; grades that are no numbers behind them.
        periods.sort_by_key(|(grade, _)| grade.parse::<u8>().unwrap_or(u8::MAX));
        periods.into_iter().map(|(grade, count)| format!("{grade}: {count}")).collect::<Vec<_>>().join(", ")
    }
}

/// `10: 3, 11: 2`: periods by grade; none where it cannot be read.
#[must_use]
pub fn read_periods(typed: &str) -> Option<BTreeMap<String, i16>> {
    let mut periods = BTreeMap::new();
    for part in typed.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()) {
        let (grade, count) = part.split_once([':', '='])?;
        let (grade, count) = (grade.trim(), count.trim().parse::<i16>().ok().filter(|count| (0..=30).contains(count))?);
        if grade.is_empty() || grade.chars().count() > 30 {
            return None;
        }
        periods.insert(grade.to_owned(), count);
    }
    Some(periods)
}

/// The subject that was typed or chosen: by id, short name, code or name; letters without marks do where only one
/// subject is spelled so.
#[must_use]
pub fn meant<'a>(typed: &str, subjects: &'a [Subject]) -> Option<&'a Subject> {
    let typed = text::clean(typed);
    if typed.is_empty() {
        return None;
    }
    let is_same = |other: &str| other.to_lowercase() == typed.to_lowercase();
    let exact = subjects.iter().find(|subject| {
        subject.id.to_string() == typed
            || is_same(&subject.short_name)
            || subject.code.as_deref().is_some_and(is_same)
            || is_same(&subject.name)
            || subject.name_en.as_deref().is_some_and(is_same)
    });
    if exact.is_some() {
        return exact;
    }
    let letters = |text: &str| text::words(text).concat();
    let wanted = letters(&typed);
    let mut alike = subjects.iter().filter(|subject| {
        !wanted.is_empty() && (letters(&subject.short_name) == wanted || letters(&subject.name) == wanted)
    });
    alike.next().filter(|_| alike.next().is_none())
}

/// The subjects, in the order in which they were made.
pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Subject>> {
    let rows = sqlx::query!(
        "SELECT id, code, name, name_en, short_name, periods, is_heavy FROM timetable_subjects
         WHERE school_id = $1 ORDER BY id",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| -> Result<Subject> {
            Ok(Subject {
                id: row.id,
                code: row.code,
                name: row.name,
                name_en: row.name_en,
                short_name: row.short_name,
                periods: serde_json::from_value(row.periods)?,
                is_heavy: row.is_heavy,
            })
        })
        .collect()
}

/// What a line of the form says of a subject; without an id it is a new one, without names it is to go.
#[derive(Clone, Debug)]
pub struct SubjectLine {
    pub id: Option<SubjectId>,
    pub name: String,
    pub short_name: String,
    pub periods: BTreeMap<String, i16>,
    pub is_heavy: bool,
}

/// Why lines are not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubjectRefusal {
    /// The short name stands twice.
    Twice(String),
    /// It is taught or in a timetable, and stays.
    InUse(String),
    TooMany,
}

/// Writes all lines or none.
///
/// # Errors
/// [`Error::NotFound`] where a line names a subject that the school does not have.
pub async fn save(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    lines: &[SubjectLine],
) -> Result<std::result::Result<(), SubjectRefusal>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let now = app.clock.now();
    for line in lines {
        if let (Some(id), true) = (line.id, line.name.is_empty()) {
            if let Some(name) = remove(granted, &mut tx, id).await? {
                return Ok(Err(SubjectRefusal::InUse(name)));
            }
            continue;
        }
        let id = line.id.unwrap_or_else(|| app.randomness.uuid_v7(now));
        match write(granted, &mut tx, id, line).await {
            Err(error) if error.violated_constraint() == Some("timetable_short_name_taken") => {
                return Ok(Err(SubjectRefusal::Twice(line.short_name.clone())));
            }
            other => other?,
        }
    }
    if all(granted, &mut tx).await?.len() > MOST {
        return Ok(Err(SubjectRefusal::TooMany));
    }
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableSubjectsChanged)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn write(scope: &Scope, tx: &mut PgConnection, id: SubjectId, line: &SubjectLine) -> Result<()> {
    let periods = serde_json::to_value(&line.periods)?;
    if line.id.is_none() {
        sqlx::query!(
            "INSERT INTO timetable_subjects (school_id, id, name, short_name, periods, is_heavy)
             VALUES ($1, $2, $3, $4, $5, $6)",
            scope.school_id(),
            id,
            line.name,
            line.short_name,
            periods,
            line.is_heavy,
        )
        .execute(tx)
        .await?;
        return Ok(());
    }
    // The English name goes with the Vietnamese one that it translates.
    sqlx::query_scalar!(
        "UPDATE timetable_subjects SET name = $3, short_name = $4, periods = $5, is_heavy = $6,
             name_en = CASE WHEN name = $3 THEN name_en END
         WHERE school_id = $1 AND id = $2 RETURNING id",
        scope.school_id(),
        id,
        line.name,
        line.short_name,
        periods,
        line.is_heavy,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)?;
    Ok(())
}

/// Removes a subject; gives its name where it is in use and stays.
async fn remove(scope: &Scope, tx: &mut PgConnection, id: SubjectId) -> Result<Option<String>> {
    let subject = sqlx::query!(
        r#"SELECT name, EXISTS (SELECT FROM timetable_assignments WHERE school_id = $1 AND subject_id = $2)
             OR EXISTS (SELECT FROM timetable_lessons WHERE school_id = $1 AND subject_id = $2)
             OR EXISTS (SELECT FROM timetable_substitutions WHERE school_id = $1 AND subject_id = $2) AS "is_used!"
           FROM timetable_subjects WHERE school_id = $1 AND id = $2"#,
        scope.school_id(),
        id,
    );
    let subject = subject.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    if subject.is_used {
        return Ok(Some(subject.name));
    }
    let deleted =
        sqlx::query!("DELETE FROM timetable_subjects WHERE school_id = $1 AND id = $2", scope.school_id(), id)
            .execute(tx)
            .await;
    match deleted {
        Ok(_) => Ok(None),
        // Assigned or placed by another request at the same moment.
        Err(error) if db::violated_constraint(&error).is_some() => Ok(Some(subject.name)),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_found_as_schools_write_it() {
        let subject = |number: u128, name: &str, short: &str, code: &str| Subject {
            id: SubjectId::from_u128(number),
            code: Some(code.to_owned()),
            name: name.to_owned(),
            name_en: None,
            short_name: short.to_owned(),
            periods: BTreeMap::new(),
            is_heavy: false,
        };
        let all = [
            subject(1, "Ngoại ngữ 1 (Tiếng Anh)", "N.Ngữ", "NN1"),
            subject(2, "Giáo dục thể chất", "TD", "GDTC"),
            subject(3, "Hoạt động trải nghiệm, hướng nghiệp", "HĐTN-HN", "HDTNHN"),
        ];
        let found = |typed: &str| meant(typed, &all).map(|subject| subject.id.uuid().as_u128());
        for (typed, expected) in [
            ("N.Ngữ", Some(1)),
            ("n.ngữ", Some(1)),
            ("nngu", Some(1)),
            ("NN1", Some(1)),
            ("td", Some(2)),
            ("giao duc the chat", Some(2)),
            ("HĐTN HN", Some(3)),
            ("hdtn-hn", Some(3)),
            ("Sử", None),
            ("", None),
            ("…", None),
        ] {
            assert_eq!(found(typed), expected, "{typed}");
        }
    }

    #[test]
    fn periods_are_read_by_grade() {
        let pairs = |typed: &str| read_periods(typed).map(|periods| periods.into_iter().collect::<Vec<_>>());
        assert_eq!(pairs("10: 3, 11:2"), Some(vec![("10".to_owned(), 3), ("11".to_owned(), 2)]));
        assert_eq!(pairs(""), Some(vec![]));
        assert_eq!(pairs("3"), None);
        assert_eq!(pairs("10: nhiều"), None);
    }
}
