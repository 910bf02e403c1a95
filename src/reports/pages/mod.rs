//! The pages of reports, for those who hold the grant and for owners; and those of operators.

mod country;
mod quality;
mod size;
mod usage;
mod usage_people;
mod users;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{
    daily,
    figures::{self, Figures, GENDERS, SchoolSize},
    quality::QualityLine,
    section::{FigureCell, FigureTable, Picture, Section},
    workbook,
};
use crate::{
    access::{Action, Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event, FileForm},
    error::Result,
    paths,
    routes::{Access, Routes},
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::Form,
        page::{self, XLSX, attached_file},
    },
};

#[must_use]
pub fn routes() -> Routes {
    let reports = Access::School(Action::SeeReports);
    Routes::new()
        .get(paths::ReportUsers::PATH, reports, users::show)
        .get(paths::ReportUsersXlsx::PATH, reports, users::xlsx)
        .get(paths::ReportUsersCsv::PATH, reports, users::csv)
        .get(paths::ReportUse::PATH, reports, usage::show)
        .get(paths::ReportUseXlsx::PATH, reports, usage::xlsx)
        .get(paths::ReportSize::PATH, reports, size::show)
        .get(paths::ReportSizeXlsx::PATH, reports, size::xlsx)
        .get(paths::ReportQuality::PATH, reports, quality::show)
        .get(paths::ReportQualityXlsx::PATH, reports, quality::xlsx)
        .post(paths::ReportCount::PATH, reports, count)
        .get(paths::OperatorReports::PATH, Access::Operator, country::show)
        .get(paths::OperatorReportsXlsx::PATH, Access::Operator, country::xlsx)
        .post(paths::OperatorReportsCount::PATH, Access::Operator, country::count)
}

/// The reports of a school, as tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    Users,
    Use,
    Size,
    Quality,
}

impl Report {
    const ALL: [Self; 4] = [Self::Users, Self::Use, Self::Size, Self::Quality];

    fn key(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Use => "use",
            Self::Size => "size",
            Self::Quality => "quality",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.key() == key)
    }

    fn label(self, l: &Translator) -> String {
        l.tk("reports-tab", self.key())
    }

    fn address(self, code: &str) -> paths::Address {
        match self {
            Self::Users => paths::ReportUsers::of(code).with_query(""),
            Self::Use => paths::ReportUse::of(code).with_query(""),
            Self::Size => paths::ReportSize::of(code).with_query(""),
            Self::Quality => paths::ReportQuality::of(code).with_query(""),
        }
    }

    fn href(self, code: &str) -> String {
        self.address(code).to_string()
    }
}

/// A number on top, and where its people are.
struct FigureTile {
    count: String,
    title: String,
    href: Option<String>,
}

/// The head of a school's report.
struct ReportHead {
    code: String,
    school: String,
    report: Report,
    /// The report is what was counted last, and can be counted anew.
    is_kept: bool,
    /// Of when the figures are.
    line: String,
    file: String,
    /// For paper.
    printed: String,
}

impl ReportHead {
    fn new(
        l: &Translator,
        scope: &Scope,
        report: Report,
        figures: &Figures,
        is_kept: bool,
        today: chrono::NaiveDate,
    ) -> Self {
        Self {
            code: scope.school.code.clone(),
            school: scope.school.name.clone(),
            report,
            is_kept,
            line: match is_kept {
                true => l.t1("reports-counted", "at", l.moment(&figures.counted_at)),
                false => l.t1("accounts-year", "year", figures.year.replace('-', "–")),
            },
            file: format!("{}.xlsx", report.href(&scope.school.code)),
            printed: l.date(&today),
        }
    }

    fn tabs(&self, l: &Translator) -> Vec<(String, String, bool)> {
        let tab = |each: Report| (each.href(&self.code), each.label(l), each == self.report);
        Report::ALL.map(tab).into()
    }
}

/// A report of sections.
#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    l: Translator,
    shell: Shell,
    head: ReportHead,
    tiles: Vec<FigureTile>,
    /// What to do where there is nobody yet; empty otherwise.
    empty: String,
    sections: Vec<Section>,
}

