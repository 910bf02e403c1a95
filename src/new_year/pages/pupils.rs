//! The pupils of the draft: found by class, outcome and name, and decided on one by one or many at once.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use serde::Deserialize;
use sqlx::PgConnection;
use url::form_urlencoded;

use super::{draft, draft_to_change, gone, sheet, to_overview};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    db::Tx,
    error::{Error, Result},
    ids::{ClassId, MemberId, RolloverId},
    paths,
    rollover::{
        model::{DraftClass, DraftPupil, DraftTotals, PupilOutcome, REASONS, Rollover},
        pupils::{self, OutcomeChoice, PAGE, PupilFilter},
        store, sums,
    },
    shell::{self, MenuPage},
    sources::pages::sheet_form::is_multipart,
    vietnam::class_name,
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{self, Form, FormErrors, MOST_CHOICES},
        html, page, refused,
    },
};

/// Which pupils are shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PupilsQuery {
    /// The id or the name of a class of this year.
    class: String,
    outcome: String,
    /// The name of a class of the coming year.
    target: String,
    q: String,
    /// The pupil before the page.
    after: String,
}

impl PupilsQuery {
    /// `class` is the one that the query means, if there is one.
    fn filter(&self, class: Option<&DraftClass>) -> PupilFilter {
        PupilFilter {
            class_id: (!self.class.is_empty()).then(|| class.map(|class| class.id).unwrap_or_default()),
            outcome: PupilOutcome::from_key(&self.outcome),
            // A text of the database holds no such character.
            target: Some(self.target.replace('\0', "")).filter(|target| !target.is_empty()),
            ..PupilFilter::default()
        }
        .searching(&self.q)
    }

    /// The class of this year that is meant, by its id or name.
    async fn class(&self, scope: &Scope, tx: &mut PgConnection, id: RolloverId) -> Result<Option<DraftClass>> {
        let name = class_name::normalise(&self.class);
        match (self.class.parse().ok(), name) {
            (None, None) => Ok(None),
            (class_id, name) => store::class(scope, tx, id, class_id, name.as_deref()).await,
        }
    }

    /// The same list behind a pupil, as a query string.
    fn link(&self, after: &str) -> String {
        let fields = [
            ("class", self.class.as_str()),
            ("outcome", &self.outcome),
            ("target", &self.target),
            ("q", &self.q),
            ("after", after),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The same list from its beginning, as a query string.
    fn list(&self) -> String {
        self.link("")
    }
}

/// What is to become of the pupils who were picked, or of all that the list finds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChoiceForm {
    pub ids: Vec<String>,
    pub outcome: String,
    pub class: String,
    pub reason: String,
    /// Other words for the reason.
    pub reason_text: String,
    /// What the page showed of each pupil: what a colleague has decided since is not lost.
    pub seen: String,
    /// What the review of a sheet has shown, and what that was made of.
    pub sheet: Vec<String>,
    pub made_of: String,
}

impl ChoiceForm {
    /// What the page showed, by pupil; pupils that the form does not name are missing.
    fn shown(&self) -> HashMap<MemberId, String> {
        let pairs = self.seen.split(',').filter_map(|pair| pair.split_once('='));
        pairs.filter_map(|(id, key)| Some((id.parse().ok()?, key.to_owned()))).collect()
    }
}

#[derive(Template)]
#[template(path = "new_year/pupils.html")]
pub struct PupilsPage {
    l: Translator,
    shell: Shell,
    code: String,
    draft: Rollover,
    totals: DraftTotals,
    /// The class of this year that is asked for.
    class: Option<DraftClass>,
    /// Those to choose from, each with how many pupils it has; none where they are too many.
    classes: Vec<(ClassId, String, i64)>,
    /// The same of the coming year.
    targets: Vec<(String, i64)>,
    query: PupilsQuery,
    pupils: Vec<DraftPupil>,
    next: Option<MemberId>,
    form: ChoiceForm,
    faults: FormErrors,
}

impl PupilsPage {
    pub fn with(self, faults: FormErrors) -> Self {
        Self { faults, ..self }
    }

    fn can_change(&self) -> bool {
        let is_open = self.draft.is_open() || self.totals.pupils.of(PupilOutcome::Awaiting) > 0;
        is_open || self.pupils.iter().any(|pupil| !pupil.is_written)
    }

    /// The list of one outcome, or of all.
    fn among(&self, outcome: Option<PupilOutcome>) -> String {
        let outcome = outcome.map(PupilOutcome::key).unwrap_or_default().to_owned();
        PupilsQuery { outcome, ..self.query.clone() }.list()
    }

    fn is_filtered(&self) -> bool {
        !self.query.class.is_empty() || !self.query.target.is_empty() || !self.query.q.is_empty()
    }

    fn is_class(&self, id: &ClassId) -> bool {
        self.class.as_ref().is_some_and(|class| class.id == *id)
    }

    /// The class that is asked for, as one types it.
    fn class_name(&self) -> &str {
        self.class.as_ref().map_or(&self.query.class, |class| &class.name)
    }

    /// What the page shows of each pupil, as a field of the form holds it.
    fn seen(&self) -> String {
        let seen = |pupil: &DraftPupil| format!("{}={}", pupil.id, pupils::shown_key(pupil));
        self.pupils.iter().map(seen).collect::<Vec<_>>().join(",")
    }

    fn is_picked(&self, pupil: &DraftPupil) -> bool {
        self.form.ids.contains(&pupil.id.to_string())
    }

