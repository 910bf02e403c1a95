//! What a report is made of: sections with a chart and the table of the same figures. Pages and workbooks show the same.

use chrono::{Datelike, NaiveDate};

use crate::web::{
    Translator,
    chart::{Amount, Amounts, ColumnChart, LineChart, Pyramid},
};

/// A value of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureValue {
    Nothing,
    Text(String),
    Count(i64),
    /// In hundredths.
    Percent(i64),
    Day(NaiveDate),
}

impl FigureValue {
    /// A share of a whole; nothing where there is no whole. All and nothing are said only where that is so.
    pub fn share(part: i64, whole: i64) -> Self {
        match (part, whole) {
            (_, ..=0) => Self::Nothing,
            (..=0, _) => Self::Percent(0),
            (part, whole) if part >= whole => Self::Percent(100),
            (part, whole) => Self::Percent((part.saturating_mul(100) / whole).max(1)),
        }
    }

    /// As the page writes it.
    pub fn shown(&self, l: &Translator) -> String {
        match self {
            Self::Nothing => "–".to_owned(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => l.number(*count),
            Self::Percent(percent) => format!("{percent}%"),
            Self::Day(day) => l.date(day),
        }
    }

    /// Numbers stand at the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Percent(_) | Self::Nothing)
    }
}

/// A cell, and where its number leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureCell {
    pub value: FigureValue,
    pub href: Option<String>,
}

impl From<FigureValue> for FigureCell {
    fn from(value: FigureValue) -> Self {
        Self { value, href: None }
    }
}

impl FigureCell {
    pub fn text(text: impl Into<String>) -> Self {
        FigureValue::Text(text.into()).into()
    }

    pub fn count(count: i64) -> Self {
        FigureValue::Count(count).into()
    }

    pub fn day(day: NaiveDate) -> Self {
        FigureValue::Day(day).into()
    }

    pub fn share(part: i64, whole: i64) -> Self {
        FigureValue::share(part, whole).into()
    }

    pub fn to(self, href: impl std::fmt::Display) -> Self {
        Self { href: Some(href.to_string()), ..self }
    }
}

/// A column's header, and where the table can be sorted by it, the address that does so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub label: String,
    pub sort: Option<String>,
    /// The value of `aria-sort`; empty where the table is sorted by another column.
    pub sorted: &'static str,
}

impl From<String> for Head {
    fn from(label: String) -> Self {
        Self { label, sort: None, sorted: "" }
    }
}

/// A table, whose first column names the row.
#[derive(Clone, Debug, Default)]
pub struct FigureTable {
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<FigureCell>>,
}

impl FigureTable {
    pub fn new(heads: impl IntoIterator<Item = String>) -> Self {
        Self { heads: heads.into_iter().map(Head::from).collect(), rows: Vec::new() }
    }

    pub fn push(&mut self, row: impl IntoIterator<Item = FigureCell>) {
        self.rows.push(row.into_iter().collect());
    }

    /// Whether a column holds numbers.
    pub fn is_number(&self, column: &usize) -> bool {
        self.rows.iter().filter_map(|row| row.get(*column)).all(|cell| cell.value.is_number())
    }
}

/// A chart of a section.
pub enum Picture {
    Amounts(Amounts),
    Columns(ColumnChart),
    Line(LineChart),
    Pyramid(Pyramid),
}

/// A chart above the table of its figures.
pub struct Section {
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    /// What is to be known of it.
    pub text: String,
    pub picture: Option<Picture>,
    pub table: FigureTable,
    /// Which columns of the table a workbook draws; none: no chart.
    pub drawn: Vec<u16>,
}

impl Section {
    pub fn new(id: &'static str, title: String, table: FigureTable) -> Self {
        Self { id, title, text: String::new(), picture: None, table, drawn: Vec::new() }
    }

    pub fn saying(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// With a chart, which a workbook draws of these columns.
    pub fn with(self, picture: impl Into<Option<Picture>>, drawn: &[u16]) -> Self {
        Self { picture: picture.into(), drawn: drawn.into(), ..self }
    }
}

/// Counts as bars.
pub fn amounts(l: &Translator, id: &'static str, title: &str, counts: &[(String, i64)]) -> Picture {
    Picture::Amounts(Amounts { id, title: title.to_owned(), amounts: counted(l, counts), whole: None })
}

/// Counts as columns.
pub fn columns(l: &Translator, id: &'static str, title: &str, counts: &[(String, i64)]) -> Picture {
    Picture::Columns(ColumnChart { id, title: title.to_owned(), amounts: counted(l, counts) })
}

/// Shares of wholes as bars, with the figures beside them.
pub fn shares(l: &Translator, id: &'static str, title: &str, shares: &[(String, i64, i64)]) -> Picture {
    let amount = |(label, part, whole): &(String, i64, i64)| {
        let value = match FigureValue::share(*part, *whole) {
            FigureValue::Percent(percent) => percent,
            _ => 0,
        };
        let figure = format!("{}/{} · {value}%", l.number(*part), l.number(*whole));
        Amount { label: label.clone(), value, figure }
    };
    let amounts = shares.iter().map(amount).collect();
    Picture::Amounts(Amounts { id, title: title.to_owned(), amounts, whole: Some(100) })
}

/// Hundredths over time; none where there is only one day, which is no line.
pub fn percents(l: &Translator, id: &'static str, title: &str, days: &[(NaiveDate, i64)]) -> Option<Picture> {
    over_time(l, (id, title), days, |value| format!("{value}%"), Some(100))
}

/// Counts over time; none where there is only one day.
pub fn counts(l: &Translator, id: &'static str, title: &str, days: &[(NaiveDate, i64)]) -> Option<Picture> {
    over_time(l, (id, title), days, |value| l.number(value), None)
}

fn over_time(
    l: &Translator,
    (id, title): (&'static str, &str),
    days: &[(NaiveDate, i64)],
    figure: impl Fn(i64) -> String,
    whole: Option<i64>,
) -> Option<Picture> {
    let largest = days.iter().map(|(_, value)| *value).max()?;
    if days.len() < 2 {
        return None;
    }
    let amount = |(day, value): &(NaiveDate, i64)| Amount { label: l.date(day), value: *value, figure: figure(*value) };
    Some(Picture::Line(LineChart {
        id,
        title: title.to_owned(),
        amounts: days.iter().map(amount).collect(),
        places: days.iter().map(|(day, _)| day.num_days_from_ce().into()).collect(),
        whole,
        top: figure(whole.unwrap_or(largest)),
    }))
}

fn counted(l: &Translator, counts: &[(String, i64)]) -> Vec<Amount> {
    let amount =
        |(label, value): &(String, i64)| Amount { label: label.clone(), value: *value, figure: l.number(*value) };
    counts.iter().map(amount).collect()
}
