//! A published week: everybody's own, and for those who make the timetable that of each class, teacher and room.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use sqlx::PgConnection;

use super::versions;
use crate::{
    access::{Granted, Role, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId, TimetableRoomId},
    paths,
    schools::{
        classes::{self, ClassName},
        years,
    },
    shell::{self, Entry},
    timetable::{
        bells::{self, Bells},
        lessons::{Cover, Lesson, Of},
        model::{Session, day_label},
        rooms,
        week::{self, Day, Holding, Week},
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
    is_this_week: bool,
    /// The addresses of the week before, of this one and of the one after.
    before: String,
    now: String,
    after: String,
    days: Vec<DayShown>,
    holding: Vec<Holding>,
    what: What,
    /// Other pages that go with it: addresses and names.
    others: Vec<(String, String)>,
    /// There is nobody whose lessons could be shown: a pupil without a class.
    is_nobody: bool,
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
    sessions: Vec<(Session, Vec<Row>)>,
    count: usize,
    /// What it is called where it differs from the week.
    special: Option<String>,
}

struct Row {
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
        (class.map(|class| (Of::Class(class.id), What::Class)), line.unwrap_or_default(), Vec::new())
    } else {
        let others = homeroom_links(&granted, &app, &l, &mut tx, member.id).await?;
        (Some((Of::Teacher(member.id), What::Teacher)), member.full_name.clone(), others)
    };
    let page = Asked { here, title: l.t("menu-own-timetable"), line, subject, others, entry: Entry::OwnTimetable };
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
    let page = Asked {
        here: paths::TimetableOfClass::of(&granted.school.code, id).to_string(),
        title: visitor.l.t1("slips-class", "class", class.name.as_str()),
        line: visitor.l.t("menu-timetable"),
        subject: Some((Of::Class(id), What::Class)),
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
    let name = teacher_name(&granted, &mut tx, id).await?;
    let makes = granted.may::<may::ManageTimetable>();
    if !makes && granted.member().is_none_or(|member| member.id != id) {
        return Err(Error::Forbidden);
    }
    let page = Asked {
        here: paths::TimetableOfTeacher::of(&granted.school.code, id).to_string(),
        title: name,
        line: visitor.l.t("menu-timetable"),
        subject: Some((Of::Teacher(id), What::Teacher)),
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
    let page = Asked {
        here: paths::TimetableOfRoom::of(&granted.school.code, id).to_string(),
        title: room.name,
        line: visitor.l.t("menu-timetable"),
        subject: Some((Of::Room(id), What::Room)),
        others: Vec::new(),
        entry: Entry::Timetable,
    };
    html(&week_page(&app, &visitor, &enter, tx, page, &query).await?)
}

fn entry(makes: bool) -> Entry {
    if makes { Entry::Timetable } else { Entry::OwnTimetable }
}

/// Whose week is asked for, and how the page is called.
struct Asked {
    here: String,
    title: String,
    line: String,
    subject: Option<(Of, What)>,
    others: Vec<(String, String)>,
    entry: Entry,
}

async fn week_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::Enter>,
    mut tx: crate::db::Tx,
    asked: Asked,
    query: &WeekQuery,
) -> Result<WeekPage> {
    let today = app.clock.today();
    let this_week = Week::of(today);
    let week = Week::parse(&query.week).unwrap_or(this_week);
    let bells = bells::all(granted, &mut tx).await?;
    let (days, holding) = match asked.subject {
        Some((of, _)) => week::days(granted, &mut tx, week, of).await?,
        None => (Vec::new(), Vec::new()),
    };
    tx.commit().await?;
    let l = visitor.l;
    let to = |week: Week| format!("{}?week={}", asked.here, week.monday);
    let shown = |day: Day| {
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
        span: format!("{} – {}", l.date(&week.monday), l.date(&week.date(6))),
        is_this_week: week == this_week,
        before: to(week.previous()),
        now: to(this_week),
        after: to(week.next()),
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
fn rows(bells: &Bells, lessons: &[Lesson]) -> Vec<(Session, Vec<Row>)> {
    let row = |bell: &bells::Bell| Row {
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

/// The pupil's class of this year.
async fn class_of(
    granted: &Granted<may::Enter>,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
) -> Result<Option<ClassName>> {
    let year = years::current(granted, tx, app.clock.today()).await?;
    let class_id = sqlx::query_scalar!(
        "SELECT class_id FROM enrolments
         WHERE school_id = $1 AND school_year_id = $2 AND member_id = $3 AND ended_at IS NULL",
        granted.school_id(),
        year.id,
        member_id,
    )
    .fetch_optional(&mut *tx)
    .await?;
    match class_id {
        Some(id) => classes::find(granted, tx, id).await.map(Some),
        None => Ok(None),
    }
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

async fn homeroom_classes(
    granted: &Granted<may::Enter>,
    app: &App,
    tx: &mut PgConnection,
    member_id: MemberId,
) -> Result<Vec<ClassName>> {
    let year = years::current(granted, tx, app.clock.today()).await?;
    Ok(sqlx::query_as!(
        ClassName,
        "SELECT id, name FROM classes
         WHERE school_id = $1 AND school_year_id = $2 AND homeroom_member_id = $3 ORDER BY sort_key",
        granted.school_id(),
        year.id,
        member_id,
    )
    .fetch_all(tx)
    .await?)
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

/// # Errors
/// [`Error::NotFound`] where the school has no such member of its staff.
pub(super) async fn teacher_name(scope: &Scope, tx: &mut PgConnection, id: MemberId) -> Result<String> {
    sqlx::query_scalar!(
        "SELECT full_name FROM members WHERE school_id = $1 AND id = $2 AND role <> 'student'",
        scope.school_id(),
        id,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)
}
