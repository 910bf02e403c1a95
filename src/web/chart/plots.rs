//! Charts that stand above a table of the same figures: bars, columns, a line, a pyramid of ages, a map of tiles.

use askama::{Template, filters::HtmlSafe};

/// How much of a whole, as a length in per cent.
fn part(value: i64, whole: i64) -> f64 {
    if whole <= 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let share = value.clamp(0, whole) as f64 / whole as f64;
    share * 100.0
}

/// A length with one decimal: SVG takes a point in every language.
fn length(value: f64) -> String {
    format!("{value:.1}")
}

/// A figure with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    pub label: String,
    pub value: i64,
    /// The value as it is written.
    pub figure: String,
}

fn said(amounts: &[Amount]) -> String {
    let each: Vec<String> = amounts.iter().map(|amount| format!("{}: {}", amount.label, amount.figure)).collect();
    each.join("; ")
}

fn largest(amounts: &[Amount]) -> i64 {
    amounts.iter().map(|amount| amount.value).max().unwrap_or_default()
}

/// How high a line of [`Amounts`] is, in pixels.
const LINE: usize = 40;

/// Figures below each other, each as a bar; the longest is the whole width unless `whole` says what is.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/amounts.html")]
pub struct Amounts {
    /// Unique on the page.
    pub id: &'static str,
    pub title: String,
    pub amounts: Vec<Amount>,
    pub whole: Option<i64>,
}

/// A template itself: what it shows is escaped already.
impl HtmlSafe for Amounts {}

impl Amounts {
    fn height(&self) -> usize {
        self.amounts.len() * LINE
    }

    fn said(&self) -> String {
        said(&self.amounts)
    }

    fn lines(&self) -> impl Iterator<Item = (usize, String, &Amount)> {
        let whole = self.whole.unwrap_or_else(|| largest(&self.amounts));
        self.amounts.iter().enumerate().map(move |(at, each)| (at * LINE, length(part(each.value, whole)), each))
    }
}

/// Where the columns and the line begin and how high they are, in pixels.
const TOP: f64 = 24.0;
const HIGH: f64 = 130.0;

/// Up to how many columns write their figures; of more, the highest does.
const FIGURES: usize = 12;
/// How many columns have a label: fewer where the labels are long.
const LABELS: usize = 12;
const LONG_LABELS: usize = 6;
/// How many letters make a label long.
const LONG: usize = 3;
/// No column is wider than this part of the chart.
const WIDEST: f64 = 12.0;

/// Figures side by side, such as the hours of a day.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/columns.html")]
pub struct ColumnChart {
    pub id: &'static str,
    pub title: String,
    pub amounts: Vec<Amount>,
}

/// The same.
impl HtmlSafe for ColumnChart {}

/// A column: its place and size, and what is written.
struct ChartColumn<'a> {
    x: String,
    middle: String,
    width: String,
    y: String,
    height: String,
    above: String,
    figure: Option<&'a str>,
    label: Option<ColumnLabel<'a>>,
}

/// A label below a column, within the edges of the chart.
struct ColumnLabel<'a> {
    x: String,
    /// The class by which the text begins, is centred or ends at `x`.
    anchor: &'static str,
    text: &'a str,
}

impl ColumnChart {
    fn said(&self) -> String {
        said(&self.amounts)
    }

    fn columns(&self) -> Vec<ChartColumn<'_>> {
        let (count, most) = (self.amounts.len(), largest(&self.amounts));
        let slot = 100.0 / as_length(count.max(1));
        let is_long = self.amounts.iter().any(|each| each.label.chars().count() > LONG);
        let every = count.div_ceil(if is_long { LONG_LABELS } else { LABELS }).max(1);
        let width = (slot * 0.72).min(WIDEST);
        let highest = self.amounts.iter().position(|each| each.value == most);
        let column = |(at, each): (usize, &'_ Amount)| {
            let height = part(each.value, most) / 100.0 * HIGH;
            (at, height, slot * as_length(at))
        };
        let places: Vec<(usize, f64, f64)> = self.amounts.iter().enumerate().map(column).collect();
        self.amounts
            .iter()
            .zip(places)
            .map(|(each, (at, height, x))| ChartColumn {
                x: length(x + (slot - width) / 2.0),
                middle: length(x + slot / 2.0),
                width: length(width),
                y: length(TOP + HIGH - height),
                height: length(height),
                above: length(TOP + HIGH - height - 6.0),
                figure: (each.value > 0 && (count <= FIGURES || highest == Some(at))).then_some(each.figure.as_str()),
                label: at.is_multiple_of(every).then(|| {
                    // Of many columns the outer ones are narrower than their labels.
                    let (x, anchor) = match at {
                        0 if count > LABELS => (0.0, ""),
                        at if at + 1 == count && count > LABELS => (100.0, "sg-chart-figure"),
                        _ => (x + slot / 2.0, "sg-chart-middle"),
                    };
                    ColumnLabel { x: length(x), anchor, text: &each.label }
                }),
            })
            .collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn as_length(count: usize) -> f64 {
    count as f64
}

/// A figure over time.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/line.html")]
pub struct LineChart {
    pub id: &'static str,
    pub title: String,
    pub amounts: Vec<Amount>,
    /// Where each amount stands, in any unit, the first one first: days apart are drawn as far apart as they are.
    pub places: Vec<i64>,
    /// The upper edge; without one, the largest.
    pub whole: Option<i64>,
    /// The figure at the upper edge, as it is written.
    pub top: String,
}

/// The same.
impl HtmlSafe for LineChart {}

impl LineChart {
    fn said(&self) -> String {
        said(&self.amounts)
    }

