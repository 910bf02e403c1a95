//! The pages of exams.

mod appeals;
mod candidates;
mod candidates_sheet;
mod codes;
mod exam;
mod helpers;
mod invigilation;
mod list;
mod lists;
mod marks;
mod marks_sheet;
mod own;
mod papers;
mod printed;
mod publication;
mod results;
mod rooms;
mod rooms_sheet;
mod seating;
mod statistics;

use axum::extract::Multipart;

use super::{
    actions::{Entrusted, ExamRefusal},
    model::{Exam, Task},
    store,
    workbook::Heading,
};
use crate::{
    access::{Action, Granted, Scope, may},
    app::App,
    db::Tx,
    error::{Error, Result},
    ids::{ExamId, PaperId},
    paths,
    routes::{Access, Routes},
    schools::year_changes,
    shell::{self, MenuPage},
    sources::pages::sheet_form::{SHEET_BYTES, SheetForm},
    web::{RequestContext, Shell, Translator, forms::FormErrors},
};

#[must_use]
pub fn routes() -> Routes {
    let holders = Access::School(Action::ManageExams);
    // The task is looked up by the handler.
    let helpers = Access::School(Action::HelpWithExams);
    Routes::new()
        .get(paths::Exams::PATH, holders, list::show)
        .post(paths::Exams::PATH, holders, list::create)
        .creating()
        .get(paths::NewExam::PATH, holders, list::new)
        .get(paths::Exam::PATH, helpers, exam::show)
        .post(paths::Exam::PATH, helpers, exam::change)
        .get(paths::ExamPapers::PATH, helpers, papers::show)
        .post(paths::ExamPapers::PATH, helpers, papers::add)
        .creating()
        .get(paths::ExamPaper::PATH, helpers, papers::edit)
        .post(paths::ExamPaper::PATH, helpers, papers::change)
        .post(paths::ExamPaperRemoval::PATH, helpers, papers::remove)
        .asking(&[("", "", "exam-paper-remove-ask")])
        .get(paths::ExamRooms::PATH, helpers, rooms::show)
        .post(paths::ExamRooms::PATH, helpers, rooms::add)
        .creating()
        .get(paths::ExamRoom::PATH, helpers, rooms::edit)
        .post(paths::ExamRoom::PATH, helpers, rooms::change)
        .post(paths::ExamRoomRemoval::PATH, helpers, rooms::remove)
        .get(paths::ExamCandidates::PATH, helpers, candidates::show)
        .post(paths::ExamCandidates::PATH, helpers, candidates::add)
        .creating()
        .get(paths::ExamCandidate::PATH, helpers, candidates::edit)
        .post(paths::ExamCandidate::PATH, helpers, candidates::change)
        .get(paths::ExamNumbers::PATH, helpers, candidates::show)
        .post(paths::ExamNumbers::PATH, helpers, candidates::number)
        .get(paths::ExamSeating::PATH, helpers, seating::show)
        .post(paths::ExamSeating::PATH, helpers, seating::seat)
        .asking(&[("all", "on", "exam-seat-again-ask")])
        .get(paths::ExamList::PATH, helpers, lists::show)
        .get(paths::ExamInvigilation::PATH, helpers, invigilation::show)
        .post(paths::ExamInvigilation::PATH, helpers, invigilation::change)
        .asking(&[("all", "on", "exam-duties-again-ask")])
        .get(paths::ExamCodes::PATH, helpers, codes::show)
        .post(paths::ExamCodes::PATH, helpers, codes::cut)
        .asking(&[("", "", "exam-codes-again-ask")])
        .get(paths::ExamMarks::PATH, helpers, marks::show)
        .post(paths::ExamMarks::PATH, helpers, marks::type_in)
        .upload(paths::ExamMarksSheet::PATH, helpers, SHEET_BYTES, marks_sheet::review)
        .upload(paths::ExamRoomsSheet::PATH, helpers, SHEET_BYTES, rooms_sheet::review)
        .upload(paths::ExamCandidatesSheet::PATH, helpers, SHEET_BYTES, candidates_sheet::review)
        .get(paths::ExamPublication::PATH, helpers, publication::show)
        .post(paths::ExamPublication::PATH, helpers, publication::publish)
        .asking(&[("", "", "exam-publish-ask")])
        .get(paths::ExamResults::PATH, helpers, results::show)
        .get(paths::ExamAppeals::PATH, helpers, appeals::show)
        .post(paths::ExamAppeals::PATH, helpers, appeals::enter)
        .creating()
        .get(paths::ExamStatistics::PATH, helpers, statistics::show)
        .get(paths::ExamHelpers::PATH, helpers, helpers::show)
        .post(paths::ExamHelpers::PATH, helpers, helpers::change)
        .post(paths::ExamCopy::PATH, helpers, exam::copy)
        .creating()
        .post(paths::ExamCorrections::PATH, helpers, candidates::correct)
        .creating()
        .get(paths::OwnExams::PATH, Access::School(Action::Enter), own::show)
        .get(paths::OwnClassExams::PATH, Access::School(Action::HelpPupils), own::of_class)
}

