//! Timetables that come as files: handed in, reviewed, taken.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Multipart, State};
use serde::Deserialize;
use uuid::Uuid;

use super::assignment_sheet;
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::TimetableImportId,
    paths,
    schools::{homeroom::HomeroomEntry, years::Year},
    shell::{self, MenuPage},
    sources::spreadsheet::plain,
    timetable::{
        imports::{
            self, ParsedFile,
            meaning::{ImportContext, MisplacedLesson, TimetableReading, UnknownName, understand},
            sheet,
            spellings::{self, NameKind, SpellingChoice},
            taking::{self, TakeRefusal},
            waiting::{self, WaitingImport},
        },
        rooms, setup, subjects,
        versions::{self, NewVersion},
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

/// How many lessons that cannot stand are named.
const MOST_NAMED: usize = 50;

#[derive(Template)]
#[template(path = "timetable/imports.html")]
struct ImportsPage {
    l: Translator,
    shell: Shell,
    code: String,
    waiting: Vec<WaitingImport>,
    faults: FormErrors,
}

pub async fn list(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    html(&imports_page(&app, &visitor, &granted, FormErrors::new()).await?)
}

async fn imports_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    faults: FormErrors,
) -> Result<ImportsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let waiting = waiting::all(granted, &mut tx).await?;
    tx.commit().await?;
    Ok(ImportsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        waiting,
        faults,
    })
}

/// Reads a file, and keeps what it says for the review.
pub async fn read(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    multipart: Multipart,
) -> PageResult {
    let (file_name, file) = assignment_sheet::file(multipart).await?;
    match understood_file(&app, &granted, file).await? {
        Ok(read) => {
            let id = waiting::put(&granted, &app, &file_name, &read).await?;
            Ok(page::redirect(paths::TimetableImport::of(&granted.school.code, id)))
        }
        Err(key) => refused(&imports_page(&app, &visitor, &granted, FormErrors::one("file", key)).await?),
    }
}

