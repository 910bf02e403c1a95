//! The map of tiles: each province where it is in the country, more or less.

use crate::{
    paths,
    reports::{country::Area, section::FigureValue},
    web::{
        Translator,
        chart::{ChartTile, Tiles},
    },
};

/// Where the provinces are in the map of tiles: code, column, row.
const PLACES: [(&str, usize, usize); 34] = [
    ("12", 1, 0),
    ("15", 2, 0),
    ("08", 3, 0),
    ("04", 4, 0),
    ("11", 0, 1),
    ("14", 1, 1),
    ("25", 2, 1),
    ("19", 3, 1),
    ("20", 4, 1),
    ("01", 2, 2),
    ("24", 3, 2),
    ("22", 4, 2),
    ("37", 2, 3),
    ("33", 3, 3),
    ("31", 4, 3),
    ("38", 2, 4),
    ("40", 2, 5),
    ("42", 3, 6),
    ("44", 3, 7),
    ("46", 4, 8),
    ("48", 4, 9),
    ("51", 4, 10),
    ("52", 4, 11),
    ("66", 4, 12),
    ("80", 1, 13),
    ("75", 2, 13),
    ("68", 3, 13),
    ("56", 4, 13),
    ("82", 1, 14),
    ("79", 2, 14),
    ("91", 0, 15),
    ("92", 1, 15),
    ("86", 2, 15),
    ("96", 0, 16),
];

/// The provinces, each with the share of its pupils who have signed in.
pub fn map(l: &Translator, provinces: &[Area]) -> Tiles {
    let tile = |province: &Area| {
        let (_, column, row) = PLACES.into_iter().find(|(code, ..)| *code == province.key)?;
        let share = match FigureValue::share(province.sums.pupils_in, province.sums.pupils) {
            FigureValue::Percent(percent) => Some(percent),
            _ => None,
        };
        Some(ChartTile {
            column,
            row,
            name: province.name.trim_start_matches("Thành phố ").trim_start_matches("Tỉnh ").to_owned(),
            figure: share.map_or("–".to_owned(), |share| format!("{share}%")),
            share,
            href: Some(paths::OperatorReports {}.with("province", &province.key).into()),
        })
    };
    let tiles = provinces.iter().filter_map(tile).collect();
    Tiles { id: "map", title: l.t("reports-map"), tiles }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PLACES;
    use crate::vietnam::provinces;

    #[test]
    fn every_province_has_a_tile_of_its_own() {
        let codes: BTreeSet<&str> = PLACES.iter().map(|(code, ..)| *code).collect();
        let places: BTreeSet<(usize, usize)> = PLACES.iter().map(|(_, column, row)| (*column, *row)).collect();
        assert_eq!(codes.len(), 34);
        assert_eq!(places.len(), 34, "no tile covers another");
        assert!(provinces::all().iter().all(|province| codes.contains(province.code.as_str())));
    }
}
