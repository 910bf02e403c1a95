//! The addresses of calendars: made, renewed, revoked, and what each shows.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::ics::CalendarEntry;
use crate::{
    access::Scope,
    app::App,
    crypto::token::Token,
    error::{Error, Result},
    exams::own::{self, OwnDuty},
    ids::{AccountId, MemberId, SchoolId, TimetableId},
    schools::directory,
    timetable::{
        bells,
        covers::Covers,
        days,
        lessons::{self, Cover, Lesson, LessonsOf},
        week,
    },
    web::{Translator, i18n::vietnam},
};

/// How many days back and ahead a calendar shows.
const BACK: u64 = 14;
const AHEAD: u64 = 120;

/// When the account's address was made, if it has one.
pub async fn created_at(app: &App, account_id: AccountId) -> Result<Option<DateTime<Utc>>> {
    let row = sqlx::query_scalar!("SELECT created_at FROM calendar_feeds WHERE account_id = $1", account_id);
    Ok(row.fetch_optional(app.db.pool()).await?)
}

/// Makes an address; the one before opens nothing any more.
pub async fn renew(app: &App, account_id: AccountId) -> Result<Token> {
    let token = Token::generate(&app.randomness);
    let hash = token.hash();
    sqlx::query!(
        "INSERT INTO calendar_feeds (account_id, hash, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at",
        account_id,
        hash.as_slice(),
        app.clock.now(),
    )
    .execute(app.db.pool())
    .await?;
    Ok(token)
}

pub async fn revoke(app: &App, account_id: AccountId) -> Result<()> {
    sqlx::query!("DELETE FROM calendar_feeds WHERE account_id = $1", account_id).execute(app.db.pool()).await?;
    Ok(())
}

/// Whose calendar this is.
///
/// # Errors
/// [`Error::NotFound`] where no account has it, or it was revoked.
pub async fn owner(app: &App, text: &str) -> Result<AccountId> {
    let hash = Token::parse(text).ok_or(Error::NotFound)?.hash();
    let row = sqlx::query_scalar!("SELECT account_id FROM calendar_feeds WHERE hash = $1", hash.as_slice());
    row.fetch_optional(app.db.pool()).await?.ok_or(Error::NotFound)
}

/// The lessons and the duties at exams of the account in all of its schools, as published.
pub async fn entries(app: &App, l: &Translator, account_id: AccountId) -> Result<Vec<CalendarEntry>> {
    let homes = sqlx::query!(
        "SELECT school_id, member_id FROM memberships WHERE account_id = $1 ORDER BY school_id",
        account_id
    );
    let mut entries = Vec::new();
    for home in homes.fetch_all(app.db.pool()).await? {
        entries.extend(of_school(app, l, home.school_id, home.member_id).await?);
    }
    entries.sort_by_key(|entry| (entry.date, entry.begins));
    Ok(entries)
}

