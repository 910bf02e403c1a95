//! What every school begins with: usual bell times, and the subjects of the national programme with the short names that
//! schools write. Made when the timetable is opened for the first time, and the school's own from then on.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use sqlx::PgConnection;

use super::bells::{self, Bells};
use crate::{
    access::{Granted, SchoolKind, may},
    app::App,
    error::Result,
    ids::SubjectId,
};

/// A subject of the programme of 2018 (Circular 32/2018/TT-BGDĐT).
#[derive(Clone, Debug)]
pub struct StandardSubject {
    pub code: String,
    pub name_vi: String,
    pub name_en: String,
    pub short: String,
    pub is_heavy: bool,
    /// The usual periods a week, by grade.
    pub periods: BTreeMap<String, i16>,
}

#[derive(Deserialize)]
struct SubjectRow {
    code: String,
    name_vi: String,
    name_en: String,
}

#[derive(Deserialize)]
struct ShortRow {
    code: String,
    short: String,
    heavy: u8,
    periods: String,
    /// Of what schools put into their timetables beside the subjects of the list.
    name_vi: String,
    name_en: String,
}

static STANDARD: LazyLock<Vec<StandardSubject>> = LazyLock::new(|| {
    let names: Vec<SubjectRow> = read(include_str!("../../reference/vn/subjects.csv"));
    let shorts: Vec<ShortRow> = read(include_str!("../../reference/vn/subject_short_names.csv"));
    let subject = |row: ShortRow| {
        let named = names.iter().find(|name| name.code == row.code);
        let pick = |own: String, of_list: Option<&String>| of_list.cloned().unwrap_or(own);
        StandardSubject {
            name_vi: pick(row.name_vi, named.map(|name| &name.name_vi)),
            name_en: pick(row.name_en, named.map(|name| &name.name_en)),
            periods: periods(&row.periods),
            is_heavy: row.heavy == 1,
            code: row.code,
            short: row.short,
        }
    };
    shorts.into_iter().map(subject).collect()
});

fn read<T: serde::de::DeserializeOwned>(table: &str) -> Vec<T> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().filter_map(std::result::Result::ok).collect()
}

/// `10:3 11:2`: periods by grade.
fn periods(text: &str) -> BTreeMap<String, i16> {
    let pair = |part: &str| {
        let (grade, count) = part.split_once(':')?;
        Some((grade.to_owned(), count.parse().ok()?))
    };
    text.split_whitespace().filter_map(pair).collect()
}

#[must_use]
pub fn standard_subjects() -> &'static [StandardSubject] {
    &STANDARD
}

/// The usual times of a day with five periods in the morning and five in the afternoon.
#[must_use]
pub fn usual_bells() -> Bells {
    const TIMES: [[(&str, &str); 5]; 2] = [
        [("7:00", "7:45"), ("7:50", "8:35"), ("8:55", "9:40"), ("9:45", "10:30"), ("10:35", "11:20")],
        [("13:00", "13:45"), ("13:50", "14:35"), ("14:55", "15:40"), ("15:45", "16:30"), ("16:35", "17:20")],
    ];
    let typed = |session, period: i16| {
        let of_session = TIMES[usize::from(session == super::model::Session::Afternoon)];
        let at = usize::try_from(period - 1).ok().and_then(|at| of_session.get(at));
        at.map_or_else(Default::default, |(begins, ends)| ((*begins).to_owned(), (*ends).to_owned()))
    };
    bells::read(typed).unwrap_or_default()
}

/// Gives the school what it begins with, unless it has that already. Two who open the timetable for the first time at
/// the same moment do it once.
pub async fn ensure(granted: &Granted<may::ManageTimetable>, app: &App, tx: &mut PgConnection) -> Result<()> {
    let is_done = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM timetable_bells WHERE school_id = $1) AS "is_done!""#,
        granted.school_id(),
    )
    .fetch_one(&mut *tx)
    .await?;
    if is_done {
        return Ok(());
    }
    bells::insert(granted, tx, &usual_bells()).await?;
    // In higher education no list of subjects is the same for all.
    if granted.school.kind == SchoolKind::Higher {
        return Ok(());
    }
    let now = app.clock.now();
    let standard = standard_subjects();
    let ids: Vec<SubjectId> = standard.iter().map(|_| app.randomness.uuid_v7(now)).collect();
    let texts = |of: fn(&StandardSubject) -> &String| -> Vec<String> { standard.iter().map(of).cloned().collect() };
    let periods: Vec<serde_json::Value> =
        standard.iter().map(|subject| serde_json::to_value(&subject.periods)).collect::<Result<_, _>>()?;
    let heavy: Vec<bool> = standard.iter().map(|subject| subject.is_heavy).collect();
    sqlx::query!(
        "INSERT INTO timetable_subjects (school_id, id, code, name, name_en, short_name, periods, is_heavy)
         SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $8::bool[])
         ON CONFLICT DO NOTHING",
        granted.school_id(),
        &ids,
        &texts(|subject| &subject.code),
        &texts(|subject| &subject.name_vi),
        &texts(|subject| &subject.name_en),
        &texts(|subject| &subject.short),
        &periods,
        &heavy,
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_of_the_national_list_has_a_short_name() {
        let names: Vec<SubjectRow> = read(include_str!("../../reference/vn/subjects.csv"));
        assert!(names.len() > 20);
        for name in names {
            let subject = standard_subjects().iter().find(|subject| subject.code == name.code).unwrap();
            assert!(!subject.short.is_empty() && subject.name_vi == name.name_vi && !subject.periods.is_empty());
        }
        let shorts: std::collections::BTreeSet<String> =
            standard_subjects().iter().map(|subject| subject.short.to_lowercase()).collect();
        assert_eq!(shorts.len(), standard_subjects().len());
        assert!(standard_subjects().iter().all(|subject| !subject.name_vi.is_empty() && !subject.name_en.is_empty()));
        assert_eq!(usual_bells().0.len(), 10);
    }
}
