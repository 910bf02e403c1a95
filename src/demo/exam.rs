//! The exams of a demo school: one whose marks are published, and one that is seated and waits for its day.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::Result,
    exams::{
        actions::{
            Entrusted, ExamRefusal, candidates, duties,
            exam::{self, NewExam},
            marking::{self, MarkChange},
            papers::{self, NewPaper},
            publication,
            rooms::{self, NewRoom},
            seats,
        },
        marks::{Mark, MarkKind},
        model::{DutyChoices, SeatingChoices},
        numbers::{NumberFormat, NumberOrder},
        seating::Fill,
        store,
    },
    ids::{ClassId, PaperId},
    schools::years,
    web::i18n,
};

/// How many classes sit the exams.
const CLASSES: i64 = 6;

const SEED: &str = "2026";

/// An exam of the demo: its name, and its papers with the day on which each is, counted from today.
struct ExamPlan {
    name: &'static str,
    papers: &'static [(&'static str, i64, &'static str)],
}

const PAST: ExamPlan = ExamPlan {
    name: "Kiểm tra giữa học kỳ I",
    papers: &[("Toán", -21, "07:30"), ("Ngữ văn", -20, "07:30"), ("Tiếng Anh", -19, "07:30")],
};

const COMING: ExamPlan = ExamPlan {
    name: "Kiểm tra cuối học kỳ I",
    papers: &[
        ("Ngữ văn", 14, "07:30"),
        ("Vật lí", 14, "09:45"),
        ("Toán", 15, "07:30"),
        ("Hóa học", 15, "09:45"),
        ("Tiếng Anh", 16, "07:30"),
    ],
};

/// Makes both. What an act refuses is left out: a demo without it is still one.
pub async fn fill(app: &App, scope: &Scope) -> Result<()> {
    let classes = classes(app, scope).await?;
    if classes.is_empty() {
        return Ok(());
    }
    if let Ok((entrusted, papers)) = made(app, scope, &classes, &PAST).await? {
        for (at, paper) in (0..).zip(papers) {
            mark(app, &entrusted, paper, at).await?;
        }
        let _ = publication::publish(&entrusted, app, None, app.clock.now()).await?;
    }
    if let Ok((entrusted, _)) = made(app, scope, &classes, &COMING).await? {
        let choices = DutyChoices {
            per_room: 1,
            rooms_per_corridor: 0,
            not_own_class: true,
            not_own_subject: false,
            seed: SEED.to_owned(),
        };
        let _ = duties::assign(&entrusted, app, &choices).await?;
    }
    Ok(())
}

async fn classes(app: &App, scope: &Scope) -> Result<Vec<ClassId>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    Ok(sqlx::query_scalar!(
        "SELECT id FROM classes WHERE school_id = $1 AND school_year_id = $2 ORDER BY sort_key LIMIT $3",
        scope.school_id(),
        year.id,
        CLASSES,
    )
    .fetch_all(&mut *tx)
    .await?)
}

/// Makes an exam with its papers, rooms, candidates, numbers and seats.
async fn made(
    app: &App,
    scope: &Scope,
    classes: &[ClassId],
    plan: &ExamPlan,
) -> Result<std::result::Result<(Entrusted, Vec<PaperId>), ExamRefusal>> {
    let granted: Granted<may::ManageExams> = scope.grant()?;
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let year = years::current(scope, &mut tx, app.clock.today()).await?;
    tx.commit().await?;
    let new = NewExam {
        name: plan.name.to_owned(),
        year_id: year.id,
        grades: Vec::new(),
        classes: classes.to_vec(),
        mark_kind: MarkKind::Points,
        entries: 1,
        types_at_speed: true,
    };
    let exam_id = match exam::create(&granted, app, &new).await? {
        Ok(exam_id) => exam_id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let (entrusted, _) = Entrusted::find(&scope.grant()?, &mut tx, exam_id, None).await?;
    tx.commit().await?;
    let mut made = Vec::new();
    for (subject, in_days, begins) in plan.papers {
        let paper = NewPaper {
            subject: (*subject).to_owned(),
            code: String::new(),
            grades: Vec::new(),
            starts_at: moment(app, *in_days, begins),
            minutes: 90,
        };
        match papers::put(&entrusted, app, None, &paper).await? {
            Ok(id) => made.push(id),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    Ok(seated(app, &entrusted).await?.map(|()| (entrusted, made)))
}

async fn seated(app: &App, entrusted: &Entrusted) -> Result<std::result::Result<(), ExamRefusal>> {
    let count = match candidates::add_classes(entrusted, app, None).await? {
        Ok(count) => count,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let room = NewRoom { name: String::new(), place: "Nhà A".to_owned(), seats: 24, most: 28 };
    let names: Vec<String> = (1..=count.div_ceil(24)).map(|number| format!("Phòng {number:02}")).collect();
    if let Err(refusal) = rooms::add(entrusted, app, &names, &room).await? {
        return Ok(Err(refusal));
    }
    let Ok(format) = NumberFormat::new("", 4) else { return Ok(Ok(())) };
    if let Err(refusal) = candidates::number(entrusted, app, &format, NumberOrder::Name, SEED, false).await? {
        return Ok(Err(refusal));
    }
    let choices = SeatingChoices { fill: Fill::InOrder, mix_classes: true, per_paper: false, seed: SEED.to_owned() };
    Ok(seats::seat(entrusted, app, &choices, false).await?.map(|_| ()))
}

/// Types a mark for everybody: most between 5 and 9, in quarters, always the same.
async fn mark(app: &App, entrusted: &Entrusted, paper_id: PaperId, paper: usize) -> Result<()> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let paper_of_exam = store::paper(entrusted, &mut tx, entrusted.exam_id, paper_id).await?;
    let sheets = marking::sheets(entrusted, &mut tx, &paper_of_exam).await?;
    tx.commit().await?;
    let changes: BTreeMap<String, MarkChange> = sheets
        .iter()
        .enumerate()
        .map(|(at, sheet)| {
            let spread = (at * 37 + paper * 53) % 17 + (at * 11 + paper * 29) % 13;
            let quarters = i16::try_from(12 + spread.min(28)).unwrap_or(28);
            (sheet.key.clone(), MarkChange { was: None, mark: Some(Mark::Points(quarters * 25)) })
        })
        .collect();
    let _ = marking::type_in(entrusted, app, paper_id, 1, None, &changes).await?;
    Ok(())
}

/// So many days from today, at an hour in Vietnam.
fn moment(app: &App, in_days: i64, begins: &str) -> DateTime<Utc> {
    let away = Days::new(in_days.unsigned_abs());
    let today = app.clock.today();
    let day = if in_days < 0 { today - away } else { today + away };
    let time = NaiveTime::parse_from_str(begins, "%H:%M").unwrap_or_default();
    day.and_time(time).and_local_timezone(i18n::vietnam()).single().map_or_else(|| app.clock.now(), |at| at.to_utc())
}
