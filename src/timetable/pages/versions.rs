//! The versions of a year, and one of them.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    files::{self, FileQuery},
    fixed::FixedForm,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::{ClassId, MemberId, TimetableId},
    paths,
    schools::{classes, year_changes, years::Year},
    shell::{self, MenuPage},
    timetable::{
        assignments,
        bells::{self, Bells},
        lessons::{self, LessonsOf},
        setup,
        subjects::{self, Subject},
        versions::{self, NewVersion, Version},
        week,
    },
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{self, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/versions.html")]
struct VersionsPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    versions: Vec<Version>,
    /// The one that holds today.
    holds: Option<TimetableId>,
    has_assignments: bool,
    /// The address of the actor's own week.
    own: Option<String>,
    form: VersionForm,
    faults: FormErrors,
}

impl VersionsPage {
    fn is_in_force(&self, version: &Version) -> bool {
        self.holds == Some(version.id)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct VersionForm {
    name: String,
    from: String,
    copy_of: String,
}

/// Also `/timetable` for those who make it.
pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    let next = week::Week::of(app.clock.today()).next();
    let form = VersionForm { from: next.monday.to_string(), ..VersionForm::default() };
    html(&versions_page(&app, &visitor, &granted, form, FormErrors::new()).await?)
}

async fn versions_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    form: VersionForm,
    faults: FormErrors,
) -> Result<VersionsPage> {
    let today = app.clock.today();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(granted, app, &mut tx).await?;
    let year = super::year(granted, &mut tx, today).await?;
    let versions = versions::of_year(granted, &mut tx, year.id).await?;
    let holds = week::holding(granted, &mut tx, today, today).await?.first().map(|version| version.id);
    let has_assignments = !assignments::of_year(granted, &mut tx, year.id).await?.is_empty();
    tx.commit().await?;
    Ok(VersionsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        year,
        versions,
        holds,
        has_assignments,
        own: granted.member().map(|member| paths::TimetableOfTeacher::of(&granted.school.code, member.id).to_string()),
        form,
        faults,
    })
}

pub async fn make(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<VersionForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let name = text::clean(&form.name);
    if name.is_empty() || name.chars().count() > versions::LONGEST_NAME {
        faults.add("name", "fault-timetable-version-name");
    }
    let from = forms::date(&form.from);
    if from.is_none() {
        faults.add("from", "fault-timetable-version-from");
    }
    let copy_of = if form.copy_of.is_empty() { None } else { Some(super::id(&form.copy_of)?) };
    if let (Some(holds_from), true) = (from, faults.is_empty()) {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let year = super::year(&granted, &mut tx, app.clock.today()).await?;
        tx.commit().await?;
        if (year.starts_on..=year.ends_on).contains(&holds_from) {
            let new = NewVersion { year_id: year.id, name, holds_from, copy_of };
            if let Some(id) = versions::make(&granted, &app, &new).await? {
                return Ok(page::redirect(paths::TimetableVersion::of(&granted.school.code, id).to_string()));
            }
            faults.add("name", "fault-timetable-versions-many");
        } else {
            faults.add_about("from", "fault-timetable-version-year", year.label());
        }
    }
    refused(&versions_page(&app, &visitor, &granted, form, faults).await?)
}

#[derive(Template)]
#[template(path = "timetable/version.html")]
pub(super) struct VersionPage {
    l: Translator,
    shell: Shell,
    code: String,
    version: Version,
    classes: Vec<Filled>,
    /// Those who are assigned something, for their grids.
    teachers: Vec<(MemberId, String)>,
    assigned: i64,
    /// Its year is over, and the visitor has not opened it.
    is_closed: bool,
    bells: Bells,
    subjects: Vec<Subject>,
    /// The form for lessons that stand at the same time in many classes, and what is in the way of them.
    form: FixedForm,
    faults: FormErrors,
    in_the_way: Vec<String>,
}

