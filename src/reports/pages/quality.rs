//! What would fail a submission or keep a person from signing in: each line with its number, its people and the button
//! that mends it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{FigureTile, Report, ReportHead, ReportPage, taken};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    error::{Error, Result},
    ids::{ClassId, MemberId, YearId},
    paths,
    reports::{
        count, daily, days,
        figures::{self, Figures, FoundFigures},
        quality::{self, QualityLine},
        section::{self, FigureCell, FigureTable, FigureValue, Section},
        twins,
        workbook::{self, WorkbookPart},
    },
    roster::store::{self, SlipName},
    schools::{
        classes::{self, ClassName},
        years::{self, Year},
    },
    shell::{self, MenuPage},
    web::{PageResult, RequestContext, Shell, Translator, forms::MOST_CHOICES, html},
};

/// How many people a page of a line shows.
const PAGE: usize = 50;
/// Over how many days the score is told.
const SCORE_DAYS: i64 = 180;
/// How many are looked up at a time.
const CHUNK: usize = 1_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LineQuery {
    /// A [`QualityLine`] whose people are shown.
    line: String,
    /// How many of them come before the page.
    from: usize,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::SeeReports>,
    Query(query): Query<LineQuery>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let (figures, is_kept) = figures::current(&granted, &app, &mut tx).await?;
    if let Some(line) = QualityLine::from_key(&query.line) {
        let page = line_page(&app, &visitor, &granted, &mut tx, (&figures, is_kept), (line, query.from)).await?;
        tx.commit().await?;
        return html(&page);
    }
    let mut scores = days::scores(&granted, &mut tx, SCORE_DAYS).await?;
    tx.commit().await?;
    let today = app.clock.today();
    // Today is as it is now.
    scores.retain(|(day, _)| *day < today);
    scores.extend(figures.quality.score().map(|score| (today, score)));
    let l = visitor.l;
    let head = ReportHead::new(&l, &granted, Report::Quality, &figures, is_kept, today);
    let (checked, clean) = (figures.quality.checked, figures.quality.clean);
    let mut page = ReportPage::new(&visitor, &granted, head);
    let tile = |count: String, title: String| FigureTile { count, title, href: None };
    page.tiles = vec![
        tile(figures.quality.score().map_or("–".to_owned(), |score| format!("{score}%")), l.t("reports-score")),
        tile(l.number(clean), l.t1("reports-clean", "count", clean)),
        tile(l.number(checked - clean), l.t1("reports-to-mend", "count", checked - clean)),
    ];
    page.sections = sections(&l, &granted, &figures, &scores);
    html(&page)
}

fn sections(l: &Translator, scope: &Scope, figures: &Figures, scores: &[(chrono::NaiveDate, i64)]) -> Vec<Section> {
    let title = l.t("reports-quality-lines");
    let mut table = FigureTable::new([l.t("reports-head-line"), l.t("reports-head-count")]);
    let mut bars = Vec::new();
    for found in &figures.quality.lines {
        let label = l.tk("quality-line", &found.key);
        let mut count = FigureCell::count(found.count);
        if found.count > 0 {
            count = count.to(paths::ReportQuality::of(&scope.school.code).with("line", &found.key));
        }
        table.push([FigureCell::text(label.clone()), count]);
        bars.push((label, found.count));
    }
    let picture = section::amounts(l, "lines", &title, &bars);
    let lines = Section::new("quality-lines", title, table).saying(l.t("reports-quality-text")).with(picture, &[1]);
    let title = l.t("reports-quality-score");
    let mut table = FigureTable::new([l.t("reports-head-day"), l.t("reports-head-score")]);
    for (day, score) in scores.iter().rev() {
        table.push([FigureCell::day(*day), FigureCell::share(*score, 100)]);
    }
    let picture = section::percents(l, "score", &title, scores);
    let over_time = Section::new("quality-score", title, table).saying(l.t("reports-quality-score-text"));
    vec![lines, over_time.with(picture, &[1])]
}

/// A file: the lines, the score, and for each line a sheet of its people. Rows are written as they are read.
pub async fn xlsx(State(app): State<App>, visitor: RequestContext, granted: Granted<may::SeeReports>) -> PageResult {
    let mut tx = app.db.begin_lasting_in(granted.school_id()).await?;
    let figures = count::all(&granted, &mut tx, app.clock.now(), count::Most::OF_FILE).await?.figures;
    let scores = days::scores(&granted, &mut tx, SCORE_DAYS).await?;
    let year = years::current(&granted, &mut tx, app.clock.today()).await?;
    let l = visitor.l;
    let edges = workbook::Edges { of: granted.school.name.clone(), day: app.clock.today() };
    let writing = workbook::begin(edges);
    for section in sections(&l, &granted, &figures, &scores) {
        writing.push(WorkbookPart::Section(Box::new(section))).await;
    }
    let mut people = 0;
    for found in figures.quality.lines.iter().filter(|found| found.count > 0) {
        people += write_line(&l, &granted, &mut tx, &year, found, &writing).await?;
    }
    tx.commit().await?;
    taken(&granted, &app, Report::Quality, Some(people), writing.finish().await?).await
}

