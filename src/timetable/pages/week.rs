//! A published week, or a day of it: everybody's own, and for those who make the timetable that of each class, teacher
//! and room.

use askama::Template;
use axum::extract::{Query, State};
use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;
use sqlx::PgConnection;

use super::versions;
use crate::{
    access::{Granted, Role, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId, TimetableRoomId},
    paths,
    schools::classes::{self, ClassName},
    shell::{self, MenuPage},
    timetable::{
        bells::{self, Bells},
        lessons::{Cover, Lesson, LessonsOf},
        members::{self, class_of, homeroom_classes},
        model::{Session, day_label},
        rooms,
        week::{self, DayLessons, Holding, Week},
    },
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, html},
};

#[derive(Template)]
#[template(path = "timetable/week.html")]
struct WeekPage {
    l: Translator,
    shell: Shell,
    title: String,
    line: String,
    /// From when to when.
    span: String,
    turn: Turn,
    days: Vec<DayShown>,
    holding: Vec<Holding>,
    what: What,
    /// Other pages that go with it: addresses and names.
    others: Vec<(String, String)>,
    /// There is nobody whose lessons could be shown: a pupil without a class.
    is_nobody: bool,
}

/// The addresses to which the page of a week or a day leads: the one before, today's and the one after.
struct Turn {
    is_day: bool,
    /// It is today's.
    is_now: bool,
    before: String,
    now: String,
    after: String,
    /// The day alone, or the whole week.
    other: String,
}

impl Turn {
    fn of_week(here: &str, week: Week, today: NaiveDate) -> Self {
        let to = |week: Week| format!("{here}?week={}", week.monday);
        let is_now = week == Week::of(today);
        let day = if is_now { school_day(today) } else { week.monday };
        Self {
            is_day: false,
            is_now,
            before: to(week.previous()),
            now: to(Week::of(today)),
            after: to(week.next()),
            other: format!("{here}?day={day}"),
        }
    }

    fn of_day(here: &str, day: NaiveDate, today: NaiveDate) -> Self {
        let to = |day: NaiveDate| format!("{here}?day={day}");
        // The day before a Monday is a Saturday.
        let before = if week::number_of(day) == 1 { day - Days::new(2) } else { day - Days::new(1) };
        Self {
            is_day: true,
            is_now: day == school_day(today),
            before: to(before),
            now: to(school_day(today)),
            after: to(school_day(day + Days::new(1))),
            other: format!("{here}?week={}", Week::of(day).monday),
        }
    }
}

/// The day itself, or the Monday after a Sunday.
fn school_day(date: NaiveDate) -> NaiveDate {
    if week::number_of(date) > 6 { date + Days::new(1) } else { date }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Class,
    Teacher,
    Room,
}

struct DayShown {
    name: String,
    date: String,
    is_today: bool,
    sessions: Vec<(Session, Vec<WeekRow>)>,
    count: usize,
    /// What it is called where it differs from the week.
    special: Option<String>,
}

struct WeekRow {
    period: i16,
    begins: String,
    ends: String,
    lessons: Vec<Lesson>,
}

impl WeekPage {
    fn is_of_class(&self) -> bool {
        self.what == What::Class
    }

    fn is_of_room(&self) -> bool {
        self.what == What::Room
    }

    /// What differs from the timetable on this day.
    fn cover(&self, lesson: &Lesson) -> Option<String> {
        Some(match lesson.cover.as_ref()? {
            Cover::By(name) => self.l.t1("timetable-taken-by", "name", name.as_str()),
            Cover::InsteadOf(name) => self.l.t1("timetable-instead-of", "name", name.as_str()),
            Cover::Nobody => self.l.t("timetable-away"),
        })
    }

    fn count(&self) -> usize {
        self.days.iter().map(|day| day.count).sum()
    }

