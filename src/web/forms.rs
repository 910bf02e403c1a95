//! Forms: what was typed comes back as typed, with what is wrong beside it; passwords never come back.

use axum::{
    body::{Body, Bytes},
    extract::{
        FromRequest, Request,
        multipart::{Field, MultipartError},
        rejection::FormRejection,
    },
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
};
use chrono::{Datelike, NaiveDate};
use serde::de::DeserializeOwned;

use super::{Translator, limits};
use crate::{error::Error, vietnam::text};

/// The most choices that a field offers; where there are more, what is meant is typed.
pub const MOST_CHOICES: usize = 120;

/// One thing that is wrong with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field, as in the address book of the public surface.
    pub field: String,
    /// The key of the sentence.
    pub key: String,
    /// The sentence's `$value`.
    pub value: String,
}

/// All that is wrong with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<FieldError>);

impl FormErrors {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn one(field: impl Into<String>, key: impl Into<String>) -> Self {
        let mut faults = Self::new();
        faults.add(field, key);
        faults
    }

    pub fn add(&mut self, field: impl Into<String>, key: impl Into<String>) {
        self.add_about(field, key, "");
    }

    pub fn add_about(&mut self, field: impl Into<String>, key: impl Into<String>, value: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), key: key.into(), value: value.into() });
    }

    /// Adds the faults of another part of the same form.
    pub fn add_all(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something is wrong with this field.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|fault| fault.field == field)
    }

    /// The same faults, those of these fields first and in their order.
    #[must_use]
    pub fn in_order_of<'f>(mut self, fields: impl IntoIterator<Item = &'f str>) -> Self {
        let fields: Vec<&str> = fields.into_iter().collect();
        let place = |fault: &FieldError| fields.iter().position(|field| *field == fault.field).unwrap_or(usize::MAX);
        self.0.sort_by_key(place);
        self
    }

    /// `Ok` where nothing is wrong.
    ///
    /// # Errors
    /// The faults, where there are some.
    pub fn or_ok<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The same faults, those of one field under another name: where a page has two forms.
    #[must_use]
    pub fn renamed(mut self, field: &str, name: &str) -> Self {
        for fault in self.0.iter_mut().filter(|fault| fault.field == field) {
            name.clone_into(&mut fault.field);
        }
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// What is wrong with one field, as a sentence.
    #[must_use]
    pub fn of(&self, l: &Translator, field: &str) -> Option<String> {
        self.0.iter().find(|fault| fault.field == field).map(|fault| fault.sentence(l))
    }
}

impl FieldError {
    #[must_use]
    pub fn sentence(&self, l: &Translator) -> String {
        l.t1(&self.key, "value", self.value.as_str())
    }

    /// The sentence with the name of the field before it, where several fields may have the same fault. A field without
    /// a name among those of people (`field-…`) is named by its sentences.
    #[must_use]
    pub fn named_sentence(&self, l: &Translator) -> String {
        let name = format!("field-{}", self.field.replace('_', "-"));
        let sentence = self.sentence(l);
        if l.knows(&name) { format!("{}: {sentence}", l.t(&name)) } else { sentence }
    }
}

/// A date as people write it: a stored one becomes 15/11/2011, what was typed stays as it is.
#[must_use]
pub fn date_shown(value: impl AsRef<str>) -> String {
    let value = value.as_ref();
    value.parse::<NaiveDate>().map_or_else(|_| value.to_owned(), |date| date.format("%d/%m/%Y").to_string())
}

/// A date as typed, dd/mm/yyyy, or as programs send it, YYYY-MM-DD; of a year that one can reckon with.
#[must_use]
pub fn date(typed: &str) -> Option<NaiveDate> {
    let typed = typed.trim();
    let of = |form| NaiveDate::parse_from_str(typed, form).ok();
    let read = typed.parse().ok().or_else(|| of("%d/%m/%Y")).or_else(|| of("%d-%m-%Y")).or_else(|| of("%d.%m.%Y"));
    read.filter(|date| (1900..=2999).contains(&date.year()))
}

/// The longest reason, in characters.
const MOST_OF_A_REASON: usize = 500;

/// A reason that people will read, in its stored form.
///
/// # Errors
/// The key of what is wrong with it.
pub fn reason(typed: &str) -> Result<String, &'static str> {
    let reason = optional_reason(typed)?;
    if reason.is_empty() { Err("fault-reason-missing") } else { Ok(reason) }
}

/// A reason that may be left out: empty then.
///
/// # Errors
/// The key of what is wrong with it.
pub fn optional_reason(typed: &str) -> Result<String, &'static str> {
    let reason = text::clean(typed);
    if reason.chars().count() > MOST_OF_A_REASON { Err("fault-reason-too-long") } else { Ok(reason) }
}

/// A form's body. Every field of `T` is text with a default, so only a body that none of our pages sends is refused.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(whole, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::Malformed,
        })?;
        limits::check_form(&bytes)?;
        // An empty body may come without a content type.
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        parts.headers.entry(CONTENT_TYPE).or_insert(kind);
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = axum_extra::extract::Form::<T>::from_request(request, state).await;
        form.map(|form| Self(form.0)).map_err(|_| Error::Malformed)
    }
}

impl From<FormRejection> for Error {
    fn from(_: FormRejection) -> Self {
        Self::Malformed
    }
}

/// The longest value of a field beside a file, in bytes.
const BESIDE_A_FILE: usize = 200;

/// A field beside a file.
///
/// # Errors
/// [`Error::Malformed`] where it is longer than any of ours, or no text.
pub async fn short_text(mut field: Field<'_>) -> Result<String, Error> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await? {
        text.extend_from_slice(&bytes);
        if text.len() > BESIDE_A_FILE {
            return Err(Error::Malformed);
        }
    }
    String::from_utf8(text).map_err(|_| Error::Malformed)
}

impl From<MultipartError> for Error {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Malformed }
    }
}
