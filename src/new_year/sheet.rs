//! What becomes of pupils out of a spreadsheet: who each row is about, the result and, where it says so, the class of the
//! coming year. Nothing is guessed at: what is not understood is named with its line. Knows no database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::{
    columns::{self, HeaderCells, PupilColumns},
    results::{self, ResultMeaning},
};
use crate::{
    ids::MemberId,
    rollover::{
        known::{KnownPeople, NotOne},
        model::{ClassMap, DraftClass, PupilOutcome, REASONS},
        naming,
        pupils::{ChoiceRefusal, KnownPupil, OutcomeChoice, target_for},
    },
    sources::spreadsheet::plain::PlainRow,
    vietnam::{class_name, text},
};

/// The longest reason, in characters.
const MOST_OF_A_REASON: usize = 500;

/// What a row would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundResult {
    pub line: u32,
    pub id: MemberId,
    pub full_name: String,
    pub class_name: String,
    pub was: PupilOutcome,
    pub outcome: PupilOutcome,
    pub target: Option<String>,
    pub reason: Option<String>,
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultRejection {
    /// No pupil of the draft is like it.
    Nobody,
    /// Several are.
    Several,
    /// The identifier is of a pupil of another name.
    OtherName,
    /// The result is none of those known.
    Result,
    /// The class goes on to another grade, so nobody in it has finished school.
    NotLast,
    /// The same pupil stands in the sheet with another result.
    Twice,
    /// A plan has written what becomes of the pupil.
    Written,
    /// The class of the coming year is no name of a class.
    Class,
    /// The class does not fit the result.
    Refused(ChoiceRefusal, String),
}

impl From<NotOne> for ResultRejection {
    fn from(why: NotOne) -> Self {
        match why {
            NotOne::Nobody => Self::Nobody,
            NotOne::Several => Self::Several,
            NotOne::OtherName => Self::OtherName,
        }
    }
}

impl ResultRejection {
    pub const KEYS: [&str; 8] = ["nobody", "several", "other-name", "result", "not-last", "twice", "written", "class"];

    /// The key of the sentence; none where the refusal has one of its own.
    #[must_use]
    pub fn key(&self) -> Option<&'static str> {
        Some(match self {
            Self::Nobody => "nobody",
            Self::Several => "several",
            Self::OtherName => "other-name",
            Self::Result => "result",
            Self::NotLast => "not-last",
            Self::Twice => "twice",
            Self::Written => "written",
            Self::Class => "class",
            Self::Refused(..) => return None,
        })
    }
}

/// A row that is not taken, as it stands in the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedResult {
    pub line: u32,
    pub shown: String,
    pub why: ResultRejection,
}

/// What a sheet comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultsReading {
    pub found: Vec<FoundResult>,
    pub not_taken: Vec<RejectedResult>,
    /// Rows that say what stands there already.
    pub same: usize,
    /// Rows without a result: what stands there stays.
    pub empty: usize,
    /// Classes of the coming year that the draft does not have yet.
    pub new_classes: BTreeSet<String>,
}

/// Pupils with the same outcome, class and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeGroup {
    pub ids: Vec<MemberId>,
    pub choice: OutcomeChoice,
}

impl ResultsReading {
    /// The changes as typed ones: together where all is the same but the pupil.
    #[must_use]
    pub fn groups(&self) -> Vec<OutcomeGroup> {
        type Same<'a> = (PupilOutcome, &'a Option<String>, &'a Option<String>);
        let mut groups: BTreeMap<Same<'_>, Vec<MemberId>> = BTreeMap::new();
        for found in &self.found {
            groups.entry((found.outcome, &found.target, &found.reason)).or_default().push(found.id);
        }
        groups
            .into_iter()
            .map(|((outcome, target, reason), ids)| OutcomeGroup {
                ids,
                choice: OutcomeChoice { outcome, target: target.clone(), reason: reason.clone() },
            })
            .collect()
    }
}

/// What is known of these pupils: the same again only where nobody has changed it.
#[must_use]
pub fn made_of(ids: &BTreeSet<MemberId>, pupils: &[KnownPupil]) -> String {
    let mut sum = Sha256::new();
    let mut of_ids: Vec<&KnownPupil> = pupils.iter().filter(|pupil| ids.contains(&pupil.id)).collect();
    of_ids.sort_by_key(|pupil| pupil.id);
    for pupil in of_ids {
        let target = pupil.target.as_deref().unwrap_or_default();
        let reason = pupil.reason.as_deref().unwrap_or_default();
        let key = pupil.outcome.key();
        let parts = format!("{}\n{}\n{key}\n{target}\n{reason}\n{}\n\n", pupil.id, pupil.class_id, pupil.is_written);
        sum.update(parts);
    }
    hex::encode(sum.finalize())
}

