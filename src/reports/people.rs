//! The people behind a number of the report on use. What happened in the last weeks is told sign-in by sign-in, the
//! latest first. A page begins behind the last row of the page before it, and is a part of an index: what comes later
//! costs no more than what comes first, and a hundred thousand pupils no more than a thousand.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, Utc, Weekday};
use sqlx::PgConnection;
use uuid::Uuid;

use super::days::{self, RECENT_DAYS};
use crate::{
    access::Scope,
    clock::date_in_vietnam,
    error::Result,
    identity::user_agent::DeviceKind,
    ids::{ClassId, EventId, MemberId, YearId},
};

/// How many rows a page has. The statements read one more, which shows whether there are more.
pub const PAGE: usize = 50;

/// How many classes of a grade a page looks at, one less than the statement reads: where few of each are asked for, a
/// page may be shorter and go on.
const CLASSES: usize = 40;

/// How many of these a statement reads: mostly enough for a page.
const CLASSES_AT_ONCE: usize = 5;

/// How many new passwords a page looks at, of all causes.
const RESETS: usize = 1_000;

/// What a number of the report counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageNumber {
    /// People whose first sign-in was on this day.
    First(NaiveDate),
    /// Sign-ins at this hour of the day.
    Hour(u32),
    Weekday(Weekday),
    Device(DeviceKind),
    /// New passwords, by their cause.
    Reset(&'static str),
    /// Active pupils of a grade: who has signed in, or never has, or all.
    Grade {
        grade: String,
        has_signed_in: Option<bool>,
    },
}

/// A person behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPerson {
    pub id: MemberId,
    /// When they signed in, or were given a new password.
    pub at: Option<DateTime<Utc>>,
    /// The key of a [`DeviceKind`].
    pub device: Option<String>,
}

/// A page of people, and where the next one begins.
#[derive(Clone, Debug, Default)]
pub struct CountedPage {
    pub rows: Vec<CountedPerson>,
    pub next: Option<String>,
}

/// The last row of a page: by moment, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at: DateTime<Utc>,
    id: Uuid,
}

impl Place {
    fn of(at: DateTime<Utc>, id: MemberId) -> Self {
        Self { at, id: id.uuid() }
    }

    fn key(self) -> String {
        format!("{}.{}", self.at.timestamp_micros(), self.id)
    }

    /// None for what no page has given out.
    fn from_key(key: &str) -> Option<Self> {
        let (at, id) = key.split_once('.')?;
        let at = DateTime::from_timestamp_micros(at.parse().ok()?).filter(|at| is_told(at.date_naive()))?;
        Some(Self { at, id: id.parse().ok()? })
    }
}

/// Whether a day is one that there are numbers of.
#[must_use]
pub fn is_told(day: NaiveDate) -> bool {
    (2000..2200).contains(&day.year())
}

/// The people of a number, from a place on; an unknown place is the beginning.
pub async fn page(
    scope: &Scope,
    tx: &mut PgConnection,
    (year_id, now): (YearId, DateTime<Utc>),
    number: &UsageNumber,
    from: &str,
) -> Result<CountedPage> {
    let recent = RecentDays::until(now);
    let place = Place::from_key(from);
    match number {
        UsageNumber::First(day) => first(scope, tx, *day, place).await,
        UsageNumber::Hour(hour) => by_hours(scope, tx, &recent.hours(|_, each| each == *hour), place).await,
        UsageNumber::Weekday(weekday) => {
            by_hours(scope, tx, &recent.hours(|day, _| day.weekday() == *weekday), place).await
        }
        UsageNumber::Device(device) => by_device(scope, tx, *device, &recent, place).await,
        UsageNumber::Reset(cause) => resets(scope, tx, cause, &recent, place).await,
        UsageNumber::Grade { grade, has_signed_in } => {
            of_grade(scope, tx, year_id, grade, *has_signed_in, ClassPlace::from_key(from)).await
        }
    }
}

/// The days that the report sums up.
struct RecentDays {
    first: NaiveDate,
    last: NaiveDate,
}

