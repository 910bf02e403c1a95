//! The audit log as a file, read in batches: as text it is sent while it is read.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use rust_xlsxwriter::{Workbook, XlsxError};

use super::{
    AuditAction, Event, FileForm,
    list::{self, Recorded, WantedEvents},
    words,
};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::EventId,
    web::{Translator, csv_cell},
};

/// How many events are read at a time.
const CHUNK: usize = 1_000;

/// How many rows a sheet has below its head.
const MOST_OF_A_SHEET: usize = 1_048_575;

const COLUMNS: [&str; 6] = ["plans-when", "audit-who", "audit-what", "audit-detail", "audit-subject", "audit-where"];

fn row(l: &Translator, event: &Recorded) -> [String; 6] {
    [
        l.moment(&event.at),
        words::actor(l, event),
        words::name(l, event.action),
        words::detail(l, event),
        event.subject_name.clone().unwrap_or_default(),
        event.address.clone().unwrap_or_default(),
    ]
}

/// Where reading continues.
struct ExportCursor {
    app: App,
    granted: Granted<may::SeeAudit>,
    wanted: Arc<WantedEvents>,
    before: Option<EventId>,
    is_done: bool,
}

impl ExportCursor {
    /// Records who exported the log, and begins.
    async fn begin(granted: &Granted<may::SeeAudit>, app: &App, wanted: WantedEvents, form: FileForm) -> Result<Self> {
        let mut tx = app.db.begin_in(granted.school_id()).await?;
        super::record(granted, app, &mut tx, Event::new(AuditAction::AuditExported { form })).await?;
        tx.commit().await?;
        let (app, granted) = (app.clone(), granted.clone());
        Ok(Self { app, granted, wanted: Arc::new(wanted), before: None, is_done: false })
    }

    /// The next batch, in a transaction of its own: a slow client holds no connection. `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<Recorded>>> {
        if self.is_done {
            return Ok(None);
        }
        let mut tx = self.app.db.begin_lasting_in(self.granted.school_id()).await?;
        let (events, has_more) = list::page(&self.granted, &mut tx, &self.wanted, self.before, CHUNK).await?;
        tx.commit().await?;
        self.before = events.last().map(|event| event.id);
        self.is_done = !has_more;
        Ok(Some(events))
    }
}

/// UTF-8 with a byte order mark for Excel. What a spreadsheet would take for a formula gets an apostrophe.
///
/// # Errors
/// Before the first byte only; after it, the file ends early.
pub async fn csv(granted: &Granted<may::SeeAudit>, app: &App, wanted: WantedEvents, l: Translator) -> Result<Body> {
    let reader = ExportCursor::begin(granted, app, wanted, FileForm::Csv).await?;
    let head = format!("\u{feff}{}", lines(std::iter::once(COLUMNS.map(|key| l.t(key)))));
    let parts = stream::unfold((reader, Some(head)), move |(mut reader, head)| async move {
        if let Some(head) = head {
            return Some((Ok::<_, anyhow::Error>(Bytes::from(head)), (reader, None)));
        }
        match reader.next().await {
            Ok(Some(events)) => {
                Some((Ok(Bytes::from(lines(events.iter().map(|event| row(&l, event))))), (reader, None)))
            }
            Ok(None) => None,
            Err(error) => {
                reader.is_done = true;
                Some((Err(anyhow::Error::new(error)), (reader, None)))
            }
        }
    });
    // The compression layer polls once more after the end.
    Ok(Body::from_stream(parts.fuse()))
}

fn lines(rows: impl Iterator<Item = [String; 6]>) -> String {
    let mut text = String::new();
    for cells in rows {
        let cells = cells.map(|cell| format!("\"{}\"", csv_cell::guarded(&cell).replace('"', "\"\"")));
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A workbook, whose rows are buffered in a temporary file.
///
/// # Errors
/// When the file cannot be written.
pub async fn xlsx(granted: &Granted<may::SeeAudit>, app: &App, wanted: WantedEvents, l: Translator) -> Result<Vec<u8>> {
    let mut reader = ExportCursor::begin(granted, app, wanted, FileForm::Xlsx).await?;
    let mut workbook = Workbook::new();
    let fault = |error: XlsxError| Error::Internal(error.into());
    workbook.add_worksheet_with_constant_memory().map_err(fault)?.set_freeze_panes(1, 0).map_err(fault)?;
    write(&mut workbook, 0, &COLUMNS.map(|key| l.t(key))).map_err(fault)?;
    let mut written = 0;
    while let Some(events) = reader.next().await? {
        for event in events.iter().take(MOST_OF_A_SHEET - written) {
            written += 1;
            write(&mut workbook, written, &row(&l, event)).map_err(fault)?;
        }
    }
    let saved = tokio::task::spawn_blocking(move || workbook.save_to_buffer()).await;
    saved.map_err(anyhow::Error::new)?.map_err(fault)
}

fn write(workbook: &mut Workbook, line: usize, cells: &[String; 6]) -> Result<(), XlsxError> {
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    let sheet = workbook.worksheet_from_index(0)?;
    for (column, cell) in (0u16..).zip(cells) {
        sheet.write_string(line, column, cell)?;
    }
    Ok(())
}
