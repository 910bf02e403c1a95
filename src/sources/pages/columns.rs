//! How the columns of a sheet are mapped: recognised, or corrected by hand; and its text encoding.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    plan::{
        PlanAddress,
        model::{Plan, PlanColumn, PlanRow, ReadProgress, Source},
        rows,
    },
    roster::fields::{DateOrder, Field},
    shell,
    sources::{
        import,
        spreadsheet::{
            ENCODINGS,
            write::{OutColumn, template_columns},
        },
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

/// How many sample cells are shown for a column, and how much of each.
const SAMPLES: usize = 3;
const SAMPLE_CHARS: usize = 40;

/// How many rows are searched for them.
const SAMPLED_ROWS: i64 = 10;

#[derive(Template)]
#[template(path = "plan/columns.html")]
struct ColumnsPage {
    l: Translator,
    shell: Shell,
    at: PlanAddress,
    plan: Plan,
    /// What each column is mapped to: the key of a field, or nothing.
    chosen: HashMap<usize, String>,
    encoding: String,
    /// The first rows, as in the sheet.
    rows: Vec<PlanRow>,
    fields: Vec<Field>,
    faults: FormErrors,
}

impl ColumnsPage {
    /// The contents of a column, by its place among them; passwords are not shown.
    fn samples(&self, place: &usize) -> String {
        let is_secret = self.plan.columns.get(*place).is_none_or(|column| column.field == Some(Field::Password));
        let cells = self.rows.iter().filter_map(|row| row.cells.get(*place)).filter(|cell| !cell.trim().is_empty());
        let cells: Vec<String> = cells.take(SAMPLES).map(|cell| cell.chars().take(SAMPLE_CHARS).collect()).collect();
        if is_secret { String::new() } else { cells.join(" · ") }
    }

    fn is_chosen(&self, column: &PlanColumn, field: &Field) -> bool {
        self.chosen.get(&column.index).is_some_and(|chosen| chosen == field.key())
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
) -> PageResult {
    let (plan, rows) = find(&app, &granted, &at).await?;
    let key = |column: &PlanColumn| (column.index, column.field.map(Field::key).unwrap_or_default().to_owned());
    let chosen = plan.columns.iter().map(key).collect();
    html(&columns_page(&visitor, &granted, at, (plan, rows), chosen, FormErrors::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageAccounts>,
    at: PlanAddress,
    Form(form): Form<HashMap<String, String>>,
) -> PageResult {
    let (plan, rows) = find(&app, &granted, &at).await?;
    let chosen: HashMap<usize, String> = form
        .iter()
        .filter_map(|(name, field)| Some((name.strip_prefix("column_")?.parse().ok()?, field.clone())))
        .collect();
    let date_order = form.get("date_order").and_then(|order| DateOrder::chosen(order));
    if form.contains_key("without_hidden") || form.contains_key("all_sheets") || date_order.is_some() {
        let reading = ReadProgress {
            without_hidden: plan.reading.without_hidden || form.contains_key("without_hidden"),
            all_sheets: plan.reading.all_sheets || form.contains_key("all_sheets"),
            date_order: date_order.or(plan.reading.date_order),
            ..plan.reading.clone()
        };
        import::read_otherwise(&granted, &app, &plan, &reading).await?;
        return Ok(page::redirect(at.page()));
    }
    let encoding = form.get("encoding").filter(|name| ENCODINGS.contains(&name.as_str())).cloned();
    let sheet = form.get("sheet").filter(|name| plan.notes.other_sheets.contains(name)).cloned();
    if sheet.is_some() {
        // Another sheet has other columns than those on the page.
        let reading = ReadProgress { encoding, sheet, ..ReadProgress::default() };
        import::read_otherwise(&granted, &app, &plan, &reading).await?;
        return Ok(page::redirect(at.page()));
    }
    let reading = ReadProgress {
        encoding,
        sheet: plan.reading.sheet.clone(),
        without_hidden: plan.reading.without_hidden,
        all_sheets: plan.reading.all_sheets,
        date_order: plan.reading.date_order,
        mapping: chosen.iter().map(|(index, field)| (*index, Field::from_key(field))).collect(),
    };
    let fields: Vec<Field> = reading.mapping.values().flatten().copied().collect();
    let names = if plan.source == Source::Classes { Field::Class } else { Field::FullName };
    let faults = if !fields.contains(&names) && !chosen.is_empty() {
        FormErrors::one("columns", "table-without-names")
    } else if fields.iter().any(|field| is_single(*field) && fields.iter().filter(|each| *each == field).count() > 1) {
        FormErrors::one("columns", "fault-column-twice")
    } else {
        FormErrors::new()
    };
    if !faults.is_empty() {
        return refused(&columns_page(&visitor, &granted, at, (plan, rows), chosen, faults));
    }
    import::read_otherwise(&granted, &app, &plan, &reading).await?;
    Ok(page::redirect(at.page()))
}

/// Names and birth dates may be spread over several columns; other fields have one.
fn is_single(field: Field) -> bool {
    use Field::{BirthDate, FullName, Gender, GuardianName, MotherName};
    !matches!(field, FullName | MotherName | GuardianName | BirthDate | Gender)
}

async fn find(app: &App, granted: &Granted<may::ManageAccounts>, at: &PlanAddress) -> Result<(Plan, Vec<PlanRow>)> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let plan = at.find(granted, &mut tx).await?;
    // The registry has no columns to map.
    if plan.source.has_no_file() {
        return Err(Error::NotFound);
    }
    let rows = rows::page(granted, &mut tx, at.id, None, 0, SAMPLED_ROWS).await?;
    Ok((plan, rows))
}

fn columns_page(
    visitor: &RequestContext,
    granted: &Granted<may::ManageAccounts>,
    at: PlanAddress,
    (plan, rows): (Plan, Vec<PlanRow>),
    chosen: HashMap<usize, String>,
    faults: FormErrors,
) -> ColumnsPage {
    let kind = plan.source.roster_kind(granted.school.kind);
    let encoding = plan.reading.encoding.clone();
    let encoding = encoding.or_else(|| plan.notes.encoding.as_ref().map(|(name, _)| name.clone()));
    let mut fields: Vec<Field> = template_columns(kind).into_iter().map(OutColumn::field).collect();
    fields.push(Field::Status);
    fields.dedup();
    ColumnsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, at.entry()),
        at,
        chosen,
        encoding: encoding.unwrap_or_default(),
        rows,
        fields,
        faults,
        plan,
    }
}
