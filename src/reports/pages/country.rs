//! What operators see of the schools of their provinces: a map, the provinces or units, the schools; today and over time.

use askama::Template;
use axum::extract::{Query, State};
use chrono::Days;
use serde::Deserialize;

use super::FigureTile;
use crate::{
    access::Operator,
    app::App,
    error::{Error, Result},
    ids::UnitId,
    paths,
    reports::{
        country::{self, Area, AreaDay, PAGE, SchoolList, SchoolOrder, SchoolRow, Sums},
        section::{self, Cell, Head, Picture, Section, Table, Value},
        workbook,
    },
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::{ChartTile, Tiles},
        forms::Form,
        html,
        page::{self, XLSX, attachment},
    },
};

/// Over how many days the sums are told.
const DAYS: u64 = 180;
/// How many schools of a province a file has: all of them.
const ALL_SCHOOLS: i64 = 100_000;

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

/// The columns of sums, by which provinces and units can be sorted.
const COLUMNS: [&str; 9] = ["schools", "active", "silent", "suspended", "pupils", "in", "slips", "score", "overdue"];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CountryQuery {
    province: String,
    unit: String,
    /// The key of a column, with `-` before it for descending.
    sort: String,
    /// How many schools come before the page.
    from: i64,
}

impl CountryQuery {
    fn sorting(&self) -> (&str, bool) {
        self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |key| (key, true))
    }

    /// The address of the same report, sorted by this column: descending first, for the most is what is looked for.
    fn sorted_by(&self, key: &str) -> (String, &'static str) {
        let (current, is_descending) = self.sorting();
        let is_current = current == key;
        let next = if is_current && is_descending { key.to_owned() } else { format!("-{key}") };
        let sorted = match (is_current, is_descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        (self.address(&[("sort", &next)]), sorted)
    }

    fn address(&self, changes: &[(&str, &str)]) -> String {
        let kept = [("province", self.province.as_str()), ("unit", &self.unit), ("sort", &self.sort)];
        let kept = kept.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let fields = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty());
        fields.fold(paths::OperatorReports {}.with_query(""), |address, (name, value)| address.with(name, value)).into()
    }
}

#[derive(Template)]
#[template(path = "reports/country.html")]
struct CountryPage {
    l: Translator,
    shell: Shell,
    query: CountryQuery,
    title: String,
    printed: String,
    file: String,
    numbers: Vec<FigureTile>,
    /// To choose from.
    provinces: Vec<Area>,
    /// The map, where there is more than one province.
    map: Option<Tiles>,
    sections: Vec<Section>,
    /// Of the schools below a chosen province.
    previous: Option<String>,
    next: Option<String>,
    /// The province whose schools can be counted anew.
    province: Option<String>,
}

/// What is shown: the country or several provinces, or one province, or one unit of it.
struct ShownArea {
    provinces: Vec<Area>,
    province: Option<Area>,
    units: Vec<Area>,
    unit: Option<Area>,
    days: Vec<AreaDay>,
}

impl ShownArea {
    async fn read(app: &App, operator: &Operator, query: &CountryQuery) -> Result<Self> {
        let pool = app.db.pool();
        let provinces = country::provinces(pool, operator.bounds()).await?;
        let chosen = match provinces.as_slice() {
            [only] => Some(only.clone()),
            several => several.iter().find(|province| province.key == query.province).cloned(),
        };
        let units = match &chosen {
            Some(province) => country::units(pool, &province.key).await?,
            None => Vec::new(),
        };
        let unit = units.iter().find(|unit| unit.key == query.unit).cloned();
        let area = match (&unit, &chosen) {
            (Some(unit), _) => Some(format!("unit:{}", unit.key)),
            (None, Some(province)) => Some(format!("province:{}", province.key)),
            (None, None) => operator.is_national.then(|| "country".to_owned()),
        };
        let since = app.clock.today() - Days::new(DAYS);
        let days = match area {
            Some(area) => country::over_time(pool, &area, since).await?,
            None => Vec::new(),
        };
        Ok(Self { provinces, province: chosen, units, unit, days })
    }

