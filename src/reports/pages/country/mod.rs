//! What operators see of the schools of their provinces: a map, the provinces or units, the schools; today and over time.

mod map;
mod query;
mod sections;

use askama::Template;
use axum::extract::{Query, State};
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use self::query::CountryQuery;
use super::FigureTile;
use crate::{
    access::{Operator, Scope},
    app::App,
    error::{Error, Result},
    ids::UnitId,
    paths,
    reports::{
        country::{self, Area, AreaDay, AreaSums, PAGE, SchoolActivity, SchoolList, SchoolOrder, SchoolRow},
        daily,
        days::{self, SchoolDay},
        section::{FigureValue, Picture, Section},
        workbook,
    },
    schools::directory,
    shell::{self, OperatorEntry},
    vietnam::search,
    web::{
        PageResult, RequestContext, Shell, Translator,
        chart::Tiles,
        forms::Form,
        html,
        page::{self, XLSX, attached_file},
    },
};

/// Over how many days the sums are told.
const DAYS: u64 = 180;
/// How many schools of a province a file has: all of them.
const ALL_SCHOOLS: i64 = 100_000;

#[derive(Template)]
#[template(path = "reports/country.html")]
struct CountryPage {
    l: Translator,
    shell: Shell,
    query: CountryQuery,
    title: String,
    line: String,
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
    province: Option<Area>,
    unit: Option<Area>,
    /// The code of the school that is shown alone, and whether it is counted at all.
    school: Option<String>,
    is_counted: bool,
}

impl CountryPage {
    /// The area above the one that is shown, with its name.
    fn above(&self) -> Option<(String, String)> {
        let province = self.province.as_ref()?;
        let to = paths::OperatorReports {};
        if self.school.is_some() || self.unit.is_some() {
            return Some((to.with("province", &province.key).to_string(), province.name.clone()));
        }
        (self.provinces.len() > 1).then(|| (to.to_string(), self.l.t("reports-country")))
    }

    /// What stays as it is where schools are looked for.
    fn kept(&self) -> [(&'static str, &str); 3] {
        let query = &self.query;
        [("province", query.province.as_str()), ("unit", &query.unit), ("sort", &query.sort)]
    }

    /// Whether a section stands on top: a picture of how it went, before the tables.
    fn is_first(&self, section: &Section) -> bool {
        ["days-in", "days-schools"].contains(&section.id)
    }

    /// Whether a section is a table of areas or schools.
    fn is_list(&self, section: &Section) -> bool {
        ["provinces", "units", "schools"].contains(&section.id)
    }

    /// Each state with its key, and whether the schools are narrowed to it.
    fn states(&self) -> impl Iterator<Item = (&'static str, bool)> {
        SchoolActivity::ALL.into_iter().map(|state| (state.key(), self.query.state() == Some(state)))
    }
}

/// What is shown: the country or several provinces, or one province, or one unit of it, or one school.
struct ShownArea {
    provinces: Vec<Area>,
    province: Option<Area>,
    units: Vec<Area>,
    unit: Option<Area>,
    school: Option<SchoolRow>,
    days: Vec<AreaDay>,
    school_days: Vec<SchoolDay>,
}

impl ShownArea {
    async fn read(app: &App, operator: &Operator, query: &CountryQuery) -> Result<Self> {
        let pool = app.db.pool();
        let provinces = country::provinces(pool, operator.bounds()).await?;
        let school = match query.school.as_str() {
            "" => None,
            code if !directory::is_code(code) => return Err(Error::NotFound),
            code => Some(country::school(pool, operator.bounds(), code).await?.ok_or(Error::NotFound)?),
        };
        let province = school.as_ref().map_or(&query.province, |school| &school.province_code);
        let chosen = match provinces.as_slice() {
            [only] => Some(only.clone()),
            several => several.iter().find(|each| each.key == *province).cloned(),
        };
        let units = match &chosen {
            Some(province) => country::units(pool, &province.key).await?,
            None => Vec::new(),
        };
        let unit = units.iter().find(|unit| unit.key == query.unit).cloned();
        let since = app.clock.today() - Days::new(DAYS);
        let mut shown =
            Self { provinces, province: chosen, units, unit, school, days: Vec::new(), school_days: Vec::new() };
        match &shown.school {
            Some(school) => shown.school_days = days_of(app, school, since).await?,
            None => shown.days = country::over_time(pool, &shown.areas(operator), since).await?,
        }
        Ok(shown)
    }