    fn is_plain(&self) -> bool {
        self.days.iter().all(|day| day.special.is_none())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WeekQuery {
    week: String,
    /// A day, which is shown alone.
    day: String,
}

impl WeekQuery {
    /// The day that is asked for, if one is.
    fn day(&self) -> Option<NaiveDate> {
        let day = self.day.parse::<NaiveDate>().ok();
        day.filter(|date| (1900..=2999).contains(&date.year())).map(school_day)
    }
}

/// `/timetable`: those who make it see its versions, others their own week.
pub async fn home(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::Enter>,
    Query(query): Query<WeekQuery>,
) -> PageResult {
    if let Ok(makes) = granted.grant::<may::ManageTimetable>() {
        return versions::list(State(app), visitor, makes).await;
    }
    let member = granted.member().ok_or(Error::NotFound)?.clone();
    let here = paths::Timetable::of(&granted.school.code).to_string();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let l = visitor.l;
    let (subject, line, others) = if member.authority.role == Role::Student {
        let class = class_of(&granted, &app, &mut tx, member.id).await?;
        let line = class.as_ref().map(|class| l.t1("slips-class", "class", class.name.as_str()));
        (class.map(|class| (LessonsOf::Class(class.id), What::Class)), line.unwrap_or_default(), Vec::new())
    } else {
        let others = homeroom_links(&granted, &app, &l, &mut tx, member.id).await?;
        (Some((LessonsOf::Teacher(member.id), What::Teacher)), member.full_name.clone(), others)
    };
    let page =
        WeekRequest { here, title: l.t("menu-own-timetable"), line, subject, others, entry: MenuPage::OwnTimetable };
    html(&week_page(&app, &visitor, &granted, tx, page, &query).await?)
}

pub async fn of_class(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::Enter>,
    Path((_, id)): Path<(String, ClassId)>,
    Query(query): Query<WeekQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let class = classes::find(&granted, &mut tx, id).await?;
    let makes = granted.may::<may::ManageTimetable>();
    if !makes && !is_of_class(&granted, &app, &mut tx, id).await? {
        return Err(Error::Forbidden);
    }
    let page = WeekRequest {
        here: paths::TimetableOfClass::of(&granted.school.code, id).to_string(),
        title: visitor.l.t1("slips-class", "class", class.name.as_str()),
        line: visitor.l.t("menu-timetable"),
        subject: Some((LessonsOf::Class(id), What::Class)),
        others: Vec::new(),
        entry: entry(makes),
    };
    html(&week_page(&app, &visitor, &granted, tx, page, &query).await?)
}

pub async fn of_teacher(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::Enter>,
    Path((_, id)): Path<(String, MemberId)>,
    Query(query): Query<WeekQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let name = members::teacher_name(&granted, &mut tx, id).await?;
    let makes = granted.may::<may::ManageTimetable>();
    if !makes && granted.member().is_none_or(|member| member.id != id) {
        return Err(Error::Forbidden);
    }
    let page = WeekRequest {
        here: paths::TimetableOfTeacher::of(&granted.school.code, id).to_string(),
        title: name,
        line: visitor.l.t("menu-timetable"),
        subject: Some((LessonsOf::Teacher(id), What::Teacher)),
        others: Vec::new(),
        entry: entry(makes),
    };
    html(&week_page(&app, &visitor, &granted, tx, page, &query).await?)
}

pub async fn of_room(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableRoomId)>,
    Query(query): Query<WeekQuery>,
) -> PageResult {
    let enter = granted.grant::<may::Enter>()?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let room = rooms::all(&granted, &mut tx).await?.into_iter().find(|room| room.id == id).ok_or(Error::NotFound)?;
    let page = WeekRequest {
        here: paths::TimetableOfRoom::of(&granted.school.code, id).to_string(),
        title: room.name,
        line: visitor.l.t("menu-timetable"),
        subject: Some((LessonsOf::Room(id), What::Room)),
        others: Vec::new(),
        entry: MenuPage::Timetable,
    };
    html(&week_page(&app, &visitor, &enter, tx, page, &query).await?)
}

fn entry(makes: bool) -> MenuPage {
    if makes { MenuPage::Timetable } else { MenuPage::OwnTimetable }
}

/// Whose week is asked for, and how the page is called.
struct WeekRequest {
    here: String,
    title: String,
    line: String,
    subject: Option<(LessonsOf, What)>,
    others: Vec<(String, String)>,
    entry: MenuPage,
}

async fn week_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::Enter>,
    mut tx: crate::db::Tx,
    asked: WeekRequest,
    query: &WeekQuery,
) -> Result<WeekPage> {
    let today = app.clock.today();
    let only = query.day();
    let week = only.map(Week::of).or_else(|| Week::parse(&query.week)).unwrap_or(Week::of(today));
    let bells = bells::all(granted, &mut tx).await?;
    let (mut days, mut holding) = match asked.subject {
        Some((of, _)) => week::days(granted, &mut tx, week, of).await?,
        None => (Vec::new(), Vec::new()),
    };
    tx.commit().await?;
    let l = visitor.l;
    let (mut turn, mut span) =
        (Turn::of_week(&asked.here, week, today), format!("{} – {}", l.date(&week.monday), l.date(&week.date(6))));
    if let Some(only) = only {
        days.retain(|day| day.date == only);
        holding.retain(|version| (version.from..=version.until).contains(&only));
        turn = Turn::of_day(&asked.here, only, today);
        span = format!("{}, {}", l.t(day_label(week::number_of(only))), l.date(&only));
    }
    let shown = |day: DayLessons| {
        let special_bells = day.special.as_ref().map(|special| special.bells.clone().unwrap_or_default());
        DayShown {
            name: l.t(day_label(day.number)),
            date: day.date.format("%d/%m").to_string(),
            is_today: day.date == today,
            count: day.lessons.len(),
            sessions: rows(special_bells.as_ref().unwrap_or(&bells), &day.lessons),
            special: day.special.map(|special| special.name),
        }
    };
    Ok(WeekPage {
        l,
        shell: shell::of_school(visitor, granted, asked.entry),
        span,
        turn,
        title: asked.title,
        line: asked.line,
        days: days.into_iter().map(shown).collect(),
        holding,
        what: asked.subject.map_or(What::Class, |(_, what)| what),
        others: asked.others,
        is_nobody: asked.subject.is_none(),
    })
}

