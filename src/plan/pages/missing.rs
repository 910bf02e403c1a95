//! The grid of what is missing or wrong: chosen, typed, or pasted from a spreadsheet, for a whole page of rows.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::PlanAddress;
use crate::{
    access::{Granted, may},
    app::App,
    error::Result,
    ids::PlanId,
    paths::Address,
    plan::{
        missing::{self, FIELDS, one_line},
        model::{Plan, PlanRow, PlanState},
        new_classes, rows, search,
    },
    roster::fields::Field,
    schools, shell,
    vietnam::class_name,
    web::{PageResult, RequestContext, Shell, Translator, forms::Form, html, page},
};

#[derive(Template)]
#[template(path = "plan/missing.html")]
struct MissingPage {
    l: Translator,
    shell: Shell,
    at: PlanAddress,
    plan: Plan,
    /// What is asked for on this page.
    columns: Vec<Field>,
    classes: ClassChoices,
    people: Vec<Incomplete>,
    /// How many rows there are on all pages.
    count: i64,
    after: i32,
    /// After which line the page before this one begins.
    previous: Option<i32>,
    next: Option<i32>,
}

/// The classes to choose from.
struct ClassChoices {
    names: Vec<String>,
    /// Few enough to be a list of choices in each row; otherwise one types, and is shown what there is.
    is_short: bool,
}

/// The most classes for a list of choices in each row.
const MOST_CHOICES: usize = 80;

struct Incomplete {
    line: i32,
    name: String,
    /// Class and birth date.
    about: String,
    inputs: Vec<Input>,
    /// What the inputs held: a different value has been typed.
    seen: String,
}

struct Input {
    field: Field,
    name: String,
    label: String,
    value: String,
    fault: Option<String>,
}

impl Incomplete {
    fn of(l: &Translator, columns: &[Field], row: &PlanRow) -> Self {
        let wrong_name = row.faults.iter().find(|fault| fault.field == Field::FullName);
        let name = wrong_name.map_or_else(|| row.value(Field::FullName), |fault| fault.value.as_str());
        let birth_date = row.value(Field::BirthDate).parse().map_or_else(|_| String::new(), |date| l.date(&date));
        let about = [(Field::Class, row.value(Field::Class)), (Field::BirthDate, &birth_date)];
        let about = about.into_iter().filter(|(field, value)| !value.is_empty() && !columns.contains(field));
        let about: Vec<&str> = about.map(|(_, value)| value).collect();
        Self {
            line: row.line,
            name: name.to_owned(),
            about: about.join(" · "),
            inputs: columns.iter().map(|field| Input::of(l, row, *field)).collect(),
            seen: FIELDS.map(|field| missing::said(row, field)).join("\t"),
        }
    }

    fn is_wrong(&self) -> bool {
        self.inputs.iter().any(|input| input.fault.is_some())
    }
}

impl Input {
    fn of(l: &Translator, row: &PlanRow, field: Field) -> Self {
        // That something is missing is what the page is about, and is not repeated for each row.
        let is_plain = |key: &str| matches!(key, "missing" | "mother-or-guardian-missing");
        let lacks = row.blockers.iter().find(|fault| fault.field == field && !is_plain(&fault.key));
        let fault = missing::wrong(row, field).or(lacks);
        Self {
            field,
            name: format!("{}_{}", field.key(), row.line),
            label: l.t(field.label_key()),
            value: missing::said(row, field),
            fault: fault.map(|fault| l.t1(&fault.sentence_key(), "value", fault.value.as_str())),
        }
    }

    fn is_year(&self) -> bool {
        matches!(self.field, Field::MotherBirthYear | Field::GuardianBirthYear)
    }

    /// The width that the values need.
    fn width(&self) -> &'static str {
        match self.field {
            Field::MotherBirthYear | Field::GuardianBirthYear => "sg-grid-year",
            Field::Gender | Field::Class | Field::BirthDate => "sg-grid-short",
            _ => "sg-grid-name",
        }
    }
}

/// What is known of a mother or guardian.
const PARENTS: [Field; 4] = [Field::MotherName, Field::MotherBirthYear, Field::GuardianName, Field::GuardianBirthYear];

impl MissingPage {
    fn wrong(&self) -> usize {
        self.people.iter().flat_map(|person| &person.inputs).filter(|input| input.fault.is_some()).count()
    }

    /// Where the page is continued: the first field that is wrong or, where none is, the first one that is empty.
    fn first(&self) -> &str {
        let mut inputs = self.people.iter().flat_map(|person| &person.inputs);
        let wrong = inputs.clone().find(|input| input.fault.is_some());
        wrong.or_else(|| inputs.find(|input| input.value.is_empty())).map_or("", |input| &input.name)
    }

