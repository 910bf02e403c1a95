//! Candidates out of a spreadsheet: which pupil of the year each of its rows is. A row is a pupil's by an identifier, or by
//! name with class or birth date where only one pupil has them; anything else is named with its line.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::{
    ids::MemberId,
    roster::fields::Field,
    sources::spreadsheet::PersonRow,
    vietnam::{class_name, text},
};

/// A pupil of a class of the exam's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExamPupil {
    pub member_id: MemberId,
    pub username: Option<String>,
    pub moet_id: Option<String>,
    pub full_name: String,
    pub birth_date: Option<NaiveDate>,
    pub class_name: String,
    pub is_candidate: bool,
}

/// Why a row names no pupil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnmatchedReason {
    /// No pupil of the year is like it.
    Nobody,
    /// Several are.
    Several,
    /// The identifier is of a pupil of another name.
    OtherName,
}

impl UnmatchedReason {
    pub const ALL: [Self; 3] = [Self::Nobody, Self::Several, Self::OtherName];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Several => "several",
            Self::OtherName => "other-name",
        }
    }
}

/// A row that names no pupil, as it stands in the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedRow {
    pub line: u32,
    pub shown: String,
    pub why: UnmatchedReason,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidatesReading {
    pub new: Vec<ExamPupil>,
    /// Those who are candidates already.
    pub there: usize,
    pub not_found: Vec<UnmatchedRow>,
}

/// The pupils by what a row may say of them, each folded once.
struct PupilIndex<'a> {
    by_moet_id: HashMap<&'a str, &'a ExamPupil>,
    by_username: HashMap<&'a str, &'a ExamPupil>,
    by_name: HashMap<String, Vec<IndexedPupil<'a>>>,
}

/// A pupil with their class as it is compared.
struct IndexedPupil<'a> {
    pupil: &'a ExamPupil,
    class: Option<String>,
}

impl<'a> PupilIndex<'a> {
    fn of(pupils: &'a [ExamPupil]) -> Self {
        let mut by_name: HashMap<String, Vec<IndexedPupil<'a>>> = HashMap::new();
        for pupil in pupils {
            let known = IndexedPupil { pupil, class: class_name::normalise(&pupil.class_name) };
            by_name.entry(text::fold(&pupil.full_name)).or_default().push(known);
        }
        let moet_ids = pupils.iter().filter_map(|each| Some((each.moet_id.as_deref()?, each)));
        let usernames = pupils.iter().filter_map(|each| Some((each.username.as_deref()?, each)));
        Self { by_moet_id: moet_ids.collect(), by_username: usernames.collect(), by_name }
    }

    fn pupil_of(&self, row: &PersonRow) -> Result<&'a ExamPupil, UnmatchedReason> {
        let value = |field: Field| row.values.get(&field).map(String::as_str).filter(|value| !value.is_empty());
        let name = value(Field::FullName).map(text::fold);
        let username = value(Field::Username).map(str::to_lowercase);
        let by_id = value(Field::MoetId)
            .and_then(|id| self.by_moet_id.get(id))
            .or_else(|| username.as_deref().and_then(|name| self.by_username.get(name)));
        if let Some(pupil) = by_id {
            let is_named = name.is_none_or(|name| name == text::fold(&pupil.full_name));
            return if is_named { Ok(pupil) } else { Err(UnmatchedReason::OtherName) };
        }
        let birth = value(Field::BirthDate).and_then(|date| date.parse::<NaiveDate>().ok());
        let class = value(Field::Class).and_then(class_name::normalise);
        let Some(name) = name.filter(|_| birth.is_some() || class.is_some()) else {
            return Err(UnmatchedReason::Nobody);
        };
        let is_like = |known: &&IndexedPupil<'_>| {
            birth.is_none_or(|birth| known.pupil.birth_date == Some(birth))
                && class.as_ref().is_none_or(|class| known.class.as_ref() == Some(class))
        };
        let mut like = self.by_name.get(&name).into_iter().flatten().filter(is_like);
        match (like.next(), like.next()) {
            (Some(known), None) => Ok(known.pupil),
            (Some(_), Some(_)) => Err(UnmatchedReason::Several),
            (None, _) => Err(UnmatchedReason::Nobody),
        }
    }
}

