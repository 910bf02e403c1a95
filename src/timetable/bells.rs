//! Bell times, and in which session a grade has its lessons.

use chrono::{NaiveDate, NaiveTime};
use sqlx::PgConnection;

use super::model::{DAYS, MOST_PERIODS, Session, Slot};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Result, stored},
};

/// When a period begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bell {
    pub session: Session,
    pub period: i16,
    pub begins: NaiveTime,
    pub ends: NaiveTime,
}

/// The only session of a grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    pub grade: String,
    pub session: Session,
}

/// The periods that a school has, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bells(pub Vec<Bell>);

impl Bells {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn of(&self, session: Session) -> Vec<Bell> {
        self.0.iter().filter(|bell| bell.session == session).copied().collect()
    }

    /// The sessions that have periods, each with its own.
    #[must_use]
    pub fn sessions(&self) -> Vec<(Session, Vec<Bell>)> {
        let of = |session| (session, self.of(session));
        Session::ALL.into_iter().map(of).filter(|(_, bells)| !bells.is_empty()).collect()
    }

    #[must_use]
    pub fn at(&self, slot: Slot) -> Option<Bell> {
        self.0.iter().find(|bell| bell.session == slot.session && bell.period == slot.period).copied()
    }

    /// Every period of the week.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        DAYS.into_iter().flat_map(move |day| {
            self.0.iter().map(move |bell| Slot { day, session: bell.session, period: bell.period })
        })
    }
}

/// Why bell times are not taken, each with the period that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BellFault {
    /// One of the two times is missing or is none.
    Unreadable(Session, i16),
    /// It ends before it begins, or begins before the last one has ended.
    OutOfOrder(Session, i16),
    /// The period before is missing.
    Gap(Session, i16),
    /// The period has lessons in a version that holds or will hold.
    Used(Session, i16),
    None,
}

/// Bell times as typed: for each session and period, when it begins and ends; both empty where there is none.
pub fn read(typed: impl Fn(Session, i16) -> (String, String)) -> std::result::Result<Bells, BellFault> {
    let time = |text: &str| {
        let text = text.trim().replace(['h', 'H', '.'], ":");
        let text = if text.ends_with(':') { format!("{text}00") } else { text };
        NaiveTime::parse_from_str(&text, "%H:%M").or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S")).ok()
    };
    let mut bells = Vec::new();
    let mut last: Option<NaiveTime> = None;
    for session in Session::ALL {
        let mut is_over = false;
        for period in 1..=MOST_PERIODS {
            let (begins, ends) = typed(session, period);
            if begins.trim().is_empty() && ends.trim().is_empty() {
                is_over = true;
                continue;
            }
            if is_over {
                return Err(BellFault::Gap(session, period));
            }
            let (Some(begins), Some(ends)) = (time(&begins), time(&ends)) else {
                return Err(BellFault::Unreadable(session, period));
            };
            if ends <= begins || last.is_some_and(|last| begins < last) {
                return Err(BellFault::OutOfOrder(session, period));
            }
            last = Some(ends);
            bells.push(Bell { session, period, begins, ends });
        }
    }
    if bells.is_empty() { Err(BellFault::None) } else { Ok(Bells(bells)) }
}

pub async fn all(scope: &Scope, tx: &mut PgConnection) -> Result<Bells> {
    let rows = sqlx::query!(
        "SELECT session, period, begins, ends FROM timetable_bells WHERE school_id = $1
         ORDER BY session DESC, period",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    let bells = rows.into_iter().map(|row| {
        let session = stored("session", Session::from_key(&row.session))?;
        Ok(Bell { session, period: row.period, begins: row.begins, ends: row.ends })
    });
    Ok(Bells(bells.collect::<Result<_>>()?))
}

pub async fn shifts(scope: &Scope, tx: &mut PgConnection) -> Result<Vec<Shift>> {
    let rows = sqlx::query!(
        "SELECT grade, session FROM timetable_shifts WHERE school_id = $1 ORDER BY grade",
        scope.school_id(),
    )
    .fetch_all(tx)
    .await?;
    let shifts = rows
        .into_iter()
        .map(|row| Ok(Shift { grade: row.grade, session: stored("session", Session::from_key(&row.session))? }));
    shifts.collect()
}