    /// What the page asks for, in the words of schools where that is parents alone.
    fn title(&self) -> String {
        let is_of_parents = !self.columns.is_empty() && self.columns.iter().all(|field| PARENTS.contains(field));
        self.l.t(if is_of_parents { "missing-title-parents" } else { "missing-title" })
    }

    fn asks(&self, field: Field) -> bool {
        self.columns.contains(&field)
    }

    /// The label of a column; years stand beside the names that they belong to.
    fn head(&self, field: &Field) -> String {
        match field {
            Field::MotherBirthYear | Field::GuardianBirthYear => self.l.t("missing-year"),
            _ => self.l.t(field.label_key()),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MissingGridQuery {
    after: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Query(query): Query<MissingGridQuery>,
) -> PageResult {
    let id = at.id;
    let after = query.after.parse().unwrap_or_default();
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    let mut lines = search::lines_lacking(&granted, &mut tx, id, after, rows::PAGE + 1).await?;
    if plan.state != PlanState::Ready || (lines.is_empty() && after <= 0) {
        return Ok(page::redirect(at.page()));
    }
    if lines.is_empty() {
        // The remaining ones come first.
        return Ok(page::redirect(at.missing()));
    }
    let page = usize::try_from(rows::PAGE).unwrap_or(usize::MAX);
    let has_more = lines.len() > page;
    lines.truncate(page);
    let incomplete = rows::at(&granted, &mut tx, id, &lines).await?;
    let columns = missing::asked_for(plan.source.roster_kind(granted.school.kind), &incomplete);
    let classes = classes(&granted, &mut tx, &plan, &incomplete).await?;
    let count = search::count_lacking(&granted, &mut tx, id).await?;
    let previous = search::page_before_lacking(&granted, &mut tx, id, after).await?;
    tx.commit().await?;
    html(&MissingPage {
        l: visitor.l,
        shell: shell::of_school(&visitor, &granted, at.entry()),
        at,
        plan,
        people: incomplete.iter().map(|row| Incomplete::of(&visitor.l, &columns, row)).collect(),
        columns,
        classes,
        count,
        after,
        previous,
        next: if has_more { lines.last().copied() } else { None },
    })
}

/// The classes of the year, and those that the plan's rows name.
async fn classes(
    granted: &Granted<may::ManageAccounts>,
    tx: &mut sqlx::PgConnection,
    plan: &Plan,
    rows: &[PlanRow],
) -> Result<ClassChoices> {
    let known = schools::classes::of_year(granted, tx, plan.school_year_id).await?;
    let named = rows.iter().map(|row| row.value(Field::Class).to_owned()).filter(|name| !name.is_empty());
    let mut names: Vec<String> = known.into_iter().map(|class| class.name).chain(named).collect();
    names.extend(new_classes::all(granted, tx, plan.id).await?.into_iter().map(|(name, _)| name));
    names.sort_by_cached_key(|name| (class_name::natural_key(name), name.clone()));
    names.dedup();
    let is_short = (1..=MOST_CHOICES).contains(&names.len());
    Ok(ClassChoices { names, is_short })
}

pub async fn submit(
    State(app): State<App>,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let id = at.id;
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(&granted, &mut tx).await?;
    tx.commit().await?;
    if plan.state != PlanState::Ready {
        // The plan is being applied meanwhile, and its page says so.
        return Ok(page::redirect(at.page()));
    }
    let filled = missing::save(&granted, &app, id, typed(&form)).await?;
    let told = |page: Address| if filled > 0 { page.with("done", "missing-filled").with("n", filled) } else { page };
    let after = form.get("after").and_then(|after| after.parse().ok()).unwrap_or_default();
    let Some(after) = where_some_lack(&granted, &app, id, after).await? else {
        return Ok(page::redirect(told(at.page())));
    };
    let page = told(at.missing());
    Ok(page::redirect(if after > 0 { page.with("after", after) } else { page }))
}

/// The page to go on with: the same one, or the first where that is empty now; nothing where no row lacks anything.
async fn where_some_lack(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    id: PlanId,
    after: i32,
) -> Result<Option<i32>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    for after in [after, 0] {
        if !search::lines_lacking(granted, &mut tx, id, after, 1).await?.is_empty() {
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
        let seen = ("seen_7", "Lê Thị Hoa\t19851\t\t\t\t\t\t");
        assert_eq!(form(&[seen, ("mother_name_7", "Lê Thị  Hoa "), ("mother_birth_year_7", "19851")]), []);
        // The field was emptied.
        let emptied = (Field::MotherBirthYear, String::new());
        assert_eq!(form(&[seen, ("mother_birth_year_7", "")]), [(7, vec![emptied])]);
    }
}