/// The sheet of a line; how many people, or classes, are on it.
async fn write_line(
    l: &Translator,
    scope: &Scope,
    tx: &mut PgConnection,
    year: &Year,
    found: &FoundFigures,
    writing: &workbook::Writing,
) -> Result<u64> {
    let heads = match found.key == QualityLine::NoHomeroom.key() {
        true => vec![l.t("accounts-class")],
        false => ["field-full-name", "accounts-class", "field-birth-date"].map(|key| l.t(key)).into(),
    };
    let columns = heads.len();
    writing.push(WorkbookPart::List { title: l.tk("quality-line", &found.key), heads }).await;
    let mut written = 0;
    for ids in found.ids.chunks(CHUNK) {
        for row in rows(scope, tx, year.id, &found.key, ids).await? {
            let class = row.class_name.map_or(FigureValue::Nothing, FigureValue::Text);
            let born = row.birth_date.map_or(FigureValue::Nothing, FigureValue::Day);
            let cells = [FigureValue::Text(row.full_name), class, born].into_iter().take(columns).collect();
            writing.push(WorkbookPart::Row(cells)).await;
            written += 1;
        }
    }
    let rest = found.count - i64::try_from(found.ids.len()).unwrap_or(i64::MAX);
    if rest > 0 {
        writing.push(WorkbookPart::Row(vec![FigureValue::Text(l.t1("reports-sheet-ends", "count", rest))])).await;
    }
    Ok(written)
}

/// The people of a line in the order of their names; for classes, those.
async fn rows(
    scope: &Scope,
    tx: &mut PgConnection,
    year_id: YearId,
    line: &str,
    ids: &[Uuid],
) -> Result<Vec<SlipName>> {
    if line != QualityLine::NoHomeroom.key() {
        let members: Vec<MemberId> = ids.iter().copied().map(MemberId::from).collect();
        return store::names(scope, tx, year_id, &members).await;
    }
    let ids: Vec<ClassId> = ids.iter().copied().map(ClassId::from).collect();
    let classes = classes::of_ids(scope, tx, &ids).await?;
    let name = |class: ClassName| SlipName {
        id: class.id.of_other_kind(),
        full_name: class.name,
        class_name: None,
        birth_date: None,
    };
    Ok(classes.into_iter().map(name).collect())
}

/// A button that mends a line for all its people at once.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LineRemedy {
    /// A page on which that is done.
    Page { href: String, label: String },
    /// New temporary passwords for the people of the page.
    Passwords,
    /// A class for the people of the page.
    Class,
    /// One by one, on the page of each.
    EachOne,
    /// The reader has no right to.
    Nothing,
}

#[derive(Template)]
#[template(path = "reports/line.html")]
struct LinePage {
    l: Translator,
    shell: Shell,
    code: String,
    school: String,
    line: QualityLine,
    printed: String,
    count: i64,
    /// Of when the number is, in a school that is not counted anew for each page.
    counted: Option<String>,
    /// How many stand behind those that can be turned to.
    beyond: i64,
    rows: Vec<SlipName>,
    /// Those of them who may be one with another pupil, each with that one.
    twins: HashMap<MemberId, MemberId>,
    mend: LineRemedy,
    /// To choose from, where pupils are to be put into a class.
    classes: Vec<ClassName>,
    /// The reader may open and edit the people.
    may_edit: bool,
    /// How many come before this page, and where the next begins.
    previous: Option<usize>,
    next: Option<usize>,
}

impl LinePage {
    fn is_about_classes(&self) -> bool {
        self.line == QualityLine::NoHomeroom
    }

    fn twin(&self, id: &MemberId) -> Option<MemberId> {
        self.twins.get(id).copied()
    }

    fn page(&self, from: &usize) -> String {
        paths::ReportQuality::of(&self.code).with("line", self.line.key()).with("from", from).to_string()
    }
}