impl RecentDays {
    fn until(now: DateTime<Utc>) -> Self {
        let last = date_in_vietnam(now);
        Self { first: last - Days::new(RECENT_DAYS - 1), last }
    }

    fn begins_at(&self) -> DateTime<Utc> {
        days::beginning(self.first)
    }

    /// The first moment after them.
    fn ends_at(&self) -> DateTime<Utc> {
        days::beginning(self.last + Days::new(1))
    }

    /// The moments at which these hours begin.
    fn hours(&self, is_wanted: impl Fn(NaiveDate, u32) -> bool) -> Vec<DateTime<Utc>> {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        let hours = days.flat_map(|day| (0..24).map(move |hour| (day, hour)));
        let wanted = hours.filter(|(day, hour)| is_wanted(*day, *hour));
        wanted.map(|(day, hour)| days::beginning(day) + Duration::hours(hour.into())).collect()
    }
}

/// Cuts what was read to a page.
fn cut<Row>(mut rows: Vec<Row>, place: impl Fn(&Row) -> Place, counted: impl Fn(Row) -> CountedPerson) -> CountedPage {
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| has_more).map(|last| place(last).key());
    CountedPage { rows: rows.into_iter().map(counted).collect(), next }
}

async fn first(scope: &Scope, tx: &mut PgConnection, day: NaiveDate, from: Option<Place>) -> Result<CountedPage> {
    let (begins_at, ends_at) = (days::beginning(day), days::beginning(day + Days::new(1)));
    let from = from.filter(|place| place.at >= begins_at).unwrap_or(Place { at: begins_at, id: Uuid::nil() });
    let rows = sqlx::query!(
        r#"SELECT id, first_signed_in_at AS "at!" FROM members
           WHERE school_id = $1 AND status <> 'left' AND first_signed_in_at >= $2 AND first_signed_in_at < $3
               AND (first_signed_in_at > $2 OR id > $4)
           ORDER BY first_signed_in_at, id LIMIT 51"#,
        scope.school_id(),
        from.at,
        ends_at,
        MemberId::from(from.id),
    )
    .fetch_all(tx)
    .await?;
    Ok(cut(rows, |row| Place::of(row.at, row.id), |row| CountedPerson { id: row.id, at: Some(row.at), device: None }))
}

/// A row for each sign-in at one of these hours.
async fn by_hours(
    scope: &Scope,
    tx: &mut PgConnection,
    hours: &[DateTime<Utc>],
    from: Option<Place>,
) -> Result<CountedPage> {
    let Some(end) = hours.iter().max().map(|last| *last + Duration::hours(1)) else {
        return Ok(CountedPage::default());
    };
    let from = from.unwrap_or(Place { at: end, id: Uuid::max() });
    let hours: Vec<DateTime<Utc>> = hours.iter().copied().filter(|hour| *hour <= from.at).collect();
    let rows = sqlx::query!(
        r#"SELECT e.member_id AS "member_id!", e.hour AS "hour!", e.device AS "device!"
           FROM unnest($2::timestamptz[]) AS h (hour)
           CROSS JOIN LATERAL (
               SELECT member_id, hour, device FROM entries
               WHERE school_id = $1 AND hour = h.hour AND (h.hour < $3 OR member_id < $4)
               ORDER BY member_id DESC LIMIT 51
           ) e
           ORDER BY e.hour DESC, e.member_id DESC LIMIT 51"#,
        scope.school_id(),
        &hours,
        from.at,
        MemberId::from(from.id),
    )
    .fetch_all(tx)
    .await?;
    Ok(cut(
        rows,
        |row| Place::of(row.hour, row.member_id),
        |row| CountedPerson { id: row.member_id, at: Some(row.hour), device: Some(row.device) },
    ))
}