    fn sums(&self) -> Sums {
        if let Some(area) = self.unit.as_ref().or(self.province.as_ref()) {
            return area.sums.clone();
        }
        let mut sums = Sums::default();
        self.provinces.iter().for_each(|province| sums.add(&province.sums));
        sums
    }

    fn list<'a>(&'a self, query: &CountryQuery) -> Option<SchoolList<'a>> {
        let (key, is_descending) = query.sorting();
        let order = SchoolOrder::from_key(key);
        Some(SchoolList {
            province: &self.province.as_ref()?.key,
            unit: self.unit.as_ref().and_then(|unit| unit.key.parse::<UnitId>().ok()),
            order: order.unwrap_or(SchoolOrder::Pupils),
            is_descending: is_descending || order.is_none(),
        })
    }
}

fn operator(visitor: &RequestContext) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<CountryQuery>) -> PageResult {
    let shown = ShownArea::read(&app, operator(&visitor)?, &query).await?;
    let l = visitor.l;
    let from = query.from.max(0);
    let schools = match shown.list(&query) {
        Some(list) => country::schools(app.db.pool(), list, from, PAGE + 1).await?,
        None => Vec::new(),
    };
    let has_more = i64::try_from(schools.len()).is_ok_and(|count| count > PAGE);
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let sections = sections(&l, &query, &shown, schools.get(..page.min(schools.len())).unwrap_or_default(), true);
    let at = |from: i64| query.address(&[("from", &from.to_string())]);
    let file = paths::OperatorReportsXlsx {}
        .with("province", shown.province.as_ref().map_or("", |province| &province.key))
        .with("unit", shown.unit.as_ref().map_or("", |unit| &unit.key));
    html(&CountryPage {
        l,
        shell: shell::of_operator(&visitor, OperatorEntry::Reports),
        title: title(&l, &shown),
        printed: l.date(&app.clock.today()),
        file: file.to_string(),
        numbers: numbers(&l, &shown.sums()),
        map: (shown.provinces.len() > 1 && shown.province.is_none()).then(|| map(&l, &shown.provinces)),
        sections,
        previous: (from > 0).then(|| at((from - PAGE).max(0))),
        next: has_more.then(|| at(from + PAGE)),
        province: shown.province.as_ref().map(|province| province.key.clone()),
        provinces: shown.provinces,
        query,
    })
}