/// The pages of one exam, in the order in which one gets to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Exam,
    Papers,
    Rooms,
    Candidates,
    Seating,
    Invigilation,
    Marks,
    Helpers,
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Exam,
        Self::Papers,
        Self::Rooms,
        Self::Candidates,
        Self::Seating,
        Self::Invigilation,
        Self::Marks,
        Self::Helpers,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Exam => "exam",
            Self::Papers => "papers",
            Self::Rooms => "rooms",
            Self::Candidates => "candidates",
            Self::Seating => "seating",
            Self::Invigilation => "invigilation",
            Self::Marks => "publication",
            Self::Helpers => "helpers",
        }
    }

    fn task(self) -> Option<Task> {
        match self {
            Self::Exam => None,
            Self::Papers => Some(Task::Papers),
            Self::Rooms | Self::Candidates | Self::Seating => Some(Task::Seating),
            Self::Invigilation => Some(Task::Invigilation),
            // Those who hold the grant alone.
            Self::Marks | Self::Helpers => None,
        }
    }

    fn address(self, code: &str, exam: ExamId) -> String {
        match self {
            Self::Exam => paths::Exam::of(code, exam).to_string(),
            Self::Papers => paths::ExamPapers::of(code, exam).to_string(),
            Self::Rooms => paths::ExamRooms::of(code, exam).to_string(),
            Self::Candidates => paths::ExamCandidates::of(code, exam).to_string(),
            Self::Seating => paths::ExamSeating::of(code, exam).to_string(),
            Self::Invigilation => paths::ExamInvigilation::of(code, exam).to_string(),
            Self::Marks => paths::ExamPublication::of(code, exam).to_string(),
            Self::Helpers => paths::ExamHelpers::of(code, exam).to_string(),
        }
    }
}

/// The keys of the steps, for the test of the sentences.
pub const STEPS: [&str; 8] =
    ["exam", "papers", "rooms", "candidates", "seating", "invigilation", "publication", "helpers"];

/// What stands above each page of one exam.
pub struct Frame {
    pub code: String,
    pub exam: Exam,
    pub active: Step,
    /// The pages that the visitor may open: steps and addresses.
    pub steps: Vec<(Step, String)>,
    pub is_holder: bool,
    pub is_of_closed_year: bool,
    /// Marks of a class are published.
    pub is_published: bool,
}

impl Frame {
    fn new(entrusted: &Entrusted, exam: Exam, active: Step) -> Self {
        let code = entrusted.school.code.clone();
        let is_theirs = |step: &Step| match step {
            Step::Marks | Step::Helpers => entrusted.is_holder,
            step => step.task().is_none_or(|task| entrusted.may_do(task)),
        };
        let steps = Step::ALL.into_iter().filter(is_theirs).map(|step| (step, step.address(&code, exam.id))).collect();
        let Entrusted { is_holder, is_of_closed_year, is_published, .. } = *entrusted;
        Self { code, exam, active, steps, is_holder, is_of_closed_year, is_published }
    }

    pub fn may_open(&self, step: &str) -> bool {
        self.steps.iter().any(|(each, _)| each.key() == step)
    }

    /// The address of one of the exam's pages.
    pub fn to(&self, step: &str) -> String {
        match step {
            "exam" => Step::Exam.address(&self.code, self.exam.id),
            rest => format!("{}/{rest}", paths::Exam::of(&self.code, self.exam.id)),
        }
    }
}

/// A page's look-up: the exam of the address, and the permission to do what the page is for.
struct Opened {
    tx: Tx,
    entrusted: Entrusted,
    exam: Exam,
}

async fn open(app: &App, granted: &Granted<may::HelpWithExams>, exam: &str, task: Option<Task>) -> Result<Opened> {
    let id: ExamId = exam.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (mut entrusted, exam) = Entrusted::find(granted, &mut tx, id, task).await?;
    entrusted.is_of_closed_year = year_changes::is_closed(granted, app, &mut tx, exam.year_id).await?;
    entrusted.is_published = store::is_published(granted, &mut tx, exam.id, app.clock.now()).await?;
    Ok(Opened { tx, entrusted, exam })
}

/// The name and the bytes of an uploaded sheet, or the key of a sentence where there is none. The right to seat candidates is
/// checked here, before the sheet is parsed: that takes time, and no transaction is held open meanwhile.
async fn uploaded(
    app: &App,
    granted: &Granted<may::HelpWithExams>,
    exam: &str,
    multipart: Multipart,
) -> Result<(String, Result<Vec<u8>, String>)> {
    let form = SheetForm::read(multipart).await?;
    open(app, granted, exam, Some(Task::Seating)).await?.tx.commit().await?;
    let file = match form.fault() {
        Some(key) => Err(key.to_owned()),
        None => Ok(form.file),
    };
    Ok((form.file_name, file))
}

/// What stands above each page of a workbook.
fn heading_of(l: &Translator, scope: &Scope, exam: &Exam, unit: String) -> Heading {
    Heading {
        unit,
        school: scope.school.name.clone(),
        exam: exam.name.clone(),
        year: l.t1("accounts-year", "year", exam.year_label()),
    }
}

fn shell_of(visitor: &RequestContext, scope: &Scope) -> Shell {
    shell::of_school(visitor, scope, MenuPage::Exams)
}

/// What was refused, as the faults of its form.
fn faults(refusal: ExamRefusal) -> FormErrors {
    let mut faults = FormErrors::new();
    faults.add_about(refusal.field, refusal.key, refusal.value);
    faults
}

fn is_on(value: &str) -> bool {
    value == "on"
}

/// The value of a checkbox, as [`is_on`] reads it.
fn checked(is_on: bool) -> String {
    if is_on { "on".to_owned() } else { String::new() }
}

/// Whether a seed is as short as seeds are.
fn is_seed(typed: &str) -> bool {
    typed.chars().count() <= 40 && !typed.trim().chars().any(char::is_control)
}

/// What is wrong with the name of an exam.
fn name_fault(name: &str) -> Option<&'static str> {
    match name.chars().count() {
        0 => Some("fault-exam-name"),
        1..=150 => None,
        _ => Some("fault-exam-name-long"),
    }
}

/// The ids among values of a form: separate, or with commas between them.
fn papers_of(values: &[String]) -> Vec<PaperId> {
    values.iter().flat_map(|value| value.split(',')).filter_map(|id| id.trim().parse().ok()).collect()
}