async fn by_device(
    scope: &Scope,
    tx: &mut PgConnection,
    device: DeviceKind,
    recent: &RecentDays,
    from: Option<Place>,
) -> Result<CountedPage> {
    let from = from.unwrap_or(Place { at: recent.ends_at(), id: Uuid::max() });
    let rows = sqlx::query!(
        r#"SELECT member_id, hour FROM entries
           WHERE school_id = $1 AND device = $2 AND hour >= $3 AND hour <= $4 AND (hour < $4 OR member_id < $5)
           ORDER BY hour DESC, member_id DESC LIMIT 51"#,
        scope.school_id(),
        device.key(),
        recent.begins_at(),
        from.at,
        MemberId::from(from.id),
    )
    .fetch_all(tx)
    .await?;
    let counted = |id: MemberId, at| CountedPerson { id, at: Some(at), device: Some(device.key().to_owned()) };
    Ok(cut(rows, |row| Place::of(row.hour, row.member_id), |row| counted(row.member_id, row.hour)))
}

/// New passwords of one cause. Of people who are gone there is nothing left to show.
async fn resets(
    scope: &Scope,
    tx: &mut PgConnection,
    cause: &str,
    recent: &RecentDays,
    from: Option<Place>,
) -> Result<CountedPage> {
    let from = from.unwrap_or(Place { at: recent.ends_at(), id: Uuid::max() });
    let rows = sqlx::query!(
        r#"SELECT a.id, a.at, m.id AS "member_id?", m.role AS "role?",
               coalesce(m.first_signed_in_at < a.at, false) AS "had_come!"
           FROM audit_events a
           LEFT JOIN LATERAL (
               SELECT id, role, first_signed_in_at FROM members WHERE school_id = $1 AND id = a.subject_id OFFSET 0
           ) m ON true
           WHERE a.school_id = $1 AND a.action = 'password_reset' AND a.at >= $2 AND a.at <= $3
               AND (a.at < $3 OR a.id < $4)
           ORDER BY a.at DESC, a.id DESC LIMIT 1000"#,
        scope.school_id(),
        recent.begins_at(),
        from.at,
        EventId::from(from.id),
    )
    .fetch_all(tx)
    .await?;
    let is_full = rows.len() >= RESETS;
    let mut last = None;
    let mut found = Vec::new();
    for row in rows {
        if found.len() == PAGE {
            return Ok(CountedPage { rows: found, next: last.map(Place::key) });
        }
        last = Some(Place { at: row.at, id: row.id.uuid() });
        let Some(id) = row.member_id else { continue };
        if days::reset_cause(row.role.as_deref(), row.had_come) == cause {
            found.push(CountedPerson { id, at: Some(row.at), device: None });
        }
    }
    Ok(CountedPage { rows: found, next: last.filter(|_| is_full).map(Place::key) })
}

/// No school has more classes, and no class more people.
const MOST_PLACE: usize = 1_000_000;

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A class among those of a grade, and how many of its people come before the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct ClassPlace {
    class: usize,
    person: usize,
}

impl ClassPlace {
    fn key(self) -> String {
        format!("{}-{}", self.class, self.person)
    }

    fn from_key(key: &str) -> Self {
        let read = || {
            let (class, person) = key.split_once('-')?;
            let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number <= MOST_PLACE);
            Some(Self { class: number(class)?, person: number(person)? })
        };
        read().unwrap_or_default()
    }
}

