//! Mails as files, where no mail server is configured.

use std::fs::{DirBuilder, File, OpenOptions, rename};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::{SendError, SendFailure};

use crate::ids::MailId;

/// Mails carry links that grant access: only the program's own account may read them.
const OWNER_ONLY_FOLDER: u32 = 0o700;
const OWNER_ONLY_FILE: u32 = 0o600;

#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Makes the folder where it is missing.
    pub(super) async fn prepare(&self) -> Result<(), SendError> {
        let folder = self.folder.clone();
        blocking(move || make_folder(&folder)).await
    }

    /// Writes the mail whole or not at all; writing it again replaces it.
    pub(super) async fn write(&self, id: MailId, mail: &[u8]) -> Result<(), SendError> {
        let (folder, mail) = (self.folder.clone(), mail.to_vec());
        blocking(move || write_atomically(&folder, id, &mail)).await
    }
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), SendError> {
    let written = spawn_blocking(work).await.unwrap_or_else(|gone| Err(io::Error::other(gone)));
    written.map_err(|error| {
        let text = error.to_string();
        SendError::Temporary(SendFailure::new(format!("the mail's file could not be written: {text}"), text))
    })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(OWNER_ONLY_FOLDER).create(folder)
}

fn write_atomically(folder: &Path, id: MailId, mail: &[u8]) -> io::Result<()> {
    make_folder(folder)?;
    // A different name in each process: two workers may write the same mail at once.
    let unfinished = folder.join(format!(".{id}.{}.part", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY_FILE).open(&unfinished)?;
    file.write_all(mail)?;
    file.sync_all()?;
    rename(&unfinished, folder.join(format!("{id}.eml")))?;
    File::open(folder)?.sync_all()
}