/// What a file says; the key of a sentence where it is not read.
async fn understood_file(
    app: &App,
    granted: &Granted<may::ManageTimetable>,
    file: Vec<u8>,
) -> Result<std::result::Result<ParsedFile, String>> {
    if file.is_empty() {
        return Ok(Err("fault-file-missing".to_owned()));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(granted, app, &mut tx).await?;
    let year = super::year(granted, &mut tx, app.clock.today()).await?;
    let ground = taking::ground(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let rows = if imports::is_xml(&file) {
        None
    } else {
        match plain::read(&app.program, file.clone()).await {
            Ok(rows) => Some(rows),
            Err(refusal) => return Ok(Err(format!("refusal-{}", refusal.key()))),
        }
    };
    let read = tokio::task::spawn_blocking(move || match rows {
        Some(rows) => ground.with_known(|known| sheet::read(&rows, known)),
        None => imports::read_xml(&file, ground.morning()),
    });
    Ok(read.await.map_err(anyhow::Error::new)?.map_err(|not_read| not_read.key().to_owned()))
}

#[derive(Template)]
#[template(path = "timetable/import.html")]
struct ImportPage {
    l: Translator,
    shell: Shell,
    code: String,
    waiting: WaitingImport,
    read: ParsedFile,
    ground: ImportContext,
    understood: TimetableReading,
    /// What was typed for names, where that was refused.
    typed: HashMap<String, String>,
    form: TakeForm,
    faults: FormErrors,
}

impl ImportPage {
    fn kind(&self, name: &UnknownName) -> String {
        self.l.t(match name.kind {
            NameKind::Class => "word-class-cap",
            NameKind::Subject => "timetable-subject",
            NameKind::Teacher => "timetable-teacher",
            NameKind::Room => "timetable-import-room",
        })
    }

    /// The list from which a name's meaning is chosen.
    fn list(&self, name: &UnknownName) -> &'static str {
        match name.kind {
            NameKind::Class => "classes",
            NameKind::Subject => "subjects",
            NameKind::Teacher => "teachers",
            NameKind::Room => "rooms",
        }
    }

    /// What stands in the field of a name.
    fn choice(&self, number: &usize, name: &UnknownName) -> String {
        let typed = self.typed.get(&format!("choice_{number}")).cloned();
        typed.unwrap_or_else(|| name.chosen.flatten().and_then(|id| self.shown(name.kind, id)).unwrap_or_default())
    }

    fn is_left_out(&self, name: &UnknownName) -> bool {
        name.chosen == Some(None)
    }

    fn shown(&self, kind: NameKind, id: Uuid) -> Option<String> {
        let ground = &self.ground;
        match kind {
            NameKind::Class => ground.classes.iter().find(|each| each.id.uuid() == id).map(|each| each.name.clone()),
            NameKind::Subject => {
                ground.subjects.iter().find(|each| each.id.uuid() == id).map(|each| each.short_name.clone())
            }
            NameKind::Teacher => ground.teachers.iter().find(|each| each.id.uuid() == id).map(|each| each.label()),
            NameKind::Room => ground.rooms.iter().find(|each| each.id.uuid() == id).map(|each| each.name.clone()),
        }
    }

    fn in_the_way(&self) -> Vec<String> {
        let l = &self.l;
        let sentence = |each: &MisplacedLesson| {
            let conflict = super::conflict_sentence(l, each.slot, &each.conflict);
            format!("{} {}: {conflict}", each.class, each.subject)
        };
        self.understood.in_the_way.iter().take(MOST_NAMED).map(sentence).collect()
    }

    fn field(&self, what: &str, number: &usize) -> String {
        format!("{what}_{number}")
    }

    fn is_ready(&self) -> bool {
        self.understood.unknown() == 0
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TakeForm {
    name: String,
    from: String,
    assignments: Option<String>,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableImportId)>,
) -> PageResult {
    html(&import_page(&app, &visitor, &granted, id, None).await?.0)
}

async fn import_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    id: TimetableImportId,
    form: Option<TakeForm>,
) -> Result<(ImportPage, Year)> {
    let today = app.clock.today();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (waiting, read) = waiting::find(granted, &mut tx, id).await?;
    let year = super::year(granted, &mut tx, today).await?;
    let ground = taking::ground(granted, &mut tx, year.id).await?;
    tx.commit().await?;
    let of_year = |date: &chrono::NaiveDate| (year.starts_on..=year.ends_on).contains(date);
    let from = read.from.filter(of_year).unwrap_or(week::Week::of(today).next().monday);
    let understood = understand(&read, &ground);
    let l = visitor.l;
    let form = form.unwrap_or_else(|| TakeForm {
        name: l.t1("timetable-import-name", "date", l.date(&from)),
        from: from.to_string(),
        assignments: None,
    });
    let page = ImportPage {
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        waiting,
        understood,
        read,
        ground,
        typed: HashMap::new(),
        form,
        faults: FormErrors::new(),
    };
    Ok((page, year))
}

/// What names mean: remembered for this file and all others.
pub async fn choose(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableImportId)>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let (mut page, _) = import_page(&app, &visitor, &granted, id, None).await?;
    let (mut choices, mut faults): (Vec<SpellingChoice>, _) = (Vec::new(), FormErrors::new());
    let mut typed = HashMap::new();
    let at: HashMap<(&str, String), &str> = form
        .iter()
        .filter_map(|(field, name)| {
            let number = field.strip_prefix("spelling_")?;
            Some(((form.get(&format!("kind_{number}"))?.as_str(), spellings::spelling(name)), number))
        })
        .collect();
    for (number, name) in page.understood.names.iter().enumerate() {
        let Some(at) = at.get(&(name.kind.key(), spellings::spelling(&name.spelling))) else { continue };
        if form.contains_key(&format!("out_{at}")) {
            choices.push((name.kind, name.spelling.clone(), Some(None)));
            continue;
        }
        let text = form.get(&format!("choice_{at}")).map(|text| text::clean(text)).unwrap_or_default();
        let field = format!("choice_{number}");
        match meant(&page.ground, name.kind, &text) {
            Ok(target) => choices.push((name.kind, name.spelling.clone(), target.map(Some))),
            Err(key) => faults.add_about(field.as_str(), key, text.as_str()),
        }
        typed.insert(field, text);
    }
    if faults.is_empty() {
        spellings::choose(&granted, &app, &choices).await?;
        let to = paths::TimetableImport::of(&granted.school.code, id).with("done", "timetable-spellings-chosen");
        return Ok(page::redirect(to));
    }
    (page.typed, page.faults) = (typed, faults);
    refused(&page)
}