/// Which column is which.
#[derive(Debug)]
struct ResultColumns {
    result: usize,
    who: PupilColumns,
    target: Option<usize>,
    reason: Option<usize>,
}

impl ResultColumns {
    fn of(heads: &HeaderCells, to_year: &str) -> Option<Self> {
        let of_year = results::folded(to_year);
        let is_target = |head: &str| {
            let is_of_year = ["lop", "class"].iter().any(|word| head == format!("{word} {of_year}"));
            is_of_year || results::TARGETS.contains(&head)
        };
        let result = heads
            .column(|head| results::RESULTS.contains(&head))
            .or_else(|| heads.column(|head| head.starts_with("ket qua")))?;
        let target = heads.column(is_target);
        let mut who = PupilColumns::of(heads)?;
        who.class = who.class.filter(|at| Some(*at) != target);
        let reason = heads.column(|head| head.starts_with("ly do") || head == "reason");
        Some(Self { result, who, target, reason })
    }
}

/// Reads the rows. None where no row has the heads of a column of results and of one of pupils.
#[must_use]
pub fn understand(rows: &[PlainRow], to_year: &str, pupils: &[KnownPupil], map: &ClassMap) -> Option<ResultsReading> {
    let (at, columns) = columns::of_table(rows, |heads| ResultColumns::of(heads, to_year))?;
    let known = KnownPeople::of(pupils, map);
    let mut understood = ResultsReading::default();
    let mut seen: HashMap<MemberId, OutcomeChoice> = HashMap::new();
    let mut twice: BTreeSet<MemberId> = BTreeSet::new();
    for row in rows.iter().skip(at + 1) {
        let typed = row.cell(columns.result);
        let is_named = columns.who.is_named(row);
        if typed.is_empty() || !is_named {
            // Titles and signatures below a table have no result, or name no pupil.
            understood.empty += usize::from(is_named && columns.who.pupil(&known, row).is_ok());
            continue;
        }
        let mut not_taken = |why| {
            let filled: Vec<&str> = row.cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
            understood.not_taken.push(RejectedResult { line: row.line, shown: filled.join(" · "), why });
        };
        let (pupil, choice) = match read(row, &columns, &known, &typed) {
            Ok(read) => read,
            Err(why) => {
                not_taken(why);
                continue;
            }
        };
        match seen.insert(pupil.id, choice.clone()) {
            Some(before) if before != choice => {
                not_taken(ResultRejection::Twice);
                twice.insert(pupil.id);
            }
            Some(_) => {}
            None => {
                let stands = (pupil.outcome, &pupil.target, &pupil.reason);
                if stands == (choice.outcome, &choice.target, &choice.reason) {
                    understood.same += 1;
                    continue;
                }
                understood.found.push(FoundResult {
                    line: row.line,
                    id: pupil.id,
                    full_name: pupil.full_name.clone(),
                    class_name: known.class_of(pupil).map(|class| class.name.clone()).unwrap_or_default(),
                    was: pupil.outcome,
                    outcome: choice.outcome,
                    target: choice.target,
                    reason: choice.reason,
                });
            }
        }
    }
    // Of two results neither is taken.
    understood.found.retain(|found| !twice.contains(&found.id));
    let is_new = |name: &&String| map.targets.iter().all(|target| target.name != **name);
    understood.new_classes =
        understood.found.iter().filter_map(|found| found.target.as_ref()).filter(is_new).cloned().collect();
    Some(understood)
}

/// Who a row is about, and what becomes of them.
fn read<'a>(
    row: &PlainRow,
    columns: &ResultColumns,
    known: &KnownPeople<'a>,
    typed: &str,
) -> Result<(&'a KnownPupil, OutcomeChoice), ResultRejection> {
    let pupil = columns.who.pupil(known, row)?;
    let class = known.class_of(pupil).ok_or(ResultRejection::Nobody)?;
    if pupil.is_written {
        return Err(ResultRejection::Written);
    }
    let (outcome, of_word) = outcome(typed, class)?;
    let mut choice = OutcomeChoice { outcome, target: None, reason: None };
    if outcome == PupilOutcome::Leaving {
        let words = columns.reason.map(|at| row.cell(at)).unwrap_or_default();
        choice.reason = Some(reason(&words).unwrap_or_else(|| of_word.unwrap_or("other").to_owned()));
        return Ok((pupil, choice));
    }
    if outcome.has_class() {
        choice.target = wanted_class(row, columns, class)?;
        choice.target =
            target_for(&choice, class).map_err(|(refusal, class)| ResultRejection::Refused(refusal, class))?;
    }
    Ok((pupil, choice))
}