    /// The points in a square of a hundred.
    fn points(&self) -> String {
        let whole = self.whole.unwrap_or_else(|| largest(&self.amounts));
        let first = self.places.first().copied().unwrap_or_default();
        let width = self.places.last().map_or(0, |last| last - first);
        let point = |(place, each): (&i64, &Amount)| {
            format!("{},{}", length(part(place - first, width)), length(100.0 - part(each.value, whole)))
        };
        self.places.iter().zip(&self.amounts).map(point).collect::<Vec<_>>().join(" ")
    }
}

/// A line of a pyramid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartPair {
    pub label: String,
    pub left: i64,
    pub right: i64,
    pub figures: [String; 2],
    /// How many there should be on both sides together.
    pub expected: Option<i64>,
}

/// Two figures a line, one to each side.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/pyramid.html")]
pub struct Pyramid {
    pub id: &'static str,
    pub title: String,
    pub sides: [String; 2],
    pub pairs: Vec<ChartPair>,
}

/// The same.
impl HtmlSafe for Pyramid {}

/// How high a line of a pyramid is, in pixels; how much of the width is for each side's bars; where they begin.
const STEP: usize = 30;
const SIDE: f64 = 32.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 56.0;

struct PyramidLine<'a> {
    y: usize,
    pair: &'a ChartPair,
    left: [String; 3],
    right: [String; 3],
    expected: Option<[String; 3]>,
}

impl Pyramid {
    fn height(&self) -> usize {
        self.pairs.len() * STEP + STEP
    }

    fn lines(&self) -> Vec<PyramidLine<'_>> {
        let largest = |pair: &ChartPair| pair.left.max(pair.right).max((pair.expected.unwrap_or_default() + 1) / 2);
        let most = self.pairs.iter().map(largest).max().unwrap_or_default();
        let wide = |value: i64| part(value, most) / 100.0 * SIDE;
        let line = |(at, pair): (usize, &'_ ChartPair)| {
            let (left, right) = (wide(pair.left), wide(pair.right));
            // The figures stand beyond the bar and the frame.
            let half = wide((pair.expected.unwrap_or_default() + 1) / 2);
            let left = [length(LEFT - left), length(left), length(LEFT - left.max(half) - 1.0)];
            let right = [length(RIGHT), length(right), length(RIGHT + right.max(half) + 1.0)];
            let expected = pair.expected.filter(|expected| *expected > 0);
            let expected = expected.map(|_| [length(LEFT - half), length(RIGHT), length(half)]);
            ((at + 1) * STEP, left, right, expected)
        };
        let places: Vec<_> = self.pairs.iter().enumerate().map(line).collect();
        self.pairs
            .iter()
            .zip(places)
            .map(|(pair, (y, left, right, expected))| PyramidLine { y, pair, left, right, expected })
            .collect()
    }

    fn said(&self) -> String {
        let [left, right] = &self.sides;
        let pair = |pair: &ChartPair| {
            let [of_left, of_right] = &pair.figures;
            format!("{}: {left} {of_left}, {right} {of_right}", pair.label)
        };
        self.pairs.iter().map(pair).collect::<Vec<_>>().join("; ")
    }
}

/// A tile of a map, by its place in the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartTile {
    pub column: usize,
    pub row: usize,
    pub name: String,
    pub figure: String,
    /// In hundredths; none where there is nothing to tell.
    pub share: Option<i64>,
    pub href: Option<String>,
}

/// A map of tiles, each with its name and figure; the darker, the more.
#[derive(Clone, Debug, Template)]
#[template(path = "charts/tiles.html")]
pub struct Tiles {
    pub id: &'static str,
    pub title: String,
    pub tiles: Vec<ChartTile>,
}

