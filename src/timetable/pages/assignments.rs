//! The table of who teaches what, typed along line by line.

use askama::Template;
use axum::{
    extract::{FromRequest, Multipart, Query, Request, State},
    http::header,
};
use serde::Deserialize;

use super::assignment_sheet::{self, SheetFault};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::{MemberId, YearId},
    paths,
    schools::{
        classes::{self, Class},
        homeroom::{self, HomeroomCandidate, HomeroomEntry},
        years::Year,
    },
    shell::{self, MenuPage},
    timetable::{
        assignments::{self, Assignment, NewAssignment},
        rooms::{self, Room},
        setup,
        subjects::{self, Subject},
        wishes,
    },
    vietnam::{class_name, text},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{FieldError, Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/assignments.html")]
struct AssignmentsPage {
    l: Translator,
    shell: Shell,
    code: String,
    year: Year,
    /// Each teacher with what they teach.
    teachers: Vec<Taught>,
    basis: AssignmentChoices,
    q: String,
    form: AssignmentForm,
    faults: FormErrors,
    /// The lines of a sheet that were not understood.
    sheet_faults: Vec<String>,
}

struct Taught {
    id: MemberId,
    name: String,
    sum: i32,
    /// The periods a week that they are to have, where that is known.
    norm: Option<i32>,
    lines: Vec<Assignment>,
}

impl AssignmentsPage {
    /// The periods of a teacher beside what they are to have.
    fn load(&self, taught: &Taught) -> String {
        match taught.norm {
            Some(norm) => self.l.t2("timetable-sum-of-norm", "count", taught.sum, "norm", norm),
            None => self.l.t1("timetable-sum", "count", taught.sum),
        }
    }

    /// How many periods a teacher has too many.
    fn over(&self, taught: &Taught) -> i32 {
        taught.norm.map_or(0, |norm| (taught.sum - norm).max(0))
    }

    /// How many periods a teacher has too few.
    fn under(&self, taught: &Taught) -> i32 {
        taught.norm.map_or(0, |norm| (norm - taught.sum).max(0))
    }
}

/// What can be chosen.
pub(super) struct AssignmentChoices {
    pub subjects: Vec<Subject>,
    pub classes: Vec<Class>,
    pub teachers: Vec<HomeroomCandidate>,
    pub rooms: Vec<Room>,
}

impl AssignmentChoices {
    pub(super) async fn load(
        granted: &Granted<may::ManageTimetable>,
        app: &App,
        tx: &mut sqlx::PgConnection,
        year_id: YearId,
    ) -> Result<Self> {
        setup::ensure(granted, app, tx).await?;
        Ok(Self {
            subjects: subjects::all(granted, tx).await?,
            classes: classes::of_year(granted, tx, year_id).await?,
            teachers: homeroom::candidates(granted, tx).await?,
            rooms: rooms::all(granted, tx).await?,
        })
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AssignmentForm {
    pub(super) teacher: String,
    /// An id, or names: `10A1, 10A3` or `10A1-10A4`.
    pub(super) class: String,
    pub(super) subject: String,
    pub(super) periods: String,
    pub(super) doubles: String,
    pub(super) room: String,
    /// The assignment that goes.
    pub(super) remove: String,
    pub(super) q: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AssignmentsQuery {
    q: String,
    teacher: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Query(query): Query<AssignmentsQuery>,
) -> PageResult {
    let form = AssignmentForm { teacher: query.teacher, ..AssignmentForm::default() };
    html(&assignments_page(&app, &visitor, &granted, query.q, form, FormErrors::new()).await?)
}

/// A line as typed, or a sheet of lines.
pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    request: Request,
) -> PageResult {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        let multipart = Multipart::from_request(request, &app).await.map_err(|_| Error::Malformed)?;
        return save_sheet(app, visitor, granted, multipart).await;
    }
    let Form(form) = Form::<AssignmentForm>::from_request(request, &app).await?;
    let here = paths::TimetableAssignments::of(&granted.school.code);
    if !form.remove.is_empty() {
        assignments::remove(&granted, &app, super::id(&form.remove)?).await?;
        let to = here.with("done", "timetable-unassigned").with("q", &form.q);
        return Ok(page::redirect(to.to_string()));
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = super::year(&granted, &mut tx, app.clock.today()).await?;
    let basis = AssignmentChoices::load(&granted, &app, &mut tx, year.id).await?;
    tx.commit().await?;
    match read(&form, &basis) {
        Ok(line) => {
            if assignments::assign(&granted, &app, &[line]).await?.is_err() {
                let (q, faults) = (form.q.clone(), FormErrors::one("subject", "fault-timetable-gone"));
                return refused(&assignments_page(&app, &visitor, &granted, q, form, faults).await?);
            }
            // The next line is mostly the same teacher's.
            let to = here.with("done", "timetable-assigned").with("teacher", &form.teacher);
            Ok(page::redirect(to.to_string()))
        }
        Err(faults) => {
            let q = form.q.clone();
            refused(&assignments_page(&app, &visitor, &granted, q, form, faults).await?)
        }
    }
}

async fn save_sheet(
    app: App,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    multipart: Multipart,
) -> PageResult {
    let (_, file) = assignment_sheet::file(multipart).await?;
    let mut faults = FormErrors::new();
    let mut sheet_faults = Vec::new();
    if file.is_empty() {
        faults.add("file", "fault-file-missing");
    } else {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        let year = super::year(&granted, &mut tx, app.clock.today()).await?;
        let basis = AssignmentChoices::load(&granted, &app, &mut tx, year.id).await?;
        tx.commit().await?;
        match assignment_sheet::read(&app, &basis, file).await {
            Ok(lines) if assignments::assign(&granted, &app, &lines).await?.is_ok() => {
                let count: usize = lines.iter().map(|line| line.classes.len()).sum();
                let to = paths::TimetableAssignments::of(&granted.school.code).with("done", "timetable-sheet-taken");
                return Ok(page::redirect(to.with("n", count)));
            }
            Ok(_) => faults.add("file", "fault-timetable-gone"),
            Err(SheetFault::Unreadable(refusal)) => faults.add("file", format!("refusal-{}", refusal.key())),
            Err(SheetFault::NoColumns) => faults.add("file", "fault-timetable-sheet-columns"),
            Err(SheetFault::Nothing) => faults.add("file", "fault-timetable-sheet-nothing"),
            Err(SheetFault::Lines(lines)) => {
                faults.add("file", "fault-timetable-sheet-lines");
                let l = visitor.l;
                let sentence = |(line, fault): &(u32, FieldError)| {
                    l.t2("timetable-sheet-line", "line", *line, "fault", fault.sentence(&l))
                };
                sheet_faults = lines.iter().map(sentence).collect();
            }
        }
    }
    let form = AssignmentForm::default();
    let page = assignments_page(&app, &visitor, &granted, String::new(), form, faults).await?;
    refused(&AssignmentsPage { sheet_faults, ..page })
}

/// A line as typed.
pub(super) fn read(form: &AssignmentForm, basis: &AssignmentChoices) -> std::result::Result<NewAssignment, FormErrors> {
    let mut faults = FormErrors::new();
    let teacher_id = match super::teacher_meant(&form.teacher, &basis.teachers) {
        HomeroomEntry::One(id) => Some(id),
        HomeroomEntry::Nobody | HomeroomEntry::Unknown => {
            let key = super::blank_or(&form.teacher, "fault-timetable-teacher-missing", "fault-timetable-teacher");
            faults.add_about("teacher", key, form.teacher.trim());
            None
        }
        HomeroomEntry::OneOfSeveral => {
            faults.add_about("teacher", "fault-timetable-teacher-several", form.teacher.trim());
            None
        }
    };
    let subject = subjects::meant(&form.subject, &basis.subjects);
    if subject.is_none() {
        let key = super::blank_or(&form.subject, "fault-timetable-subject-missing", "fault-timetable-subject");
        faults.add_about("subject", key, form.subject.trim());
    }
    let classes = classes_meant(&form.class, &basis.classes);
    if let Err(unknown) = &classes {
        let key = super::blank_or(unknown, "fault-timetable-class-missing", "fault-timetable-class");
        faults.add_about("class", key, unknown.as_str());
    }
    let number = |typed: &str, most: i16| typed.trim().parse::<i16>().ok().filter(|number| (0..=most).contains(number));
    let usual = |class: &Class| subject.and_then(|subject| subject.periods.get(class.grade.as_ref()?)).copied();
    let classes = classes.unwrap_or_default();
    let periods: Vec<Option<i16>> = match form.periods.trim() {
        "" => classes.iter().map(|class| usual(class)).collect(),
        typed => vec![number(typed, 30); classes.len()],
    };
    if periods.iter().any(|periods| periods.is_none_or(|periods| periods == 0)) {
        faults.add("periods", "fault-timetable-periods");
    }
    let periods: Vec<i16> = periods.into_iter().flatten().collect();
    let doubles = if form.doubles.trim().is_empty() { Some(0) } else { number(&form.doubles, 6) };
    let doubles = doubles.filter(|doubles| periods.iter().all(|periods| doubles * 2 <= *periods));
    if doubles.is_none() {
        faults.add("doubles", "fault-timetable-doubles");
    }
    let room = rooms::meant(&form.room, &basis.rooms);
    if room.is_none() && !form.room.trim().is_empty() {
        faults.add_about("room", "fault-timetable-room", form.room.trim());
    }
    // Where a teacher or subject is missing there is a fault, and the line is not taken.
    let line = NewAssignment {
        classes: classes.iter().map(|class| class.id).collect(),
        subject_id: subject.map(|subject| subject.id).unwrap_or_default(),
        teacher_id: teacher_id.unwrap_or_default(),
        periods,
        doubles: doubles.unwrap_or_default(),
        room_id: room.map(|room| room.id),
    };
    faults.or_ok(line)
}

/// The classes that were typed or chosen; what is none of them where there is something else.
pub(super) fn classes_meant<'a>(typed: &str, classes: &'a [Class]) -> std::result::Result<Vec<&'a Class>, String> {
    let cleaned = text::clean(typed);
    if let Some(chosen) = classes.iter().find(|class| class.id.to_string() == cleaned) {
        return Ok(vec![chosen]);
    }
    let names = class_name::expand(&cleaned).map_err(|_| cleaned.clone())?;
    let mut meant: Vec<&Class> = Vec::new();
    for name in names {
        let class = classes.iter().find(|class| class.name == name).ok_or(name)?;
        if !meant.iter().any(|each| each.id == class.id) {
            meant.push(class);
        }
    }
    Ok(meant)
}

async fn assignments_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    q: String,
    form: AssignmentForm,
    faults: FormErrors,
) -> Result<AssignmentsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = super::year(granted, &mut tx, app.clock.today()).await?;
    let basis = AssignmentChoices::load(granted, app, &mut tx, year.id).await?;
    let all = assignments::of_year(granted, &mut tx, year.id).await?;
    let wishes = wishes::all(granted, &mut tx).await?;
    tx.commit().await?;
    let words = text::words(&q);
    let fits = |line: &Assignment| {
        let own = text::words(&format!("{} {} {}", line.teacher, line.class_name, line.short_name));
        words.iter().all(|word| own.iter().any(|each| each.starts_with(word.as_str())))
    };
    let sums = assignments::sums(&all);
    let norms = assignments::norms(&all, &basis.classes, &wishes);
    let mut teachers: Vec<Taught> = Vec::new();
    for line in all.into_iter().filter(fits) {
        match teachers.last_mut() {
            Some(last) if last.id == line.teacher_id => last.lines.push(line),
            _ => teachers.push(Taught {
                id: line.teacher_id,
                name: line.teacher.clone(),
                sum: sums.get(&line.teacher_id).copied().unwrap_or_default(),
                norm: norms.get(&line.teacher_id).copied().map(i32::from),
                lines: vec![line],
            }),
        }
    }
    Ok(AssignmentsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        year,
        teachers,
        basis,
        q,
        form,
        faults,
        sheet_faults: Vec::new(),
    })
}
