//! An uploaded file: sealed in parts as it comes, so that it is never in memory as a whole, and kept until it has been
//! read and reviewed. A school may have a limited number of them waiting.

use std::io::SeekFrom;

use sqlx::PgConnection;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
};
use uuid::Uuid;

use super::{book::Book, model::PlanState, store};
use crate::{
    access::{Actor, Scope},
    app::App,
    crypto::seal::{SealPurpose, Sealed},
    error::{Error, Result},
    ids::PlanId,
};

/// The size of a part before it is sealed, in bytes.
const PART_BYTES: usize = 1024 * 1024;

/// How many files of a school may wait to be read, reviewed and applied, of each book.
pub const MOST_WAITING: i64 = 10;

/// How many bytes they may have together.
pub const MOST_WAITING_BYTES: i64 = 60 * 1024 * 1024;

/// A file that is being uploaded. What is sealed waits in an unnamed temporary file.
pub struct Sealing {
    app: App,
    plan_id: PlanId,
    buffer: Vec<u8>,
    file: File,
    /// The sizes of the sealed parts, in bytes.
    parts: Vec<usize>,
    key_id: String,
}

/// A file that has come in whole, sealed for the plan that is to be made from it.
pub struct SealedFile {
    pub plan_id: PlanId,
    file: File,
    parts: Vec<usize>,
    key_id: String,
}

impl Sealing {
    /// Begins, for a plan of a new id.
    ///
    /// # Errors
    /// When the system has no place for a temporary file.
    pub fn begin(app: &App) -> Result<Self> {
        Self::begin_for(app, app.randomness.uuid_v7(app.clock.now()))
    }

    /// The same, for a plan that is there already and waits for its file.
    ///
    /// # Errors
    /// When the system has no place for a temporary file.
    pub fn begin_for(app: &App, plan_id: PlanId) -> Result<Self> {
        let file = tempfile::tempfile().map_err(anyhow::Error::new)?;
        Ok(Self {
            plan_id,
            app: app.clone(),
            buffer: Vec::new(),
            file: File::from_std(file),
            parts: Vec::new(),
            key_id: String::new(),
        })
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let room = PART_BYTES.saturating_sub(self.buffer.len());
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() >= PART_BYTES {
                self.seal().await?;
            }
        }
        Ok(())
    }

    /// The upload is complete.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn finish(mut self) -> Result<SealedFile> {
        if !self.buffer.is_empty() || self.parts.is_empty() {
            self.seal().await?;
        }
        self.file.seek(SeekFrom::Start(0)).await.map_err(anyhow::Error::new)?;
        Ok(SealedFile { plan_id: self.plan_id, file: self.file, parts: self.parts, key_id: self.key_id })
    }

    async fn seal(&mut self) -> Result<()> {
        let id = part_id(self.plan_id, self.parts.len());
        let (app, mut buffer) = (self.app.clone(), std::mem::take(&mut self.buffer));
        // Not on the threads that answer requests: of many files at once, these would do nothing else.
        let sealing = tokio::task::spawn_blocking(move || {
            let sealed = app.keys.seal(&app.randomness, SealPurpose::Upload, id, &buffer);
            buffer.clear();
            (sealed, buffer)
        });
        let (sealed, buffer) = sealing.await.map_err(anyhow::Error::new)?;
        self.buffer = buffer;
        self.file.write_all(&sealed.bytes).await.map_err(anyhow::Error::new)?;
        self.parts.push(sealed.bytes.len());
        self.key_id = sealed.key_id;
        Ok(())
    }
}

/// The id a part is sealed for: moved to another plan or position, it does not open.
fn part_id(plan_id: PlanId, part: usize) -> Uuid {
    Uuid::from_u128(plan_id.uuid().as_u128().wrapping_add(part as u128))
}

