//! Results by spreadsheet: what the sheet would change is shown, with every row that is not understood; what is confirmed
//! goes the way of typed results.

use askama::Template;
use axum::extract::Multipart;
use serde::{Deserialize, Serialize};

use super::{
    draft, draft_to_change, gone,
    pupils::{ChoiceForm, PupilsQuery, choice, pupils_page},
};
use crate::{
    access::{Granted, may},
    app::App,
    error::Error,
    ids::MemberId,
    new_year::sheet::{self, FoundResult, OutcomeGroup, RejectedResult, ResultRejection, ResultsReading},
    paths,
    rollover::{
        model::{PupilOutcome, REASONS, Rollover},
        pupils::{self, OutcomeChoice},
        store,
    },
    shell::{self, MenuPage},
    sources::{
        pages::sheet_form::{SheetForm, unreadable},
        spreadsheet::{
            FileRefusal,
            plain::{self, PlainRow},
        },
    },
    web::{PageResult, RequestContext, Shell, Translator, forms::FormErrors, html, page, refused},
};

/// The most rows of a sheet of results: more than any school has pupils.
const MOST_ROWS: usize = 50_000;

/// How many ids one field of the form holds.
const IDS_OF_FIELD: usize = 500;

/// How many rows of either kind are shown.
const MOST_SHOWN: usize = 300;

#[derive(Template)]
#[template(path = "new_year/sheet.html")]
struct ResultsSheetPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    file_name: String,
    understood: ResultsReading,
    /// What is typed for the pupils of the sheet, a field of the form each.
    fields: Vec<String>,
    made_of: String,
}

impl ResultsSheetPage {
    fn shown(&self) -> &[FoundResult] {
        self.understood.found.get(..MOST_SHOWN).unwrap_or(&self.understood.found)
    }

    fn not_taken(&self) -> &[RejectedResult] {
        self.understood.not_taken.get(..MOST_SHOWN).unwrap_or(&self.understood.not_taken)
    }

    fn why(&self, not_taken: &RejectedResult) -> String {
        match (&not_taken.why, not_taken.why.key()) {
            (ResultRejection::Refused(refusal, class), _) => self.l.t1(refusal.key(), "value", class.as_str()),
            (_, Some(key)) => self.l.tk("rollover-sheet-why", key),
            (_, None) => String::new(),
        }
    }

    fn outcome(&self, outcome: &PupilOutcome) -> String {
        self.l.tk("rollover-outcome", outcome.key())
    }

    /// Why a pupil leaves, in words.
    fn reason(&self, found: &FoundResult) -> String {
        match found.reason.as_deref() {
            Some(reason) if REASONS.contains(&reason) => self.l.tk("rollover-reason", reason),
            Some(reason) => reason.to_owned(),
            None => String::new(),
        }
    }

