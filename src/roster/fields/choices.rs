//! Fields with a fixed set of values: gender and status, in the words that schools write.

use super::{FieldReading, Parsed};
use crate::vietnam::text;

const MALE: &[&str] = &["nam", "m", "male", "boy", "man", "trai", "con trai", "nam gioi", "hoc sinh nam"];
const FEMALE: &[&str] = &["nu", "f", "female", "girl", "woman", "gai", "con gai", "nu gioi", "hoc sinh nu"];
const OTHER: &[&str] = &["khac", "other", "gioi tinh khac", "non-binary"];

/// Ticks in a column headed "Nữ" (female), the way in which school registers usually write the gender in one column.
const TICKS: &[&str] = &["x", "✓", "✔", "√", "☑", "☒"];

/// How the phrases for "is in the school" begin, folded. The statuses that exports carry, such as *invited*, are among
/// them: they say that the person is here.
#[rustfmt::skip]
const HERE: &[&str] = &[
    "active", "activated", "studying", "enrolled", "re enrolled", "reenrolled", "registered", "current", "attending", "working",
    "employed", "present", "maternity leave", "on maternity leave", "sick leave", "on sick leave", "transferred in", "transferred from", "transfer in",
    "new", "invited", "pending", "waiting", "regular", "full time", "part time", "normal", "in school", "promoted", "repeating",
    "readmitted", "returned",
    "dang", "hoat dong", "theo hoc", "hoc", "lam viec", "cong tac", "giang day", "day", "hoc sinh moi", "moi tuyen", "tuyen moi", "moi vao", "nhap hoc", "moi nhap hoc", "chuyen den",
    "chuyen truong den", "chuyen tu", "chuyen ve", "chuyen lop", "tiep nhan", "chinh thuc", "hop dong", "bien che", "hien dien",
    "con hoc", "con lam", "nghi thai san", "nghi om", "nghi phep", "nghi co phep", "nghi he", "nghi tet", "luu ban", "hoc lai",
    "di hoc lai", "len lop", "moi", "da moi", "duoc moi", "cho ", "binh thuong", "di hoc", "di lam",
];

/// How the phrases for "belongs to the school but is away or suspended for a while" begin, folded.
#[rustfmt::skip]
const AWAY: &[&str] = &[
    "suspended", "suspension", "inactive", "not active", "deactivated", "disabled", "locked", "blocked", "on hold", "hold", "deferred",
    "deferral", "leave of absence", "on leave", "temporary leave", "long leave", "long term leave", "extended leave", "absent", "paused", "interrupted", "excluded",
    "bao luu", "xin bao luu", "tam nghi", "tam hoan", "tam dung", "tam ngung", "tam khoa", "nghi hoc tam thoi",
    "nghi hoc co thoi han", "xin nghi hoc tam thoi", "xin tam nghi", "ngung hoat dong", "khong hoat dong", "bi khoa", "da khoa",
    "dinh chi", "bi dinh chi", "bi ky luat", "nghi dai han", "nghi khong luong", "nghi khong phep", "ngung hoc", "dung hoc",
];

/// How the phrases for "has left" begin, folded.
#[rustfmt::skip]
const GONE: &[&str] = &[
    "left", "withdrawn", "withdrew", "withdraw", "withdrawal", "transferred", "transferred out", "transfer", "transfer out",
    "graduated", "graduate", "alumni", "alumnus", "retired", "resigned", "quit", "dropped", "dropped out", "drop out", "dropout",
    "expelled", "terminated", "dismissed", "discharged", "deceased", "died", "former", "moved", "moved away", "exited", "departed",
    "removed", "deleted", "archived", "unenrolled", "disenrolled", "not enrolled", "de enrolled", "no longer", "gone", "cancelled",
    "canceled", "completed studies",
    "da roi", "roi truong", "roi khoi", "nghi hoc", "nghi viec", "nghi huu", "nghi lam", "nghi luon", "nghi han", "nghi day",
    "xin nghi hoc", "xin nghi viec", "xin nghi", "xin thoi hoc", "xin thoi viec", "xin chuyen truong", "xin chuyen di",
    "xin chuyen cong tac", "xin rut", "het han", "thoi hoc", "thoi viec", "cho thoi hoc", "cho thoi viec", "cho nghi hoc", "cho nghi viec",
    "cho chuyen", "buoc thoi", "bi buoc thoi", "bi duoi", "duoi hoc", "bo hoc", "bo viec", "chuyen di", "chuyen truong",
    "chuyen cong tac", "chuyen don vi", "thuyen chuyen", "rut ho so", "rut hoc ba", "xoa ten", "tot nghiep", "ra truong",
    "hoan thanh chuong trinh", "hoan thanh khoa hoc", "cham dut", "ket thuc", "huu tri", "ve huu", "da mat", "tu vong", "qua doi",
    "khong con", "khong hoc nua", "khong theo hoc", "du hoc", "di du hoc", "dinh cu", "het han hop dong",
];