async fn line_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::SeeReports>,
    tx: &mut PgConnection,
    (figures, is_kept): (&Figures, bool),
    (line, from): (QualityLine, usize),
) -> Result<LinePage> {
    let found = figures.quality.lines.iter().find(|found| found.key == line.key()).ok_or(Error::NotFound)?;
    let year = years::current(granted, tx, app.clock.today()).await?;
    let LineMembers { ids, count, beyond } = line_members(app, granted, tx, &year, (found, is_kept), line).await?;
    // Behind the end is the last page: people have been mended since the address was given out.
    let from = from.min(ids.len().saturating_sub(1) / PAGE * PAGE);
    let shown: Vec<Uuid> = ids.iter().skip(from).take(PAGE).copied().collect();
    let mut by_id: HashMap<Uuid, SlipName> =
        rows(granted, tx, year.id, line.key(), &shown).await?.into_iter().map(|row| (row.id.uuid(), row)).collect();
    let may_edit = granted.may::<may::ManageAccounts>();
    let mend = mend(&visitor.l, granted, line);
    let twins = match line {
        QualityLine::Twin if may_edit => {
            let members: Vec<MemberId> = shown.iter().copied().map(MemberId::from).collect();
            twins::of_these(granted, tx, year.id, &members).await?
        }
        _ => HashMap::new(),
    };
    let classes: Vec<ClassName> = match mend {
        LineRemedy::Class => classes::at_most(granted, tx, year.id, MOST_CHOICES).await?.unwrap_or_default(),
        _ => Vec::new(),
    };
    let l = visitor.l;
    Ok(LinePage {
        l,
        shell: shell::of_school(visitor, granted, MenuPage::Reports),
        code: granted.school.code.clone(),
        school: granted.school.name.clone(),
        line,
        printed: l.date(&app.clock.today()),
        count,
        counted: is_kept.then(|| l.t1("reports-counted", "at", l.moment(&figures.counted_at))),
        beyond,
        rows: shown.iter().filter_map(|id| by_id.remove(id)).collect(),
        twins,
        mend: if classes.is_empty() && mend == LineRemedy::Class { LineRemedy::EachOne } else { mend },
        classes,
        may_edit,
        previous: (from > 0).then(|| from.saturating_sub(PAGE)),
        next: Some(from.saturating_add(PAGE)).filter(|next| *next < ids.len()),
    })
}

/// Who stands in a line now.
struct LineMembers {
    ids: Vec<Uuid>,
    count: i64,
    /// How many more were counted than are kept one by one.
    beyond: i64,
}

/// Of those that were counted, the ones that still stand in the line: a person who was given a new password since must not
/// be given another one. Where some do not, the school is counted anew.
async fn line_members(
    app: &App,
    granted: &Granted<may::SeeReports>,
    tx: &mut PgConnection,
    year: &Year,
    (found, is_kept): (&FoundFigures, bool),
    line: QualityLine,
) -> Result<LineMembers> {
    let kept = i64::try_from(found.ids.len()).unwrap_or(i64::MAX);
    let beyond = found.count - kept;
    if !is_kept {
        return Ok(LineMembers { ids: found.ids.clone(), count: found.count, beyond });
    }
    let ids = quality::still(granted, tx, year, app.clock.now(), line, &found.ids).await?;
    let left = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if left < kept {
        daily::enqueue(tx, granted.school_id()).await?;
    }
    Ok(LineMembers { ids, count: left + beyond, beyond })
}

fn mend(l: &Translator, scope: &Scope, line: QualityLine) -> LineRemedy {
    let code = &scope.school.code;
    if line == QualityLine::NoHomeroom {
        let href = paths::HomeroomTeachers::of(code).to_string();
        return match scope.may::<may::ManageClasses>() {
            true => LineRemedy::Page { href, label: l.t("reports-mend-homeroom") },
            false => LineRemedy::Nothing,
        };
    }
    if !scope.may::<may::ManageAccounts>() {
        return LineRemedy::Nothing;
    }
    match line {
        QualityLine::NoParent | QualityLine::NoBirthDate => LineRemedy::Page {
            href: paths::NewPlan::of(code).with("source", "students").to_string(),
            label: l.t("reports-mend-sheet"),
        },
        QualityLine::NoSlip => {
            LineRemedy::Page { href: paths::SlipsLedger::of(code).to_string(), label: l.t("reports-mend-slips") }
        }
        QualityLine::Expired => LineRemedy::Passwords,
        QualityLine::NoClass => LineRemedy::Class,
        QualityLine::Twin => {
            LineRemedy::Page { href: paths::LikelyPairs::of(code).to_string(), label: l.t("reports-mend-twins") }
        }
        QualityLine::NoGender
        | QualityLine::Age
        | QualityLine::NationalId
        | QualityLine::NoEmail
        | QualityLine::Bounced
        | QualityLine::NoHomeroom => LineRemedy::EachOne,
    }
}