/// The class of the coming year that a row names: that of its own column, or the only class of the row where that is not
/// the one that the pupil is in.
fn wanted_class(
    row: &PlainRow,
    columns: &ResultColumns,
    class: &DraftClass,
) -> Result<Option<String>, ResultRejection> {
    let typed = match (columns.target, columns.who.class) {
        (Some(at), _) => row.cell(at),
        (None, Some(at)) => row.cell(at),
        (None, None) => String::new(),
    };
    if typed.is_empty() {
        return Ok(None);
    }
    let name = class_name::normalise(&typed).ok_or(ResultRejection::Class)?;
    Ok(Some(name).filter(|name| columns.target.is_some() || *name != class.name))
}

/// What a result means for a pupil of this class, and why they leave where the word says so.
fn outcome(typed: &str, class: &DraftClass) -> Result<(PupilOutcome, Option<&'static str>), ResultRejection> {
    let has_grade = naming::grade_of(&class.name).or_else(|| class.grade.clone()).is_some();
    let goes_on = class.target.is_some() && has_grade;
    match results::meant(typed).ok_or(ResultRejection::Result)? {
        ResultMeaning::Outcome(PupilOutcome::Finished) if goes_on => Err(ResultRejection::NotLast),
        ResultMeaning::Outcome(outcome) => Ok((outcome, None)),
        ResultMeaning::Leaving(reason) => Ok((PupilOutcome::Leaving, Some(reason))),
        ResultMeaning::YearDone if class.target.is_none() => Ok((PupilOutcome::Finished, None)),
        ResultMeaning::YearDone => Ok((PupilOutcome::Promoted, None)),
    }
}

