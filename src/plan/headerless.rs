//! Tables without a header in which several columns have names of people: which of them the list is about is a guess
//! that a person has to confirm, since the mothers of a class look like its pupils.

use super::model::{Plan, PlanColumn, PlanRow, Source};
use crate::{
    roster::fields::Field,
    vietnam::{name, provinces, text},
};

/// How the names of places begin that are no provinces, without marks, as far as no family name is written so.
const PLACES: [&str; 6] = ["xa", "phuong", "huyen", "thon", "khu", "tp"];

/// Whether the columns of a spreadsheet of people were guessed from what they hold.
#[must_use]
pub fn is_guessed(plan: &Plan) -> bool {
    let is_list = matches!(plan.source, Source::Students | Source::Teachers);
    is_list && plan.header_line.is_none() && !plan.columns.is_empty() && plan.reading.mapping.is_empty()
}

/// The columns with names of people, by their letters, where it is not clear which of them the list is about; otherwise
/// none. Names further on with a year of birth beside each are a parent's.
#[must_use]
pub fn columns_of_names<'p>(plan: &'p Plan, rows: &[PlanRow]) -> Vec<&'p str> {
    let cells = |place: usize| -> Vec<&str> {
        let cells = rows.iter().filter_map(|row| row.cells.get(place));
        cells.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect()
    };
    let most = |place: usize, test: fn(&str) -> bool| {
        let cells = cells(place);
        cells.iter().filter(|cell| test(cell)).count() * 2 > cells.len()
    };
    let is_own = |column: &PlanColumn| column.field == Some(Field::FullName);
    let has_year = |place: usize| place < plan.columns.len() && most(place, is_year);
    let own: Vec<usize> =
        (0..).zip(&plan.columns).filter(|(_, column)| is_own(column)).map(|(place, _)| place).collect();
    let Some((first, last)) = own.first().copied().zip(own.last().copied()) else { return Vec::new() };
    let is_other = |place: usize, column: &PlanColumn| !is_own(column) && most(place, is_name);
    let others: Vec<usize> =
        (0..).zip(&plan.columns).filter(|(place, column)| is_other(*place, column)).map(|(place, _)| place).collect();
    let is_parents = |place: &usize| *place > last + 1 && has_year(*place + 1);
    let is_clear = others.is_empty() || !has_year(last + 1) && others.iter().all(is_parents);
    if is_clear {
        return Vec::new();
    }
    let named = |place: usize| plan.columns.get(place).map(|column| column.header.as_str());
    let mut places: Vec<usize> = others.into_iter().chain([first]).collect();
    places.sort_unstable();
    places.into_iter().filter_map(named).collect()
}

/// The whole name of a person, and neither a place nor a remark, whose words are written small.
fn is_name(cell: &str) -> bool {
    let cell = text::clean(cell);
    let words = text::words(&cell);
    let is_place = words.first().is_some_and(|word| PLACES.contains(&word.as_str()));
    let is_cased = cell.split(' ').all(|word| word.chars().next().is_none_or(|c| !c.is_lowercase()))
        || !cell.chars().any(char::is_uppercase);
    // Places of two words are many, so that a name of two has to begin as names do.
    let begins_as_name = words.len() > 2 || words.first().is_some_and(|word| name::is_frequent_family(word));
    (2..=7).contains(&words.len())
        && begins_as_name
        && name::is_plausible(&cell)
        && is_cased
        && !is_place
        && provinces::by_name(&cell).is_none()
}

fn is_year(cell: &str) -> bool {
    cell.len() == 4 && cell.parse::<u32>().is_ok_and(|year| (1900..=2100).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_year};

    #[test]
    fn names_of_people_are_told_from_places() {
        for name in ["Lò Thị Mẫu", "NGUYỄN THÚY HẰNG", "chu không một", "Y Văn Niê", "Trương Thị Quản"]
        {
            assert!(is_name(name), "{name}");
        }
        for other in [
            "Hà Nội",
            "Điện Biên",
            "Đông Anh",
            "Gia Lâm",
            "Xã Mường Phăng",
            "Học sinh giỏi",
            "Nam",
            "10A1",
            "05/01/2011",
        ] {
            assert!(!is_name(other), "{other}");
        }
        assert!(is_year("1985") && !is_year("198") && !is_year("05/01/2011"));
    }
}
