//! Charts, drawn on the server as SVG. Each names itself and says what it shows, writes every figure beside its shape, so
//! that no colour has to tell it, and repeats them as a table for screen readers. Sizes are percentages and CSS pixels:
//! the text keeps its size at every width. The colours stand in the style sheet, in both schemes.

use askama::{Template, filters::HtmlSafe};

use super::Translator;

mod plots;

pub use plots::{Amount, Amounts, ChartPair, ChartTile, ColumnChart, LineChart, Pyramid, Tiles};

/// How high a line of [`Bars`] is, in pixels: its words, its bar, and the gap below.
const HIGH: usize = 44;

/// A share of a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub label: String,
    pub part: i64,
    pub whole: i64,
}

impl Share {
    /// In hundredths. All and nothing are said only where that is so: 999 of 1,000 are 99.
    #[must_use]
    pub fn percent(&self) -> i64 {
        match (self.part, self.whole) {
            (part, whole) if part <= 0 || whole <= 0 => 0,
            (part, whole) if part >= whole => 100,
            (part, whole) => (part.saturating_mul(100) / whole).max(1),
        }
    }

    /// The part of the whole, and its share: "312/320 · 97%".
    #[must_use]
    pub fn figures(&self, l: &Translator) -> String {
        format!("{}/{} · {}%", l.number(self.part), l.number(self.whole), self.percent())
    }
}

/// Shares below each other, each as a bar.
#[derive(Template)]
#[template(path = "charts/bars.html")]
pub struct Bars {
    pub l: Translator,
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    /// What a label, a part and a whole are.
    pub heads: [String; 3],
    pub shares: Vec<Share>,
}

/// A template itself: what it shows is escaped already.
impl HtmlSafe for Bars {}

impl Bars {
    fn height(&self) -> usize {
        self.shares.len() * HIGH
    }

    /// Each share with the upper edge of its line.
    fn lines(&self) -> impl Iterator<Item = (usize, &Share)> {
        self.shares.iter().enumerate().map(|(index, share)| (index * HIGH, share))
    }
}

/// One share as a ring, with its percentage in the middle.
#[derive(Template)]
#[template(path = "charts/ring.html")]
pub struct Ring {
    pub l: Translator,
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    pub share: Share,
}

/// The same.
impl HtmlSafe for Ring {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::i18n::Lang;

    fn share(part: i64, whole: i64) -> Share {
        Share { label: "Khối 10 <b>".to_owned(), part, whole }
    }

    #[test]
    fn all_and_nothing_are_said_where_it_is_so() {
        let percents = [(0, 0), (0, 9), (1, 1_000), (999, 1_000), (7, 7), (8, 7)];
        assert_eq!(percents.map(|(part, whole)| share(part, whole).percent()), [0, 0, 1, 99, 100, 100]);
    }

    #[test]
    fn figures_stand_as_text_and_in_a_table() {
        let bars = |lang| Bars {
            l: Translator::new(lang),
            id: "grades",
            title: "Đã đăng nhập".to_owned(),
            heads: ["Khối", "Đã đăng nhập", "Học sinh"].map(str::to_owned),
            shares: vec![share(1_100, 2_200), share(0, 40)],
        };
        let drawn = bars(Lang::Vi).render().unwrap();
        assert!(drawn.contains("1.100/2.200 · 50%") && drawn.contains("Khối 10 &#60;b&#62;"), "{drawn}");
        assert!(drawn.contains("<title id=\"grades-title\">") && drawn.contains("<td>2.200</td>"), "{drawn}");
        assert!(drawn.contains("height=\"88\"") && drawn.contains("width=\"50%\""), "{drawn}");
        assert!(bars(Lang::En).render().unwrap().contains("1,100/2,200 · 50%"));
        assert!(!drawn.contains("style="), "the content security policy forbids it");
    }
}
