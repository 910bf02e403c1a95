//! The normal form of a company's name, for finding duplicates: without marks, and without the words for the kind of
//! company.

use crate::vietnam::text;

/// Kinds of companies, as written before, behind and inside names. Longer ones first: the first match is removed.
const KINDS: [&[&str]; 24] = [
    &["trach", "nhiem", "huu", "han"],
    &["mot", "thanh", "vien"],
    &["hai", "thanh", "vien"],
    &["1", "thanh", "vien"],
    &["2", "thanh", "vien"],
    &["joint", "stock"],
    &["cong", "ty"],
    &["co", "phan"],
    &["tong", "cong", "ty"],
    &["tap", "doan"],
    &["doanh", "nghiep"],
    &["tu", "nhan"],
    &["tnhh"],
    &["mtv"],
    &["ctcp"],
    &["cty"],
    &["cp"],
    &["jsc"],
    &["co", "ltd"],
    &["ltd"],
    &["llc"],
    &["inc"],
    &["company", "limited"],
    &["company"],
];

/// The same for names that may mean the same company: "Công ty TNHH Sao Mai" and "SAO MAI Co., Ltd" are "sao mai". A
/// name that is nothing but kinds stays whole.
#[must_use]
pub fn twin_key(name: &str) -> String {
    let words = text::words(name);
    let mut kept: Vec<&str> = Vec::new();
    let mut rest: &[String] = &words;
    while let Some((first, behind)) = rest.split_first() {
        let kind = KINDS.iter().find(|kind| begins_with(rest, kind));
        match kind.and_then(|kind| rest.get(kind.len()..)) {
            Some(after) => rest = after,
            None => {
                kept.push(first);
                rest = behind;
            }
        }
    }
    if kept.is_empty() { words.join(" ") } else { kept.join(" ") }
}

fn begins_with(words: &[String], kind: &[&str]) -> bool {
    words.len() >= kind.len() && words.iter().zip(kind).all(|(word, of_kind)| word == of_kind)
}

#[cfg(test)]
mod tests {
    use super::twin_key;

    #[test]
    fn the_kind_of_a_company_makes_no_difference() {
        for name in [
            "Công ty TNHH Sao Mai",
            "CÔNG TY CỔ PHẦN SAO MAI",
            "Sao Mai JSC",
            "sao mai Co., Ltd.",
            "Công ty Trách nhiệm hữu hạn Một thành viên Sao Mai",
            "CTCP Sao Mai",
        ] {
            assert_eq!(twin_key(name), "sao mai", "{name}");
        }
        assert_eq!(twin_key("Công ty"), "cong ty");
        assert_ne!(twin_key("Công ty Sao Mai 2"), twin_key("Công ty Sao Mai"));
    }
}