#[must_use]
pub fn understand(rows: &[PersonRow], pupils: &[ExamPupil]) -> CandidatesReading {
    let index = PupilIndex::of(pupils);
    let mut understood = CandidatesReading::default();
    let mut seen = HashSet::new();
    for row in rows {
        match index.pupil_of(row) {
            Ok(pupil) if !seen.insert(pupil.member_id) => {}
            Ok(pupil) if pupil.is_candidate => understood.there += 1,
            Ok(pupil) => understood.new.push(pupil.clone()),
            Err(why) => {
                let filled: Vec<&str> = row.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
                understood.not_found.push(UnmatchedRow { line: row.line, shown: filled.join(" · "), why });
            }
        }
    }
    understood
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pupil(n: u128, name: &str, class: &str) -> ExamPupil {
        ExamPupil {
            member_id: MemberId::from_u128(n),
            username: Some(format!("hs{n}")),
            moet_id: Some(format!("79000000{n}")),
            full_name: name.to_owned(),
            birth_date: NaiveDate::from_ymd_opt(2011, 3, 2),
            class_name: class.to_owned(),
            is_candidate: n == 1,
        }
    }

    fn row(line: u32, values: &[(Field, &str)]) -> PersonRow {
        let values = values.iter().map(|(field, value)| (*field, (*value).to_owned())).collect();
        PersonRow { line, values, ..PersonRow::default() }
    }

    #[test]
    fn a_row_is_one_pupils_or_named() {
        let pupils =
            [pupil(1, "Nguyễn Văn An", "10A1"), pupil(2, "Nguyễn Văn An", "10A2"), pupil(3, "Lê Thị Bé", "10A2")];
        let rows = [
            row(2, &[(Field::FullName, "NGUYỄN VĂN AN"), (Field::Class, "10A2")]),
            row(3, &[(Field::FullName, "Nguyễn Văn An"), (Field::BirthDate, "2011-03-02")]),
            row(4, &[(Field::MoetId, "790000003"), (Field::FullName, "Lê Thị Bé")]),
            row(5, &[(Field::Username, "HS1"), (Field::FullName, "Trần Thị Khác")]),
            row(6, &[(Field::FullName, "Lê Thị Bé")]),
            row(7, &[(Field::Username, "hs1")]),
            row(8, &[(Field::Username, "hs3")]),
        ];
        let understood = understand(&rows, &pupils);
        assert_eq!(understood.new.iter().map(|each| each.member_id.uuid().as_u128()).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(understood.there, 1);
        let not: Vec<_> = understood.not_found.iter().map(|each| (each.line, each.why)).collect();
        assert_eq!(not, [(3, UnmatchedReason::Several), (5, UnmatchedReason::OtherName), (6, UnmatchedReason::Nobody)]);
    }

    /// A whole school at once: each name is folded once, so that this takes a moment.
    #[test]
    fn a_whole_school_is_found() {
        const COUNT: u32 = 6_000;
        let name = |n: u32| format!("Nguyễn Văn {}", n % 1_500);
        let class = |n: u32| format!("10A{}", n / 1_500 + 1);
        let pupils: Vec<ExamPupil> = (0..COUNT).map(|n| pupil(u128::from(n) + 2, &name(n), &class(n))).collect();
        let rows: Vec<PersonRow> =
            (0..COUNT).map(|n| row(n + 2, &[(Field::FullName, &name(n)), (Field::Class, &class(n))])).collect();
        let understood = understand(&rows, &pupils);
        assert!(understood.not_found.is_empty(), "{:?}", understood.not_found.first());
        let found: Vec<MemberId> = understood.new.iter().map(|each| each.member_id).collect();
        assert_eq!(found, pupils.iter().map(|each| each.member_id).collect::<Vec<_>>());
    }
}
