//! A sheet that is handed in for an exam: read whole, since such sheets are small.

use axum::extract::Multipart;

use crate::{
    error::{Error, Result},
    sources::spreadsheet::{FileRefusal, limits},
};

/// The largest sheet with the fields beside it, in bytes.
pub const SHEET_BYTES: usize = limits::FILE_BYTES / 4;

/// The fields of the form, and others that a browser may send along.
const MOST_FIELDS: usize = 10;

/// The form as sent.
#[derive(Default)]
pub struct Upload {
    pub file_name: String,
    pub file: Vec<u8>,
    /// Which entry of the marks it is, where it is of marks.
    pub entry: String,
}

impl Upload {
    /// # Errors
    /// [`Error::Malformed`] for a form that none of our pages sends.
    pub async fn read(mut multipart: Multipart) -> Result<Self> {
        let mut form = Self::default();
        for _ in 0..MOST_FIELDS {
            let Some(field) = multipart.next_field().await? else { return Ok(form) };
            match field.name() {
                Some("file") if form.file.is_empty() => {
                    form.file_name = field.file_name().unwrap_or_default().chars().take(200).collect();
                    form.file = field.bytes().await?.to_vec();
                }
                Some("entry") => form.entry = field.text().await?.chars().take(5).collect(),
                _ => drop(field.bytes().await?),
            }
        }
        Err(Error::Malformed)
    }

    /// What is wrong with the file before it is read: the key of a sentence.
    pub fn fault(&self) -> Option<&'static str> {
        match (self.file_name.is_empty(), self.file.is_empty()) {
            (true, true) => Some("fault-file-missing"),
            (false, true) => Some("fault-file-empty"),
            (_, false) => None,
        }
    }
}

/// The sentence for a file that cannot be read.
pub fn unreadable(refusal: FileRefusal) -> String {
    format!("refusal-{}", refusal.key())
}