impl SealedFile {
    /// The size it takes in the database.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        i64::try_from(self.parts.iter().sum::<usize>()).unwrap_or(i64::MAX)
    }

    /// Writes the parts beside their plan.
    ///
    /// # Errors
    /// When the parts cannot be read.
    pub async fn keep(mut self, scope: &Scope, tx: &mut PgConnection) -> Result<()> {
        let mut bytes = Vec::new();
        for (part, size) in (0..).zip(&self.parts) {
            bytes.resize(*size, 0);
            self.file.read_exact(&mut bytes).await.map_err(anyhow::Error::new)?;
            sqlx::query!(
                "INSERT INTO plan_uploads (school_id, plan_id, part, content, key_id) VALUES ($1, $2, $3, $4, $5)",
                scope.school_id(),
                self.plan_id,
                part,
                bytes,
                self.key_id,
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }
}

/// The file of a plan, opened. One worker reads few files at a time.
///
/// # Errors
/// [`Error::NotFound`] where it was dropped.
pub async fn opened(scope: &Scope, app: &App, plan_id: PlanId) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut part = 0;
    while let Some(sealed) = sealed_part(scope, app, plan_id, part).await? {
        let id = part_id(plan_id, usize::try_from(part).unwrap_or_default());
        file.extend_from_slice(&app.keys.open(SealPurpose::Upload, id, &sealed).map_err(anyhow::Error::new)?);
        part += 1;
    }
    if part == 0 { Err(Error::NotFound) } else { Ok(file) }
}

async fn sealed_part(scope: &Scope, app: &App, plan_id: PlanId, part: i32) -> Result<Option<Sealed>> {
    let mut tx = app.db.begin_in(scope.school_id()).await?;
    let row = sqlx::query!(
        "SELECT content, key_id FROM plan_uploads WHERE school_id = $1 AND plan_id = $2 AND part = $3",
        scope.school_id(),
        plan_id,
        part,
    )
    .fetch_optional(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(row.map(|row| Sealed { key_id: row.key_id, bytes: row.content }))
}

/// Whether the file of a plan is there.
pub async fn is_kept(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM plan_uploads WHERE school_id = $1 AND plan_id = $2) AS "is!""#,
        scope.school_id(),
        plan_id,
    )
    .fetch_one(tx)
    .await?)
}

/// Deletes the file of a plan: it was refused, or its contents have been applied.
pub async fn forget(scope: &Scope, tx: &mut PgConnection, plan_id: PlanId) -> Result<()> {
    sqlx::query!("DELETE FROM plan_uploads WHERE school_id = $1 AND plan_id = $2", scope.school_id(), plan_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Makes sure that the school may have one more waiting file for a book, of so many bytes; until the transaction ends,
/// no other upload of the school is accepted. What programs hand in keeps no import of the school's people back. The
/// limit does not apply to the command line, whose files do not count either.
///
/// # Errors
/// [`Error::FilesWaiting`] where the limit is reached.
pub async fn make_room(scope: &Scope, tx: &mut PgConnection, book: Book, bytes: i64) -> Result<()> {
    if matches!(scope.actor, Actor::System) {
        return Ok(());
    }
    sqlx::query!(
        "SELECT pg_advisory_xact_lock(hashtextextended('uploads:' || $1::text, 0))",
        scope.school_id().to_string()
    )
    .execute(&mut *tx)
    .await?;
    let waiting = [PlanState::Reading, PlanState::Ready, PlanState::Applying, PlanState::Failed]
        .map(|state| state.key().to_owned());
    let held = sqlx::query!(
        r#"SELECT count(DISTINCT u.plan_id) AS "files!", coalesce(sum(octet_length(u.content)), 0) AS "bytes!"
           FROM plan_uploads u JOIN plans p ON p.school_id = u.school_id AND p.id = u.plan_id
           WHERE u.school_id = $1 AND p.state = ANY($2) AND p.book = $3
               AND (p.book = 'registry' OR p.created_by IS NOT NULL)"#,
        scope.school_id(),
        &waiting,
        book.key(),
    )
    .fetch_one(tx)
    .await?;
    let has_room = held.files < MOST_WAITING && held.bytes.saturating_add(bytes) <= MOST_WAITING_BYTES;
    if has_room { Ok(()) } else { Err(Error::FilesWaiting) }
}

/// Refuses the file, with the key of the sentence that says why: rows that were read of it and the file itself go.
/// Nothing where the plan is not being read (any more).
pub async fn refuse(scope: &Scope, app: &App, plan_id: PlanId, refusal: &str) -> Result<()> {
    let mut tx = app.db.begin_work_in(scope.school_id()).await?;
    if store::refuse(scope, &mut tx, plan_id, refusal).await? {
        store::delete_rows(scope, &mut tx, plan_id).await?;
        forget(scope, &mut tx, plan_id).await?;
    }
    tx.commit().await?;
    Ok(())
}
