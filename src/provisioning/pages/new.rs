//! Opening a school.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access::{Operator, SchoolKind},
    app::App,
    error::{Error, Result},
    members::fields::{self, Field},
    provisioning::actions::{self, NewSchool, OpenFault},
    schools::shell::{self, OperatorEntry},
    vietnam::text,
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "provisioning/school_new.html")]
struct NewSchoolPage {
    l: L,
    shell: Shell,
    provinces: Vec<Place>,
    units: Vec<Unit>,
    form: SchoolForm,
    faults: Faults,
}

struct Place {
    code: String,
    name: String,
}

struct Unit {
    id: Uuid,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolForm {
    name: String,
    code: String,
    kind: String,
    province: String,
    managing_unit: String,
    owner_name: String,
    owner_email: String,
}

pub async fn show(State(app): State<App>, visitor: Visitor) -> Reply {
    let form = SchoolForm { kind: SchoolKind::K12.key().to_owned(), ..SchoolForm::default() };
    html(&new_school_page(&app, &visitor, form, Faults::new()).await?)
}

pub async fn submit(State(app): State<App>, visitor: Visitor, Form(form): Form<SchoolForm>) -> Reply {
    let signed_in = visitor.signed_in()?;
    let operator = operator(&visitor)?;
    let new = match read(&app, &form, operator) {
        Ok(new) => new,
        Err(faults) => return refused(&new_school_page(&app, &visitor, form, faults).await?),
    };
    let scope = actions::scope_of_new(&app, &new, signed_in.account_id, visitor.address);
    let fault = match actions::open(&app, operator, &scope, &new, visitor.l.0).await? {
        Ok(()) => return Ok(page::redirect("/operator/schools?done=school-opened")),
        Err(OpenFault::CodeTaken) => Faults::one("code", "fault-school-code-taken"),
        Err(OpenFault::UnitUnknown) => Faults::one("managing_unit", "fault-managing-unit"),
    };
    refused(&new_school_page(&app, &visitor, form, fault).await?)
}

/// The form's values in their normal form, or all that is wrong with them.
fn read(app: &App, form: &SchoolForm, operator: &Operator) -> std::result::Result<NewSchool, Faults> {
    let mut faults = Faults::new();
    let name = text::clean(&form.name);
    if name.is_empty() || name.chars().count() > 200 {
        faults.add("name", "fault-school-name");
    }
    let code = form.code.trim().to_owned();
    let is_code = |code: &str| code.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if !(3..=20).contains(&code.len()) || !is_code(&code) {
        faults.add("code", "fault-school-code");
    }
    if !operator.administers(&form.province) || form.province.is_empty() {
        faults.add("province", "fault-province");
    }
    let kind = SchoolKind::from_key(&form.kind);
    if kind.is_none() {
        faults.add("kind", "fault-school-kind");
    }
    let mut person = |field: Field, name: &str, typed: &str| match fields::normalise(field, typed, app.clock.today()) {
        Ok(normal) => normal.value.unwrap_or_else(|| {
            faults.add(name, format!("fault-{}-missing", name.replace('_', "-")));
            String::new()
        }),
        Err(fault) => {
            faults.add_about(name, format!("fault-{}", fault.key), fault.value);
            String::new()
        }
    };
    let owner_name = person(Field::FullName, "owner_name", &form.owner_name);
    let owner_email = person(Field::Email, "owner_email", &form.owner_email);
    let new = NewSchool {
        name,
        code,
        kind: kind.unwrap_or(SchoolKind::K12),
        province: form.province.clone(),
        managing_unit: form.managing_unit.parse().ok(),
        owner_name,
        owner_email,
    };
    faults.or_ok(new)
}

fn operator(visitor: &Visitor) -> Result<&Operator> {
    visitor.signed_in()?.operator.as_ref().ok_or(Error::Forbidden)
}

async fn new_school_page(app: &App, visitor: &Visitor, form: SchoolForm, faults: Faults) -> Result<NewSchoolPage> {
    let bounds = operator(visitor)?.bounds();
    let provinces = sqlx::query_as!(
        Place,
        "SELECT code, name FROM provinces WHERE $1::text[] IS NULL OR code = ANY($1) ORDER BY name COLLATE \"vi-x-icu\"",
        bounds,
    )
    .fetch_all(app.db.pool())
    .await?;
    let units = sqlx::query_as!(
        Unit,
        "SELECT u.id, u.name FROM managing_units u JOIN provinces p ON p.code = u.province_code
         WHERE $1::text[] IS NULL OR u.province_code = ANY($1)
         ORDER BY p.name COLLATE \"vi-x-icu\", u.kind DESC, u.name COLLATE \"vi-x-icu\"",
        bounds,
    )
    .fetch_all(app.db.pool())
    .await?;
    Ok(NewSchoolPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Schools),
        provinces,
        units,
        form,
        faults,
    })
}