    /// Why a pupil leaves, in words.
    fn reason(&self, pupil: &DraftPupil) -> String {
        match pupil.reason.as_deref() {
            Some(reason) if REASONS.contains(&reason) => self.l.tk("rollover-reason", reason),
            Some(reason) => reason.to_owned(),
            None => String::new(),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<PupilsQuery>,
) -> PageResult {
    let Some((tx, draft)) = draft(&granted, &app).await? else { return Ok(to_overview(&granted)) };
    html(&pupils_page(tx, &visitor, &granted, draft, query).await?)
}

/// Results as typed, or a sheet of results.
pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageClasses>,
    Query(query): Query<PupilsQuery>,
    request: Request,
) -> PageResult {
    if is_multipart(&request) {
        let multipart = Multipart::from_request(request, &app).await.map_err(|_| Error::Malformed)?;
        return sheet::review(&app, &visitor, &granted, query, multipart).await;
    }
    let Form(form) = Form::<ChoiceForm>::from_request(request, &app).await?;
    if !form.sheet.is_empty() {
        return sheet::take(&app, &visitor, &granted, query, form).await;
    }
    let Some((mut tx, found)) = draft_to_change(&granted, &app).await? else { return Ok(gone(&granted)) };
    let choice = match choice(&form) {
        Ok(choice) => choice,
        Err(faults) => {
            let page = pupils_page(tx, &visitor, &granted, found, query).await?;
            return refused(&PupilsPage { form, faults, ..page });
        }
    };
    let ids = if form.ids.iter().any(|id| id == "all") {
        let class = query.class(&granted, &mut tx, found.id).await?;
        let filter = PupilFilter { unwritten: true, ..query.filter(class.as_ref()) };
        pupils::ids(&granted, &mut tx, found.id, &filter).await?
    } else {
        form.ids.iter().filter_map(|id| id.parse().ok()).collect()
    };
    let changed = pupils::changed_meanwhile(&granted, &mut tx, &found, &ids, &form.shown(), &choice).await?;
    if !changed.is_empty() {
        let page = pupils_page(tx, &visitor, &granted, found, query).await?;
        let mut faults = FormErrors::new();
        faults.add_about("outcome", "fault-rollover-pupils-meanwhile", changed.join(", "));
        return refused(&PupilsPage { form, faults, ..page });
    }
    match pupils::choose(&granted, &app, &mut tx, &found, &ids, &choice).await? {
        Ok(count) => {
            tx.commit().await?;
            let address = paths::RolloverPupils::of(&granted.school.code).with_query(&query.list());
            let done = if count == 0 { "rollover-nobody" } else { "rollover-pupils" };
            Ok(page::redirect(address.with("done", done).with("n", count).to_string()))
        }
        Err((refusal, class)) => {
            // Nothing was written.
            tx.rollback().await?;
            let Some((fresh, found)) = draft(&granted, &app).await? else { return Ok(gone(&granted)) };
            let page = pupils_page(fresh, &visitor, &granted, found, query).await?;
            let mut faults = FormErrors::new();
            faults.add_about("class", refusal.key(), class);
            refused(&PupilsPage { form, faults, ..page })
        }
    }
}

/// What was typed, in its normal form.
pub fn choice(form: &ChoiceForm) -> std::result::Result<OutcomeChoice, FormErrors> {
    let mut faults = FormErrors::new();
    let Some(outcome) = PupilOutcome::from_key(&form.outcome) else {
        return Err(FormErrors::one("outcome", "fault-rollover-outcome"));
    };
    let typed = form.class.trim();
    let target = if outcome.has_class() && !typed.is_empty() {
        let name = class_name::normalise(typed);
        if name.is_none() {
            faults.add_about("class", "fault-class-malformed", typed);
        }
        name
    } else {
        None
    };
    let words = if form.reason_text.trim().is_empty() { &form.reason } else { &form.reason_text };
    let reason = match forms::optional_reason(words) {
        Ok(reason) => Some(reason).filter(|reason| !reason.is_empty()),
        Err(key) => {
            faults.add("reason", key);
            None
        }
    };
    if outcome == PupilOutcome::Leaving && reason.is_none() && faults.is_empty() {
        faults.add("reason", "fault-rollover-reason");
    }
    let reason = reason.filter(|_| outcome == PupilOutcome::Leaving);
    faults.or_ok(OutcomeChoice { outcome, target, reason })
}

pub async fn pupils_page(
    mut tx: Tx,
    visitor: &RequestContext,
    scope: &Scope,
    draft: Rollover,
    query: PupilsQuery,
) -> Result<PupilsPage> {
    let totals = sums::totals(scope, &mut tx, draft.id).await?;
    let class = query.class(scope, &mut tx, draft.id).await?;
    let filter = query.filter(class.as_ref());
    let mut found = pupils::page(scope, &mut tx, draft.id, &filter, query.after.parse().ok()).await?;
    let (classes, targets) = match totals.classes {
        ..=MOST_CHOICES => (
            sums::class_choices(scope, &mut tx, draft.id).await?,
            sums::target_choices(scope, &mut tx, draft.id, MOST_CHOICES).await?,
        ),
        _ => (Vec::new(), Vec::new()),
    };
    tx.commit().await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    Ok(PupilsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, scope, MenuPage::NewYear),
        code: scope.school.code.clone(),
        draft,
        totals,
        class,
        classes,
        targets,
        next: found.last().map(|pupil| pupil.id).filter(|_| has_more),
        query,
        pupils: found,
        form: ChoiceForm::default(),
        faults: FormErrors::new(),
    })
}
