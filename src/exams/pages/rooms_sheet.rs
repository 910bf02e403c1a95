//! Rooms by sheet: what is new and what changes is shown, with every row that is not understood; it is written once that is
//! confirmed.

use askama::Template;
use axum::extract::{Multipart, Path, State};

use super::{
    Frame, Opened, Step, faults as faults_of, open,
    rooms::{RoomForm, rooms_page},
    shell_of, uploaded,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    exams::{
        actions::rooms::{self, SheetRoom},
        closures,
        model::{ExamRoom, Task},
        rooms_sheet::{self, FoundRoom, RejectedRoom, RoomRejection, RoomRow, RoomsReading},
        store,
    },
    paths,
    sources::{
        pages::sheet_form::unreadable,
        spreadsheet::{FileRefusal, plain},
    },
    web::{PageResult, RequestContext, Shell, Translator, forms::FormErrors, html, page, refused},
};

#[derive(Template)]
#[template(path = "exams/rooms_sheet.html")]
struct RoomsSheetPage {
    l: Translator,
    shell: Shell,
    frame: Frame,
    file_name: String,
    understood: RoomsReading,
    faults: FormErrors,
}

impl RoomsSheetPage {
    fn new(
        visitor: &RequestContext,
        opened: &Opened,
        file_name: String,
        rows: &[RoomRow],
        rooms: &[ExamRoom],
        faults: FormErrors,
    ) -> Self {
        Self {
            l: visitor.l,
            shell: shell_of(visitor, &opened.entrusted),
            frame: Frame::new(&opened.entrusted, opened.exam.clone(), Step::Rooms),
            file_name,
            understood: rooms_sheet::understand(rows, rooms),
            faults,
        }
    }

    fn address(&self) -> String {
        paths::ExamRooms::of(&self.frame.code, self.frame.exam.id).to_string()
    }

    /// A row as the form carries it.
    fn carried(&self, found: &FoundRoom) -> String {
        serde_json::to_string(&found.row).unwrap_or_default()
    }

    fn closures(&self, found: &FoundRoom) -> String {
        closures::typed(&found.to.change.closures, ", ")
    }

    fn why(&self, not_taken: &RejectedRoom) -> String {
        match &not_taken.why {
            RoomRejection::Twice => self.l.t("exam-rooms-sheet-twice"),
            RoomRejection::Order => self.l.t("fault-exam-room-order"),
            RoomRejection::Closure(part) => self.l.t1("fault-exam-room-closed-times", "value", part.as_str()),
            RoomRejection::Fault(key) => self.l.t(key),
        }
    }
}

pub async fn review(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HelpWithExams>,
    Path((_, exam)): Path<(String, String)>,
    multipart: Multipart,
) -> PageResult {
    let (file_name, file) = uploaded(&app, &granted, &exam, multipart).await?;
    let read = match file {
        Err(key) => Err(key),
        Ok(file) => match plain::read(&app.program, file).await {
            Err(refusal) => Err(unreadable(refusal)),
            Ok(table) => match rooms_sheet::rows(&table) {
                None => Err("fault-exam-rooms-sheet-columns".to_owned()),
                Some(rows) if rows.len() > rooms_sheet::MOST_ROOMS => Err(unreadable(FileRefusal::TooManyRows)),
                Some(rows) => Ok(rows),
            },
        },
    };
    let mut opened = open(&app, &granted, &exam, Some(Task::Seating)).await?;
    let rows = match read {
        Ok(rows) => rows,
        Err(key) => {
            let faults = FormErrors::one("file", key);
            return refused(&rooms_page(&visitor, opened, RoomForm::default(), None, faults).await?);
        }
    };
    let rooms = store::rooms(&opened.entrusted, &mut opened.tx, opened.exam.id).await?;
    html(&RoomsSheetPage::new(&visitor, &opened, file_name, &rows, &rooms, FormErrors::new()))
}

/// Writes what the review showed, read anew beside the rooms of now.
///
/// # Errors
/// [`Error::Malformed`] for a form that the review does not send.
pub(super) async fn confirm(app: &App, visitor: &RequestContext, mut opened: Opened, carried: &[String]) -> PageResult {
    let rows: Result<Vec<RoomRow>> =
        carried.iter().map(|row| serde_json::from_str(row).map_err(|_| Error::Malformed)).collect();
    let rows = rows?;
    if rows.len() > rooms_sheet::MOST_ROOMS {
        return Err(Error::Malformed);
    }
    let rooms = store::rooms(&opened.entrusted, &mut opened.tx, opened.exam.id).await?;
    let page = RoomsSheetPage::new(visitor, &opened, String::new(), &rows, &rooms, FormErrors::new());
    if !page.understood.not_taken.is_empty() {
        return refused(&page);
    }
    let Opened { tx, entrusted, .. } = opened;
    tx.commit().await?;
    let sheet: Vec<SheetRoom> = page.understood.found.iter().map(|found| found.to.clone()).collect();
    match rooms::put_all(&entrusted, app, &sheet).await? {
        Ok(count) => {
            let to = paths::ExamRooms::of(&entrusted.school.code, entrusted.exam_id);
            Ok(page::redirect(to.with("done", "exam-rooms-saved").with("n", count)))
        }
        Err(refusal) => refused(&RoomsSheetPage { faults: faults_of(refusal), ..page }),
    }
}
