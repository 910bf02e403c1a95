//! The grid of missing mothers and guardians: typed, or pasted from a spreadsheet, for a whole page of pupils.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;

use super::plan_id;
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::PlanId,
    plan::{
        guardians::{self, FIELDS, one_line},
        model::{Plan, PlanRow, PlanState},
        rows, search, store,
    },
    roster::fields::Field,
    shell::{self, Entry},
    web::{PageResult, RequestContext, Shell, Translator, forms::Form, html, page},
};

#[derive(Template)]
#[template(path = "plan/guardians.html")]
struct GuardiansPage {
    l: Translator,
    shell: Shell,
    code: String,
    plan: Plan,
    pupils: Vec<Pupil>,
    /// How many pupils there are on all pages.
    count: i64,
    after: i32,
    /// After which line the page before this one begins.
    previous: Option<i32>,
    next: Option<i32>,
}

struct Pupil {
    line: i32,
    name: String,
    /// Class and birth date.
    about: String,
    inputs: Vec<Input>,
    /// What the inputs held: a different value has been typed.
    seen: String,
}

struct Input {
    name: String,
    label: String,
    value: String,
    is_year: bool,
    fault: Option<String>,
}

impl Pupil {
    fn of(l: &Translator, row: &PlanRow) -> Self {
        let wrong_name = row.faults.iter().find(|fault| fault.field == Field::FullName);
        let name = wrong_name.map_or_else(|| row.value(Field::FullName), |fault| fault.value.as_str());
        let birth_date = row.value(Field::BirthDate).parse().map_or_else(|_| String::new(), |date| l.date(&date));
        let about = [row.value(Field::Class), &birth_date];
        let about: Vec<&str> = about.into_iter().filter(|each| !each.is_empty()).collect();
        Self {
            line: row.line,
            name: name.to_owned(),
            about: about.join(" · "),
            inputs: FIELDS.map(|field| Input::of(l, row, field)).into(),
            seen: FIELDS.map(|field| guardians::said(row, field)).join("\t"),
        }
    }

    fn is_wrong(&self) -> bool {
        self.inputs.iter().any(|input| input.fault.is_some())
    }
}

impl Input {
    fn of(l: &Translator, row: &PlanRow, field: Field) -> Self {
        // That no mother or guardian is named at all is what the page is about, and is not repeated for each pupil.
        let lacks = row.lacks.iter().find(|fault| fault.field == field && fault.key != "mother-or-guardian-missing");
        let fault = guardians::wrong(row, field).or(lacks);
        Self {
            name: format!("{}_{}", field.key(), row.line),
            label: l.t(field.label_key()),
            value: guardians::said(row, field),
            is_year: matches!(field, Field::MotherBirthYear | Field::GuardianBirthYear),
            fault: fault.map(|fault| l.t1(&fault.sentence_key(), "value", fault.value.as_str())),
        }
    }
}

impl GuardiansPage {
    fn base(&self) -> String {
        format!("/schools/{}/plans/{}", self.code, self.plan.id)
    }

    fn wrong(&self) -> usize {
        self.pupils.iter().flat_map(|pupil| &pupil.inputs).filter(|input| input.fault.is_some()).count()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GridQuery {
    after: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<GridQuery>,
) -> PageResult {
    let id = plan_id(&id)?;
    let after = query.after.parse().unwrap_or_default();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    let mut lines = search::lines_without_guardian(&granted, &mut tx, id, after, rows::PAGE + 1).await?;
    if plan.state != PlanState::Ready || (lines.is_empty() && after <= 0) {
        return Ok(to_review(&granted, id, ""));
    }
    if lines.is_empty() {
        // The remaining ones come first.
        return Ok(page::redirect(&format!("/schools/{}/plans/{id}/guardians", granted.school.code)));
    }
    let page = usize::try_from(rows::PAGE).unwrap_or(usize::MAX);
    let has_more = lines.len() > page;
    lines.truncate(page);
    let pupils = rows::at(&granted, &mut tx, id, &lines).await?;
    let count = search::count_without_guardian(&granted, &mut tx, id).await?;
    let previous = search::page_before_without_guardian(&granted, &mut tx, id, after).await?;
    tx.commit().await?;
    html(&GuardiansPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, Entry::Import),
        code: granted.school.code.clone(),
        plan,
        pupils: pupils.iter().map(|row| Pupil::of(&visitor.l, row)).collect(),
        count,
        after,
        previous,
        next: if has_more { lines.last().copied() } else { None },
    })
}