/// Words that mean "has left" only on their own; followed by others they may mean anything.
const GONE_ALONE: &[&str] = &["nghi", "chuyen", "bo", "thoi", "mat", "roi"];

/// Words behind a phrase for being here that take it back: "học trường khác", "studying abroad".
const ELSEWHERE: &[&str] = &["khac", "xong", "elsewhere", "abroad"];

/// How those phrases begin that are about coming from elsewhere: "chuyển từ trường khác".
const ARRIVING: &[&str] =
    &["chuyen", "tiep nhan", "nhap hoc", "moi nhap hoc", "moi chuyen den", "transfer", "transferred"];

/// Words before what is over: "học lại sau bảo lưu".
const AFTER: &[&str] = &["sau", "tu", "after", "from"];

/// Words for the person, which may stand before the status.
const SUBJECTS: &[&str] =
    &["hoc sinh ", "hs ", "sinh vien ", "sv ", "giao vien ", "gv ", "em ", "student ", "pupil ", "teacher "];

/// Reads a gender as `male`, `female` or `other`.
pub(super) fn gender(typed: &str) -> Parsed {
    let folded = text::fold(typed);
    let word = folded.trim_end_matches(['.', ',', ';']);
    match word.strip_suffix(".0").unwrap_or(word) {
        word if MALE.contains(&word) => Ok(FieldReading::plain("male")),
        word if FEMALE.contains(&word) => Ok(FieldReading::plain("female")),
        word if OTHER.contains(&word) => Ok(FieldReading::plain("other")),
        // The codes of the ministry's forms.
        "1" => Ok(FieldReading::guessed("male", "gender-code")),
        "0" => Ok(FieldReading::guessed("female", "gender-code")),
        word if TICKS.contains(&word) => Ok(FieldReading::guessed("female", "gender-tick")),
        _ => Err("gender-unknown"),
    }
}

/// Reads a status as `active` (is in the school), `suspended` (belongs to it and is away for a while) or `left`.
pub(super) fn status(typed: &str) -> Parsed {
    let words = text::words(typed).join(" ");
    let words = SUBJECTS.iter().find_map(|subject| words.strip_prefix(subject)).unwrap_or(&words);
    if let Some(doing) = words.strip_prefix("dang ") {
        // "Đang bảo lưu" is away; "đang" (now doing) before a phrase for leaving means that the person has not left
        // yet.
        return match status(doing) {
            Ok(FieldReading { value, .. }) if value == "left" => Err("status-unknown"),
            Ok(reading) => Ok(reading),
            Err(_) if doing.starts_with("khong ") || takes_back(doing) => Err("status-unknown"),
            Err(_) => Ok(FieldReading::plain("active")),
        };
    }
    let (here, away, gone) = (longest(words, HERE), longest(words, AWAY), longest(words, GONE));
    if GONE_ALONE.contains(&words) {
        return Ok(FieldReading::plain("left"));
    }
    match here.max(away).max(gone) {
        0 => without_already(words).map_or(Err("status-unknown"), status),
        // A tie with "has left" counts as left.
        most if most == gone => Ok(FieldReading::plain("left")),
        most if most == away => Ok(FieldReading::plain("suspended")),
        most if takes_back(words.get(most..).unwrap_or_default()) => Err("status-unknown"),
        most if is_elsewhere(words, most) => Err("status-unknown"),
        _ => Ok(FieldReading::plain("active")),
    }
}

/// Whether words behind a phrase for being here speak of leaving or of being away: "hợp đồng đã chấm dứt", "mới nghỉ học".
fn takes_back(rest: &str) -> bool {
    let mut before = "";
    let mut rest = rest.trim_start();
    while !rest.is_empty() {
        let (here, away, gone) = (longest(rest, HERE), longest(rest, AWAY), longest(rest, GONE));
        let says_so = GONE_ALONE.contains(&rest) || away.max(gone) > here;
        if says_so && !AFTER.contains(&before) {
            return true;
        }
        (before, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    }
    false
}

fn is_elsewhere(words: &str, here: usize) -> bool {
    let is_arriving = longest(words, ARRIVING) > 0;
    !is_arriving && words.get(here..).unwrap_or_default().split(' ').any(|word| ELSEWHERE.contains(&word))
}

/// Drops "đã" (already): "đã tốt nghiệp" means the same as "tốt nghiệp".
fn without_already(words: &str) -> Option<&str> {
    words.strip_prefix("da ")
}

/// The length of the longest matching beginning: it distinguishes "nghỉ học tạm thời" from "nghỉ học".
fn longest(words: &str, beginnings: &[&str]) -> usize {
    let fits = |beginning: &&&str| {
        words
            .strip_prefix(**beginning)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || beginning.ends_with(' '))
    };
    beginnings.iter().filter(fits).map(|beginning| beginning.len()).max().unwrap_or(0)
}
