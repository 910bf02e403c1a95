//! The sections of what operators see: areas, schools, and how it went over time.

use super::{ShownArea, query::COLUMNS, query::CountryQuery};
use crate::{
    clock::date_in_vietnam,
    reports::{
        country::{Area, AreaDay, SchoolOrder, SchoolRow, Sums},
        days::SchoolDay,
        section::{self, Cell, Head, Picture, Section, Table, Value},
    },
    web::Translator,
};

/// The sections; on a page, cells lead on and columns sort.
pub fn sections(
    l: &Translator,
    query: &CountryQuery,
    shown: &ShownArea,
    schools: &[SchoolRow],
    is_page: bool,
) -> Vec<Section> {
    let mut sections = Vec::new();
    if shown.school.is_some() {
        sections.extend(of_days(l, &shown.school_days));
        return sections;
    }
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
fn cells(sums: &Sums) -> [Value; 11] {
    [
        Value::Count(sums.schools),
        Value::Count(sums.active),
        Value::Count(sums.silent()),
        Value::Count(sums.suspended),
        Value::Count(sums.pupils),
        Value::share(sums.pupils_in, sums.pupils),
        Value::share(sums.slips, sums.pupils),
        Value::Count(sums.staff),
        Value::share(sums.staff_in, sums.staff),
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
    // By name already.
    let mut rows: Vec<(&Area, [Value; 11])> = areas.iter().map(|area| (area, cells(&area.sums))).collect();
    let (key, is_descending) = query.sorting();
    let column = COLUMNS.iter().position(|each| *each == key);
    if let Some(column) = column {
        rows.sort_by_key(|(_, values)| values.get(column).map_or(-1, rank));
    }
    if is_descending && (column.is_some() || key == SchoolOrder::Name.key()) {
        rows.reverse();
    }
    let mut table = Table::default();
    let named = Head {
        label: l.t(if id == "units" { "field-managing-unit" } else { "field-province" }),
        ..head(l, query, "name", is_page)
    };
    table.heads = std::iter::once(named).chain(COLUMNS.map(|key| head(l, query, key, is_page))).collect();
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
    let mut table =
        Table { heads: SchoolOrder::ALL.map(|order| head(l, query, order.key(), is_page)).into(), rows: Vec::new() };
    for school in schools {
        let name = Cell::text(format!("{} ({})", school.name, school.code));
        let name = match is_page {
            true => name.to(query.address(&[("school", &school.code), ("state", ""), ("q", ""), ("sort", "")])),
            false => name,
        };
        let share = |part: i32, whole: i32| Cell::share(part.into(), whole.into());
        table.push([
            name,
            Cell::text(&school.unit),
            Cell::text(l.tk("reports-state", &school.state)),
            Cell::count(school.pupils.into()),
            share(school.pupils_in, school.pupils),
            share(school.slips, school.pupils),
            Cell::count(school.staff.into()),
            share(school.staff_in, school.staff),
            share(school.clean, school.checked),
            Cell::count(school.overdue.into()),
            school.counted_at.map_or(Cell::text(l.t("reports-never-counted")), |at| Cell::day(date_in_vietnam(at))),
        ]);
    }
    let section = Section::new("schools", l.t("reports-schools-of"), table);
    if schools.is_empty() { section.saying(l.t("reports-schools-none")) } else { section }
}

/// A share of each day, where there was anybody.
fn shares<Day>(days: &[Day], of: impl Fn(&Day) -> (chrono::NaiveDate, i64, i64)) -> Vec<(chrono::NaiveDate, i64)> {
    let share = |day: &Day| {
        let (day, part, whole) = of(day);
        match Value::share(part, whole) {
            Value::Percent(percent) => Some((day, percent)),
            _ => None,
        }
    };
    days.iter().filter_map(share).collect()
}

fn over_time(l: &Translator, days: &[AreaDay]) -> [Section; 2] {
    let heads = ["reports-head-day", "reports-column-schools", "reports-column-active", "reports-column-pupils"];
    let mut table = Table::new(heads.into_iter().chain(["reports-column-in"]).map(|key| l.t(key)));
    for day in days.iter().rev() {
        let counts = [day.schools, day.active, day.pupils].map(Cell::count);
        let share = Cell::share(day.pupils_in, day.pupils);
        table.push(std::iter::once(Cell::day(day.day)).chain(counts).chain([share]));
    }
    let signed_in = shares(days, |day: &AreaDay| (day.day, day.pupils_in, day.pupils));
    [signed_in_over_time(l, table, &signed_in, 4), scores(l, &shares(days, |day| (day.day, day.clean, day.checked)))]
}

/// A school over time.
fn of_days(l: &Translator, days: &[SchoolDay]) -> [Section; 2] {
    let heads = ["reports-head-day", "reports-column-pupils", "reports-column-in"];
    let mut table = Table::new(heads.map(|key| l.t(key)));
    for (day, totals) in days.iter().rev() {
        let share = Cell::share(totals.signed_in, totals.pupils);
        table.push([Cell::day(*day), Cell::count(totals.pupils), share]);
    }
    let signed_in = shares(days, |(day, totals)| (*day, totals.signed_in, totals.pupils));
    let scored = days.iter().filter_map(|(day, totals)| Some((*day, totals.score?))).collect::<Vec<_>>();
    [signed_in_over_time(l, table, &signed_in, 2), scores(l, &scored)]
}

fn signed_in_over_time(l: &Translator, table: Table, signed_in: &[(chrono::NaiveDate, i64)], drawn: u16) -> Section {
    let title = l.t("reports-over-time-in");
    let picture = section::percents(l, "in-days", &title, signed_in);
    Section::new("days-in", title, table).with(picture, &[drawn])
}

fn scores(l: &Translator, scores: &[(chrono::NaiveDate, i64)]) -> Section {
    let title = l.t("reports-over-time-score");
    let mut table = Table::new(["reports-head-day", "reports-column-score"].map(|key| l.t(key)));
    for (day, score) in scores.iter().rev() {
        table.push([Cell::day(*day), Cell::share(*score, 100)]);
    }
    let picture = section::percents(l, "score-days", &title, scores);
    Section::new("days-score", title, table).with(picture, &[1])
}