/// All of it as a file, with all schools of the chosen province.
pub async fn xlsx(State(app): State<App>, visitor: RequestContext, Query(query): Query<CountryQuery>) -> PageResult {
    let shown = ShownArea::read(&app, operator(&visitor)?, &query).await?;
    let l = visitor.l;
    let schools = match shown.list(&query) {
        Some(list) => country::schools(app.db.pool(), list, 0, ALL_SCHOOLS).await?,
        None => Vec::new(),
    };
    let sections = sections(&l, &query, &shown, &schools, false);
    let today = app.clock.today();
    let edges = workbook::Edges { of: title(&l, &shown), day: today };
    let file = workbook::written(sections, edges).await?;
    let of = shown.province.as_ref().map_or("country", |province| &province.key);
    Ok(attachment(file, XLSX, &format!("schools-{of}-{today}.xlsx")))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CountForm {
    province: String,
}

/// Has the schools of a province counted at once.
pub async fn count(State(app): State<App>, visitor: RequestContext, Form(form): Form<CountForm>) -> PageResult {
    let operator = operator(&visitor)?;
    if form.province.is_empty() {
        return Ok(page::redirect(paths::OperatorReports {}.to_string()));
    }
    if crate::vietnam::provinces::by_code(&form.province).is_none() || !operator.administers(&form.province) {
        return Err(Error::NotFound);
    }
    let mut tx = app.db.begin().await?;
    country::count_province(&mut tx, &form.province).await?;
    tx.commit().await?;
    let to = paths::OperatorReports {}.with("province", &form.province).with("done", "counting");
    Ok(page::redirect(to.to_string()))
}

fn title(l: &Translator, shown: &ShownArea) -> String {
    match (&shown.unit, &shown.province) {
        (Some(unit), _) => unit.name.clone(),
        (None, Some(province)) => province.name.clone(),
        (None, None) => l.t("reports-country"),
    }
}

fn numbers(l: &Translator, sums: &Sums) -> Vec<FigureTile> {
    let count =
        |count: i64, key: &str| FigureTile { count: l.number(count), title: l.t1(key, "count", count), href: None };
    let share = |part: i64, whole: i64, key: &str| FigureTile {
        count: Value::share(part, whole).shown(l),
        title: l.t(key),
        href: None,
    };
    vec![
        count(sums.schools, "reports-schools"),
        count(sums.active, "reports-schools-active"),
        count(sums.silent(), "reports-schools-silent"),
        count(sums.overdue, "reports-overdue"),
        count(sums.pupils, "reports-accounts"),
        share(sums.pupils_in, sums.pupils, "reports-share-in"),
        share(sums.slips, sums.pupils, "reports-share-slips"),
        share(sums.clean, sums.checked, "reports-score"),
    ]
}

fn map(l: &Translator, provinces: &[Area]) -> Tiles {
    let tile = |province: &Area| {
        let (_, column, row) = PLACES.into_iter().find(|(code, ..)| *code == province.key)?;
        let share = match Value::share(province.sums.pupils_in, province.sums.pupils) {
            Value::Percent(percent) => Some(percent),
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

fn sections(
    l: &Translator,
    query: &CountryQuery,
    shown: &ShownArea,
    schools: &[SchoolRow],
    is_page: bool,
) -> Vec<Section> {
    let mut sections = Vec::new();
    if shown.province.is_none() {
        let to = |area: &Area| query.address(&[("province", &area.key), ("sort", "")]);
        sections.push(areas(l, query, ("provinces", l.t("reports-provinces")), &shown.provinces, &to, is_page));
    } else if shown.unit.is_none() && !shown.units.is_empty() {
        let province = shown.province.as_ref().map_or("", |province| &province.key);
        let to = |area: &Area| query.address(&[("province", province), ("unit", &area.key), ("sort", "")]);
        sections.push(areas(l, query, ("units", l.t("reports-units")), &shown.units, &to, is_page));
    }
    if shown.province.is_some() {
        sections.push(of_schools(l, query, schools, is_page));
    }
    if !shown.days.is_empty() {
        sections.extend(over_time(l, &shown.days));
    }
    sections
}

/// A sum's columns, in the order of [`COLUMNS`].
fn cells(sums: &Sums) -> [Value; 9] {
    [
        Value::Count(sums.schools),
        Value::Count(sums.active),
        Value::Count(sums.silent()),
        Value::Count(sums.suspended),
        Value::Count(sums.pupils),
        Value::share(sums.pupils_in, sums.pupils),
        Value::share(sums.slips, sums.pupils),
        Value::share(sums.clean, sums.checked),
        Value::Count(sums.overdue),
    ]
}

/// What a table is sorted by: nothing comes before all numbers.
fn rank(value: &Value) -> i64 {
    match value {
        Value::Count(count) => *count,
        Value::Percent(percent) => *percent,
        _ => -1,
    }
}

fn head(l: &Translator, query: &CountryQuery, key: &str, is_page: bool) -> Head {
    let label = l.tk("reports-column", key);
    if !is_page {
        return label.into();
    }
    let (sort, sorted) = query.sorted_by(key);
    Head { label, sort: Some(sort), sorted }
}

fn areas(
    l: &Translator,
    query: &CountryQuery,
    (id, title): (&'static str, String),
    areas: &[Area],
    to: &dyn Fn(&Area) -> String,
    is_page: bool,
) -> Section {
    let mut rows: Vec<(&Area, [Value; 9])> = areas.iter().map(|area| (area, cells(&area.sums))).collect();
    let (key, is_descending) = query.sorting();
    if let Some(column) = COLUMNS.iter().position(|each| *each == key) {
        rows.sort_by_key(|(_, values)| values.get(column).map_or(-1, rank));
        if is_descending {
            rows.reverse();
        }
    }
    let mut table = Table::default();
    let name = l.t(if id == "units" { "field-managing-unit" } else { "field-province" });
    table.heads = std::iter::once(name.into()).chain(COLUMNS.map(|key| head(l, query, key, is_page))).collect();
    for (area, values) in rows {
        let label = Cell::text(&area.name);
        let label = if is_page { label.to(to(area)) } else { label };
        table.push(std::iter::once(label).chain(values.map(Cell::from)));
    }
    let section = Section::new(id, title, table);
    // A page has the map; a workbook draws the share that has signed in.
    if is_page { section } else { Section { picture: Some(none_drawn(l)), drawn: vec![6], ..section } }
}

/// A chart that only the workbook has.
fn none_drawn(l: &Translator) -> Picture {
    section::amounts(l, "areas", "", &[])
}

fn of_schools(l: &Translator, query: &CountryQuery, schools: &[SchoolRow], is_page: bool) -> Section {
    let mut table = Table::default();
    let keys = SchoolOrder::ALL.map(SchoolOrder::key);
    let fixed = ["field-school", "field-managing-unit", "school-state"].map(|key| Head::from(l.t(key)));
    table.heads = fixed
        .into_iter()
        .chain(keys.map(|key| head(l, query, key, is_page)))
        .chain([l.t("reports-head-counted").into()])
        .collect();
    for school in schools {
        let state = match (school.is_suspended, school.is_active) {
            (true, _) => "suspended",
            (false, true) => "active",
            (false, false) => "silent",
        };
        let name = Cell::text(format!("{} ({})", school.name, school.code));
        let name = if is_page { name.to(paths::OperatorSchool::of(&school.code)) } else { name };
        let share = |part: i32, whole: i32| Cell::share(part.into(), whole.into());
        table.push([
            name,
            Cell::text(&school.unit),
            Cell::text(l.tk("reports-state", state)),
            Cell::count(school.pupils.into()),
            share(school.pupils_in, school.pupils),
            share(school.slips, school.pupils),
            share(school.clean, school.checked),
            Cell::count(school.overdue.into()),
            school.counted_at.map_or(Cell::text(l.t("reports-never-counted")), |at| {
                Cell::day(at.with_timezone(&crate::web::i18n::vietnam()).date_naive())
            }),
        ]);
    }
    Section::new("schools", l.t("reports-schools-of"), table)
}

fn over_time(l: &Translator, days: &[AreaDay]) -> [Section; 2] {
    let shares = |part: fn(&AreaDay) -> i64, whole: fn(&AreaDay) -> i64| {
        let share = |day: &AreaDay| match Value::share(part(day), whole(day)) {
            Value::Percent(percent) => Some((day.day, percent)),
            _ => None,
        };
        days.iter().filter_map(share).collect::<Vec<_>>()
    };
    let signed_in = shares(|day| day.pupils_in, |day| day.pupils);
    let title = l.t("reports-over-time-in");
    let heads = ["reports-head-day", "reports-column-schools", "reports-column-active", "reports-column-pupils"];
    let mut table = Table::new(heads.into_iter().chain(["reports-column-in"]).map(|key| l.t(key)));
    for day in days.iter().rev() {
        let counts = [day.schools, day.active, day.pupils].map(Cell::count);
        let share = Cell::share(day.pupils_in, day.pupils);
        table.push(std::iter::once(Cell::day(day.day)).chain(counts).chain([share]));
    }
    let picture = section::percents(l, "in-days", &title, &signed_in);
    let first = Section::new("days-in", title, table).with(picture, &[4]);
    let scores = shares(|day| day.clean, |day| day.checked);
    let title = l.t("reports-over-time-score");
    let mut table = Table::new(["reports-head-day", "reports-column-score"].map(|key| l.t(key)));
    for (day, score) in scores.iter().rev() {
        table.push([Cell::day(*day), Cell::share(*score, 100)]);
    }
    let picture = section::percents(l, "score-days", &title, &scores);
    [first, Section::new("days-score", title, table).with(picture, &[1])]
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
