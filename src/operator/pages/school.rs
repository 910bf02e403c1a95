//! One school as operators see it: its facts, its owners, its values to change, its codes.

use askama::Template;
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::places::Places;
use crate::{
    access::Role,
    app::App,
    error::Result,
    ids::MemberId,
    invitations::Mailed,
    operator::{
        administered::Administered,
        changes,
        forms::{self, SchoolForm},
        model::{Owner, SchoolFacts},
        owners, store,
    },
    paths,
    roster::store::{self as members, MemberCounts},
    shell::{self, OperatorEntry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "operator/school.html")]
struct OperatorSchoolPage {
    l: Translator,
    shell: Shell,
    facts: SchoolFacts,
    owners: Vec<Owner>,
    counts: MemberCounts,
    places: Places,
    form: SchoolForm,
    faults: FormErrors,
    /// The new code, where a second press is to confirm it.
    new_code: Option<String>,
    /// The old code, as typed, and what is wrong with it.
    old_code: String,
    code_faults: FormErrors,
    now: DateTime<Utc>,
}

impl OperatorSchoolPage {
    fn people(&self) -> Vec<(String, i64)> {
        let count = |role: Role| (self.l.tk("roles", role.key()), self.counts.of_role(role));
        [Role::Student, Role::Teacher, Role::Manager].map(count).into()
    }
}

pub async fn show(State(app): State<App>, visitor: RequestContext, administered: Administered) -> PageResult {
    html(&school_page(&app, &visitor, &administered, None).await?)
}

pub async fn change(
    State(app): State<App>,
    visitor: RequestContext,
    administered: Administered,
    Form(form): Form<SchoolForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let new = forms::school(&form, administered.operator(), &mut faults);
    let old_code = &administered.school.code;
    if faults.is_empty() && new.code != *old_code && form.confirm != new.code {
        let mut page = school_page(&app, &visitor, &administered, Some((form, faults))).await?;
        page.new_code = Some(new.code);
        return refused(&page);
    }
    if faults.is_empty() {
        match changes::change(&administered, &app, &new).await? {
            Ok(()) => return Ok(done(&new.code, "school-changed")),
            Err(fault) => faults = fault.told(),
        }
    }
    refused(&school_page(&app, &visitor, &administered, Some((form, faults))).await?)
}

/// Sends an owner who has not accepted yet the invitation once more.
pub async fn invite_again(
    State(app): State<App>,
    visitor: RequestContext,
    administered: Administered,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let what = match owners::invite_again(&administered, &app, id, visitor.l.0).await? {
        Mailed::Sent => "invited-again",
        Mailed::Enough => "invited-enough",
        Mailed::SchoolSuspended => "owner-suspended",
    };
    Ok(done(&administered.school.code, what))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SuspensionForm {
    undo: String,
}

pub async fn suspend(
    State(app): State<App>,
    administered: Administered,
    Form(form): Form<SuspensionForm>,
) -> PageResult {
    if !form.undo.is_empty() {
        return lift_suspension(State(app), administered).await;
    }
    changes::set_suspended(&administered, &app, true).await?;
    Ok(done(&administered.school.code, "school-suspended"))
}

pub async fn lift_suspension(State(app): State<App>, administered: Administered) -> PageResult {
    changes::set_suspended(&administered, &app, false).await?;
    Ok(done(&administered.school.code, "school-suspension-lifted"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SchoolCodeForm {
    code: String,
}

pub async fn add_code(
    State(app): State<App>,
    visitor: RequestContext,
    administered: Administered,
    Form(form): Form<SchoolCodeForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let code = forms::code(&form.code, &mut faults);
    if faults.is_empty() {
        match changes::add_code(&administered, &app, &code).await? {
            Ok(()) => return Ok(done(&administered.school.code, "school-code-added")),
            Err(fault) => faults = fault.told(),
        }
    }
    let mut page = school_page(&app, &visitor, &administered, None).await?;
    // The form above has a field of this name, too.
    page.code_faults = faults.renamed("code", "old_code");
    page.old_code = form.code;
    refused(&page)
}

/// Back to the school, which says what was done.
fn done(code: &str, what: &str) -> Response {
    page::redirect(paths::OperatorSchool::of(code).with("done", what))
}

async fn school_page(
    app: &App,
    visitor: &RequestContext,
    administered: &Administered,
    typed: Option<(SchoolForm, FormErrors)>,
) -> Result<OperatorSchoolPage> {
    let mut tx = app.db.begin_in(administered.school_id()).await?;
    let facts = store::facts(administered, &mut tx).await?;
    let owners = store::owners(administered, &mut tx).await?;
    let counts = members::counts(administered, &mut tx, []).await?;
    tx.commit().await?;
    let (form, faults) = typed.unwrap_or_else(|| (as_it_is(&facts), FormErrors::new()));
    Ok(OperatorSchoolPage {
        l: visitor.l,
        shell: shell::of_operator(visitor, OperatorEntry::Schools),
        places: Places::read(app, administered.operator().bounds()).await?,
        facts,
        owners,
        counts,
        form,
        faults,
        new_code: None,
        old_code: String::new(),
        code_faults: FormErrors::new(),
        now: visitor.now,
    })
}

fn as_it_is(facts: &SchoolFacts) -> SchoolForm {
    SchoolForm {
        name: facts.name.clone(),
        code: facts.code.clone(),
        kind: facts.kind.clone(),
        province: facts.province_code.clone(),
        managing_unit: facts.unit_id.to_string(),
        ..SchoolForm::default()
    }
}
