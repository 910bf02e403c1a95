//! What the birth dates of a table show together. A single one may be ambiguous; among its neighbours it may not.

use chrono::Datelike;

use super::{Dates, cell::Cell};
use crate::roster::fields::{DateOrder, OrderShown, is_dotted, order_shown};

/// One date with the month first among so many with the day first is a typing error.
const SLIP: u32 = 20;

/// How many dates of which kind there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateEvidence {
    /// The header says so.
    pub expects_months_first: bool,
    all: Shown,
    /// Of them those with dots.
    dotted: Shown,
    either: u32,
    /// Dates that the spreadsheet knows to be dates; of them, those after the twelfth of a month.
    real: u32,
    real_after_twelfth: u32,
}

/// How many dates show which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shown {
    day_first: u32,
    month_first: u32,
}

/// How many in a hundred may speak against a spreadsheet that has turned days and months: a date typed into it later.
const TYPED_LATER: u32 = 10;

/// How the dates of each table have to be read; nothing where all have days first, which is the default.
pub fn of_tables(shown: &[DateEvidence]) -> Option<Vec<Dates>> {
    // A table that shows nothing itself is like those that do, where they agree.
    let of_others = agreed(shown.iter().filter_map(DateEvidence::order));
    let dotted_of_others = agreed(shown.iter().filter_map(DateEvidence::dotted_order));
    let of_table = |evidence: &DateEvidence| Dates {
        order: evidence.order().unwrap_or(of_others),
        dotted: evidence.dotted_order().unwrap_or(dotted_of_others),
        real_ones_are_doubtful: evidence.doubts_real_dates(),
    };
    let dates: Vec<Dates> = shown.iter().map(of_table).collect();
    dates.iter().any(|dates| *dates != Dates::default()).then_some(dates)
}

fn agreed(mut orders: impl Iterator<Item = DateOrder>) -> DateOrder {
    match orders.next() {
        Some(first) if orders.all(|order| order == first) => first,
        Some(_) => DateOrder::Unsure,
        None => DateOrder::DayFirst,
    }
}

impl Shown {
    fn see(&mut self, order: OrderShown) {
        match order {
            OrderShown::DayFirst => self.day_first += 1,
            OrderShown::MonthFirst => self.month_first += 1,
            OrderShown::Either => {}
        }
    }

    fn all(self) -> u32 {
        self.day_first + self.month_first
    }

    /// Nothing where no date shows an order.
    fn order(self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (0, 0) => None,
            (_, 0) => Some(DateOrder::DayFirst),
            (0, _) => Some(DateOrder::MonthFirst),
            (day_first, month_first) if month_first * SLIP <= day_first => Some(DateOrder::DayFirst),
            _ => Some(DateOrder::Unsure),
        }
    }
}

impl DateEvidence {
    pub fn see(&mut self, cell: &Cell<'_>) {
        match cell {
            Cell::Date(date) => {
                self.real += 1;
                self.real_after_twelfth += u32::from(date.day() > 12);
            }
            // Numbers too: 12162011 is a date to many people.
            Cell::Text(..) | Cell::Number(_) | Cell::Formatted(..) => {
                let text = cell.shown();
                let Some(order) = order_shown(&text) else { return };
                self.all.see(order);
                self.either += u32::from(order == OrderShown::Either);
                if is_dotted(&text) {
                    self.dotted.see(order);
                }
            }
            _ => {}
        }
    }

    /// How dates have to be read that may be read either way; nothing where neither a date nor the header shows it.
    fn order(&self) -> Option<DateOrder> {
        match self.all.order() {
            None if self.expects_months_first => Some(DateOrder::MonthFirst),
            Some(DateOrder::DayFirst) if self.expects_months_first && self.all.month_first == 0 => {
                Some(DateOrder::Unsure)
            }
            order => order,
        }
    }

    /// The same for those with dots. What others show is nothing to them; a header that has months first contradicts
    /// the way in which dates with dots are written.
    fn dotted_order(&self) -> Option<DateOrder> {
        match self.dotted.order() {
            None | Some(DateOrder::DayFirst) if self.expects_months_first => Some(DateOrder::Unsure),
            order => order,
        }
    }

    /// A spreadsheet converts the dates that it can read in its own order, and leaves the others as text.
    fn doubts_real_dates(&self) -> bool {
        let clear = self.all.all();
        self.real > 0
            && clear > 0
            && self.real_after_twelfth * 100 <= self.real * TYPED_LATER
            && self.either * 100 <= clear * TYPED_LATER
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
    fn dates_with_dots_have_an_order_of_their_own() {
        use DateOrder::{DayFirst, MonthFirst, Unsure};
        let dates = |texts: &[&str], expects_months_first: bool| {
            let mut evidence = DateEvidence { expects_months_first, ..DateEvidence::default() };
            texts.iter().for_each(|text| evidence.see(&Cell::text((*text).to_owned(), Font::Plain)));
            of_tables(&[evidence]).map(|dates| (dates[0].order, dates[0].dotted))
        };
        assert_eq!(dates(&["12/16/2011", "05.06.2011"], false), Some((MonthFirst, DayFirst)));
        assert_eq!(dates(&["12/16/2011", "16.06.2011", "05.06.2011"], false), Some((Unsure, DayFirst)));
        assert_eq!(dates(&["12.16.2011", "05.06.2011"], false), Some((MonthFirst, MonthFirst)));
        assert_eq!(dates(&["12.16.2011", "16.12.2011", "05.06.2011"], false), Some((Unsure, Unsure)));
        assert_eq!(dates(&["05/06/2011", "05.06.2011"], true), Some((MonthFirst, Unsure)));
        assert_eq!(dates(&["16/12/2011", "05.06.2011"], false), None);
        // A month that a word names shows nothing of the others.
        assert_eq!(dates(&["12 tháng 6 năm 2011", "5 tháng 16 năm 2011"], false), None);
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
