//! When teachers of a school teach at other schools of theirs. Only the times leave a school, only those of timetables
//! that it has published, and only of accounts that let their schools know. Each of the other schools is read in a
//! scope of its own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveTime};

use super::{
    bells::{self, Bell, Bells},
    lessons::{self, LessonsOf},
    members,
    model::Slot,
    versions::Version,
    week,
};
use crate::{
    access::Scope,
    app::App,
    error::Result,
    ids::{AccountId, MemberId, SchoolId},
    schools::directory,
};

/// How many days ahead the timetables of other schools are looked at.
const AHEAD: u64 = 400;

/// A time of the week at which a teacher has a lesson at another school, as long as the timetable there holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusySlot {
    from: NaiveDate,
    until: NaiveDate,
    /// 1 to 6: Monday to Saturday.
    pub day: i16,
    pub begins: NaiveTime,
    pub ends: NaiveTime,
}

impl BusySlot {
    /// Compares clock times, since each school has its own periods.
    fn overlaps(&self, day: i16, bell: Bell) -> bool {
        self.day == day && self.begins < bell.ends && bell.begins < self.ends
    }
}

/// The busy times of teachers from a day on.
#[derive(Clone, Debug)]
pub struct LessonsElsewhere {
    from: NaiveDate,
    busy: BTreeMap<MemberId, Vec<BusySlot>>,
}

impl LessonsElsewhere {
    /// Those of these teachers. The caller holds no transaction, as each of the other schools takes one.
    pub async fn of(scope: &Scope, app: &App, from: NaiveDate, teachers: &[MemberId]) -> Result<Self> {
        let rows = sqlx::query!(
            "SELECT own.member_id, other.school_id AS other_school_id, other.member_id AS other_member_id
             FROM memberships own
             JOIN busy_time_consents c ON c.account_id = own.account_id
             JOIN memberships other ON other.account_id = own.account_id AND other.school_id <> own.school_id
             WHERE own.school_id = $1 AND own.member_id = ANY($2)
             ORDER BY own.member_id, other.school_id",
            scope.school_id(),
            teachers,
        );
        let rows = rows.fetch_all(app.db.pool()).await?;
        let mut busy: BTreeMap<MemberId, Vec<BusySlot>> = BTreeMap::new();
        for row in rows {
            let times = at_school(app, row.other_school_id, row.other_member_id, from).await?;
            busy.entry(row.member_id).or_default().extend(times);
        }
        Ok(Self { from, busy })
    }

    /// Those of all teachers of the school.
    pub async fn of_school(scope: &Scope, app: &App, from: NaiveDate) -> Result<Self> {
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let staff = members::staff(scope, &mut tx).await?;
        tx.commit().await?;
        Self::of(scope, app, from, &staff).await
    }

    /// The periods in which a teacher is busy when this version begins to hold.
    #[must_use]
    pub fn blocked(&self, teacher: MemberId, version: &Version, bells: &Bells) -> BTreeSet<Slot> {
        let date = version.holds_from.max(self.from);
        let times: Vec<&BusySlot> = self.on(teacher, date).collect();
        if times.is_empty() {
            return BTreeSet::new();
        }
        let is_busy =
            |slot: &Slot| bells.at(*slot).is_some_and(|bell| times.iter().any(|time| time.overlaps(slot.day, bell)));
        bells.slots().filter(is_busy).collect()
    }

    /// Whether a teacher is busy on a date while this period lasts.
    #[must_use]
    pub fn is_busy(&self, teacher: MemberId, date: NaiveDate, bell: Bell) -> bool {
        self.on(teacher, date).any(|time| time.overlaps(week::number_of(date), bell))
    }

    /// The busy times that hold on a date, in the order of the week.
    #[must_use]
    pub fn times(&self, teacher: MemberId, date: NaiveDate) -> Vec<BusySlot> {
        let mut times: Vec<BusySlot> = self.on(teacher, date).copied().collect();
        times.sort_by_key(|time| (time.day, time.begins));
        times
    }

    fn on(&self, teacher: MemberId, date: NaiveDate) -> impl Iterator<Item = &BusySlot> {
        let times = self.busy.get(&teacher).map_or(&[][..], Vec::as_slice);
        times.iter().filter(move |time| (time.from..=time.until).contains(&date))
    }
}

