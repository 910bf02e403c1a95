//! The 34 provinces of today and the 63 of before July 2025 (Resolution 202/2025/QH15). Codes were reused: 24 was
//! Bắc Giang and is Bắc Ninh, so the old ones serve only to read old numbers and names.

use std::sync::LazyLock;

use serde::Deserialize;

use super::text;

static TODAY: LazyLock<Vec<Province>> = LazyLock::new(|| read(include_str!("../../reference/vn/provinces_34.csv")));
static FORMER: LazyLock<Vec<FormerProvince>> =
    LazyLock::new(|| read(include_str!("../../reference/vn/provinces_63.csv")));

/// What may stand before a province's name, folded, the longer first.
const KINDS: &[&str] = &["thanh pho ", "tinh ", "t.p. ", "tp. ", "tp ", "tp."];

/// A province or centrally run city of today.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Province {
    /// The two digits of the General Statistics Office.
    pub code: String,
    /// Without its kind: "Hà Nội".
    pub name: String,
    pub name_en: String,
    /// With its kind: "Thành phố Hà Nội".
    pub full_name: String,
    pub full_name_en: String,
    /// "ha_noi".
    pub slug: String,
}

impl Province {
    /// The former provinces that it was made of.
    pub fn former(&self) -> impl Iterator<Item = &'static FormerProvince> + '_ {
        FORMER.iter().filter(|former| former.new_code == self.code)
    }
}

/// One of the 63 provinces of before July 2025.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct FormerProvince {
    /// Its code of then, which may be another province's today.
    pub code: String,
    pub name: String,
    pub full_name: String,
    /// The three digits that identification numbers of its people begin with.
    pub cccd_code: String,
    /// The code of the province of today that it belongs to.
    pub new_code: String,
}

impl FormerProvince {
    /// The province of today that it belongs to.
    pub fn today(&self) -> Option<&'static Province> {
        by_code(&self.new_code)
    }
}

/// The provinces of today, by code.
pub fn all() -> &'static [Province] {
    &TODAY
}

/// The provinces of before July 2025, by code.
pub fn all_former() -> &'static [FormerProvince] {
    &FORMER
}

/// The province of today with this code.
pub fn by_code(code: &str) -> Option<&'static Province> {
    TODAY.iter().find(|province| province.code == code)
}

/// The province of today that this name means, or that a former province of this name belongs to: with or without
/// its kind, regardless of case and marks.
pub fn by_name(name: &str) -> Option<&'static Province> {
    let wanted = bare(name);
    let former = || FORMER.iter().find(|former| text::fold(&former.name) == wanted).and_then(FormerProvince::today);
    TODAY.iter().find(|province| text::fold(&province.name) == wanted).or_else(former)
}

/// The former province whose people's identification numbers begin with these three digits.
pub fn former_by_cccd_code(code: &str) -> Option<&'static FormerProvince> {
    FORMER.iter().find(|former| former.cccd_code == code)
}

/// The folded name without its kind.
fn bare(name: &str) -> String {
    let folded = text::fold(name);
    KINDS.iter().find_map(|kind| folded.strip_prefix(kind)).unwrap_or(&folded).trim().to_owned()
}

/// The rows of an embedded table. The tests check that all of them can be read.
fn read<T: for<'de> Deserialize<'de>>(table: &str) -> Vec<T> {
    csv::Reader::from_reader(table.as_bytes()).deserialize().filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_tables_are_whole() {
        assert_eq!(all().len(), 34);
        assert_eq!(all_former().len(), 63);
        assert!(all_former().iter().all(|former| former.today().is_some()));
        assert_eq!(all().iter().flat_map(Province::former).count(), 63);
        assert_eq!(all().iter().map(|p| &p.code).collect::<BTreeSet<_>>().len(), 34);
    }

    #[test]
    fn codes_were_reused() {
        assert_eq!(by_code("24").unwrap().name, "Bắc Ninh");
        assert_eq!(former_by_cccd_code("024").unwrap().name, "Bắc Giang");
        assert_eq!(by_code("02"), None);
    }

    #[test]
    fn names() {
        for name in [
            "Hồ Chí Minh",
            "TP. Hồ Chí Minh",
            "thành phố hồ chí minh",
            "TP.HO CHI MINH",
            "Bình Dương",
            "Tỉnh Bà Rịa - Vũng Tàu",
        ] {
            assert_eq!(by_name(name).map(|p| p.code.as_str()), Some("79"), "{name}");
        }
        assert_eq!(by_name("Quảng Trị").unwrap().code, "44");
        assert_eq!(by_name("Sài Gòn"), None);
    }
}
