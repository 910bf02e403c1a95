//! Filling classes of the coming year evenly: chosen, shown, and then taken.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{FromRequest, Multipart, Request, State};
use serde::Deserialize;

use super::{draft, gone, to_overview};
use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::MemberId,
    new_year::marks::{self, Marks},
    paths,
    rollover::{
        balance::{self, Balance, BalanceRefusal, BalanceRequest},
        model::Rollover,
        pupils, store, sums,
    },
    shell::{self, MenuPage},
    sources::{
        pages::sheet_form::{SheetForm, is_multipart, unreadable},
        spreadsheet::plain,
    },
    vietnam::class_name,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors, MOST_CHOICES},
        html, page, refused,
    },
};

/// The longest seed.
const MOST_OF_A_SEED: usize = 30;

/// How many marks one field of the form holds.
const MARKS_OF_FIELD: usize = 500;

/// How many lines of a sheet are named that are not taken.
const MOST_LINES: usize = 50;

#[derive(Template)]
#[template(path = "new_year/balance.html")]
struct BalancePage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    /// The classes of the coming year, each with how many go there; none where they are too many to choose from.
    targets: Vec<(String, i64)>,
    form: BalanceForm,
    /// How many marks are known.
    marks: usize,
    /// The lines of a sheet that were not taken.
    not_taken: Vec<u32>,
    /// What would come of it, once it was asked for.
    balance: Option<Balance>,
    faults: FormErrors,
}

impl BalancePage {
    fn is_picked(&self, name: &String) -> bool {
        self.form.class.contains(name)
    }

    fn lines(&self) -> String {
        let shown = self.not_taken.iter().take(MOST_LINES).map(u32::to_string).collect::<Vec<_>>().join(", ");
        if self.not_taken.len() > MOST_LINES { format!("{shown}, …") } else { shown }
    }

    /// An average before and after; nothing where no mark is known.
    fn average(&self, heads: &balance::ClassMakeup) -> String {
        heads.average().unwrap_or_default()
    }
}

/// The classes, a seed, and who is to be together and apart; with `take` what was shown (`made_of`) is taken, and without it
/// is shown. The marks of a sheet come along as `mark`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BalanceForm {
    class: Vec<String>,
    /// The same as typed, where there are too many to choose from: `11A1-11A12`.
    classes: String,
    seed: String,
    together: String,
    apart: String,
    /// Ids with hundredths, many in each.
    mark: Vec<String>,
    made_of: String,
    take: String,
}

impl BalanceForm {
    fn of_sheet(form: &SheetForm) -> Self {
        let value = |name: &str| form.value(name).to_owned();
        Self {
            class: form.values("class"),
            classes: value("classes"),
            seed: value("seed"),
            together: value("together"),
            apart: value("apart"),
            mark: form.values("mark"),
            made_of: value("made_of"),
            take: value("take"),
        }
    }

    /// # Errors
    /// [`Error::Malformed`] for marks that none of our pages sends.
    fn asked(&self) -> Result<BalanceRequest> {
        let pairs = self.mark.iter().flat_map(|field| field.split(',')).filter(|pair| !pair.is_empty());
        let mut marks: HashMap<MemberId, i64> = HashMap::new();
        for pair in pairs {
            let (id, mark) = pair.split_once('=').ok_or(Error::Malformed)?;
            let id = id.parse().map_err(|_| Error::Malformed)?;
            let mark = mark.parse().ok().filter(|mark| (0..=10_000).contains(mark)).ok_or(Error::Malformed)?;
            marks.insert(id, mark);
        }
        Ok(BalanceRequest {
            classes: self.class.clone(),
            seed: self.seed.clone(),
            together: self.together.clone(),
            apart: self.apart.clone(),
            marks,
        })
    }
}

fn mark_fields(marks: &HashMap<MemberId, i64>) -> Vec<String> {
    let mut pairs: Vec<String> = marks.iter().map(|(id, mark)| format!("{id}={mark}")).collect();
    pairs.sort_unstable();
    pairs.chunks(MARKS_OF_FIELD).map(|chunk| chunk.join(",")).collect()
}