/// Class by class, in their order.
async fn of_grade(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    grade: &str,
    has_signed_in: Option<bool>,
    from: ClassPlace,
) -> Result<CountedPage> {
    let classes = sqlx::query_scalar!(
        "SELECT id FROM classes WHERE school_id = $1 AND school_year_id = $2 AND coalesce(grade, '') = $3
         ORDER BY sort_key, id LIMIT 41 OFFSET $4",
        scope.school_id(),
        year_id,
        grade,
        whole(from.class),
    )
    .fetch_all(&mut *tx)
    .await?;
    let (looked_at, further) = classes.split_at(classes.len().min(CLASSES));
    let mut people: Vec<(usize, MemberId)> = Vec::new();
    for (chunk, classes) in looked_at.chunks(CLASSES_AT_ONCE).enumerate() {
        let first = from.class + chunk * CLASSES_AT_ONCE;
        let before = if chunk == 0 { from.person } else { 0 };
        let found = of_classes(scope, tx, classes, has_signed_in, before, PAGE + 1 - people.len()).await?;
        people.extend(found.into_iter().map(|(class, id)| (first + class, id)));
        if people.len() > PAGE {
            break;
        }
    }
    let next = match people.get(PAGE) {
        Some((class, _)) => {
            let shown = people.iter().take(PAGE).filter(|(of, _)| of == class).count();
            let before = if *class == from.class { from.person } else { 0 };
            Some(ClassPlace { class: *class, person: before + shown })
        }
        None => (!further.is_empty()).then_some(ClassPlace { class: from.class + CLASSES, person: 0 }),
    };
    let rows = people.into_iter().take(PAGE).map(|(_, id)| CountedPerson { id, at: None, device: None });
    Ok(CountedPage { rows: rows.collect(), next: next.map(ClassPlace::key) })
}

/// Active pupils of these classes, class by class and by name, without those of the first class that come before: each with
/// the place of the class.
async fn of_classes(
    scope: &Scope,
    tx: &mut PgConnection,
    classes: &[ClassId],
    has_signed_in: Option<bool>,
    before: usize,
    most: usize,
) -> Result<Vec<(usize, MemberId)>> {
    let rows = sqlx::query!(
        r#"SELECT w.place AS "place!", p.id AS "id!" FROM unnest($2::uuid[]) WITH ORDINALITY AS w (class_id, place)
           CROSS JOIN LATERAL (
               SELECT m.id, m.given_name, m.family_name, m.middle_name FROM enrolments e
               CROSS JOIN LATERAL (
                   SELECT id, given_name, family_name, middle_name FROM members
                   WHERE school_id = $1 AND id = e.member_id AND role = 'student' AND status = 'active'
                       AND ($3::boolean IS NULL OR (first_signed_in_at IS NOT NULL) = $3) OFFSET 0
               ) m
               WHERE e.school_id = $1 AND e.class_id = w.class_id AND e.ended_at IS NULL
               ORDER BY m.given_name, m.family_name, m.middle_name, m.id
               LIMIT $4 OFFSET CASE WHEN w.place = 1 THEN $5::bigint ELSE 0 END
           ) p
           ORDER BY w.place, p.given_name, p.family_name, p.middle_name, p.id LIMIT $4"#,
        scope.school_id(),
        classes,
        has_signed_in,
        whole(most),
        whole(before),
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (usize::try_from(row.place - 1).unwrap_or_default(), row.id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_place_is_read_as_it_was_given_out_and_nothing_else_is() {
        let at = "2026-11-30T07:00:00Z".parse().unwrap();
        let place = Place { at, id: Uuid::from_u128(7) };
        assert_eq!(Place::from_key(&place.key()), Some(place));
        for other in ["", "7", ".", "x.y", "1.x", "99999999999999999.00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Place::from_key(other), None, "{other}");
        }
        let place = ClassPlace { class: 3, person: 12 };
        assert_eq!(ClassPlace::from_key(&place.key()), place);
        for other in ["", "-", "3", "3-x", "3-99999999999"] {
            assert_eq!(ClassPlace::from_key(other), ClassPlace::default(), "{other}");
        }
    }

    #[test]
    fn the_hours_of_the_last_weeks_are_those_of_vietnam() {
        // Half past midnight of Tuesday, in Vietnam.
        let recent = RecentDays::until("2026-09-07T17:30:00Z".parse().unwrap());
        assert_eq!((recent.first, recent.last), (day(2026, 8, 12), day(2026, 9, 8)));
        let at_seven = recent.hours(|_, hour| hour == 7);
        assert_eq!(at_seven.len(), 28);
        assert_eq!(at_seven.last().unwrap().to_rfc3339(), "2026-09-08T00:00:00+00:00");
        assert_eq!(recent.hours(|day, _| day.weekday() == Weekday::Mon).len(), 4 * 24);
    }
}