/// The periods of a day with their lessons: a room may hold several classes.
fn rows(bells: &Bells, lessons: &[Lesson]) -> Vec<(Session, Vec<WeekRow>)> {
    let row = |bell: &bells::Bell| WeekRow {
        period: bell.period,
        begins: bell.begins.format("%H:%M").to_string(),
        ends: bell.ends.format("%H:%M").to_string(),
        lessons: lessons
            .iter()
            .filter(|lesson| lesson.slot.session == bell.session && lesson.slot.period == bell.period)
            .cloned()
            .collect(),
    };
    let of = |session: Session| (session, bells.of(session).iter().map(row).collect::<Vec<_>>());
    Session::ALL.into_iter().map(of).filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Whether the actor is a pupil or the homeroom teacher of the class this year.
async fn is_of_class(
    granted: &Granted<may::Enter>,
    app: &App,
    tx: &mut PgConnection,
    class_id: ClassId,
) -> Result<bool> {
    let Some(member) = granted.member() else { return Ok(false) };
    let own = if member.authority.role == Role::Student {
        class_of(granted, app, tx, member.id).await?.into_iter().collect()
    } else {
        homeroom_classes(granted, app, tx, member.id).await?
    };
    Ok(own.iter().any(|class| class.id == class_id))
}

async fn homeroom_links(
    granted: &Granted<may::Enter>,
    app: &App,
    l: &Translator,
    tx: &mut PgConnection,
    member_id: MemberId,
) -> Result<Vec<(String, String)>> {
    let classes = homeroom_classes(granted, app, tx, member_id).await?;
    let link = |class: ClassName| {
        let address = paths::TimetableOfClass::of(&granted.school.code, class.id).to_string();
        (address, l.t1("slips-class", "class", class.name.as_str()))
    };
    Ok(classes.into_iter().map(link).collect())
}