/// The same.
impl HtmlSafe for Tiles {}

const TILE_WIDTH: usize = 64;
const TILE_HEIGHT: usize = 58;

impl Tiles {
    fn said(&self) -> String {
        let each: Vec<String> = self.tiles.iter().map(|tile| format!("{}: {}", tile.name, tile.figure)).collect();
        each.join("; ")
    }

    fn width(&self) -> usize {
        (self.tiles.iter().map(|tile| tile.column).max().unwrap_or_default() + 1) * TILE_WIDTH
    }

    fn height(&self) -> usize {
        (self.tiles.iter().map(|tile| tile.row).max().unwrap_or_default() + 1) * TILE_HEIGHT
    }
}

impl ChartTile {
    fn x(&self) -> usize {
        self.column * TILE_WIDTH + 2
    }

    fn y(&self) -> usize {
        self.row * TILE_HEIGHT + 2
    }

    /// One of five steps, and one for nothing.
    fn step(&self) -> &'static str {
        match self.share {
            None => "none",
            Some(..20) => "1",
            Some(20..40) => "2",
            Some(40..60) => "3",
            Some(60..80) => "4",
            Some(80..) => "5",
        }
    }

    /// The name in one line or two: all but the last word, and the last.
    fn words(&self) -> (&str, &str) {
        self.name.rsplit_once(' ').unwrap_or(("", &self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(values: &[i64]) -> Vec<Amount> {
        let amount = |value: &i64| Amount { label: format!("{value} <b>"), value: *value, figure: value.to_string() };
        values.iter().map(amount).collect()
    }

    #[test]
    fn the_largest_fills_the_chart_and_nothing_is_nothing() {
        let chart = |values: &[i64]| {
            let chart = Amounts { id: "a", title: "T".to_owned(), amounts: amounts(values), whole: None };
            chart.render().unwrap()
        };
        let drawn = chart(&[10, 5, 0]);
        assert!(drawn.contains("width=\"100.0%\"") && drawn.contains("width=\"50.0%\""), "{drawn}");
        assert!(drawn.contains("10 &#60;b&#62;: 10; 5 &#60;b&#62;: 5"), "{drawn}");
        assert_eq!(drawn.matches("sg-chart-part").count(), 2, "{drawn}");
        assert!(!chart(&[0]).contains("NaN") && !chart(&[]).contains("NaN"));
    }

    #[test]
    fn columns_and_lines_stay_within_their_edges() {
        let columns = ColumnChart { id: "c", title: "T".to_owned(), amounts: amounts(&[0, 3, 6]) };
        let heights: Vec<String> = columns.columns().into_iter().map(|column| column.height).collect();
        assert_eq!(heights, ["0.0", "65.0", "130.0"]);
        let many = ColumnChart { id: "m", title: "T".to_owned(), amounts: amounts(&[1; 31]) };
        let labels: Vec<String> = many.columns().into_iter().filter_map(|column| Some(column.label?.x)).collect();
        assert_eq!((labels[0].as_str(), labels[labels.len() - 1].as_str()), ("0.0", "100.0"));
        let line = LineChart {
            id: "l",
            title: "T".to_owned(),
            amounts: amounts(&[0, 50, 200]),
            places: vec![10, 11, 14],
            whole: Some(100),
            top: String::new(),
        };
        assert_eq!(line.points(), "0.0,100.0 25.0,50.0 100.0,0.0");
        let one = LineChart { amounts: amounts(&[7]), places: vec![10], whole: None, ..line };
        assert_eq!(one.points(), "0.0,0.0");
        assert!(!one.render().unwrap().contains("style="));
    }

    #[test]
    fn a_pyramid_has_both_sides_to_one_scale() {
        let pair = |left, right| ChartPair {
            label: "10".to_owned(),
            left,
            right,
            figures: [left.to_string(), right.to_string()],
            expected: Some(8),
        };
        let pyramid = Pyramid {
            id: "p",
            title: "T".to_owned(),
            sides: ["Nam".to_owned(), "Nữ".to_owned()],
            pairs: vec![pair(8, 4)],
        };
        let lines = pyramid.lines();
        assert_eq!(lines[0].left, ["12.0", "32.0", "11.0"]);
        assert_eq!(lines[0].right, ["56.0", "16.0", "73.0"]);
        assert_eq!(lines[0].expected, Some(["28.0".to_owned(), "56.0".to_owned(), "16.0".to_owned()]));
        assert!(pyramid.said().contains("Nam 8, Nữ 4"));
    }
}