impl ReportPage {
    fn new(visitor: &RequestContext, granted: &Granted<may::SeeReports>, head: ReportHead) -> Self {
        Self {
            l: visitor.l,
            shell: shell::of_school(visitor, granted, MenuPage::Reports),
            head,
            tiles: Vec::new(),
            empty: String::new(),
            sections: Vec::new(),
        }
    }
}

/// The figures of the school, and whether they are what was counted last.
async fn current(app: &App, granted: &Granted<may::SeeReports>) -> Result<(Figures, bool)> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let current = figures::current(granted, app, &mut tx).await?;
    tx.commit().await?;
    Ok(current)
}

/// The figures of the school with all its classes.
async fn for_file(app: &App, granted: &Granted<may::SeeReports>) -> Result<Figures> {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let figures = figures::for_file(granted, app, &mut tx).await?;
    tx.commit().await?;
    Ok(figures)
}

/// Sections as a file. The audit says who took them.
async fn workbook_of(
    granted: &Granted<may::SeeReports>,
    app: &App,
    report: Report,
    sections: Vec<Section>,
) -> PageResult {
    let edges = workbook::Edges { of: granted.school.name.clone(), day: app.clock.today() };
    let file = workbook::written(sections, edges).await?;
    taken(granted, app, report, None, file).await
}

/// A workbook on its way to the person who takes it.
async fn taken(
    granted: &Granted<may::SeeReports>,
    app: &App,
    report: Report,
    people: Option<u64>,
    file: std::fs::File,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let action = AuditAction::ReportTaken { report: report.key().into(), form: FileForm::Xlsx, people };
    audit::record(granted, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    let today = app.clock.today();
    attached_file(file, XLSX, &format!("{}-{}-{today}.xlsx", granted.school.code, report.key()))
}

/// Where the button was pressed: a report, and of the quality report perhaps a line.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RecountForm {
    report: String,
    line: String,
}

/// Has the school counted at once.
async fn count(State(app): State<App>, granted: Granted<may::SeeReports>, Form(form): Form<RecountForm>) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    daily::enqueue(&mut tx, granted.school_id()).await?;
    tx.commit().await?;
    let report = Report::from_key(&form.report).unwrap_or(Report::Quality);
    let to = report.address(&granted.school.code).with("done", "counting");
    let line = QualityLine::from_key(&form.line).filter(|_| report == Report::Quality);
    let to = line.into_iter().fold(to, |to, line| to.with("line", line.key()));
    Ok(page::redirect(to))
}

/// The list of people of the users' report that a number leads to.
fn people(scope: &Scope, query: &[(&str, &str)]) -> String {
    let start = paths::ReportUsers::of(&scope.school.code).with_query("");
    query.iter().fold(start, |address, (name, value)| address.with(name, value)).to_string()
}

/// The label of a grade; of classes without one, a sentence.
fn grade_label(l: &Translator, grade: &str) -> String {
    if grade.is_empty() { l.t("reports-no-grade") } else { l.t1("home-grade", "grade", grade.to_owned()) }
}

fn gender_heads(l: &Translator) -> [String; 4] {
    GENDERS.map(|gender| l.tk("reports-gender", gender))
}

/// A section of classes, which says where it has not all of them.
fn first_classes(l: &Translator, size: &SchoolSize, section: Section) -> Section {
    let told = i64::try_from(section.table.rows.len()).unwrap_or(i64::MAX);
    if told >= size.class_count {
        return section;
    }
    let text = format!("{} {}", section.text, l.t1("reports-first-classes", "count", told));
    section.saying(text.trim_start().to_owned())
}

/// The classes with their pupils by gender.
fn table_of_classes(l: &Translator, scope: &Scope, size: &SchoolSize) -> FigureTable {
    let heads = [l.t("accounts-class"), l.t("home-chart-pupils")];
    let mut table = FigureTable::new(heads.into_iter().chain(gender_heads(l)));
    for class in &size.classes {
        let id = class.id.to_string();
        let pupils = FigureCell::count(class.genders.iter().sum());
        let pupils = pupils.to(people(scope, &[("role", "student"), ("class", &id)]));
        table.push([FigureCell::text(&class.name), pupils].into_iter().chain(class.genders.map(FigureCell::count)));
    }
    table
}
