//! What each row comes to. The same function finds it when a plan is made, when a row is mended and when a person has
//! decided; applying writes what it found, and passes over whoever has changed since.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    matching::{self, Candidates, Key, Keys, RosterIndex},
    model::{Decision, Outcome, Plan, PlanRow},
};
use crate::{
    access::{Rank, Scope},
    app::App,
    error::Result,
    members::{
        fields::{self, Fault, Field, RosterKind, Values},
        model::Status,
        store::{self as members, Known},
    },
    schools::classes,
};

/// Rows of one sheet that share a key: who they are, and what they say.
#[derive(Clone, Debug, Default)]
pub struct Twins {
    groups: HashMap<Key, Group>,
    lines: BTreeSet<i32>,
}

/// The rows with one key.
#[derive(Clone, Debug)]
struct Group {
    lines: BTreeSet<i32>,
    /// What all of them say; nothing where they differ.
    values_key: Option<Key>,
}

impl Twins {
    /// Of the lines that share a key: (key, line, values_key).
    #[must_use]
    pub fn new(shared: impl IntoIterator<Item = (Key, i32, Key)>) -> Self {
        let mut twins = Self::default();
        for (key, line, values_key) in shared {
            let group = Group { lines: BTreeSet::new(), values_key: Some(values_key) };
            let group = twins.groups.entry(key).or_insert(group);
            group.lines.insert(line);
            group.values_key = group.values_key.filter(|said| *said == values_key);
            twins.lines.insert(line);
        }
        twins
    }

    /// The lines that have one.
    #[must_use]
    pub fn lines(&self) -> &BTreeSet<i32> {
        &self.lines
    }

    /// The other lines that share one of these keys, in their order.
    #[must_use]
    pub fn others(&self, line: i32, keys: &[Key]) -> Vec<i32> {
        let groups = keys.iter().filter_map(|key| self.groups.get(key));
        let lines: BTreeSet<i32> = groups.flat_map(|group| group.lines.iter().copied()).collect();
        lines.into_iter().filter(|other| *other != line).collect()
    }

    /// Whether a row leaves a person to decide. Of rows that say the same, the first one stands for all; where they
    /// differ, none does, so that the order of the sheet decides nothing.
    fn is_in_doubt(&self, line: i32, values_key: Key, keys: &[Key]) -> bool {
        let mut groups = keys.iter().filter_map(|key| self.groups.get(key));
        groups
            .any(|group| group.values_key != Some(values_key) || group.lines.first().is_some_and(|first| *first < line))
    }
}

/// Finds outcomes over one state of the school.
pub struct Resolver<'a> {
    scope: &'a Scope,
    app: &'a App,
    pub kind: RosterKind,
    index: RosterIndex,
    classes: HashSet<String>,
    /// Classes that rows name and the year does not have.
    pub new_classes: BTreeSet<String>,
}

