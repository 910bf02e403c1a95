//! Rules of the standard that a zip breaks: where, and which.

use serde::{Deserialize, Serialize};

/// The most that are told of one zip.
pub const MOST: usize = 100;

/// A rule of the standard. Its sentence is `oneroster-rule-{key}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Rule {
    /// A file stands in a folder of the zip, or its name leads elsewhere.
    Folder,
    /// No file of the standard, or not in its case.
    UnknownFile,
    ManifestMissing,
    ManifestHeader,
    ManifestVersion,
    OneRosterVersion,
    ManifestProperty,
    ManifestTwice,
    ManifestMode,
    /// The manifest says that there is a file, and there is none.
    FileMissing,
    /// The manifest says that there is none.
    FileUnexpected,
    FileRequired,
    Encoding,
    /// A line break within a cell, or a carriage return without a line feed.
    LineBreak,
    /// A quote in a cell without quotes around it, or text behind the quote that closes one.
    Quotes,
    Header,
    HeaderMissing,
    HeaderUnknown,
    HeaderTwice,
    Width,
    NoRows,
    Required,
    Id,
    IdTwice,
    Reference,
    Vocabulary,
    Date,
    DateTime,
    Bool,
    Year,
    UserIds,
    StatusInBulk,
    StatusInDelta,
    DatesReversed,
    /// There are subjects and codes of subjects, and not as many.
    SubjectCodes,
    NoSchool,
    UserWithoutRole,
    PrimaryTwice,
    /// The school is none of the zip's.
    OrgUnknown,
}

impl Rule {
    pub const ALL: [Self; 39] = [
        Self::Folder,
        Self::UnknownFile,
        Self::ManifestMissing,
        Self::ManifestHeader,
        Self::ManifestVersion,
        Self::OneRosterVersion,
        Self::ManifestProperty,
        Self::ManifestTwice,
        Self::ManifestMode,
        Self::FileMissing,
        Self::FileUnexpected,
        Self::FileRequired,
        Self::Encoding,
        Self::LineBreak,
        Self::Quotes,
        Self::Header,
        Self::HeaderMissing,
        Self::HeaderUnknown,
        Self::HeaderTwice,
        Self::Width,
        Self::NoRows,
        Self::Required,
        Self::Id,
        Self::IdTwice,
        Self::Reference,
        Self::Vocabulary,
        Self::Date,
        Self::DateTime,
        Self::Bool,
        Self::Year,
        Self::UserIds,
        Self::StatusInBulk,
        Self::StatusInDelta,
        Self::DatesReversed,
        Self::SubjectCodes,
        Self::NoSchool,
        Self::UserWithoutRole,
        Self::PrimaryTwice,
        Self::OrgUnknown,
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// A rule that is broken: in which file, line and column, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    pub rule: Rule,
    pub file: String,
    /// From 1; 0 where it is about the file as a whole.
    pub line: u32,
    /// The column; empty where it is about the line as a whole.
    pub field: String,
    /// What stands there, or what is expected: as the rule's sentence says.
    pub value: String,
}

/// All that are broken, up to [`MOST`].
#[derive(Debug, Default)]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    pub fn breaks(&mut self, rule: Rule, file: &str, line: u32, field: &str, value: &str) {
        if self.0.len() < MOST {
            let shown = value.chars().filter(|c| !c.is_control()).take(100).collect();
            let (file, field) = (file.chars().take(100).collect(), field.chars().take(100).collect());
            self.0.push(Violation { rule, file, line, field, value: shown });
        }
    }

    pub fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }
}