/// Replaces the bell times and the shifts; the fault where a period that goes has lessons.
pub async fn replace(
    granted: &Granted<may::ManageTimetable>,
    app: &App,
    bells: &Bells,
    shifts: &[Shift],
) -> Result<std::result::Result<(), BellFault>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    if let Some((session, period)) = used(granted, &mut tx, bells, app.clock.today()).await? {
        return Ok(Err(BellFault::Used(session, period)));
    }
    sqlx::query!("DELETE FROM timetable_bells WHERE school_id = $1", granted.school_id()).execute(&mut *tx).await?;
    insert(granted, &mut tx, bells).await?;
    sqlx::query!("DELETE FROM timetable_shifts WHERE school_id = $1", granted.school_id()).execute(&mut *tx).await?;
    let (grades, sessions): (Vec<String>, Vec<String>) =
        shifts.iter().map(|shift| (shift.grade.clone(), shift.session.key().to_owned())).unzip();
    sqlx::query!(
        "INSERT INTO timetable_shifts (school_id, grade, session)
         SELECT $1, * FROM unnest($2::text[], $3::text[])
         RETURNING grade",
        granted.school_id(),
        &grades,
        &sessions,
    )
    .fetch_all(&mut *tx)
    .await?;
    audit::record(granted, app, &mut tx, Event::new(AuditAction::TimetableBellsChanged)).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A period that is not among these and has lessons. Years that are over keep theirs as they were.
async fn used(scope: &Scope, tx: &mut PgConnection, bells: &Bells, today: NaiveDate) -> Result<Option<(Session, i16)>> {
    let kept: Vec<String> = bells.0.iter().map(|bell| format!("{}-{}", bell.session.key(), bell.period)).collect();
    let row = sqlx::query!(
        "SELECT l.session, l.period FROM timetable_lessons l
         JOIN timetable_versions v ON v.school_id = $1 AND v.id = l.version_id
         JOIN school_years y ON y.school_id = $1 AND y.id = v.school_year_id
         WHERE l.school_id = $1 AND y.ends_on >= $3 AND l.session || '-' || l.period <> ALL($2)
         ORDER BY l.session DESC, l.period LIMIT 1",
        scope.school_id(),
        &kept,
        today,
    );
    let Some(row) = row.fetch_optional(tx).await? else { return Ok(None) };
    Ok(Some((stored("session", Session::from_key(&row.session))?, row.period)))
}

pub(super) async fn insert(scope: &Scope, tx: &mut PgConnection, bells: &Bells) -> Result<()> {
    let sessions: Vec<String> = bells.0.iter().map(|bell| bell.session.key().to_owned()).collect();
    let periods: Vec<i16> = bells.0.iter().map(|bell| bell.period).collect();
    let begins: Vec<NaiveTime> = bells.0.iter().map(|bell| bell.begins).collect();
    let ends: Vec<NaiveTime> = bells.0.iter().map(|bell| bell.ends).collect();
    sqlx::query!(
        "INSERT INTO timetable_bells (school_id, session, period, begins, ends)
         SELECT $1, * FROM unnest($2::text[], $3::smallint[], $4::time[], $5::time[]) ON CONFLICT DO NOTHING",
        scope.school_id(),
        &sessions,
        &periods,
        &begins,
        &ends,
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(rows: &'static [(&'static str, &'static str)]) -> std::result::Result<Bells, BellFault> {
        read(|session, period| {
            let at = usize::try_from(period - 1).unwrap_or_default();
            let row = rows.get(at).filter(|_| session == Session::Morning);
            row.map_or_else(Default::default, |row| (row.0.to_owned(), row.1.to_owned()))
        })
    }

    #[test]
    fn times_are_read_as_schools_write_them() {
        let bells = typed(&[("7:00", "07:45"), ("7h50", "8h35"), ("9h", "9.40")]).unwrap();
        let shown: Vec<String> = bells.0.iter().map(|bell| format!("{}-{}", bell.begins, bell.ends)).collect();
        assert_eq!(shown, ["07:00:00-07:45:00", "07:50:00-08:35:00", "09:00:00-09:40:00"]);
    }

    #[test]
    fn periods_follow_one_another() {
        assert_eq!(typed(&[]), Err(BellFault::None));
        assert_eq!(typed(&[("7:00", "")]), Err(BellFault::Unreadable(Session::Morning, 1)));
        assert_eq!(typed(&[("7:00", "6:00")]), Err(BellFault::OutOfOrder(Session::Morning, 1)));
        assert_eq!(typed(&[("7:00", "7:45"), ("7:40", "8:00")]), Err(BellFault::OutOfOrder(Session::Morning, 2)));
        assert_eq!(typed(&[("7:00", "7:45"), ("", ""), ("8:40", "9:00")]), Err(BellFault::Gap(Session::Morning, 3)));
    }
}