/// When a member teaches at a school, by its published timetables; no times of a suspended school, nor of a member who
/// has left.
async fn at_school(app: &App, school_id: SchoolId, member_id: MemberId, from: NaiveDate) -> Result<Vec<BusySlot>> {
    let mut tx = app.db.begin_in(school_id).await?;
    let school = directory::by_id(&mut tx, school_id).await?;
    let scope = Scope::system(school);
    if directory::is_suspended(&scope, &mut tx).await? {
        return Ok(Vec::new());
    }
    let is_there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student'
               AND status = 'active') AS "is_there!""#,
        scope.school_id(),
        member_id,
    );
    if !is_there.fetch_one(&mut *tx).await? {
        return Ok(Vec::new());
    }
    let bells = bells::all(&scope, &mut tx).await?;
    let mut busy = Vec::new();
    for version in week::holding(&scope, &mut tx, from, from + Days::new(AHEAD)).await? {
        for lesson in lessons::of(&scope, &mut tx, version.id, LessonsOf::Teacher(member_id)).await? {
            let Some(bell) = bells.at(lesson.slot) else { continue };
            busy.push(BusySlot {
                from: version.from,
                until: version.until,
                day: lesson.slot.day,
                begins: bell.begins,
                ends: bell.ends,
            });
        }
    }
    tx.commit().await?;
    Ok(busy)
}

/// Whether an account has consented that its schools know.
pub async fn is_shared(app: &App, account_id: AccountId) -> Result<bool> {
    let consent = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM busy_time_consents WHERE account_id = $1) AS "is_shared!""#,
        account_id,
    );
    Ok(consent.fetch_one(app.db.pool()).await?)
}

/// Whether an account is of the staff of several schools, so that there is something to consent to.
pub async fn has_several_schools(app: &App, account_id: AccountId) -> Result<bool> {
    let schools = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM memberships WHERE account_id = $1 AND is_staff IS DISTINCT FROM false"#,
        account_id,
    );
    Ok(schools.fetch_one(app.db.pool()).await? > 1)
}

/// Stores the consent of an account, or withdraws it.
pub async fn share(app: &App, account_id: AccountId, is_shared: bool) -> Result<()> {
    if is_shared {
        sqlx::query!(
            "INSERT INTO busy_time_consents (account_id, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            account_id,
            app.clock.now(),
        )
        .execute(app.db.pool())
        .await?;
    } else {
        sqlx::query!("DELETE FROM busy_time_consents WHERE account_id = $1", account_id).execute(app.db.pool()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::{model::Session, setup};

    #[test]
    fn a_teacher_is_busy_where_clock_times_overlap() {
        let date = |day| NaiveDate::from_ymd_opt(2026, 9, day).unwrap();
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let busy = BusySlot { from: date(7), until: date(20), day: 2, begins: time(8, 0), ends: time(9, 0) };
        let teacher = MemberId::from_u128(1);
        let elsewhere = LessonsElsewhere { from: date(7), busy: [(teacher, vec![busy])].into() };
        let version = |holds_from| Version {
            id: Default::default(),
            year_id: Default::default(),
            name: String::new(),
            holds_from,
            created_at: chrono::DateTime::UNIX_EPOCH,
            published_at: None,
            lessons: 0,
            is_proposed: false,
        };
        let bells = setup::usual_bells();
        // Periods from 7:50 to 8:35 and from 8:55 to 9:40.
        let slot = |period| Slot { day: 2, session: Session::Morning, period };
        let blocked = |holds_from| elsewhere.blocked(teacher, &version(holds_from), &bells);
        assert_eq!(
            blocked(date(1)),
            [slot(2), slot(3)].into(),
            "a version that holds already is looked at from today on"
        );
        assert_eq!(blocked(date(20)).len(), 2);
        assert_eq!(blocked(date(21)), BTreeSet::new(), "by then the other school has another timetable");
        assert_eq!(elsewhere.blocked(MemberId::from_u128(2), &version(date(7)), &bells), BTreeSet::new());
        let bell = |period| bells.at(slot(period)).unwrap();
        // The eighth is a Tuesday.
        assert!(elsewhere.is_busy(teacher, date(8), bell(2)) && !elsewhere.is_busy(teacher, date(8), bell(1)));
        assert!(!elsewhere.is_busy(teacher, date(9), bell(2)));
    }
}