    /// The areas whose sums are told over time.
    fn areas(&self, operator: &Operator) -> Vec<String> {
        match (&self.unit, &self.province) {
            (Some(unit), _) => vec![format!("unit:{}", unit.key)],
            (None, Some(province)) => vec![format!("province:{}", province.key)],
            (None, None) if operator.is_national => vec!["country".to_owned()],
            (None, None) => self.provinces.iter().map(|province| format!("province:{}", province.key)).collect(),
        }
    }

    fn sums(&self) -> AreaSums {
        if let Some(school) = &self.school {
            return AreaSums::of(school);
        }
        if let Some(area) = self.unit.as_ref().or(self.province.as_ref()) {
            return area.sums.clone();
        }
        let mut sums = AreaSums::default();
        self.provinces.iter().for_each(|province| sums.add(&province.sums));
        sums
    }

    /// Which schools are listed; none where a school is shown alone.
    fn list<'a>(&'a self, query: &CountryQuery) -> Option<SchoolList<'a>> {
        let province = self.province.as_ref().filter(|_| self.school.is_none())?;
        let (key, is_descending) = query.sorting();
        let order = SchoolOrder::from_key(key);
        Some(SchoolList {
            province: &province.key,
            unit: self.unit.as_ref().and_then(|unit| unit.key.parse::<UnitId>().ok()),
            state: query.state(),
            words: search::words(&query.q),
            order: order.unwrap_or(SchoolOrder::Pupils),
            is_descending: is_descending || order.is_none(),
        })
    }
}

/// A school over time: numbers alone, from its own rows.
async fn days_of(app: &App, school: &SchoolRow, since: NaiveDate) -> Result<Vec<SchoolDay>> {
    let scope = Scope::system(directory::by_id(&mut *app.db.pool().acquire().await?, school.school_id).await?);
    let mut tx = app.db.begin_in(school.school_id).await?;
    let days = days::totals_since(&scope, &mut tx, since).await?;
    tx.commit().await?;
    Ok(days)
}

fn operator(visitor: &RequestContext) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Query(query): Query<CountryQuery>) -> PageResult {
    let shown = ShownArea::read(&app, operator(&visitor)?, &query).await?;
    let l = visitor.l;
    let (schools, from) = match shown.list(&query) {
        Some(list) => page_of(&app, &list, query.from.max(0)).await?,
        None => (Vec::new(), 0),
    };
    let has_more = i64::try_from(schools.len()).is_ok_and(|count| count > PAGE);
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let schools = schools.get(..page.min(schools.len())).unwrap_or_default();
    let at = |from: i64| query.address(&[("from", &from.to_string())]);
    html(&CountryPage {
        l,
        shell: shell::of_operator(&visitor, OperatorEntry::Reports),
        title: title(&l, &shown),
        line: line(&l, &shown),
        printed: l.date(&app.clock.today()),
        file: query.file(),
        numbers: numbers(&l, &query, &shown),
        map: (shown.provinces.len() > 1 && shown.province.is_none()).then(|| map::map(&l, &shown.provinces)),
        sections: sections::sections(&l, &query, &shown, schools, true),
        previous: (from > 0).then(|| at((from - PAGE).max(0))),
        next: has_more.then(|| at(from + PAGE)),
        is_counted: shown.school.as_ref().is_some_and(|school| school.state != SchoolActivity::Suspended.key()),
        school: shown.school.map(|school| school.code),
        province: shown.province,
        unit: shown.unit,
        provinces: shown.provinces,
        query,
    })
}

/// Schools from a place on; from the first where there are none behind it any more.
async fn page_of(app: &App, list: &SchoolList<'_>, from: i64) -> Result<(Vec<SchoolRow>, i64)> {
    let schools = country::schools(app.db.pool(), list, from, PAGE + 1).await?;
    match schools.is_empty() && from > 0 {
        true => Ok((country::schools(app.db.pool(), list, 0, PAGE + 1).await?, 0)),
        false => Ok((schools, from)),
    }
}

