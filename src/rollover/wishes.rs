//! Who is to be together in a class and who apart, as it is typed: a line for each group, with names or logins between
//! commas.

use super::known::{KnownPeople, NotOne};
use crate::{ids::MemberId, vietnam::class_name};

/// Why a line is not understood, and the part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    Nobody(String),
    Several(String),
    /// One person has nobody to be together with, or apart from.
    Alone(String),
}

/// The groups of the lines. A class of this year may stand behind a name in brackets: "Nguyễn Văn An (10A1)".
///
/// # Errors
/// The first part that is not understood.
pub fn read(typed: &str, known: &KnownPeople<'_>) -> Result<Vec<Vec<MemberId>>, Unclear> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| group(line, known)).collect()
}

fn group(line: &str, known: &KnownPeople<'_>) -> Result<Vec<MemberId>, Unclear> {
    let parts = line.split([',', ';', '\t']).map(str::trim).filter(|part| !part.is_empty());
    let mut group = Vec::new();
    for part in parts {
        let (name, class) = match part.strip_suffix(')').and_then(|part| part.rsplit_once('(')) {
            Some((name, class)) => (name.trim(), class_name::normalise(class)),
            None => (part, None),
        };
        let pupil = known.pupil(None, name, None, class.as_deref()).map_err(|why| match why {
            NotOne::Several => Unclear::Several(part.to_owned()),
            NotOne::Nobody | NotOne::OtherName => Unclear::Nobody(part.to_owned()),
        })?;
        if !group.contains(&pupil.id) {
            group.push(pupil.id);
        }
    }
    if group.len() < 2 { Err(Unclear::Alone(line.to_owned())) } else { Ok(group) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::ClassId,
        rollover::{
            model::{ClassMap, DraftClass, PupilOutcome},
            pupils::KnownPupil,
        },
    };

    #[test]
    fn lines_are_groups_and_what_is_unclear_is_named() {
        let class = |id: u128, name: &str| DraftClass {
            id: ClassId::from_u128(id),
            name: name.to_owned(),
            grade: None,
            target: None,
        };
        let map = ClassMap { classes: vec![class(1, "10A1"), class(2, "10A2")], ..ClassMap::default() };
        let pupil = |n: u128, name: &str, class: u128| KnownPupil {
            id: MemberId::from_u128(n),
            full_name: name.to_owned(),
            birth_date: None,
            username: Some(format!("hs{n}")),
            moet_id: None,
            national_id: None,
            class_id: ClassId::from_u128(class),
            outcome: PupilOutcome::Promoted,
            target: None,
            reason: None,
            is_written: false,
        };
        let pupils = [pupil(1, "Lê Văn An", 1), pupil(2, "Lê Văn An", 2), pupil(3, "Trần Thị Bé", 1)];
        let known = KnownPeople::of(&pupils, &map);
        let ids = |groups: Vec<Vec<MemberId>>| -> Vec<Vec<u128>> {
            groups.iter().map(|group| group.iter().map(|id| id.uuid().as_u128()).collect()).collect()
        };
        let groups = read("lê văn an (10A2), Trần Thị Bé\n\n hs1; hs3@79000001 ", &known).unwrap();
        assert_eq!(ids(groups), [vec![2, 3], vec![1, 3]]);
        assert_eq!(read("Lê Văn An, hs3", &known), Err(Unclear::Several("Lê Văn An".to_owned())));
        assert_eq!(read("hs1, Ai Đó", &known), Err(Unclear::Nobody("Ai Đó".to_owned())));
        assert_eq!(read("hs1, hs1", &known), Err(Unclear::Alone("hs1, hs1".to_owned())));
        assert_eq!(read(" \n", &known), Ok(Vec::new()));
    }
}
