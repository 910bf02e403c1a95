//! Taking a plan back: what that would do, before it is done; afterwards, what stayed.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::{fault_sentence, plan_id};
use crate::{
    access::{Granted, may},
    app::App,
    members::fields::{Fault, Field},
    plan::{
        model::{Plan, State as PlanState},
        rows::PAGE,
        store,
        undo::{
            self, Preview,
            rows::{self as undo_rows, Stayed},
        },
    },
    schools::shell::{self, Entry},
    web::{L, Reply, Shell, Visitor, html, page},
};

#[derive(Template)]
#[template(path = "plan/undo.html")]
struct UndoPage {
    l: L,
    shell: Shell,
    code: String,
    plan: Plan,
    preview: Preview,
    /// A page of those that stay, or would.
    stays: Vec<Stayed>,
    /// How many those are in all.
    staying: usize,
    next: Option<i32>,
}

impl UndoPage {
    fn base(&self) -> String {
        format!("/schools/{}/plans/{}", self.code, self.plan.id)
    }

    /// Why something stays: of a whole person, or of one field.
    fn reason(&self, fault: &Fault) -> String {
        if fault.field == Field::FullName && fault.key != "undo-changed" {
            self.l.t(&fault.sentence_key())
        } else {
            fault_sentence(&self.l, fault)
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct UndoQuery {
    after: i32,
}

pub async fn show(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<UndoQuery>,
) -> Reply {
    let id = plan_id(&id)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    let (preview, mut stays) = match plan.state {
        PlanState::Applied => {
            let mut preview = undo::preview(&granted, &app, &plan).await?;
            let stays = std::mem::take(&mut preview.stays);
            (preview, stays)
        }
        PlanState::Undone => {
            (Preview::default(), undo_rows::stayed(&granted, &mut tx, id, query.after, PAGE + 1).await?)
        }
        // There is nothing to take back, or not yet: the plan says how far it is.
        _ => return Ok(page::redirect(&address(&granted, &plan))),
    };
    let staying = match plan.state {
        PlanState::Applied => stays.len(),
        _ => usize::try_from(plan.results.stayed).unwrap_or_default(),
    };
    stays.retain(|stay| stay.line > query.after);
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = stays.len() > most;
    stays.truncate(most);
    let next = if has_more { stays.last().map(|stay| stay.line) } else { None };
    let stays = undo_rows::named(&granted, &mut tx, id, &stays).await?;
    tx.commit().await?;
    html(&UndoPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Import),
        code: granted.school.code.clone(),
        plan,
        preview,
        stays,
        staying,
        next,
    })
}

/// Somebody who was not the first sees what the first one started.
pub async fn submit(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let id = plan_id(&id)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    tx.commit().await?;
    undo::start(&granted, &app, id).await?;
    Ok(page::redirect(&address(&granted, &plan)))
}

fn address(granted: &Granted<may::ManageAccounts>, plan: &Plan) -> String {
    format!("/schools/{}/plans/{}", granted.school.code, plan.id)
}