/// All of it as a file, with all schools that the page turns through.
pub async fn xlsx(State(app): State<App>, visitor: RequestContext, Query(query): Query<CountryQuery>) -> PageResult {
    let shown = ShownArea::read(&app, operator(&visitor)?, &query).await?;
    let l = visitor.l;
    let schools = match shown.list(&query) {
        Some(list) => country::schools(app.db.pool(), &list, 0, ALL_SCHOOLS).await?,
        None => Vec::new(),
    };
    let sections = sections::sections(&l, &query, &shown, &schools, false);
    let today = app.clock.today();
    let edges = workbook::Edges { of: title(&l, &shown), day: today };
    let file = workbook::written(sections, edges).await?;
    let of = match (&shown.school, &shown.province) {
        (Some(school), _) => school.code.as_str(),
        (None, Some(province)) => province.key.as_str(),
        (None, None) => "country",
    };
    attached_file(file, XLSX, &format!("schools-{of}-{today}.xlsx"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CountryRecountForm {
    province: String,
    /// The code of a school, which is then counted alone.
    school: String,
}

/// Has a school, or the schools of a province, counted at once.
pub async fn count(
    State(app): State<App>,
    visitor: RequestContext,
    Form(form): Form<CountryRecountForm>,
) -> PageResult {
    let operator = operator(&visitor)?;
    if !form.school.is_empty() {
        return count_school(&app, operator, &form.school).await;
    }
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

async fn count_school(app: &App, operator: &Operator, code: &str) -> PageResult {
    if !directory::is_code(code) {
        return Err(Error::NotFound);
    }
    let school = country::school(app.db.pool(), operator.bounds(), code).await?.ok_or(Error::NotFound)?;
    let mut tx = app.db.begin().await?;
    daily::enqueue(&mut tx, school.school_id).await?;
    tx.commit().await?;
    let to = paths::OperatorReports {}.with("school", &school.code).with("done", "counting");
    Ok(page::redirect(to.to_string()))
}

fn title(l: &Translator, shown: &ShownArea) -> String {
    match (&shown.school, &shown.unit, &shown.province) {
        (Some(school), ..) => school.name.clone(),
        (None, Some(unit), _) => unit.name.clone(),
        (None, None, Some(province)) => province.name.clone(),
        (None, None, None) => l.t("reports-country"),
    }
}

/// What the figures are and, of one school, of when.
fn line(l: &Translator, shown: &ShownArea) -> String {
    let Some(school) = &shown.school else { return l.t("reports-country-line") };
    let counted = match school.counted_at {
        Some(at) => l.t1("reports-counted", "at", l.moment(&at)),
        None => l.t("reports-never-counted"),
    };
    format!("{} · {} · {counted}", school.unit, l.tk("reports-state", &school.state))
}

/// The sums, each of which leads to the table of what it is the sum of: sorted by it, or narrowed to it.
fn numbers(l: &Translator, query: &CountryQuery, shown: &ShownArea) -> Vec<FigureTile> {
    let sums = shown.sums();
    let to = |sort: &str, state: &str| {
        if shown.school.is_some() {
            return None;
        }
        let (table, state) = if shown.province.is_some() { ("schools", state) } else { ("provinces", "") };
        // Narrowed to them, schools are in the order of their names.
        let sort = if state.is_empty() { sort } else { SchoolOrder::Name.key() };
        Some(format!("{}#{table}", query.address(&[("sort", sort), ("state", state), ("q", "")])))
    };
    let count = |count: i64, key: &str, href: Option<String>| FigureTile {
        count: l.number(count),
        title: l.t1(key, "count", count),
        href,
    };
    // Those with the least are looked for.
    let share = |part: i64, whole: i64, key: &str, sort: &str| FigureTile {
        count: FigureValue::share(part, whole).shown(l),
        title: l.t(key),
        href: to(sort, ""),
    };
    let by_schools = if shown.province.is_some() { SchoolOrder::Name.key() } else { "-schools" };
    let of_schools = [
        count(sums.schools, "reports-schools", to(by_schools, "")),
        count(sums.active, "reports-schools-active", to("-active", "active")),
        count(sums.silent(), "reports-schools-silent", to("-silent", "silent")),
    ];
    let of_people = [
        count(sums.overdue, "reports-overdue", to("-overdue", "")),
        count(sums.pupils, "reports-accounts", to("-pupils", "")),
        share(sums.pupils_in, sums.pupils, "reports-share-in", "in"),
        share(sums.slips, sums.pupils, "reports-share-slips", "slips"),
        count(sums.staff, "reports-accounts-staff", to("-staff", "")),
        share(sums.staff_in, sums.staff, "reports-share-staff-in", "staff-in"),
        share(sums.clean, sums.checked, "reports-score", "score"),
    ];
    // Of one school there is nothing to count by schools.
    let of_schools = of_schools.into_iter().filter(|_| shown.school.is_none());
    of_schools.chain(of_people).collect()
}
