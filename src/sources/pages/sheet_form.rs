//! A small sheet with the fields of its form: read whole, since such sheets are small.

use axum::{
    extract::{Multipart, Request},
    http::header,
};

use crate::{
    error::{Error, Result},
    sources::spreadsheet::{FileRefusal, limits},
};

/// The largest sheet with the fields beside it, in bytes.
pub const SHEET_BYTES: usize = limits::FILE_BYTES / 4;

/// The fields of a form, and others that a browser may send along.
const MOST_FIELDS: usize = 300;

/// The longest value of a field beside the file, in bytes.
const VALUE_BYTES: usize = 64 * 1024;

/// The form as sent.
#[derive(Default)]
pub struct SheetForm {
    pub file_name: String,
    pub file: Vec<u8>,
    fields: Vec<(String, String)>,
}

impl SheetForm {
    /// # Errors
    /// [`Error::Malformed`] for a form that none of our pages sends, [`Error::FormTooLong`] for one with too long fields.
    pub async fn read(mut multipart: Multipart) -> Result<Self> {
        let mut form = Self::default();
        for _ in 0..MOST_FIELDS {
            let Some(field) = multipart.next_field().await? else { return Ok(form) };
            let name = field.name().unwrap_or_default().to_owned();
            if name != "file" {
                let value = field.text().await?;
                if value.len() > VALUE_BYTES {
                    return Err(Error::FormTooLong);
                }
                form.fields.push((name, value));
            } else if form.file.is_empty() {
                form.file_name = field.file_name().unwrap_or_default().chars().take(200).collect();
                form.file = field.bytes().await?.to_vec();
            } else {
                drop(field.bytes().await?);
            }
        }
        Err(Error::Malformed)
    }

    /// A field beside the file; empty where there is none.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// All fields of a name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(each, _)| each == name).map(|(_, value)| value.clone()).collect()
    }

    /// What is wrong with the file before it is read: the key of a sentence.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        match (self.file_name.is_empty(), self.file.is_empty()) {
            (true, true) => Some("fault-file-missing"),
            (false, true) => Some("fault-file-empty"),
            (_, false) => None,
        }
    }
}

/// Whether a request carries a form with a file.
#[must_use]
pub fn is_multipart(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/")
}

/// The sentence for a file that cannot be read.
#[must_use]
pub fn unreadable(refusal: FileRefusal) -> String {
    format!("refusal-{}", refusal.key())
}