impl<'a> Resolver<'a> {
    /// Reads what there is.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn read(scope: &'a Scope, app: &'a App, tx: &mut PgConnection, plan: &Plan) -> Result<Self> {
        let known = classes::of_year(scope, tx, plan.school_year_id).await?;
        Ok(Self {
            scope,
            app,
            kind: plan.source.roster_kind(scope.school.kind),
            index: RosterIndex::read(scope, tx).await?,
            classes: known.into_iter().map(|class| class.name.to_lowercase()).collect(),
            new_classes: BTreeSet::new(),
        })
    }

    /// Finds the outcome of each row.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn resolve(
        &mut self,
        tx: &mut PgConnection,
        plan: &Plan,
        rows: &mut [PlanRow],
        twins: &Twins,
    ) -> Result<()> {
        let by_email = signs_in_by_email(self.kind);
        for row in rows.iter_mut() {
            row.keys = Keys::of(&row.values, by_email);
            row.values_key = matching::values_key(&row.values);
        }
        let candidates: Vec<Candidates> = rows.iter().map(|row| self.index.find(&row.keys)).collect();
        let known = self.known(tx, plan, &candidates).await?;
        for (row, candidates) in rows.iter_mut().zip(candidates) {
            self.settle(row, &candidates, &known, twins);
        }
        Ok(())
    }

    async fn known(
        &self,
        tx: &mut PgConnection,
        plan: &Plan,
        candidates: &[Candidates],
    ) -> Result<HashMap<Uuid, Known>> {
        let named = candidates.iter().flat_map(|candidates| match candidates {
            Candidates::Nobody => Vec::new(),
            Candidates::Certain(id) | Candidates::Contradictory(id) => vec![*id],
            Candidates::Similar(ids) => ids.clone(),
        });
        let ids: HashSet<Uuid> = named.collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let known = members::known(self.scope, tx, plan.school_year_id, &ids).await?;
        Ok(known.into_iter().map(|known| (known.id, known)).collect())
    }

    fn settle(&mut self, row: &mut PlanRow, candidates: &Candidates, known: &HashMap<Uuid, Known>, twins: &Twins) {
        row.forget_outcome();
        // What is left out need not be right.
        if row.decision == Some(Decision::Drop) {
            row.outcome = Outcome::Skip;
            return;
        }
        if !row.faults.is_empty() {
            row.outcome = Outcome::Error;
            return;
        }
        let found = match (row.decision, self.choose(row, candidates, known, twins)) {
            (Some(Decision::New), _) => Found::Nobody,
            (Some(Decision::Same), Found::InDoubt(Some(id))) => Found::Member(id),
            (_, found) => found,
        };
        match found {
            Found::InDoubt(id) => {
                row.member_id = id;
                row.outcome = Outcome::Duplicate;
            }
            Found::Nobody => self.settle_new(row),
            Found::Member(id) => match known.get(&id) {
                Some(known) => self.settle_known(row, known),
                None => self.settle_new(row),
            },
        }
    }

    fn choose(&self, row: &PlanRow, candidates: &Candidates, known: &HashMap<Uuid, Known>, twins: &Twins) -> Found {
        let first_similar = match candidates {
            Candidates::Similar(ids) => ids.first().copied(),
            Candidates::Certain(id) | Candidates::Contradictory(id) => Some(*id),
            Candidates::Nobody => None,
        };
        if twins.is_in_doubt(row.line, row.values_key, &row.keys.all()) {
            return Found::InDoubt(first_similar);
        }
        match candidates {
            Candidates::Nobody => Found::Nobody,
            Candidates::Certain(id) => Found::Member(*id),
            Candidates::Contradictory(id) => Found::InDoubt(Some(*id)),
            Candidates::Similar(ids) => {
                let believable = |id: &&Uuid| {
                    let evidence = known.get(id).map(|known| matching::evidence(&row.values, &known.values));
                    evidence.is_some_and(|evidence| evidence.in_favour && !evidence.against)
                };
                let mut believed = ids.iter().filter(believable);
                match (believed.next(), believed.next()) {
                    (Some(id), None) => Found::Member(*id),
                    (Some(id), Some(_)) => Found::InDoubt(Some(*id)),
                    (None, _) => Found::InDoubt(first_similar),
                }
            }
        }
    }

    fn settle_new(&mut self, row: &mut PlanRow) {
        if row.says_left() {
            row.outcome = Outcome::Skip;
            return;
        }
        row.lacks = fields::missing_of_new(self.kind, &row.values);
        if !row.lacks.is_empty() {
            row.outcome = Outcome::Error;
            return;
        }
        row.outcome = Outcome::Create;
        row.give_ids(self.app, signs_in_by_email(self.kind));
        self.note_class(row.value(Field::Class).to_owned());
    }

    fn settle_known(&mut self, row: &mut PlanRow, known: &Known) {
        row.member_id = Some(known.id);
        row.member_version = Some(known.version);
        if let Some(fault) = self.forbidden(known, row.says_left()) {
            row.lacks = vec![fault];
            row.outcome = Outcome::Error;
            return;
        }
        if row.says_left() {
            row.outcome = if known.status == Status::Left { Outcome::Unchanged } else { Outcome::Leave };
            return;
        }
        let changes = changes(&row.values, known);
        if let Some(moet_id) =
            changes.get(&Field::MoetId).filter(|id| self.index.is_of_another(Field::MoetId, id, known.id))
        {
            row.lacks = vec![Fault::new(Field::MoetId, "moet-id-taken", moet_id)];
            row.outcome = Outcome::Error;
            return;
        }
        if let Some(class) = changes.get(&Field::Class) {
            self.note_class(class.clone());
        }
        row.outcome = if changes.is_empty() { Outcome::Unchanged } else { Outcome::Update };
        row.before =
            changes.keys().map(|field| (*field, known.values.get(field).cloned().unwrap_or_default())).collect();
    }

    /// Nobody imports over somebody whose password he may not reset, and no list of pupils is about staff.
    fn forbidden(&self, known: &Known, leaves: bool) -> Option<Fault> {
        let is_student = matches!(self.kind, RosterKind::Students | RosterKind::HigherStudents);
        if is_student != (known.rank == Rank::Student) {
            return Some(Fault::new(Field::FullName, "other-role", ""));
        }
        let is_above = !self.scope.outranks(known.id, known.rank) || leaves && !may_leave_by_list(self.scope, known);
        is_above.then(|| Fault::new(Field::FullName, "rank", ""))
    }

    fn note_class(&mut self, class: String) {
        if !class.is_empty() && !self.classes.contains(&class.to_lowercase()) {
            self.new_classes.insert(class);
        }
    }
}