/// A reason as it is stored: by its key where there is a word for it.
fn reason(typed: &str) -> Option<String> {
    let typed = text::clean(typed);
    if typed.is_empty() {
        return None;
    }
    if let Some(key) = REASONS.iter().find(|key| **key == typed.to_lowercase()) {
        return Some((*key).to_owned());
    }
    match results::meant(&typed) {
        Some(ResultMeaning::Leaving(key)) if results::is_whole(&typed) => Some(key.to_owned()),
        _ => Some(typed.chars().take(MOST_OF_A_REASON).collect()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{ids::ClassId, rollover::model::TargetClass};

    const CLASSES: [(u128, &str, &str, Option<&str>); 3] =
        [(1, "10A1", "10", Some("11A1")), (2, "10A2", "10", Some("11A2")), (3, "12A1", "12", None)];

    fn map() -> ClassMap {
        let class = |(id, name, grade, target): (u128, &str, &str, Option<&str>)| DraftClass {
            id: ClassId::from_u128(id),
            name: name.to_owned(),
            grade: Some(grade.to_owned()),
            target: target.map(str::to_owned),
        };
        let target = |name: &str| TargetClass { name: name.to_owned(), grade: None, homeroom_member_id: None };
        ClassMap {
            classes: CLASSES.map(class).to_vec(),
            targets: ["10A1", "10A2", "11A1", "11A2"].map(target).to_vec(),
        }
    }

    fn pupil(n: u128, name: &str, class: u128) -> KnownPupil {
        let target = CLASSES.iter().find(|each| each.0 == class).and_then(|each| each.3).map(str::to_owned);
        KnownPupil {
            id: MemberId::from_u128(n),
            full_name: name.to_owned(),
            birth_date: NaiveDate::from_ymd_opt(2011, 3, u32::try_from(n).unwrap()),
            username: Some(format!("hs{n}")),
            moet_id: Some(format!("790000000{n}")),
            national_id: None,
            class_id: ClassId::from_u128(class),
            outcome: if target.is_some() { PupilOutcome::Promoted } else { PupilOutcome::Finished },
            target,
            reason: None,
            is_written: n == 9,
        }
    }

    fn pupils() -> Vec<KnownPupil> {
        vec![
            pupil(1, "Nguyễn Văn An", 1),
            pupil(2, "Nguyễn Văn An", 2),
            pupil(3, "Lê Thị Bé", 2),
            pupil(4, "Trần Chi", 3),
            pupil(9, "Vũ Xong", 1),
        ]
    }

    fn read(table: &[&[&str]]) -> Option<ResultsReading> {
        let row = |(at, cells): (usize, &&[&str])| PlainRow {
            line: u32::try_from(at).unwrap() + 1,
            cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
        };
        let rows: Vec<PlainRow> = table.iter().enumerate().map(row).collect();
        understand(&rows, "2027-2028", &pupils(), &map())
    }

    fn found(understood: &ResultsReading) -> Vec<(u128, &'static str, Option<&str>)> {
        let of = |found: &FoundResult| found.id.uuid().as_u128();
        understood.found.iter().map(|found| (of(found), found.outcome.key(), found.target.as_deref())).collect()
    }

    #[test]
    fn pupils_are_found_by_identifier_or_name_and_what_stands_is_left() {
        let read = read(&[
            &["TRƯỜNG THPT LÊ LỢI"],
            &["STT", "Tên đăng nhập", "Họ và tên", "Ngày sinh", "Kết quả", "Lớp 2027-2028", "Lý do"],
            &["1", "HS1@79000001", "", "", "Lên lớp", "11A2", ""],
            &["2", "", "Nguyễn Văn An", "02/03/2011", "Lưu ban", "", ""],
            &["3", "", "LÊ THỊ BÉ", "", "Chuyển trường", "", "Theo gia đình"],
            &["4", "hs4", "Trần Chi", "", "Tốt nghiệp", "", ""],
            &["", "", "Người lập bảng", "", "", "", ""],
        ])
        .unwrap();
        assert_eq!(read.not_taken, []);
        assert_eq!(found(&read), [(1, "promoted", Some("11A2")), (2, "kept_back", Some("10A2")), (3, "leaving", None)]);
        assert_eq!(read.found[2].reason.as_deref(), Some("Theo gia đình"));
        assert_eq!(read.same, 1);
    }

    #[test]
    fn the_only_class_of_a_row_is_theirs_or_where_they_go() {
        let read = read(&[
            &["Học sinh", "Lớp", "Kết quả"],
            &["Nguyễn Văn An", "10A2", "Thi lại"],
            &["Lê Thị Bé", "11A1", "Lên lớp"],
            &["hs1", "11A9", "Lên lớp"],
        ])
        .unwrap();
        assert_eq!(read.not_taken, []);
        assert_eq!(found(&read), [(2, "awaiting", None), (3, "promoted", Some("11A1")), (1, "promoted", Some("11A9"))]);
        assert_eq!(read.new_classes, BTreeSet::from(["11A9".to_owned()]));
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        let read = read(&[
            &["name", "class", "result", "username"],
            &["Nguyễn Văn An", "", "promoted", ""],
            &["Không Có", "", "promoted", ""],
            &["Lê Thị Bé", "", "Giỏi", ""],
            &["Lê Thị Bé", "10A1", "promoted", "hs3"],
            &["Nguyễn Văn An", "10A1", "hoàn thành", ""],
            &["Trần Chi", "", "promoted", ""],
            &["Trần Khác", "", "awaiting", "hs4"],
            &["Vũ Xong", "", "awaiting", ""],
            &["", "", "awaiting", "hs2"],
            &["", "", "kept back", "hs2"],
        ])
        .unwrap();
        let not: Vec<(u32, ResultRejection)> =
            read.not_taken.iter().map(|each| (each.line, each.why.clone())).collect();
        assert_eq!(
            not,
            [
                (2, ResultRejection::Several),
                (3, ResultRejection::Nobody),
                (4, ResultRejection::Result),
                (5, ResultRejection::Refused(ChoiceRefusal::SameGrade, "10A2".to_owned())),
                (6, ResultRejection::NotLast),
                (7, ResultRejection::Refused(ChoiceRefusal::NoClass, "12A1".to_owned())),
                (8, ResultRejection::OtherName),
                (9, ResultRejection::Written),
                (11, ResultRejection::Twice),
            ]
        );
        assert_eq!(found(&read), [], "of two results neither is taken");
        assert_eq!(super::tests::read(&[&["Họ và tên", "Lớp"], &["Lê Thị Bé", "10A2"]]), None);
    }

    #[test]
    fn a_choice_is_made_of_what_is_known_of_its_pupils() {
        let ids = BTreeSet::from([MemberId::from_u128(1)]);
        let before = made_of(&ids, &pupils());
        let mut other = pupils();
        other[1].outcome = PupilOutcome::Awaiting;
        assert_eq!(made_of(&ids, &other), before, "of another pupil");
        other[0].outcome = PupilOutcome::Awaiting;
        assert_ne!(made_of(&ids, &other), before);
    }
}
