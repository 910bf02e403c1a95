//! The sections of what operators see: areas, schools, and how it went over time.

use chrono::NaiveDate;

use super::{ShownArea, query::COLUMNS, query::CountryQuery};
use crate::{
    clock::date_in_vietnam,
    reports::{
        country::{Area, AreaDay, AreaSums, SchoolOrder, SchoolRow},
        days::SchoolDay,
        section::{self, FigureCell, FigureTable, FigureValue, Head, Picture, Section},
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
    let has_days = |section: &Section| !section.table.rows.is_empty();
    if shown.school.is_some() {
        sections.extend(of_days(l, &shown.school_days).into_iter().filter(has_days));
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
    sections.extend(over_time(l, &shown.days).into_iter().filter(has_days));
    sections
}

/// A sum's columns, in the order of [`COLUMNS`].
fn cells(sums: &AreaSums) -> [FigureValue; 11] {
    [
        FigureValue::Count(sums.schools),
        FigureValue::Count(sums.active),
        FigureValue::Count(sums.silent()),
        FigureValue::Count(sums.suspended),
        FigureValue::Count(sums.pupils),
        FigureValue::share(sums.pupils_in, sums.pupils),
        FigureValue::share(sums.slips, sums.pupils),
        FigureValue::Count(sums.staff),
        FigureValue::share(sums.staff_in, sums.staff),
        FigureValue::share(sums.clean, sums.checked),
        FigureValue::Count(sums.overdue),
    ]
}

/// What a table is sorted by: nothing comes before all numbers.
fn rank(value: &FigureValue) -> i64 {
    match value {
        FigureValue::Count(count) => *count,
        FigureValue::Percent(percent) => *percent,
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
    let mut rows: Vec<(&Area, [FigureValue; 11])> = areas.iter().map(|area| (area, cells(&area.sums))).collect();
    let (key, is_descending) = query.sorting();
    let column = COLUMNS.iter().position(|each| *each == key);
    if let Some(column) = column {
        rows.sort_by_key(|(_, values)| values.get(column).map_or(-1, rank));
    }
    if is_descending && (column.is_some() || key == SchoolOrder::Name.key()) {
        rows.reverse();
    }
    let mut table = FigureTable::default();
    let named = Head {
        label: l.t(if id == "units" { "field-managing-unit" } else { "field-province" }),
        ..head(l, query, "name", is_page)
    };
    table.heads = std::iter::once(named).chain(COLUMNS.map(|key| head(l, query, key, is_page))).collect();
    for (area, values) in rows {
        let label = FigureCell::text(&area.name);
        let label = if is_page { label.to(to(area)) } else { label };
        table.push(std::iter::once(label).chain(values.map(FigureCell::from)));
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
    let mut table = FigureTable {
        heads: SchoolOrder::ALL.map(|order| head(l, query, order.key(), is_page)).into(),
        rows: Vec::new(),
    };
    for school in schools {
        let name = FigureCell::text(format!("{} ({})", school.name, school.code));
        let name = match is_page {
            true => name.to(query.address(&[("school", &school.code), ("state", ""), ("q", ""), ("sort", "")])),
            false => name,
        };
        let share = |part: i32, whole: i32| FigureCell::share(part.into(), whole.into());
        table.push([
            name,
            FigureCell::text(&school.unit),
            FigureCell::text(l.tk("reports-state", &school.state)),
            FigureCell::count(school.pupils.into()),
            share(school.pupils_in, school.pupils),
            share(school.slips, school.pupils),
            FigureCell::count(school.staff.into()),
            share(school.staff_in, school.staff),
            share(school.clean, school.checked),
            FigureCell::count(school.overdue.into()),
            school
                .counted_at
                .map_or(FigureCell::text(l.t("reports-never-counted")), |at| FigureCell::day(date_in_vietnam(at))),
        ]);
    }
    let section = Section::new("schools", l.t("reports-schools-of"), table);
    if schools.is_empty() { section.saying(l.t("reports-schools-none")) } else { section }
}

/// What is told over time: a picture of one of the columns, and the table of all.
struct OverTime<'a, Day> {
    l: &'a Translator,
    days: &'a [Day],
    day: fn(&Day) -> NaiveDate,
}

impl<Day> OverTime<'_, Day> {
    /// The keys of the columns' heads, what stands in them, and which of them is drawn, the day being the first. Days
    /// of which that was not counted are left out.
    fn section<const COLUMNS: usize>(
        &self,
        (id, chart, title): (&'static str, &'static str, &str),
        heads: [&str; COLUMNS],
        drawn: u16,
        values: impl Fn(&Day) -> [FigureValue; COLUMNS],
    ) -> Section {
        let title = self.l.t(title);
        let heads = std::iter::once("reports-head-day").chain(heads);
        let mut table = FigureTable::new(heads.map(|key| self.l.t(key)));
        let (mut numbers, mut is_share) = (Vec::new(), false);
        for each in self.days {
            let (day, values) = ((self.day)(each), values(each));
            let of_drawn = values.get(usize::from(drawn).saturating_sub(1));
            is_share |= matches!(of_drawn, Some(FigureValue::Percent(_)));
            match of_drawn {
                Some(FigureValue::Count(number) | FigureValue::Percent(number)) => numbers.push((day, *number)),
                _ => continue,
            }
            table.push(std::iter::once(FigureCell::day(day)).chain(values.map(FigureCell::from)));
        }
        // The latest day is looked for first.
        table.rows.reverse();
        let picture = match is_share {
            true => section::percents(self.l, chart, &title, &numbers),
            false => section::counts(self.l, chart, &title, &numbers),
        };
        Section::new(id, title, table).with(picture, &[drawn])
    }
}

fn over_time(l: &Translator, days: &[AreaDay]) -> [Section; 5] {
    let told = OverTime { l, days, day: |each: &AreaDay| each.day };
    [
        told.section(
            ("days-in", "in-days", "reports-over-time-in"),
            ["reports-column-pupils", "reports-column-in", "reports-column-staff", "reports-column-staff-in"],
            2,
            |AreaDay { sums, .. }| {
                [
                    FigureValue::Count(sums.pupils),
                    FigureValue::share(sums.pupils_in, sums.pupils),
                    FigureValue::Count(sums.staff),
                    FigureValue::share(sums.staff_in, sums.staff),
                ]
            },
        ),
        told.section(
            ("days-schools", "schools-days", "reports-over-time-schools"),
            ["reports-column-schools", "reports-column-active", "reports-column-silent", "reports-column-suspended"],
            2,
            |AreaDay { sums, .. }| [sums.schools, sums.active, sums.silent(), sums.suspended].map(FigureValue::Count),
        ),
        told.section(
            ("days-slips", "slips-days", "reports-over-time-slips"),
            ["reports-column-slips"],
            1,
            |AreaDay { sums, .. }| [FigureValue::share(sums.slips, sums.pupils)],
        ),
        told.section(
            ("days-score", "score-days", "reports-over-time-score"),
            ["reports-column-score"],
            1,
            |AreaDay { sums, .. }| [FigureValue::share(sums.clean, sums.checked)],
        ),
        told.section(
            ("days-overdue", "overdue-days", "reports-over-time-overdue"),
            ["reports-column-overdue"],
            1,
            |AreaDay { sums, .. }| [FigureValue::Count(sums.overdue)],
        ),
    ]
}

/// A school over time. What the first days did not count is left out.
fn of_days(l: &Translator, days: &[SchoolDay]) -> [Section; 4] {
    let told = OverTime { l, days, day: |(day, _): &SchoolDay| *day };
    let share = |part: Option<i64>, whole: Option<i64>| match (part, whole) {
        (Some(part), Some(whole)) => FigureValue::share(part, whole),
        _ => FigureValue::Nothing,
    };
    let count = |count: Option<i64>| count.map_or(FigureValue::Nothing, FigureValue::Count);
    [
        told.section(
            ("days-in", "in-days", "reports-over-time-in"),
            ["reports-column-pupils", "reports-column-in", "reports-column-staff", "reports-column-staff-in"],
            2,
            |(_, totals)| {
                [
                    FigureValue::Count(totals.pupils),
                    FigureValue::share(totals.signed_in, totals.pupils),
                    count(totals.staff),
                    share(totals.staff_in, totals.staff),
                ]
            },
        ),
        told.section(
            ("days-slips", "slips-days", "reports-over-time-slips"),
            ["reports-column-slips"],
            1,
            |(_, totals)| [share(totals.slips, Some(totals.pupils))],
        ),
        told.section(
            ("days-score", "score-days", "reports-over-time-score"),
            ["reports-column-score"],
            1,
            |(_, totals)| [share(totals.score, Some(100))],
        ),
        told.section(
            ("days-overdue", "overdue-days", "reports-over-time-overdue"),
            ["reports-column-overdue"],
            1,
            |(_, totals)| [count(totals.overdue)],
        ),
    ]
}
