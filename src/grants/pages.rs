//! People × grants: who may do what in the school.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::GrantHolder;
use crate::{
    access::{Grant, Granted, may},
    app::App,
    error::{Error, Result},
    grants,
    ids::MemberId,
    shell::{self, Entry},
    vietnam::search,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "grants/matrix.html")]
struct GrantsPage {
    l: Translator,
    shell: Shell,
    code: String,
    q: String,
    people: Vec<GrantHolder>,
    me: Option<MemberId>,
    faults: FormErrors,
}

impl GrantsPage {
    /// An owner's grants can be changed by that owner alone.
    fn is_another_owner(&self, person: &GrantHolder) -> bool {
        person.grants.contains(&Grant::Owner) && self.me != Some(person.id)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GrantsQuery {
    q: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Query(query): Query<GrantsQuery>,
) -> PageResult {
    html(&grants_page(&app, &visitor, &granted, query.q, FormErrors::new()).await?)
}

async fn grants_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HandOutGrants>,
    q: String,
    faults: FormErrors,
) -> Result<GrantsPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let people = grants::holders(granted, &mut tx, &search::words(&q)).await?;
    tx.commit().await?;
    Ok(GrantsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Grants),
        code: granted.school.code.clone(),
        q,
        people,
        me: granted.member().map(|member| member.id),
        faults,
    })
}

/// `account` is the member id, where the path does not have it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GrantsForm {
    account: String,
    grants: Vec<String>,
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Form(form): Form<GrantsForm>,
) -> PageResult {
    // No member was chosen, so there is none to report on.
    if form.account.is_empty() {
        return Ok(page::redirect(&format!("/schools/{}/grants", granted.school.code)));
    }
    let id = member_id(&form.account)?;
    set(&app, &visitor, &granted, id, &form).await
}

pub async fn submit_of_person(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::HandOutGrants>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<GrantsForm>,
) -> PageResult {
    set(&app, &visitor, &granted, member_id(&id)?, &form).await
}

async fn set(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::HandOutGrants>,
    id: MemberId,
    form: &GrantsForm,
) -> PageResult {
    let wanted: Vec<Grant> =
        Grant::ALL.into_iter().filter(|grant| form.grants.iter().any(|key| key == grant.key())).collect();
    match grants::set(granted, app, id, &wanted).await? {
        Ok(()) => Ok(page::redirect(&format!("/schools/{}/grants?done=grants-changed", granted.school.code))),
        Err(refusal) => {
            let faults = FormErrors::one("grants", format!("fault-{}", refusal.key()));
            refused(&grants_page(app, visitor, granted, String::new(), faults).await?)
        }
    }
}

fn member_id(id: &str) -> Result<MemberId> {
    id.parse().map_err(|_| Error::NotFound)
}