impl VersionPage {
    /// The page after such lessons could not be placed, and why.
    pub(super) fn with_fixed(self, form: FixedForm, faults: FormErrors, in_the_way: Vec<String>) -> Self {
        Self { form, faults, in_the_way, ..self }
    }

    /// Every period of the week, to choose from.
    fn slots(&self) -> Vec<(String, String)> {
        self.bells.slots().map(|slot| (slot.key(), super::slot_label(&self.l, slot))).collect()
    }

    fn has_faults(&self) -> bool {
        !self.faults.is_empty() || !self.in_the_way.is_empty()
    }
}

/// A class, and how much of what it is to have stands in the version.
struct Filled {
    id: ClassId,
    name: String,
    placed: i64,
    assigned: i64,
}

/// A version; with `.xlsx` or `.fet` behind its id, the same as a file.
pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, part)): Path<(String, String)>,
    Query(query): Query<FileQuery>,
) -> PageResult {
    let (id, kind) = files::split(&part);
    let id = super::id(id)?;
    if let Some(kind) = kind {
        return files::file(&app, &granted, id, kind, &query.shape, visitor.l).await;
    }
    html(&version_page(&app, &visitor, &granted, id).await?)
}

/// The page of a version.
pub(super) async fn version_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    id: TimetableId,
) -> Result<VersionPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let version = versions::find(granted, &mut tx, id).await?;
    let (bells, subjects) = (bells::all(granted, &mut tx).await?, subjects::all(granted, &mut tx).await?);
    let mut placed: HashMap<ClassId, i64> = HashMap::new();
    for lesson in lessons::of(granted, &mut tx, version.id, LessonsOf::All).await? {
        *placed.entry(lesson.class_id).or_default() += 1;
    }
    let mut teachers: Vec<(MemberId, String)> = Vec::new();
    let mut assigned: HashMap<ClassId, i64> = HashMap::new();
    for line in assignments::of_year(granted, &mut tx, version.year_id).await? {
        *assigned.entry(line.class_id).or_default() += i64::from(line.periods);
        // By teacher, as they come.
        if teachers.last().is_none_or(|(id, _)| *id != line.teacher_id) {
            teachers.push((line.teacher_id, line.teacher));
        }
    }
    let classes = classes::of_year(granted, &mut tx, version.year_id).await?;
    let is_closed = year_changes::is_closed(granted, app, &mut tx, version.year_id).await?;
    tx.commit().await?;
    let filled = |class: classes::Class| Filled {
        placed: placed.get(&class.id).copied().unwrap_or_default(),
        assigned: assigned.get(&class.id).copied().unwrap_or_default(),
        id: class.id,
        name: class.name,
    };
    Ok(VersionPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        version,
        teachers,
        assigned: assigned.values().sum(),
        classes: classes.into_iter().map(filled).collect(),
        is_closed,
        bells,
        subjects,
        form: FixedForm::default(),
        faults: FormErrors::new(),
        in_the_way: Vec::new(),
    })
}

fn done(granted: &Granted<may::ManageTimetable>, id: TimetableId, what: &str) -> PageResult {
    Ok(page::redirect(paths::TimetableVersion::of(&granted.school.code, id).with("done", what).to_string()))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PublishVersionForm {
    /// The teachers and pupils whose lessons change get a mail.
    mail: Option<String>,
}

pub async fn publish(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
    Form(form): Form<PublishVersionForm>,
) -> PageResult {
    let is_announced = form.mail.is_some();
    versions::publish(&granted, &app, id, is_announced).await?;
    done(&granted, id, if is_announced { "timetable-announced" } else { "timetable-published" })
}

pub async fn withdraw(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    versions::withdraw(&granted, &app, id).await?;
    done(&granted, id, "timetable-withdrawn")
}

pub async fn delete(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableId)>,
) -> PageResult {
    if !versions::delete(&granted, &app, id).await? {
        return done(&granted, id, "timetable-is-published");
    }
    let to = paths::TimetableVersions::of(&granted.school.code).with("done", "timetable-deleted");
    Ok(page::redirect(to.to_string()))
}
