//! Lists, labels and slips, printed or as workbooks.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{Frame, Opened, Step, heading_of, open, printed, shell_of};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        model::{ExamRoom, Paper, Task},
        sheets::{self, CandidateSlip, List, Material, RoomSheet},
        store,
        workbook::{self, SheetTable},
    },
    ids::{PaperId, RoomId},
    paths,
    web::{PageResult, RequestContext, Shell, Translator, page},
};

/// How many sheets a page holds: more are printed paper by paper.
const MOST_SHEETS: usize = 200;

/// How many slips a page holds.
const MOST_SLIPS: usize = 2_500;

#[derive(Template)]
#[template(path = "exams/lists.html")]
struct ListsPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    list: List,
    query: ListsQuery,
    papers: Vec<Paper>,
    rooms: Vec<ExamRoom>,
    sheets: Vec<RoomSheet>,
    slips: Vec<CandidateSlip>,
    /// Sheets that are not shown, since there are too many.
    left_out: usize,
    school: String,
    /// The department or commune that the school answers to.
    unit: String,
}

impl ListsPage {
    fn at(&self, list: &str) -> String {
        let list = paths::ExamList::of(&self.frame.code, self.frame.exam.id, list);
        list.with("paper", &self.query.paper).with("room", &self.query.room).to_string()
    }

    fn file(&self) -> String {
        self.at(&format!("{}.xlsx", self.list.key()))
    }

    fn is_paper(&self, id: &PaperId) -> bool {
        self.query.paper.parse() == Ok(*id)
    }

    fn is_room(&self, id: &RoomId) -> bool {
        self.query.room.parse() == Ok(*id)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListsQuery {
    room: String,
    paper: String,
}

/// An id of the query; none where it is empty.
fn asked<T: std::str::FromStr>(typed: &str) -> Result<Option<T>> {
    if typed.is_empty() { Ok(None) } else { typed.parse().map(Some).map_err(|_| Error::NotFound) }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam, list)): Path<(String, String, String)>,
    Query(query): Query<ListsQuery>,
) -> PageResult {
    let (name, is_file) = match list.strip_suffix(".xlsx") {
        Some(name) => (name, true),
        None => (list.as_str(), false),
    };
    let list = List::from_key(name).ok_or(Error::NotFound)?;
    match list {
        List::Plan => return printed::plan(&app, &visitor, &granted, &exam, is_file).await,
        List::Duties => return printed::duties(&app, &visitor, &granted, &exam, is_file).await,
        List::Statistics => return printed::statistics(&app, &visitor, &granted, &exam, is_file).await,
        _ => {}
    }
    let Opened { mut tx, entrusted, exam } = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let material = store::material(&entrusted, &mut tx, exam.id).await?;
    tx.commit().await?;
    let unit = store::unit(&entrusted, app.db.pool()).await?;
    let (paper, room): (Option<PaperId>, Option<RoomId>) = (asked(&query.paper)?, asked(&query.room)?);
    if paper.is_some_and(|id| !material.papers.iter().any(|paper| paper.id == id))
        || room.is_some_and(|id| !material.rooms.iter().any(|room| room.id == id))
    {
        return Err(Error::NotFound);
    }
    let heading = heading_of(&visitor.l, &entrusted, &exam, unit.clone());
    let by_paper = exam.seating.per_paper || matches!(list, List::Attendance | List::Envelopes);
    let l = visitor.l;
    let frame = Frame::new(&entrusted, exam, Step::Seating);
    let (shell, school) = (shell_of(&visitor, &entrusted), granted.school.name.clone());
    // Lists of thousands are put together where no other request waits for the thread.
    let code = granted.school.code.clone();
    let made = tokio::task::spawn_blocking(move || {
        let (mut sheets, mut slips) = match list {
            List::Slips => (Vec::new(), material.slips(room)),
            _ => (material.sheets(paper, room, by_paper), Vec::new()),
        };
        if is_file {
            let (heads, rows) = match list {
                List::Slips => sheets::slip_table(&l, &slips),
                _ => sheets::table(&l, list, &sheets),
            };
            let table = SheetTable { name: l.t("exam-sheet"), heads, rows };
            // One by one they are printed for a paper or a room.
            let pages = if sheets.len() > MOST_SHEETS { Vec::new() } else { sheets::pages(&l, list, &sheets) };
            let workbook = workbook::write(&[table], &heading, &pages).map_err(anyhow::Error::new)?;
            return Ok(page::attachment(workbook, page::XLSX, &format!("{code}-{}.xlsx", list.key())));
        }
        let left_out = sheets.len().saturating_sub(MOST_SHEETS) + slips.len().saturating_sub(MOST_SLIPS);
        sheets.truncate(MOST_SHEETS);
        slips.truncate(MOST_SLIPS);
        let Material { papers, rooms, .. } = material;
        page::html(&ListsPage { l, shell, frame, list, query, papers, rooms, sheets, slips, left_out, school, unit })
    });
    made.await.map_err(anyhow::Error::new)?
}
