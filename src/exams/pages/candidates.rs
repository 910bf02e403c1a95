//! Candidates and their numbers, and one candidate.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{
    Frame, Opened, Step,
    appeals::{read_mark, read_reason},
    checked, faults as faults_of, is_on, is_seed, open, papers_of, shell_of,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::{candidates, corrections, publication},
        marks::{self, Mark},
        model::{Candidate, ExamClass, ExamRoom, Paper, SeatTaken, Task},
        numbers::{NumberFormat, NumberOrder},
        store,
    },
    ids::{CandidateId, ClassId, MemberId, PaperId},
    paths,
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// The states by which the list is filtered.
const LATE: &str = "late";
const WITHDRAWN: &str = "withdrawn";

/// How many candidates a page shows.
const PAGE: usize = 100;

#[derive(Template)]
#[template(path = "exams/candidates.html")]
pub(super) struct CandidatesPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    classes: Vec<ExamClass>,
    candidates: Vec<Candidate>,
    /// All that the filter shows, and those without a number.
    count: usize,
    unnumbered: usize,
    /// Published classes that lack marks, since candidates came later, with how many.
    missing: Vec<(String, usize)>,
    query: CandidatesQuery,
    form: AddForm,
    numbers: NumbersForm,
    faults: FormErrors,
}

impl CandidatesPage {
    fn is_filtered(&self) -> bool {
        !self.query.class.is_empty() || !self.query.state.is_empty()
    }

    fn pages(&self) -> usize {
        self.count.div_ceil(PAGE).max(1)
    }

    fn page(&self) -> usize {
        self.query.page.clamp(1, self.pages())
    }

