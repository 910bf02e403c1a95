//! The units of a province: its department, and the communes that operators add.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::operator;
use crate::{
    app::App,
    error::Result,
    ids::UnitId,
    operator::{
        forms,
        model::{ProvinceChoice, SchoolCounts, Unit},
        store,
        units::{self, ActingOperator, UnitFault},
    },
    paths,
    shell::{self, OperatorEntry},
    vietnam::text,
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "operator/units.html")]
struct UnitsPage {
    l: Translator,
    shell: Shell,
    provinces: Vec<ProvinceChoice>,
    province: String,
    units: Vec<Unit>,
    counts: SchoolCounts,
    form: UnitForm,
    faults: FormErrors,
}

#[derive(Template)]
#[template(path = "operator/unit.html")]
struct UnitPage {
    l: Translator,
    shell: Shell,
    unit: Unit,
    schools: i64,
    form: UnitForm,
    faults: FormErrors,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UnitsQuery {
    province: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UnitForm {
    name: String,
    province: String,
}

pub async fn list(State(app): State<App>, visitor: RequestContext, Query(query): Query<UnitsQuery>) -> PageResult {
    html(&units_page(&app, &visitor, query.province, UnitForm::default(), FormErrors::new()).await?)
}

pub async fn add(State(app): State<App>, visitor: RequestContext, Form(form): Form<UnitForm>) -> PageResult {
    let mut faults = FormErrors::new();
    let name = name(&form, &mut faults);
    if !forms::may_choose(operator(&visitor)?, &form.province) {
        faults.add("province", "fault-province");
    }
    if faults.is_empty() {
        match units::add(&app, by(&visitor)?, &form.province, &name).await? {
            Ok(()) => return Ok(done(&form.province, "unit-added")),
            Err(fault) => faults = told(fault),
        }
    }
    refused(&units_page(&app, &visitor, form.province.clone(), form, faults).await?)
}

pub async fn show(State(app): State<App>, visitor: RequestContext, Path(id): Path<UnitId>) -> PageResult {
    let unit = find(&app, &visitor, id).await?;
    let form = UnitForm { name: unit.name.clone(), ..UnitForm::default() };
    html(&unit_page(&app, &visitor, unit, form, FormErrors::new()).await?)
}

pub async fn rename(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<UnitId>,
    Form(form): Form<UnitForm>,
) -> PageResult {
    let unit = find(&app, &visitor, id).await?;
    let mut faults = FormErrors::new();
    let name = name(&form, &mut faults);
    if faults.is_empty() {
        match units::rename(&app, by(&visitor)?, &unit, &name).await? {
            Ok(()) => return Ok(done(&unit.province_code, "unit-renamed")),
            Err(fault) => faults = told(fault),
        }
    }
    refused(&unit_page(&app, &visitor, unit, form, faults).await?)
}

pub async fn remove(State(app): State<App>, visitor: RequestContext, Path(id): Path<UnitId>) -> PageResult {
    let unit = find(&app, &visitor, id).await?;
    match units::remove(&app, by(&visitor)?, &unit).await? {
        Ok(()) => Ok(done(&unit.province_code, "unit-removed")),
        Err(fault) => {
            let form = UnitForm { name: unit.name.clone(), ..UnitForm::default() };
            refused(&unit_page(&app, &visitor, unit, form, told(fault)).await?)
        }
    }
}

fn name(form: &UnitForm, faults: &mut FormErrors) -> String {
    let name = text::clean(&form.name);
    if name.is_empty() || name.chars().count() > 200 {
        faults.add("name", "fault-unit-name");
    }
    name
}

fn told(fault: UnitFault) -> FormErrors {
    match fault {
        UnitFault::NameTaken => FormErrors::one("name", "fault-unit-taken"),
        UnitFault::InUse => FormErrors::one("name", "fault-unit-in-use"),
    }
}

fn by(visitor: &RequestContext) -> Result<ActingOperator<'_>> {
    Ok(ActingOperator { signed_in: visitor.signed_in()?, address: visitor.address })
}

async fn find(app: &App, visitor: &RequestContext, id: UnitId) -> Result<Unit> {
    units::find(app, by(visitor)?, id).await
}

fn done(province: &str, what: &str) -> axum::response::Response {
    page::redirect(paths::OperatorUnits::of().with("province", province).with("done", what))
}

/// The page of one province: the requested one, if it is the operator's, or their only one. Otherwise all of their
/// provinces to choose from.
async fn units_page(
    app: &App,
    visitor: &RequestContext,
    asked: String,
    form: UnitForm,
    faults: FormErrors,
) -> Result<UnitsPage> {
    let bounds = operator(visitor)?.bounds();
    let pool = app.db.pool();
    let provinces = store::provinces(pool, bounds).await?;
    let is_there = |code: &String| provinces.iter().any(|province| province.code == *code);
    let only = || if let [only] = provinces.as_slice() { only.code.clone() } else { String::new() };
    let province = Some(asked).filter(is_there).unwrap_or_else(only);
    Ok(UnitsPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Units),
        units: store::units(pool, bounds, Some(&province)).await?,
        counts: store::counts(pool, bounds).await?,
        provinces,
        province,
        form,
        faults,
    })
}

async fn unit_page(
    app: &App,
    visitor: &RequestContext,
    unit: Unit,
    form: UnitForm,
    faults: FormErrors,
) -> Result<UnitPage> {
    let counts = store::counts(app.db.pool(), operator(visitor)?.bounds()).await?;
    Ok(UnitPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Units),
        schools: counts.of_unit(&unit.id),
        unit,
        form,
        faults,
    })
}