    fn new_classes(&self) -> String {
        self.understood.new_classes.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Pupils with one result, as a field of the form holds them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct TypedOutcome {
    outcome: String,
    class: String,
    reason: String,
    ids: Vec<MemberId>,
}

impl TypedOutcome {
    /// The fields of a group, with so many pupils each as a field may hold.
    fn of(group: &OutcomeGroup) -> Vec<Self> {
        let OutcomeChoice { outcome, target, reason } = &group.choice;
        let typed = |ids: &[MemberId]| Self {
            outcome: outcome.key().to_owned(),
            class: target.clone().unwrap_or_default(),
            reason: reason.clone().unwrap_or_default(),
            ids: ids.to_vec(),
        };
        group.ids.chunks(IDS_OF_FIELD).map(typed).collect()
    }

    fn choice(&self) -> Result<OutcomeChoice, FormErrors> {
        choice(&ChoiceForm {
            outcome: self.outcome.clone(),
            class: self.class.clone(),
            reason: self.reason.clone(),
            ..ChoiceForm::default()
        })
    }
}

/// Shows what a sheet would change; nothing is kept in between.
pub async fn review(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    query: PupilsQuery,
    multipart: Multipart,
) -> PageResult {
    let upload = SheetForm::read(multipart).await?;
    let file_name = upload.file_name.clone();
    // Reading takes its time, and no transaction waits for it.
    let read = match upload.fault() {
        Some(key) => Err(key.to_owned()),
        None => plain::read(&app.program, upload.file).await.and_then(within_limit).map_err(unreadable),
    };
    let Some((mut tx, found)) = draft(granted, app).await? else { return Ok(gone(granted)) };
    let rows = match read {
        Ok(rows) => rows,
        Err(key) => {
            let page = pupils_page(tx, visitor, granted, found, query).await?;
            return refused(&page.with(FormErrors::one("file", key)));
        }
    };
    let map = store::class_map(granted, &mut tx, found.id).await?;
    let pupils = pupils::known(granted, &mut tx, found.id).await?;
    let to_year = found.to_year.clone();
    tx.commit().await?;
    let made = tokio::task::spawn_blocking(move || {
        let understood = sheet::understand(&rows, &to_year, &pupils, &map)?;
        let ids = understood.found.iter().map(|found| found.id).collect();
        let made_of = sheet::made_of(&ids, &pupils);
        Some((understood, made_of))
    });
    let Some((understood, made_of)) = made.await.map_err(anyhow::Error::new)? else {
        let Some((tx, found)) = draft(granted, app).await? else { return Ok(gone(granted)) };
        let page = pupils_page(tx, visitor, granted, found, query).await?;
        return refused(&page.with(FormErrors::one("file", "fault-rollover-sheet-columns")));
    };
    let typed = understood.groups().iter().flat_map(TypedOutcome::of).collect::<Vec<_>>();
    let fields = typed.iter().map(serde_json::to_string).collect::<Result<Vec<String>, _>>()?;
    html(&ResultsSheetPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::NewYear),
        code: granted.school.code.clone(),
        draft: found,
        file_name,
        understood,
        fields,
        made_of,
    })
}

fn within_limit(rows: Vec<PlainRow>) -> Result<Vec<PlainRow>, FileRefusal> {
    if rows.len() > MOST_ROWS { Err(FileRefusal::TooManyRows) } else { Ok(rows) }
}

/// Takes the results as they were shown, all or none.
pub async fn take(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageClasses>,
    query: PupilsQuery,
    form: ChoiceForm,
) -> PageResult {
    let typed: Result<Vec<TypedOutcome>, _> = form.sheet.iter().map(|field| serde_json::from_str(field)).collect();
    let typed = typed.map_err(|_| Error::Malformed)?;
    let Some((mut tx, found)) = draft_to_change(granted, app).await? else { return Ok(gone(granted)) };
    let mut groups = Vec::new();
    for typed in &typed {
        match typed.choice() {
            Ok(choice) => groups.push((typed.ids.clone(), choice)),
            Err(_) => return Err(Error::Malformed),
        }
    }
    let ids = groups.iter().flat_map(|(ids, _)| ids.iter().copied()).collect();
    let known = pupils::known(granted, &mut tx, found.id).await?;
    let mut faults = FormErrors::new();
    if sheet::made_of(&ids, &known) == form.made_of {
        match pupils::choose_each(granted, app, &mut tx, &found, &groups).await? {
            Ok(count) => {
                tx.commit().await?;
                let address = paths::RolloverPupils::of(&granted.school.code).with("done", "rollover-pupils");
                return Ok(page::redirect(address.with("n", count).to_string()));
            }
            Err((refusal, class)) => faults.add_about("class", refusal.key(), class),
        }
    } else {
        faults.add("file", "fault-rollover-sheet-meanwhile");
    }
    // Nothing was written.
    tx.rollback().await?;
    let Some((fresh, found)) = draft(granted, app).await? else { return Ok(gone(granted)) };
    let page = pupils_page(fresh, visitor, granted, found, query).await?;
    refused(&page.with(faults))
}