/// No list takes an owner out, for he may be the last, nor whoever brings it in.
#[must_use]
pub fn may_leave_by_list(scope: &Scope, known: &Known) -> bool {
    known.rank != Rank::Owner && scope.member().is_none_or(|member| member.id != known.id)
}

enum Found {
    Nobody,
    Member(Uuid),
    /// A person must decide; perhaps it is this one.
    InDoubt(Option<Uuid>),
}

/// What the row says otherwise than the school knows. An empty cell says nothing. What somebody signs in with is not
/// a list's to change.
fn changes(row: &Values, known: &Known) -> Values {
    let kept = [Field::Password, Field::Username, Field::Status];
    let is_own_email = |field: Field| field == Field::Email && known.signs_in_by_email;
    let differs = |field: Field, value: &str| match known.values.get(&field) {
        // Spelling counts in what is stored; case does not where there is none to speak of.
        Some(current) if matches!(field, Field::Class | Field::Email) => current.to_lowercase() != value.to_lowercase(),
        Some(current) => current != value,
        None => true,
    };
    let mut changes: Values = row
        .iter()
        .filter(|(field, value)| {
            !kept.contains(field) && !is_own_email(**field) && !value.is_empty() && differs(**field, value)
        })
        .map(|(field, value)| (*field, value.clone()))
        .collect();
    if known.status == Status::Left {
        changes.insert(Field::Status, "active".to_owned());
    }
    changes
}

/// Staff, and students in higher education, have an address of their own to sign in with and are invited; pupils get
/// a username and a temporary password.
#[must_use]
pub fn signs_in_by_email(kind: RosterKind) -> bool {
    kind != RosterKind::Students
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_twins_that_say_the_same_the_first_stands_for_all() {
        let twins = Twins::new([(7, 2, 100), (7, 5, 100), (8, 3, 100), (8, 9, 101)]);
        assert!(!twins.is_in_doubt(2, 100, &[7]));
        assert!(twins.is_in_doubt(5, 100, &[7]));
        assert!(twins.is_in_doubt(3, 100, &[8]) && twins.is_in_doubt(9, 101, &[8]));
        assert!(twins.is_in_doubt(2, 100, &[7, 8]), "one key in doubt is enough");
        assert!(!twins.is_in_doubt(4, 100, &[1, 2]));
        assert_eq!(twins.others(5, &[7, 8]), [2, 3, 9]);
    }
}
