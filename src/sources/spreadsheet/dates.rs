//! What the birth dates of a table show together. A single one may be ambiguous; among its neighbours it may not.

use chrono::Datelike;

use super::{Dates, cell::Cell};
use crate::roster::fields::{DateOrder, OrderShown, order_shown};

/// One date with the month first among so many with the day first is a typing error.
const SLIP: u32 = 20;

/// How many dates of which kind there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateEvidence {
    /// The header says so.
    pub expects_months_first: bool,
    day_first: u32,
    month_first: u32,
    either: u32,
    /// Dates that the spreadsheet knows to be dates; of them, those after the twelfth of a month.
    real: u32,
    real_after_twelfth: u32,
}

impl DateEvidence {
    pub fn see(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Date(date) => {
                self.real += 1;
                self.real_after_twelfth += u32::from(date.day() > 12);
            }
            Cell::Text(text, _) => match order_shown(text) {
                Some(OrderShown::DayFirst) => self.day_first += 1,
                Some(OrderShown::MonthFirst) => self.month_first += 1,
                Some(OrderShown::Either) => self.either += 1,
                None => {}
            },
            _ => {}
        }
    }

    /// How the dates have to be read; nothing where days come first, which is the default.
    pub fn verdict(&self) -> Option<Dates> {
        let order = match (self.day_first, self.month_first) {
            (0, 0) if self.expects_months_first => DateOrder::MonthFirst,
            (_, 0) if self.expects_months_first => DateOrder::Unsure,
            (_, 0) => DateOrder::DayFirst,
            (0, _) => DateOrder::MonthFirst,
            (day_first, month_first) if month_first * SLIP <= day_first => DateOrder::DayFirst,
            _ => DateOrder::Unsure,
        };
        // A spreadsheet converts the dates that it can read in its own order, and leaves the others as text.
        let is_split = self.real > 0 && self.real_after_twelfth == 0 && self.either == 0;
        let dates = Dates { order, real_ones_are_doubtful: is_split && self.day_first + self.month_first > 0 };
        (dates != Dates::default()).then_some(dates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::spreadsheet::cell::Font;
    use chrono::NaiveDate;

    fn verdict(texts: &[&str], real_days: &[u32]) -> Option<(DateOrder, bool)> {
        let mut evidence = DateEvidence::default();
        texts.iter().for_each(|text| evidence.see(&Cell::text((*text).to_owned(), Font::Plain)));
        for day in real_days {
            let date = NaiveDate::from_ymd_opt(2011, 8, *day).and_then(|day| day.and_hms_opt(0, 0, 0)).unwrap();
            evidence.see(&Cell::Date(date));
        }
        evidence.verdict().map(|dates| (dates.order, dates.real_ones_are_doubtful))
    }

    #[test]
    fn a_column_decides_for_all_its_dates() {
        use DateOrder::{DayFirst, MonthFirst, Unsure};
        assert_eq!(verdict(&["09/08/2011", "16/12/2011", "2011-12-16", "5-Nov-2011"], &[]), None);
        assert_eq!(verdict(&["09/08/2011", "12/16/2011"], &[]), Some((MonthFirst, false)));
        assert_eq!(verdict(&["12/06/11", "06/22/11"], &[]), Some((MonthFirst, false)));
        assert_eq!(verdict(&["09/08/2011", "12/16/2011", "16/12/2011"], &[]), Some((Unsure, false)));
        let slip: Vec<&str> = std::iter::repeat_n("16/12/2011", 20).chain(["12/16/2011"]).collect();
        assert_eq!(verdict(&slip, &[]), None);
        assert_eq!(verdict(&["16/12/2011"], &[5, 12]), Some((DayFirst, true)));
        assert_eq!(verdict(&["12/16/2011"], &[5]), Some((MonthFirst, true)));
        assert_eq!(verdict(&["16/12/2011"], &[5, 13]), None);
        assert_eq!(verdict(&["16/12/2011", "05/06/2011"], &[5]), None);
    }
}