/// What was typed for a name; none where nothing was.
fn meant(ground: &ImportContext, kind: NameKind, typed: &str) -> std::result::Result<Option<Uuid>, &'static str> {
    if typed.is_empty() {
        return Ok(None);
    }
    let found = match kind {
        NameKind::Class => {
            let classes = super::assignments::classes_meant(typed, &ground.classes).ok();
            return match classes.as_deref() {
                Some([one]) => Ok(Some(one.id.uuid())),
                _ => Err("fault-timetable-class"),
            };
        }
        NameKind::Subject => subjects::meant(typed, &ground.subjects).map(|subject| subject.id.uuid()),
        NameKind::Teacher => match super::teacher_meant(typed, &ground.teachers) {
            HomeroomEntry::One(id) => Some(id.uuid()),
            HomeroomEntry::OneOfSeveral => return Err("fault-timetable-teacher-several"),
            HomeroomEntry::Nobody | HomeroomEntry::Unknown => None,
        },
        NameKind::Room => rooms::meant(typed, &ground.rooms).map(|room| room.id.uuid()),
    };
    let key = match kind {
        NameKind::Class => "fault-timetable-class",
        NameKind::Subject => "fault-timetable-subject",
        NameKind::Teacher => "fault-timetable-teacher",
        NameKind::Room => "fault-timetable-room",
    };
    found.map(Some).ok_or(key)
}

pub async fn take(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableImportId)>,
    Form(form): Form<TakeForm>,
) -> PageResult {
    let (mut page, year) = import_page(&app, &visitor, &granted, id, Some(form.clone())).await?;
    let name = text::clean(&form.name);
    if name.is_empty() || name.chars().count() > versions::LONGEST_NAME {
        page.faults.add("name", "fault-timetable-version-name");
    }
    let from = forms::date(&form.from);
    match from {
        None => page.faults.add("from", "fault-timetable-version-from"),
        Some(from) if !(year.starts_on..=year.ends_on).contains(&from) => {
            page.faults.add_about("from", "fault-timetable-version-year", year.label());
        }
        Some(_) => {}
    }
    let (Some(holds_from), true) = (from, page.faults.is_empty()) else { return refused(&page) };
    let new = NewVersion { year_id: year.id, name, holds_from, copy_of: None };
    match taking::take(&granted, &app, id, &new, form.assignments.is_some()).await? {
        Ok(version) => {
            let to = paths::TimetableVersion::of(&granted.school.code, version).with("done", "timetable-import-taken");
            Ok(page::redirect(to))
        }
        Err(refusal) => {
            let key = match refusal {
                TakeRefusal::Unknown => "fault-timetable-import-unknown",
                TakeRefusal::Nothing => "fault-timetable-import-nothing",
                TakeRefusal::Changed => "fault-timetable-gone",
                TakeRefusal::TooMany => "fault-timetable-versions-many",
            };
            page.faults.add("name", key);
            refused(&page)
        }
    }
}

pub async fn discard(
    State(app): State<App>,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, TimetableImportId)>,
) -> PageResult {
    waiting::discard(&granted, &app, id).await?;
    let to = paths::TimetableImports::of(&granted.school.code).with("done", "timetable-import-discarded");
    Ok(page::redirect(to))
}