/// A refusal beside its field; beside the typed names of classes where there are no boxes to tick.
fn refusal_of(refusal: &BalanceRefusal, page: &BalancePage) -> FormErrors {
    let mut faults = FormErrors::new();
    let field = match refusal.field() {
        "class" if page.targets.is_empty() => "classes",
        field => field,
    };
    faults.add_about(field, refusal.key(), refusal.value());
    faults
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
    request: Request,
) -> PageResult {
    let (form, sheet) = if is_multipart(&request) {
        let multipart = Multipart::from_request(request, &app).await.map_err(|_| Error::Malformed)?;
        let sheet = SheetForm::read(multipart).await?;
        (BalanceForm::of_sheet(&sheet), (!sheet.file_name.is_empty()).then_some(sheet))
    } else {
        (Form::<BalanceForm>::from_request(request, &app).await?.0, None)
    };
    let seed: String = form.seed.trim().chars().take(MOST_OF_A_SEED).collect();
    let form = BalanceForm { seed, ..form };
    let Some(mut page) = balance_page(&app, &visitor, &granted, form).await? else { return Ok(gone(&granted)) };
    if let Some(sheet) = sheet {
        match read_marks(&app, &granted, &page.draft, sheet).await? {
            Ok(marks) => {
                page.form.mark = mark_fields(&marks.marks);
                page.not_taken = marks.not_taken;
            }
            Err(key) => return refused(&BalancePage { faults: FormErrors::one("file", key), ..page }),
        }
    }
    if !page.form.classes.trim().is_empty() {
        match class_name::expand(&page.form.classes) {
            Ok(names) => page.form.class = names,
            Err(fault) => {
                page.faults.add_about("classes", format!("fault-{}", fault.key()), fault.value());
                return refused(&page);
            }
        }
    }
    let asked = page.form.asked()?;
    page.marks = asked.marks.len();
    if !page.form.take.is_empty() {
        let refusal = match balance::take(&granted, &app, &asked, &page.form.made_of).await {
            Err(Error::NotFound) => return Ok(gone(&granted)),
            Err(error) => return Err(error),
            Ok(Ok(count)) => {
                let address = paths::RolloverClasses::of(&granted.school.code).with("done", "rollover-balanced");
                return Ok(page::redirect(address.with("n", count).to_string()));
            }
            Ok(Err(refusal)) => refusal,
        };
        return refused(&BalancePage { faults: refusal_of(&refusal, &page), ..page });
    }
    match balance::propose(&granted, &app, &page.draft, &asked).await? {
        Ok(balance) => html(&BalancePage { balance: Some(balance), ..page }),
        Err(refusal) => refused(&BalancePage { faults: refusal_of(&refusal, &page), ..page }),
    }
}

/// The marks of a sheet, or the key of why it has none.
async fn read_marks(
    app: &App,
    granted: &Granted<may::ManageClasses>,
    draft: &Rollover,
    sheet: SheetForm,
) -> Result<std::result::Result<Marks, String>> {
    if let Some(key) = sheet.fault() {
        return Ok(Err(key.to_owned()));
    }
    let rows = match plain::read(&app.program, sheet.file).await {
        Ok(rows) => rows,
        Err(refusal) => return Ok(Err(unreadable(refusal))),
    };
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let map = store::class_map(granted, &mut tx, draft.id).await?;
    let known = pupils::known(granted, &mut tx, draft.id).await?;
    tx.commit().await?;
    let read = tokio::task::spawn_blocking(move || marks::understand(&rows, &known, &map));
    let marks = read.await.map_err(anyhow::Error::new)?;
    Ok(marks.ok_or_else(|| "fault-balance-sheet-columns".to_owned()))
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
    let targets = sums::target_choices(granted, &mut tx, draft.id, MOST_CHOICES).await?;
    tx.commit().await?;
    Ok(Some(BalancePage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::NewYear),
        code: granted.school.code.clone(),
        draft,
        targets,
        form,
        marks: 0,
        not_taken: Vec::new(),
        balance: None,
        faults: FormErrors::new(),
    }))
}