pub async fn submit(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let id = plan_id(&id)?;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = store::find(&granted, &mut tx, id).await?;
    tx.commit().await?;
    if plan.state != PlanState::Ready {
        // The plan is being applied meanwhile, and its page says so.
        return Ok(to_review(&granted, id, ""));
    }
    let filled = guardians::save(&granted, &app, id, typed(&form)).await?;
    let done = if filled > 0 { format!("?done=guardians&n={filled}") } else { String::new() };
    let after = form.get("after").and_then(|after| after.parse().ok()).unwrap_or_default();
    let Some(after) = where_some_lack(&granted, &app, id, after).await? else {
        return Ok(to_review(&granted, id, &done));
    };
    let separator = if done.is_empty() { '?' } else { '&' };
    let after = if after > 0 { format!("{separator}after={after}") } else { String::new() };
    Ok(page::redirect(&format!("/schools/{}/plans/{id}/guardians{done}{after}", granted.school.code)))
}

fn to_review(granted: &Granted<may::ManageAccounts>, id: PlanId, query: &str) -> Response {
    page::redirect(&format!("/schools/{}/plans/{id}{query}", granted.school.code))
}

/// The page to go on with: the same one, or the first where that is empty now; nothing where no pupil lacks anything.
async fn where_some_lack(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: PlanId,
    after: i32,
) -> Result<Option<i32>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    for after in [after, 0] {
        if !search::lines_without_guardian(granted, &mut tx, id, after, 1).await?.is_empty() {
            tx.commit().await?;
            return Ok(Some(after));
        }
    }
    tx.commit().await?;
    Ok(None)
}

/// What was typed, by line: whatever differs from what the page showed (`seen_{line}`). Where it is not known what was
/// shown, an empty field says nothing.
fn typed(form: &HashMap<String, String>) -> Vec<(i32, Vec<(Field, String)>)> {
    let mut by_line: BTreeMap<i32, Vec<(Field, String)>> = BTreeMap::new();
    for (name, value) in form {
        let Some((key, line)) = name.rsplit_once('_') else { continue };
        let (Some(place), Ok(line)) = (FIELDS.iter().position(|field| field.key() == key), line.parse()) else {
            continue;
        };
        let Some(field) = FIELDS.get(place) else { continue };
        let seen = form.get(&format!("seen_{line}")).and_then(|seen| seen.split('\t').nth(place)).unwrap_or_default();
        if one_line(value) != one_line(seen) {
            by_line.entry(line).or_default().push((*field, value.clone()));
        }
    }
    by_line.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_it_was_shown_was_typed() {
        let form = |pairs: &[(&str, &str)]| {
            let pairs: HashMap<String, String> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            typed(&pairs)
        };
        assert_eq!(
            form(&[("mother_name_7", ""), ("guardian_name_7", " "), ("after", "3"), ("mother_name_x", "y")]),
            []
        );
        let name = (Field::MotherName, "Lê Thị Hoa".to_owned());
        assert_eq!(form(&[("mother_name_7", "Lê Thị Hoa")]), [(7, vec![name.clone()])]);
        let seen = ("seen_7", "Lê Thị Hoa\t19851\t\t");
        assert_eq!(form(&[seen, ("mother_name_7", "Lê Thị  Hoa "), ("mother_birth_year_7", "19851")]), []);
        // The field was emptied.
        let emptied = (Field::MotherBirthYear, String::new());
        assert_eq!(form(&[seen, ("mother_birth_year_7", "")]), [(7, vec![emptied])]);
    }
}