async fn of_school(app: &App, l: &Translator, school_id: SchoolId, member_id: MemberId) -> Result<Vec<CalendarEntry>> {
    let today = app.clock.today();
    let (from, until) = (today - Days::new(BACK), today + Days::new(AHEAD));
    let mut tx = app.db.begin_in(school_id).await?;
    let school = directory::by_id(&mut tx, school_id).await?;
    let scope = Scope::system(school);
    if directory::is_suspended(&scope, &mut tx).await? {
        return Ok(Vec::new());
    }
    let member = sqlx::query!(
        "SELECT role, (SELECT class_id FROM enrolments e JOIN school_years y
                           ON y.school_id = $1 AND y.id = e.school_year_id AND y.starts_on <= $3
                       WHERE e.school_id = $1 AND e.member_id = $2 AND e.ended_at IS NULL
                       ORDER BY y.starts_on DESC LIMIT 1) AS \"class_id: crate::ids::ClassId\"
         FROM members WHERE school_id = $1 AND id = $2 AND status = 'active'",
        school_id,
        member_id,
        today,
    );
    let Some(member) = member.fetch_optional(&mut *tx).await? else { return Ok(Vec::new()) };
    let of = match (member.role.as_str(), member.class_id) {
        ("student", Some(class_id)) => LessonsOf::Class(class_id),
        ("student", None) => return Ok(Vec::new()),
        _ => LessonsOf::Teacher(member_id),
    };
    let bells = bells::all(&scope, &mut tx).await?;
    let mut of_version: HashMap<TimetableId, Vec<Lesson>> = HashMap::new();
    let holding = week::holding(&scope, &mut tx, from, until).await?;
    for version in &holding {
        of_version.insert(version.id, lessons::of(&scope, &mut tx, version.id, of).await?);
    }
    let covers = Covers::between(&scope, &mut tx, (from, until), &holding).await?;
    let special = days::between(&scope, &mut tx, from, until).await?;
    let is_of_class = matches!(of, LessonsOf::Class(_));
    let duties = if is_of_class {
        Vec::new()
    } else {
        let now = app.clock.now();
        own::duties_of(&scope, &mut tx, member_id, (now - Days::new(BACK), now + Days::new(AHEAD))).await?
    };
    tx.commit().await?;
    let mut entries: Vec<CalendarEntry> = duties.iter().map(|duty| duty_entry(l, &scope, member_id, duty)).collect();
    for version in &holding {
        let lessons = of_version.remove(&version.id).unwrap_or_default();
        let mut date = version.from.max(from);
        while date <= version.until.min(until) {
            let day = week::number_of(date);
            // A holiday has none.
            let bells_then = special.bells(date, &bells);
            let planned = lessons.iter().filter(|lesson| lesson.slot.day == day).cloned().collect();
            let mut held = covers.applied(date, planned, of);
            // Who is away has no lessons.
            held.retain(|lesson| is_of_class || !matches!(lesson.cover, Some(Cover::By(_) | Cover::Nobody)));
            entries.extend(held.iter().filter_map(|lesson| {
                let bell = bells_then.at(lesson.slot)?;
                Some(entry(&scope, member_id, date, lesson, bell, is_of_class))
            }));
            date = date + Days::new(1);
        }
    }
    Ok(entries)
}

/// A duty at an exam. Its UID consists of the member and the paper, so that a change of the room updates the event, and a duty
/// that is given to another member becomes an event of theirs.
fn duty_entry(l: &Translator, scope: &Scope, member_id: MemberId, duty: &OwnDuty) -> CalendarEntry {
    let (begins, ends) = (duty.starts_at.with_timezone(&vietnam()), duty.ends_at.with_timezone(&vietnam()));
    let room = duty.room.as_ref().map(|room| match duty.place.as_deref() {
        None | Some("") => room.clone(),
        Some(place) => format!("{room} ({place})"),
    });
    CalendarEntry {
        uid: format!("{member_id}-{}-duty@schoolgate", duty.paper_id),
        date: begins.date_naive(),
        begins: begins.time(),
        ends: ends.time(),
        summary: l.t1("calendar-duty", "subject", duty.subject.as_str()),
        location: Some(room.unwrap_or_else(|| l.t("exam-corridor"))),
        description: format!("{} · {}", duty.exam, scope.school.name),
    }
}

fn entry(
    scope: &Scope,
    member_id: MemberId,
    date: NaiveDate,
    lesson: &Lesson,
    bell: bells::Bell,
    is_of_class: bool,
) -> CalendarEntry {
    // By whose lesson it is and when: another version that changes the subject changes this event.
    // One that is taken for another teacher may stand beside an own one, where the timetable was changed since.
    let taken = if !is_of_class && lesson.cover.is_some() { "-taken" } else { "" };
    let uid = format!("{}-{}-{}{taken}@schoolgate", member_id, date.format("%Y%m%d"), lesson.slot.key());
    let teacher = lesson.teacher.clone().unwrap_or_default();
    CalendarEntry {
        uid,
        date,
        begins: bell.begins,
        ends: bell.ends,
        summary: if is_of_class {
            lesson.subject.clone()
        } else {
            format!("{} · {}", lesson.class_name, lesson.short_name)
        },
        location: lesson.room.clone(),
        description: if is_of_class { teacher } else { scope.school.name.clone() },
    }
}
