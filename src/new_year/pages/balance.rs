//! Filling classes of the coming year evenly: chosen, shown, and then taken.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{draft, to_overview};
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    paths,
    rollover::{
        balance::{self, Balance},
        model::{Figures, Rollover, Target},
        store,
    },
    shell::{self, Entry},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// The longest seed.
const MOST_OF_A_SEED: usize = 30;

#[derive(Template)]
#[template(path = "new_year/balance.html")]
struct BalancePage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    figures: Figures,
    form: BalanceForm,
    /// What would come of it, once it was asked for.
    balance: Option<Balance>,
    faults: FormErrors,
}

impl BalancePage {
    fn is_picked(&self, target: &Target) -> bool {
        self.form.class.contains(&target.name)
    }
}

/// The classes and a seed; with `take` what was shown (`made_of`) is taken, and without it is shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BalanceForm {
    class: Vec<String>,
    seed: String,
    made_of: String,
    take: String,
}

pub async fn show(State(app): State<App>, visitor: RequestContext, granted: Granted<may::ManageClasses>) -> PageResult {
    let form = BalanceForm { seed: "1".to_owned(), ..BalanceForm::default() };
    match balance_page(&app, &visitor, &granted, form).await? {
        Some(page) => html(&page),
        None => Ok(to_overview(&granted)),
    }
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Form(form): Form<BalanceForm>,
) -> PageResult {
    let seed: String = form.seed.trim().chars().take(MOST_OF_A_SEED).collect();
    let form = BalanceForm { seed, ..form };
    let Some(page) = balance_page(&app, &visitor, &granted, form).await? else { return Ok(to_overview(&granted)) };
    let form = &page.form;
    if !form.take.is_empty() {
        let refusal = match balance::take(&granted, &app, &form.class, &form.seed, &form.made_of).await? {
            Ok(count) => {
                let address = paths::RolloverClasses::of(&granted.school.code).with("done", "rollover-balanced");
                return Ok(page::redirect(address.with("n", count).to_string()));
            }
            Err(refusal) => refusal,
        };
        let faults = FormErrors::one("class", refusal.key());
        return refused(&BalancePage { faults, ..page });
    }
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let proposed = balance::propose(&granted, &mut tx, &page.draft, &form.class, &form.seed).await?;
    tx.commit().await?;
    match proposed {
        Ok(balance) => html(&BalancePage { balance: Some(balance), ..page }),
        Err(refusal) => refused(&BalancePage { faults: FormErrors::one("class", refusal.key()), ..page }),
    }
}

/// Only of a draft that is open.
async fn balance_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    form: BalanceForm,
) -> Result<Option<BalancePage>> {
    let Some((mut tx, draft)) = draft(granted, app).await? else { return Ok(None) };
    if !draft.is_open() {
        return Ok(None);
    }
    let figures = store::figures(granted, &mut tx, draft.id).await?;
    tx.commit().await?;
    Ok(Some(BalancePage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::NewYear),
        code: granted.school.code.clone(),
        draft,
        figures,
        form,
        balance: None,
        faults: FormErrors::new(),
    }))
}