    fn at(&self, page: usize) -> String {
        let list = paths::ExamCandidates::of(&self.frame.code, self.frame.exam.id);
        list.with("class", &self.query.class).with("state", &self.query.state).with("page", page).to_string()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CandidatesQuery {
    class: String,
    /// Those who are late, or withdrew; empty: all.
    state: String,
    page: usize,
}

impl CandidatesQuery {
    fn is_class(&self, id: &ClassId) -> bool {
        self.class.parse() == Ok(*id)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddForm {
    classes: Vec<String>,
    /// Usernames or identifiers of the ministry, each in a line.
    pupils: String,
    /// Ids of pupils, as the review of a sheet has them.
    members: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NumbersForm {
    prefix: String,
    width: String,
    order: String,
    seed: String,
    /// Takes back the numbers that were given.
    again: String,
}

pub(super) async fn candidates_page(
    visitor: &RequestContext,
    opened: Opened,
    query: CandidatesQuery,
    numbers: Option<NumbersForm>,
    faults: FormErrors,
) -> Result<CandidatesPage> {
    let Opened { mut tx, entrusted, exam } = opened;
    let classes = store::classes(&entrusted, &mut tx, exam.id).await?;
    let mut candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let missing = publication::missing_in_published(&entrusted, &mut tx, &exam, &classes, visitor.now).await?;
    tx.commit().await?;
    let unnumbered = candidates.iter().filter(|each| each.number.is_none() && !each.is_withdrawn).count();
    if let Ok(class) = query.class.parse::<ClassId>() {
        candidates.retain(|each| each.class_id == class);
    }
    match query.state.as_str() {
        LATE => candidates.retain(|each| each.is_late),
        WITHDRAWN => candidates.retain(|each| each.is_withdrawn),
        _ => {}
    }
    let count = candidates.len();
    let page = query.page.clamp(1, count.div_ceil(PAGE).max(1));
    let candidates = candidates.into_iter().skip((page - 1) * PAGE).take(PAGE).collect();
    let numbers = numbers.unwrap_or_else(|| match &exam.numbering {
        Some(numbering) => NumbersForm {
            prefix: numbering.prefix.clone(),
            width: numbering.width.to_string(),
            order: numbering.order.key().to_owned(),
            ..NumbersForm::default()
        },
        None => NumbersForm { width: "4".to_owned(), order: "name".to_owned(), ..NumbersForm::default() },
    });
    Ok(CandidatesPage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Candidates),
        classes,
        candidates,
        count,
        unnumbered,
        missing,
        query,
        form: AddForm::default(),
        numbers,
        faults,
    })
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Query(query): Query<CandidatesQuery>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    html(&candidates_page(&visitor, opened, query, None, FormErrors::new()).await?)
}

pub async fn add(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<AddForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let page = candidates_page(&visitor, opened, CandidatesQuery::default(), None, FormErrors::new()).await?;
    let page = CandidatesPage { form: form.clone(), ..page };
    let lines: Vec<String> = form.pupils.lines().map(text::clean).filter(|line| !line.is_empty()).collect();
    let values: Vec<&str> = form.classes.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    let is_all = values.contains(&"all");
    let classes: Vec<ClassId> = values.iter().filter_map(|value| value.parse().ok()).collect();
    let members: Option<Vec<MemberId>> =
        form.members.iter().flat_map(|value| value.split(',')).map(|id| id.trim().parse().ok()).collect();
    let members = members.ok_or(Error::NotFound)?;
    let known = |id: &ClassId| page.classes.iter().any(|class| class.id == *id);
    let added = match () {
        () if !members.is_empty() => candidates::add_members(&entrusted, &app, &members).await?,
        () if !lines.is_empty() => candidates::add_named(&entrusted, &app, &lines).await?,
        () if is_all => candidates::add_classes(&entrusted, &app, None).await?,
        () if classes.is_empty() => {
            return refused(&CandidatesPage { faults: FormErrors::one("classes", "fault-exam-nobody-chosen"), ..page });
        }
        () if !classes.iter().all(known) => return Err(Error::NotFound),
        () => candidates::add_classes(&entrusted, &app, Some(&classes)).await?,
    };
    match added {
        Ok(count) => {
            let to = paths::ExamCandidates::of(&granted.school.code, entrusted.exam_id);
            Ok(page::redirect(to.with("done", "exam-candidates-added").with("n", count).to_string()))
        }
        Err(refusal) => refused(&CandidatesPage { faults: faults_of(refusal), ..page }),
    }
}

pub async fn number(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    Form(form): Form<NumbersForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let mut faults = FormErrors::new();
    let width = form.width.trim();
    let width = if width.is_empty() { 4 } else { width.parse().unwrap_or(0) };
    let order = if form.order.is_empty() { Some(NumberOrder::Name) } else { NumberOrder::from_key(&form.order) };
    if order.is_none() {
        faults.add("order", "fault-exam-order");
    }
    let format = NumberFormat::new(form.prefix.trim(), width);
    if let Err(fault) = format {
        faults.add(fault.field(), format!("fault-{}", fault.key()));
    }
    if !is_seed(&form.seed) {
        faults.add("seed", "fault-exam-seed");
    }
    let (seed, again) = (form.seed.trim().to_owned(), is_on(&form.again));
    let page = candidates_page(&visitor, opened, CandidatesQuery::default(), Some(form), faults.clone()).await?;
    let (Ok(format), Some(order), true) = (format, order, faults.is_empty()) else { return refused(&page) };
    match candidates::number(&entrusted, &app, &format, order, &seed, again).await? {
        Ok(count) => {
            let to = paths::ExamCandidates::of(&granted.school.code, entrusted.exam_id);
            Ok(page::redirect(to.with("done", "exam-numbered").with("n", count).to_string()))
        }
        Err(refusal) => refused(&CandidatesPage { faults: faults_of(refusal), ..page }),
    }
}

#[derive(Template)]
#[template(path = "exams/candidate.html")]
struct CandidatePage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    candidate: Candidate,
    papers: Vec<Paper>,
    rooms: Vec<ExamRoom>,
    seats: Vec<SeatTaken>,
    /// What counts, by paper.
    marks: Vec<(PaperId, Mark)>,
    /// Whether the marks of the class are published: from then on they can be corrected.
    is_published: bool,
    corrections: Vec<corrections::Correction>,
    correction: CorrectionForm,
    form: CandidateForm,
    faults: FormErrors,
}

impl CandidatePage {
    fn mark(&self, paper: &Paper) -> String {
        let mark = self.marks.iter().find(|(id, _)| *id == paper.id).map(|(_, mark)| *mark);
        mark.map(Mark::typed).unwrap_or_default()
    }

    fn place(&self, paper: &Paper) -> Option<(String, i16)> {
        let seat = self.seats.iter().find(|seat| seat.paper_id == paper.id)?;
        let room = self.rooms.iter().find(|room| room.id == seat.room_id)?;
        Some((room.name.clone(), seat.seat))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CandidateForm {
    withdrawn: String,
    exempt_from: Vec<String>,
}

impl CandidateForm {
    fn is_exempt(&self, id: &PaperId) -> bool {
        papers_of(&self.exempt_from).contains(id)
    }
}

async fn candidate_page(
    visitor: &RequestContext,
    opened: Opened,
    id: &str,
    form: Option<CandidateForm>,
) -> Result<CandidatePage> {
    let id: CandidateId = id.parse().map_err(|_| Error::NotFound)?;
    let Opened { mut tx, entrusted, exam } = opened;
    let candidates = store::candidates(&entrusted, &mut tx, exam.id).await?;
    let candidate = candidates.into_iter().find(|each| each.id == id).ok_or(Error::NotFound)?;
    let papers = store::papers(&entrusted, &mut tx, exam.id).await?;
    let rooms = store::rooms(&entrusted, &mut tx, exam.id).await?;
    let mut seats = store::seats(&entrusted, &mut tx, exam.id).await?;
    let typed =
        if entrusted.is_holder { store::marks(&entrusted, &mut tx, exam.id).await? } else { store::TypedMarks::new() };
    let classes = store::classes(&entrusted, &mut tx, exam.id).await?;
    let is_published = classes.iter().any(|each| each.id == candidate.class_id && each.is_published(&visitor.now));
    let mut corrections =
        if entrusted.is_holder { corrections::all(&entrusted, &mut tx, exam.id).await? } else { Vec::new() };
    corrections.retain(|each| each.candidate_id == id);
    tx.commit().await?;
    let counting = |paper: &Paper| Some((paper.id, marks::counting(exam.entries, typed.get(&(paper.id, id))?)?));
    let marks = papers.iter().filter_map(counting).collect();
    seats.retain(|seat| seat.candidate_id == id);
    let form = form.unwrap_or_else(|| CandidateForm {
        withdrawn: checked(candidate.is_withdrawn),
        exempt_from: candidate.exempt_from.iter().map(ToString::to_string).collect(),
    });
    Ok(CandidatePage {
        l: visitor.l,
        shell: shell_of(visitor, &entrusted),
        frame: Frame::new(&entrusted, exam, Step::Candidates),
        candidate,
        papers,
        rooms,
        seats,
        marks,
        is_published,
        corrections,
        correction: CorrectionForm::default(),
        form,
        faults: FormErrors::new(),
    })
}

pub async fn edit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, candidate)): Path<(String, String, String)>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    html(&candidate_page(&visitor, opened, &candidate, None).await?)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, candidate)): Path<(String, String, String)>,
    Form(form): Form<CandidateForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone();
    let page = candidate_page(&visitor, opened, &candidate, Some(form)).await?;
    let known = |id: &PaperId| page.papers.iter().any(|paper| paper.id == *id);
    let exempt: Vec<_> = papers_of(&page.form.exempt_from).into_iter().filter(known).collect();
    let id = page.candidate.id;
    match candidates::change(&entrusted, &app, id, is_on(&page.form.withdrawn), &exempt).await? {
        Ok(()) => {
            let to = paths::ExamCandidate::of(&granted.school.code, entrusted.exam_id, id);
            Ok(page::redirect(to.with("done", "exam-candidate-changed").to_string()))
        }
        Err(refusal) => refused(&CandidatePage { faults: faults_of(refusal), ..page }),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    paper: String,
    mark: String,
    reason: String,
    appeal: String,
}

pub async fn correct(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, candidate)): Path<(String, String, String)>,
    Form(form): Form<CorrectionForm>,
) -> PageResult {
    let opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let entrusted = opened.entrusted.clone().holder()?;
    let page = candidate_page(&visitor, opened, &candidate, None).await?;
    let page = CandidatePage { correction: form, ..page };
    let mut faults = FormErrors::new();
    let mark = read_mark(&page.correction.mark, page.frame.exam.typing(), &mut faults);
    let reason = read_reason(&page.correction.reason, &mut faults);
    let (Some(mark), true) = (mark, faults.is_empty()) else { return refused(&CandidatePage { faults, ..page }) };
    let paper: PaperId = page.correction.paper.parse().map_err(|_| Error::NotFound)?;
    let id = page.candidate.id;
    match corrections::correct(&entrusted, &app, id, paper, mark, &reason, is_on(&page.correction.appeal)).await? {
        Ok(()) => {
            let to = paths::ExamCandidate::of(&granted.school.code, entrusted.exam_id, id);
            Ok(page::redirect(to.with("done", "exam-mark-corrected")))
        }
        Err(refusal) => refused(&CandidatePage { faults: faults_of(refusal), ..page }),
    }
}
