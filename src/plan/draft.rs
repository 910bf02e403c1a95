//! Making a plan: a source's rows become plan rows, each with its outcome.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    matching::{Match, RosterIndex, Seen},
    model::{Counts, Head, Outcome, PlanRow, Source, SourceRow},
    store::{self, NewPlan},
};
use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit,
    error::Result,
    identity::{password::TemporaryPassword, seal::Purpose},
    members::fields::{self, Fault, Field, RosterKind},
    schools::{classes, years},
};

/// How many rows are written at a time.
pub const CHUNK: usize = 2_000;

/// Begins a plan: keeps the file, sealed, until it has been read and reviewed. What reads it is the caller's to
/// enqueue, in the same transaction.
///
/// # Errors
/// When the database cannot be reached.
pub async fn begin(
    granted: &Granted<may::ManageAccounts>,
    app: &App,
    tx: &mut sqlx::PgConnection,
    source: Source,
    file_name: &str,
    file: &[u8],
) -> Result<Uuid> {
    let id = app.randomness.uuid_v7(app.clock.now());
    let year = years::current(granted, tx, app.clock.today()).await?;
    let upload = app.keys.seal(&app.randomness, Purpose::Upload, id, file);
    let new = NewPlan { id, source, school_year_id: year.id, file_name, upload: &upload };
    store::insert(granted, app, tx, &new).await?;
    audit::record(granted, app, tx, audit::Event::about("plan_made", id)).await?;
    Ok(id)
}

/// A plan whose rows are coming in.
pub struct Draft<'a> {
    scope: &'a Scope,
    app: &'a App,
    plan_id: Uuid,
    kind: RosterKind,
    index: RosterIndex,
    classes: BTreeMap<String, Uuid>,
    new_classes: BTreeSet<String>,
    seen: Seen,
    counts: Counts,
}

impl<'a> Draft<'a> {
    /// Starts over with no rows: an earlier try may have died on the way.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn start(scope: &'a Scope, app: &'a App, plan_id: Uuid) -> Result<Self> {
        let mut tx = app.db.begin_in(scope.school_id()).await?;
        let plan = store::find(scope, &mut tx, plan_id).await?;
        store::delete_rows(scope, &mut tx, plan_id).await?;
        let index = RosterIndex::read(scope, &mut tx).await?;
        let known = classes::of_year(scope, &mut tx, plan.school_year_id).await?;
        tx.commit().await?;
        Ok(Self {
            scope,
            app,
            plan_id,
            kind: plan.source.roster_kind(scope.school.kind),
            index,
            classes: known.into_iter().map(|class| (class.name.to_lowercase(), class.id)).collect(),
            new_classes: BTreeSet::new(),
            seen: Seen::default(),
            counts: Counts::default(),
        })
    }

    /// Takes some rows, in the order of the source.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn add(&mut self, rows: Vec<SourceRow>) -> Result<()> {
        let rows: Vec<PlanRow> = rows.into_iter().map(|row| self.row(row)).collect();
        for row in &rows {
            self.counts.add(row.outcome);
        }
        let mut tx = self.app.db.begin_in(self.scope.school_id()).await?;
        store::insert_rows(self.scope, &mut tx, self.plan_id, &rows).await?;
        let so_far = i32::try_from(self.counts.all()).unwrap_or(i32::MAX);
        store::tell_progress(self.scope, &mut tx, self.plan_id, "matching", so_far).await?;
        tx.commit().await?;
        Ok(())
    }

    /// All rows are there: the plan can be reviewed.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn finish(self, head: &Head) -> Result<Counts> {
        let new_classes: Vec<String> = self.new_classes.into_iter().collect();
        let mut tx = self.app.db.begin_in(self.scope.school_id()).await?;
        store::finish_reading(self.scope, &mut tx, self.plan_id, head, &self.counts, &new_classes).await?;
        tx.commit().await?;
        Ok(self.counts)
    }

    fn row(&mut self, row: SourceRow) -> PlanRow {
        let mut plan_row = PlanRow {
            line: row.line,
            outcome: Outcome::Error,
            values: row.values,
            cells: row.cells,
            faults: row.faults,
            warnings: row.warnings,
            guesses: row.guesses,
            member_id: None,
            account_id: None,
            password: None,
        };
        let typed_password = plan_row.values.remove(&Field::Password);
        plan_row.warnings.extend(fields::cross_check(self.kind, &plan_row.values, self.app.clock.today()));
        plan_row.outcome = self.outcome(&mut plan_row);
        if plan_row.outcome == Outcome::Create {
            self.prepare_create(&mut plan_row, typed_password);
        }
        plan_row
    }

    fn outcome(&mut self, row: &mut PlanRow) -> Outcome {
        if !row.faults.is_empty() {
            return Outcome::Error;
        }
        let by_email = signs_in_by_email(self.kind);
        let has_left = row.value(Field::Status) == "left";
        let found = self.index.find(&row.values, by_email);
        if let (Match::Nobody, true) = (found, has_left) {
            return Outcome::Skip;
        }
        if let Match::Somebody(id) | Match::Perhaps(Some(id)) = found {
            row.member_id = Some(id);
            return Outcome::Duplicate;
        }
        row.faults = fields::missing_of_new(self.kind, &row.values);
        if !row.faults.is_empty() {
            return Outcome::Error;
        }
        if self.seen.again(&row.values, by_email) {
            return Outcome::Duplicate;
        }
        Outcome::Create
    }

    /// Gives the new person his ids, so that the sheet's password can be sealed for the account at once, and notes the
    /// class that is yet to be made.
    fn prepare_create(&mut self, row: &mut PlanRow, typed_password: Option<String>) {
        let now = self.app.clock.now();
        row.member_id = Some(self.app.randomness.uuid_v7(now));
        let class = row.value(Field::Class).to_owned();
        if !class.is_empty() && !self.classes.contains_key(&class.to_lowercase()) {
            self.new_classes.insert(class);
        }
        if signs_in_by_email(self.kind) {
            return;
        }
        let account_id = self.app.randomness.uuid_v7(now);
        row.account_id = Some(account_id);
        let Some(typed) = typed_password else { return };
        match TemporaryPassword::from_sheet(&typed) {
            Ok(password) => row.password = Some(password.seal(&self.app.keys, &self.app.randomness, account_id)),
            Err(fault) => row.warnings.push(Fault::new(Field::Password, fault.key(), "")),
        }
    }
}

/// Staff, and students in higher education, have an address of their own to sign in with and are invited; pupils get
/// a username and a temporary password.
#[must_use]
pub fn signs_in_by_email(kind: RosterKind) -> bool {
    kind != RosterKind::Students
}
