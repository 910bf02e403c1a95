//! The outcome of each row. The same function finds it when a plan is made, when a row is mended and when a person has
//! decided; applying writes what it found, and skips a member who has changed since.

mod choose;

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::PgConnection;

use self::choose::{MeantMembers, Resolution};
use super::{
    book::{Book, BookClass},
    duplicate_rows::DuplicateRows,
    links,
    list_rules::{changes, is_invited, kept, may_leave_by_list, signs_in_by_email},
    matching::{self, Candidates, RosterIndex, RowKeys},
    model::{Decision, IDENTIFIER_ELSEWHERE, Plan, PlanRow, RowOutcome, STATUS_KEPT, Source},
    three_way,
};
use crate::{
    access::{Rank, Scope},
    app::App,
    error::Result,
    ids::MemberId,
    registry::identifiers::{self, IdentifierHash, IdentifierKey},
    roster::{
        fields::{self, Fault, Field, RosterKind, Values},
        model::Status,
        store::MemberRecord,
    },
};

/// Finds outcomes over one state of the school.
pub struct Resolver<'a> {
    scope: &'a Scope,
    app: &'a App,
    source: Source,
    pub kind: RosterKind,
    index: RosterIndex,
    /// Of a sync: the members who are people of the registry already.
    linked: HashSet<MemberId>,
    /// The classes of the year, by their names in lower case.
    classes: HashMap<String, BookClass>,
    /// Where identifiers are looked for in the whole country.
    identifiers: Option<IdentifierKey>,
    /// Classes that rows name and the year does not have.
    pub new_classes: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    /// Reads what there is.
    pub async fn read(scope: &'a Scope, app: &'a App, tx: &mut PgConnection, plan: &Plan) -> Result<Self> {
        let linked = if plan.source == Source::Registry { links::members(scope, tx).await? } else { HashSet::new() };
        Ok(Self {
            scope,
            app,
            source: plan.source,
            kind: plan.source.roster_kind(scope.school.kind),
            index: plan.book.index(scope, tx).await?,
            linked,
            classes: plan.book.classes(scope, tx, plan.school_year_id).await?,
            identifiers: match plan.book {
                Book::Roster => None,
                Book::Registry => Some(IdentifierKey::load(app, tx).await?),
            },
            new_classes: BTreeSet::new(),
        })
    }

    /// Finds the outcome of each row.
    pub async fn resolve(
        &mut self,
        tx: &mut PgConnection,
        plan: &Plan,
        rows: &mut [PlanRow],
        duplicates: &DuplicateRows,
    ) -> Result<()> {
        // A record that is absent from the sheet shares nothing with its rows.
        for row in rows.iter_mut().filter(|row| !row.is_absent) {
            // A person who was compared before is known, whatever the values say.
            row.keys = match row.linked() {
                Some(_) => RowKeys::default(),
                None => self.keys_of(row),
            };
            row.values_key = matching::values_key(&row.values);
        }
        if plan.source.is_of_classes() {
            rows.iter_mut().for_each(|row| self.settle_class(row, duplicates));
            return Ok(());
        }
        if plan.source == Source::Rollover {
            rows.iter_mut().for_each(settle_of_draft);
            return Ok(());
        }
        let candidates: Vec<Candidates> = rows.iter().map(|row| self.candidates(row)).collect();
        let needs_clues = |(row, found): (&PlanRow, &Candidates)| {
            *found == Candidates::Nobody || choose::may_mean_a_namesake(row, found)
        };
        if rows.iter().zip(&candidates).any(needs_clues) {
            self.index.work_out_clues().await;
        }
        let meant: Vec<MeantMembers> = rows.iter().zip(candidates).map(|(row, found)| self.meant(row, found)).collect();
        let known = self.known(tx, plan, &meant).await?;
        for (row, meant) in rows.iter_mut().zip(meant) {
            self.settle(row, &meant, &known, duplicates);
            note_who_is_named(plan, row, &meant);
        }
        self.find_elsewhere(tx, rows).await
    }

    /// The kind of list that a row stands in.
    pub fn kind_of(&self, row: &PlanRow) -> RosterKind {
        row.kind(self.kind, self.scope.school.kind)
    }

    /// The keys of what a row says.
    pub fn keys_of(&self, row: &PlanRow) -> RowKeys {
        RowKeys::of(&row.values, signs_in_by_email(self.kind_of(row)))
    }

    async fn known(
        &self,
        tx: &mut PgConnection,
        plan: &Plan,
        meant: &[MeantMembers],
    ) -> Result<HashMap<MemberId, MemberRecord>> {
        let ids: HashSet<MemberId> = meant.iter().flat_map(MeantMembers::ids).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<MemberId> = ids.into_iter().collect();
        let known = plan.book.known(self.scope, tx, plan.school_year_id, &ids).await?;
        Ok(known.into_iter().map(|known| (known.id, known)).collect())
    }

    fn settle(
        &mut self,
        row: &mut PlanRow,
        meant: &MeantMembers,
        known: &HashMap<MemberId, MemberRecord>,
        duplicates: &DuplicateRows,
    ) {
        if row.is_absent {
            settle_absent(row);
            return;
        }
        let shown = row.member_id;
        row.forget_outcome();
        // What is left out need not be right.
        if row.decision == Some(Decision::Drop) {
            if row.registry.is_some()
                && let Resolution::Member(id) = self.choose(row, meant, known, duplicates)
            {
                // So that applying remembers the member that was decided on.
                row.member_id = Some(id);
            }
            row.outcome = RowOutcome::Skip;
            return;
        }
        if !row.faults.is_empty() {
            // Once it is mended, the decision is about the same member still.
            row.member_id = shown.filter(|_| row.decision == Some(Decision::Same));
            row.outcome = RowOutcome::Error;
            return;
        }
        let was_same = row.decision == Some(Decision::Same);
        let same = member_decided_on(row, shown, meant);
        // A person who is away neither comes nor comes back without a decision.
        let is_away =
            |known: Option<&MemberRecord>| row.says_away() && known.is_none_or(|known| known.status == Status::Left);
        let away = || Fault::new(Field::Status, "doubt-away", "");
        let chosen = self.choose(row, meant, known, duplicates);
        let sure = if let Resolution::Member(id) = chosen { Some(id) } else { None };
        let found = match (row.decision, chosen) {
            // A person who was compared before cannot be new.
            (Some(Decision::New), Resolution::Member(id)) if row.registry.is_some() => Resolution::Member(id),
            (Some(Decision::New), _) => Resolution::Nobody,
            (Some(Decision::Same), chosen) => same.map_or(chosen, Resolution::Member),
            // The decision was made about another member: the reviewer has not seen the one that the row matches now.
            (None, Resolution::Member(id)) if was_same && shown.is_some_and(|shown| shown != id) => {
                Resolution::InDoubt(Some(id), None)
            }
            (None, Resolution::Member(id)) => {
                match row.warnings.iter().find(|warning| warning.key == COLUMN_SHUFFLED) {
                    Some(warning) => Resolution::InDoubt(Some(id), Some(warning.clone())),
                    None if is_away(known.get(&id)) => Resolution::InDoubt(Some(id), Some(away())),
                    None => Resolution::Member(id),
                }
            }
            (None, Resolution::Nobody) if is_away(None) => Resolution::InDoubt(None, Some(away())),
            (_, found) => found,
        };
        match found {
            Resolution::InDoubt(id, doubt) => {
                row.member_id = id;
                row.outcome = RowOutcome::Duplicate;
                row.blockers.extend(doubt);
            }
            Resolution::Nobody => self.settle_new(row, meant),
            Resolution::Member(id) => match known.get(&id) {
                Some(known) => self.settle_known(row, known, sure == Some(id)),
                None => self.settle_new(row, meant),
            },
        }
    }

    fn settle_new(&mut self, row: &mut PlanRow, meant: &MeantMembers) {
        if row.says_left() {
            row.outcome = RowOutcome::Skip;
            return;
        }
        if matches!(meant.candidates, Candidates::Certain(_) | Candidates::Contradictory(_)) {
            row.blockers = self.taken(row);
            row.outcome = RowOutcome::Error;
            return;
        }
        let kind = self.kind_of(row);
        let is_invited = is_invited(kind, row);
        row.blockers = fields::missing_of_new(kind, &row.values);
        row.blockers.retain(|fault| fault.field != Field::Email || is_invited);
        if self.source == Source::OneRoster {
            // The standard has no place for the rest, or the school that sends it does not share it.
            row.blockers.retain(|fault| matches!(fault.field, Field::FullName | Field::Class | Field::Email));
        }
        if !row.blockers.is_empty() {
            row.outcome = RowOutcome::Error;
            return;
        }
        row.outcome = RowOutcome::Create;
        if is_invited && row.password.is_some() {
            row.warnings.push(Fault::new(Field::Password, "password-invited", ""));
        }
        row.give_ids(self.app, is_invited);
        self.note_class(row.value(Field::Class).to_owned());
    }

    /// The identifiers of a row that another member has: a new person cannot have them.
    fn taken(&self, row: &PlanRow) -> Vec<Fault> {
        let identifiers = [Field::MoetId, Field::Username, Field::Email];
        let taken =
            identifiers.into_iter().filter(|field| *field != Field::Email || signs_in_by_email(self.kind_of(row)));
        taken
            .filter_map(|field| Some((field, row.values.get(&field)?)))
            .filter(|(field, value)| self.index.is_of_another(*field, value, MemberId::nil()))
            .map(|(field, value)| Fault::new(field, "identifier-taken", value))
            .collect()
    }

    /// `is_sure` where nobody had to decide that it is this member.
    fn settle_known(&mut self, row: &mut PlanRow, known: &MemberRecord, is_sure: bool) {
        row.member_id = Some(known.id);
        row.member_version = Some(known.version);
        let mut changes = changes(&row.values, known);
        let mut leaves = row.says_left();
        let settled = row.registry.as_ref().map(|side| {
            let take_all = is_sure && row.decision == Some(Decision::Same);
            three_way::settle_known(side, take_all, leaves, &changes, known)
        });
        let mut conflicts = Vec::new();
        if let Some(settled) = settled {
            let said = |field: &Field| settled.of_registry(*field);
            row.warnings.extend(settled.differs.iter().map(|field| Fault::new(*field, links::DIFFERS, &said(field))));
            conflicts =
                settled.conflicts.iter().map(|field| Fault::new(*field, links::CONFLICTS, &said(field))).collect();
            row.warnings.extend(conflicts.iter().cloned());
            leaves = leaves && settled.leaves;
            changes = settled.take;
        }
        let is_same = changes.is_empty() && (!leaves || known.status == Status::Left);
        // A list that changes nothing of a member may name any member.
        let forbidden = self.forbidden(row, known, leaves);
        if let Some(fault) = forbidden.filter(|fault| !is_same || fault.key == OTHER_ROLE) {
            row.blockers = vec![fault];
            row.outcome = RowOutcome::Error;
            return;
        }
        let mut kept = kept(row, known);
        if self.identifiers.is_some() {
            // People of the registry have no accounts, and so none that could be suspended.
            kept.retain(|fault| fault.key != STATUS_KEPT);
        }
        // What is wrong with a password that is not taken does not matter.
        row.warnings.retain(|warning| warning.field != Field::Password);
        row.warnings.extend(kept);
        if row.says_left() {
            let is_left = known.status == Status::Left;
            row.outcome = if is_left || !leaves { RowOutcome::Unchanged } else { RowOutcome::Leave };
            return;
        }
        if let Some(moet_id) =
            changes.get(&Field::MoetId).filter(|id| self.index.is_of_another(Field::MoetId, id, known.id))
        {
            row.blockers = vec![Fault::new(Field::MoetId, "moet-id-taken", moet_id)];
            row.outcome = RowOutcome::Error;
            return;
        }
        if let Some(class) = changes.get(&Field::Class) {
            self.note_class(class.clone());
        }
        row.outcome = if changes.is_empty() { RowOutcome::Unchanged } else { RowOutcome::Update };
        if row.outcome == RowOutcome::Unchanged && is_sure && !conflicts.is_empty() {
            row.outcome = RowOutcome::Duplicate;
            row.warnings.retain(|warning| warning.key != links::CONFLICTS);
            row.blockers =
                conflicts.into_iter().map(|fault| Fault { key: links::CONFLICT.to_owned(), ..fault }).collect();
        }
        row.before =
            changes.keys().map(|field| (*field, known.values.get(field).cloned().unwrap_or_default())).collect();
    }

    /// An import changes no account whose password the actor may not reset, and no list of pupils is about staff.
    fn forbidden(&self, row: &PlanRow, known: &MemberRecord, leaves: bool) -> Option<Fault> {
        if is_student(self.kind_of(row)) != (known.rank == Rank::Student) {
            return Some(Fault::new(Field::FullName, OTHER_ROLE, ""));
        }
        let is_above = !self.scope.outranks(known.id, known.rank) || leaves && !may_leave_by_list(self.scope, known);
        is_above.then(|| Fault::new(Field::FullName, "rank", ""))
    }

    /// A class of a list of classes. Of several rows of one name the first stands for all.
    fn settle_class(&self, row: &mut PlanRow, duplicates: &DuplicateRows) {
        if row.is_absent {
            settle_absent(row);
            return;
        }
        row.forget_outcome();
        let name = row.value(Field::Class).to_lowercase();
        row.keys.own = if name.is_empty() { Vec::new() } else { vec![matching::class_key(&name)] };
        let is_again = duplicates.others(row.line, &row.keys.own).first().is_some_and(|first| *first < row.line);
        row.outcome = match self.classes.get(&name) {
            _ if row.decision == Some(Decision::Drop) => RowOutcome::Skip,
            _ if !row.faults.is_empty() => RowOutcome::Error,
            _ if name.is_empty() => {
                row.blockers = vec![Fault::new(Field::Class, "missing", "")];
                RowOutcome::Error
            }
            _ if is_again => RowOutcome::Skip,
            Some(class) => {
                row.member_id = Some(class.id.of_other_kind());
                row.member_version = Some(class.version);
                if row.registry.is_some() {
                    three_way::settle_class(row, class.grade.as_deref().unwrap_or_default());
                    return;
                }
                let grade = row.values.get(&Field::Grade);
                let is_other = grade.is_some() && grade != class.grade.as_ref();
                if is_other && !class.is_gone {
                    row.before = Values::from([(Field::Grade, class.grade.clone().unwrap_or_default())]);
                }
                if class.is_gone || is_other { RowOutcome::Update } else { RowOutcome::Unchanged }
            }
            None => {
                row.member_id = Some(self.app.randomness.uuid_v7(self.app.clock.now()));
                RowOutcome::Create
            }
        };
    }

    /// Says of rows that will be in the registry when another school holds their identifier.
    async fn find_elsewhere(&self, tx: &mut PgConnection, rows: &mut [PlanRow]) -> Result<()> {
        let Some(key) = &self.identifiers else { return Ok(()) };
        let hash = |row: &PlanRow| {
            let is_kept = matches!(row.outcome, RowOutcome::Create | RowOutcome::Update | RowOutcome::Unchanged);
            row.values.get(&Field::MoetId).filter(|_| is_kept).map(|moet_id| key.hash(moet_id))
        };
        let hashes: Vec<IdentifierHash> = rows.iter().filter_map(hash).collect();
        if hashes.is_empty() {
            return Ok(());
        }
        let holders = identifiers::holders(tx, &hashes).await?;
        for row in rows {
            let holder = hash(row).and_then(|hash| holders.get(&hash));
            if holder.is_some_and(|holder| holder.school_id != self.scope.school_id()) {
                row.warnings.push(Fault::new(Field::MoetId, IDENTIFIER_ELSEWHERE, ""));
            }
        }
        Ok(())
    }

    fn note_class(&mut self, class: String) {
        let is_there = self.classes.get(&class.to_lowercase()).is_some_and(|class| !class.is_gone);
        if !class.is_empty() && !is_there {
            self.new_classes.insert(class);
        }
    }
}

