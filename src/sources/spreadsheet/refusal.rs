//! Why a file is not read at all.

use serde::{Deserialize, Serialize};

/// Each refusal has a sentence `refusal-{key}` in Fluent that says what the file is and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum FileRefusal {
    #[error("the file has no bytes")]
    Empty,
    #[error("the file is larger than 20 MiB")]
    TooLarge,
    #[error("the file is small but unpacks to far too much")]
    Inflates,
    #[error("the file is protected with a password")]
    Protected,
    #[error("the file is damaged")]
    Broken,
    #[error("the file is a picture")]
    Picture,
    #[error("the file is a text document")]
    WordDocument,
    #[error("the file is a presentation")]
    Presentation,
    #[error("the file is a PDF")]
    Pdf,
    #[error("the file is an archive of other files")]
    Archive,
    #[error("the file is a spreadsheet of Apple Numbers")]
    AppleNumbers,
    #[error("the file is a spreadsheet from before Excel 97")]
    OldExcel,
    #[error("the file is a web page without a table")]
    HtmlWithoutTable,
    #[error("the file is of no kind that is known here")]
    Unknown,
    #[error("no sheet of the file holds a table")]
    NoTable,
    #[error("the file has no sheet of the name asked for")]
    NoSuchSheet,
    #[error("letters of the text were lost")]
    BrokenText,
    #[error("the table has more than 100,000 rows")]
    TooManyRows,
    #[error("the table has more than 200 columns")]
    TooManyColumns,
    #[error("reading the file took too long")]
    Timeout,
    #[error("reading the file took too much memory")]
    Memory,
    #[error("the text encoding asked for is not known")]
    UnknownEncoding,
    #[error("the reader could not be started")]
    ReaderFailed,
}

impl FileRefusal {
    /// Every refusal, for tests that each has its sentence.
    pub const ALL: [Self; 23] = [
        Self::Empty,
        Self::TooLarge,
        Self::Inflates,
        Self::Protected,
        Self::Broken,
        Self::Picture,
        Self::WordDocument,
        Self::Presentation,
        Self::Pdf,
        Self::Archive,
        Self::AppleNumbers,
        Self::OldExcel,
        Self::HtmlWithoutTable,
        Self::Unknown,
        Self::NoTable,
        Self::NoSuchSheet,
        Self::BrokenText,
        Self::TooManyRows,
        Self::TooManyColumns,
        Self::Timeout,
        Self::Memory,
        Self::UnknownEncoding,
        Self::ReaderFailed,
    ];

    /// The refusal's name in Fluent, after `refusal-`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLarge => "too-large",
            Self::Inflates => "inflates",
            Self::Protected => "protected",
            Self::Broken => "broken",
            Self::Picture => "picture",
            Self::WordDocument => "word-document",
            Self::Presentation => "presentation",
            Self::Pdf => "pdf",
            Self::Archive => "archive",
            Self::AppleNumbers => "apple-numbers",
            Self::OldExcel => "old-excel",
            Self::HtmlWithoutTable => "html-without-table",
            Self::Unknown => "unknown",
            Self::NoTable => "no-table",
            Self::NoSuchSheet => "no-such-sheet",
            Self::BrokenText => "broken-text",
            Self::TooManyRows => "too-many-rows",
            Self::TooManyColumns => "too-many-columns",
            Self::Timeout => "timeout",
            Self::Memory => "memory",
            Self::UnknownEncoding => "unknown-encoding",
            Self::ReaderFailed => "reader-failed",
        }
    }
}
