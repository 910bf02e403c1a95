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

/// How many in a hundred may speak against a spreadsheet that has turned days and months: a date typed into it later.
const TYPED_LATER: u32 = 10;

/// How the dates of each table have to be read; nothing where all have days first, which is the default.
pub fn of_tables(shown: &[DateEvidence]) -> Option<Vec<Dates>> {
    let mut decided = shown.iter().filter(|evidence| evidence.is_decided()).map(|evidence| evidence.verdict().order);
    // A table that shows nothing itself is like those that do, where they agree.
    let of_others = match decided.next() {
        Some(first) if decided.all(|order| order == first) => first,
        Some(_) => DateOrder::Unsure,
        None => DateOrder::DayFirst,
    };
    let of_table = |evidence: &DateEvidence| {
        let dates = evidence.verdict();
        if evidence.is_decided() { dates } else { Dates { order: of_others, ..dates } }
    };
    let dates: Vec<Dates> = shown.iter().map(of_table).collect();
    dates.iter().any(|dates| *dates != Dates::default()).then_some(dates)
}

impl DateEvidence {
    pub fn see(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Date(date) => {
                self.real += 1;
                self.real_after_twelfth += u32::from(date.day() > 12);
            }
            // Numbers too: 12162011 is a date to many people.
            Cell::Text(..) | Cell::Number(_) | Cell::Formatted(..) => match order_shown(&cell.shown()) {
                Some(OrderShown::DayFirst) => self.day_first += 1,
                Some(OrderShown::MonthFirst) => self.month_first += 1,
                Some(OrderShown::Either) => self.either += 1,
                None => {}
            },
            _ => {}
        }
    }

    /// Whether a date or the header shows the order.
    fn is_decided(&self) -> bool {
        self.expects_months_first || self.day_first + self.month_first > 0
    }

    /// How the dates have to be read.
    fn verdict(&self) -> Dates {
        let order = match (self.day_first, self.month_first) {
            (0, 0) if self.expects_months_first => DateOrder::MonthFirst,
            (_, 0) if self.expects_months_first => DateOrder::Unsure,
            (_, 0) => DateOrder::DayFirst,
            (0, _) => DateOrder::MonthFirst,
            (day_first, month_first) if month_first * SLIP <= day_first => DateOrder::DayFirst,
            _ => DateOrder::Unsure,
        };
        // A spreadsheet converts the dates that it can read in its own order, and leaves the others as text.
        let clear = self.day_first + self.month_first;
        let is_split = self.real > 0
            && clear > 0
            && self.real_after_twelfth * 100 <= self.real * TYPED_LATER
            && self.either * 100 <= clear * TYPED_LATER;
        Dates { order, real_ones_are_doubtful: is_split }
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
        of_tables(&[evidence]).map(|dates| (dates[0].order, dates[0].real_ones_are_doubtful))
    }

    fn orders(tables: &[&[&str]]) -> Option<Vec<DateOrder>> {
        let shown: Vec<DateEvidence> = tables
            .iter()
            .map(|texts| {
                let mut evidence = DateEvidence::default();
                texts.iter().for_each(|text| evidence.see(&Cell::text((*text).to_owned(), Font::Plain)));
                evidence
            })
            .collect();
        of_tables(&shown).map(|dates| dates.into_iter().map(|dates| dates.order).collect())
    }

    #[test]
    fn each_table_has_its_order_and_one_that_shows_none_is_like_the_others() {
        use DateOrder::{DayFirst, MonthFirst, Unsure};
        let (months, days, either) = (&["12/16/2011"][..], &["16/12/2011", "09/08/2011"][..], &["09/08/2011"][..]);
        assert_eq!(orders(&[months, days]), Some(vec![MonthFirst, DayFirst]));
        assert_eq!(orders(&[months, either]), Some(vec![MonthFirst, MonthFirst]));
        assert_eq!(orders(&[months, days, either]), Some(vec![MonthFirst, DayFirst, Unsure]));
        assert_eq!(orders(&[days, either]), None);
    }

    #[test]
    fn a_few_typed_later_do_not_hide_what_a_spreadsheet_has_turned() {
        let texts: Vec<&str> = std::iter::repeat_n("16/12/2011", 24).chain(["05/06/2011"]).collect();
        let real: Vec<u32> = (1..=12).chain([20]).collect();
        assert_eq!(verdict(&texts, &real), Some((DateOrder::DayFirst, true)));
    }

    #[test]
    fn a_column_decides_for_all_its_dates() {
        use DateOrder::{DayFirst, MonthFirst, Unsure};
        assert_eq!(verdict(&["09/08/2011", "16/12/2011", "2011-12-16", "5-Nov-2011"], &[]), None);
        assert_eq!(verdict(&["09/08/2011", "12/16/2011"], &[]), Some((MonthFirst, false)));
        assert_eq!(verdict(&["09082011", "12162011"], &[]), Some((MonthFirst, false)));
        assert_eq!(verdict(&["09082011", "16122011", "20111216", "20112011"], &[]), None);
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
