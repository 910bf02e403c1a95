//! The table of subjects.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    paths,
    shell::{self, MenuPage},
    timetable::{
        setup,
        subjects::{self, SubjectLine, SubjectRefusal},
    },
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// Empty lines below the table, for new subjects.
const NEW_LINES: usize = 3;

#[derive(Template)]
#[template(path = "timetable/subjects.html")]
struct SubjectsPage {
    l: Translator,
    shell: Shell,
    code: String,
    lines: Vec<TypedSubject>,
    faults: FormErrors,
}

/// A line as typed.
#[derive(Clone, Debug, Default)]
struct TypedSubject {
    id: String,
    name: String,
    short_name: String,
    periods: String,
    is_heavy: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SubjectsForm {
    id: Vec<String>,
    name: Vec<String>,
    short_name: Vec<String>,
    periods: Vec<String>,
    /// The numbers of the lines that are ticked, from 0.
    heavy: Vec<String>,
}

impl SubjectsForm {
    fn lines(&self) -> Vec<TypedSubject> {
        let at = |of: &[String], index: usize| of.get(index).map(|text| text::clean(text)).unwrap_or_default();
        let line = |index: usize| TypedSubject {
            id: at(&self.id, index),
            name: at(&self.name, index),
            short_name: at(&self.short_name, index),
            periods: at(&self.periods, index),
            is_heavy: self.heavy.contains(&index.to_string()),
        };
        (0..self.name.len().max(self.short_name.len())).map(line).collect()
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(&granted, &app, &mut tx).await?;
    let subjects = subjects::all(&granted, &mut tx).await?;
    tx.commit().await?;
    let line = |subject: subjects::Subject| TypedSubject {
        id: subject.id.to_string(),
        periods: subject.periods_typed(),
        name: subject.name,
        short_name: subject.short_name,
        is_heavy: subject.is_heavy,
    };
    let lines = subjects.into_iter().map(line).chain(vec![TypedSubject::default(); NEW_LINES]).collect();
    html(&subjects_page(&visitor, &granted, lines, FormErrors::new()))
}

pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Form(form): Form<SubjectsForm>,
) -> PageResult {
    let lines = form.lines();
    let faults = match read(&lines)? {
        Ok(read) => match subjects::save(&granted, &app, &read).await? {
            Ok(()) => {
                let to = paths::TimetableSubjects::of(&granted.school.code).with("done", "timetable-subjects");
                return Ok(page::redirect(to.to_string()));
            }
            Err(refusal) => refusal_of(&lines, &refusal),
        },
        Err(faults) => faults,
    };
    refused(&subjects_page(&visitor, &granted, lines, faults))
}

fn refusal_of(lines: &[TypedSubject], refusal: &SubjectRefusal) -> FormErrors {
    let line_of = |fits: &dyn Fn(&TypedSubject) -> bool| lines.iter().rposition(fits).unwrap_or_default();
    let mut faults = FormErrors::new();
    match refusal {
        SubjectRefusal::Twice(short) => {
            let line = line_of(&|line| line.short_name == *short);
            faults.add_about(format!("short-{line}"), "fault-timetable-short-twice", short.as_str());
        }
        SubjectRefusal::InUse(name) => {
            let line = line_of(&|line| !line.id.is_empty() && line.name.is_empty());
            faults.add_about(format!("name-{line}"), "fault-timetable-subject-used", name.as_str());
        }
        SubjectRefusal::TooMany => faults.add("name-0", "fault-timetable-subjects-many"),
    }
    faults
}

/// The lines that say something.
fn read(lines: &[TypedSubject]) -> Result<std::result::Result<Vec<SubjectLine>, FormErrors>> {
    let (mut faults, mut read) = (FormErrors::new(), Vec::new());
    if lines.is_empty() {
        faults.add("name-0", "fault-timetable-nothing");
    }
    for (number, line) in lines.iter().enumerate() {
        let is_empty = line.name.is_empty() && line.short_name.is_empty();
        if is_empty && line.id.is_empty() {
            continue;
        }
        let id = if line.id.is_empty() { None } else { Some(line.id.parse().map_err(|_| Error::NotFound)?) };
        if !is_empty && (line.name.is_empty() || line.name.chars().count() > 100) {
            faults.add(format!("name-{number}"), "fault-timetable-subject-name");
        }
        if !is_empty && (line.short_name.is_empty() || line.short_name.chars().count() > 20) {
            faults.add(format!("short-{number}"), "fault-timetable-short-name");
        }
        let periods = subjects::read_periods(&line.periods).unwrap_or_else(|| {
            faults.add(format!("periods-{number}"), "fault-timetable-subject-periods");
            Default::default()
        });
        let (name, short_name, is_heavy) = (line.name.clone(), line.short_name.clone(), line.is_heavy);
        read.push(SubjectLine { id, name, short_name, periods, is_heavy });
    }
    Ok(faults.or_ok(read))
}

fn subjects_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    lines: Vec<TypedSubject>,
    faults: FormErrors,
) -> SubjectsPage {
    SubjectsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        lines,
        faults,
    }
}