/// Of a row of a whole list that cannot be taken: who it is about all the same, so that they are not taken for gone.
fn note_who_is_named(plan: &Plan, row: &mut PlanRow, meant: &MeantMembers) {
    if plan.book == Book::Registry && row.outcome == RowOutcome::Error && row.member_id.is_none() {
        row.member_id = meant.ids().first().copied();
    }
}

/// The member that a row was decided to be about: the one shown with it. Where the row does not match that member any
/// more, the decision is dropped, so that it is asked for again.
fn member_decided_on(row: &mut PlanRow, shown: Option<MemberId>, meant: &MeantMembers) -> Option<MemberId> {
    let decision = row.decision.filter(|decision| *decision == Decision::Same)?;
    let same = shown.filter(|id| meant.ids().contains(id));
    row.decision = same.map(|_| decision);
    same
}

/// The draft has said what becomes of the pupil; a person may only leave the row out, and take it in again.
fn settle_of_draft(row: &mut PlanRow) {
    row.outcome = match row.decision {
        Some(Decision::Drop) => RowOutcome::Skip,
        _ if row.says_left() || row.says_finished() => RowOutcome::Leave,
        _ if row.before.get(&Field::Class).is_some_and(|before| before != row.value(Field::Class)) => {
            RowOutcome::Update
        }
        _ => RowOutcome::Unchanged,
    };
}

/// The record goes, unless a person has said that it stays.
fn settle_absent(row: &mut PlanRow) {
    row.outcome = if row.decision == Some(Decision::Drop) { RowOutcome::Skip } else { RowOutcome::Leave };
}

/// The fault of a row about a member that this kind of list does not cover.
const OTHER_ROLE: &str = "other-role";

fn is_student(kind: RosterKind) -> bool {
    matches!(kind, RosterKind::Students | RosterKind::HigherStudents)
}

/// The warning of a row whose plan has a column that seems to have been sorted by itself: the field is that column's.
pub const COLUMN_SHUFFLED: &str = "doubt-column";
