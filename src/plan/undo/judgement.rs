//! The result of taking a row back. Knows neither database nor pages: what the plan wrote, what it found and the
//! current state are handed in.

use std::collections::HashSet;

use super::rows::AppliedRow;
use crate::plan::snapshot::{Enrolment, MemberSnapshot};
use crate::{
    access::{Authority, Scope},
    ids::{AccountId, ClassId, MemberId, YearId},
    plan::model::{FINISHED, RowOutcome},
    roster::{
        fields::{Fault, Field, Values},
        model::Status,
        records::ChangedMember,
        store::MemberRecord,
    },
};

/// What is to be done about one row.
#[derive(Clone, Debug)]
pub enum Takeback {
    /// The member that the plan created is removed.
    Remove,
    /// What the plan changed goes back.
    SetBack(Box<SetBack>),
    /// A member who left comes back.
    BringBack { version: i64, was: Box<MemberSnapshot> },
    /// A pupil who has finished school keeps the account.
    KeepOpen,
    /// The person is gone, or nothing of what the plan wrote may be touched.
    Nothing,
}

/// A member as before the plan, as far as nobody has changed them since.
#[derive(Clone, Debug)]
pub struct SetBack {
    pub member: ChangedMember,
    /// Their place in the plan's year, where that goes back: with none they are in no class.
    pub place: Option<Option<Enrolment>>,
    /// They had left, and are to have left again.
    pub leaves_again: bool,
}

/// A row, what is done about it, and what stays.
#[derive(Clone, Debug)]
pub struct Judged {
    pub line: i32,
    pub member_id: MemberId,
    pub takeback: Takeback,
    pub stays: Vec<Fault>,
}

/// What else must be known of the school.
#[derive(Debug, Default)]
pub struct UndoContext {
    pub year_id: YearId,
    /// The classes of that year.
    pub classes: HashSet<ClassId>,
    /// Identifiers that a member has.
    pub taken: HashSet<String>,
    /// Accounts of these people that are not used elsewhere.
    pub free: HashSet<AccountId>,
    /// Those of these people who stand in a timetable or an exam.
    pub planned: HashSet<MemberId>,
    /// Those that a person, or another list, has marked as left since.
    pub left_since: HashSet<MemberId>,
    /// Both members of each merge that is in force.
    pub merged: HashSet<MemberId>,
}

/// Judges one row; `known` is the person as of now.
#[must_use]
pub fn judge(scope: &Scope, row: &AppliedRow, known: Option<&MemberRecord>, around: &UndoContext) -> Judged {
    let (takeback, stays) = match known {
        None if around.merged.contains(&row.member_id) => (Takeback::Nothing, vec![whole("undo-merged")]),
        None => (Takeback::Nothing, Vec::new()),
        Some(known) if !may_touch(scope, row, known) => (Takeback::Nothing, vec![whole("undo-rank")]),
        Some(known) => match row.outcome {
            RowOutcome::Create if known.has_come() => (Takeback::Nothing, vec![whole("undo-signed-in")]),
            RowOutcome::Create if around.planned.contains(&row.member_id) => {
                (Takeback::Nothing, vec![whole("undo-planned")])
            }
            RowOutcome::Create if around.merged.contains(&row.member_id) => {
                (Takeback::Nothing, vec![whole("undo-merged")])
            }
            RowOutcome::Create => (Takeback::Remove, Vec::new()),
            RowOutcome::Leave if known.status == Status::Left && around.left_since.contains(&known.id) => {
                (Takeback::Nothing, vec![Fault::new(Field::Status, "undo-changed", "")])
            }
            RowOutcome::Leave if known.status == Status::Left => match keeps_away(row, known, around) {
                Some(key) => (Takeback::Nothing, vec![whole(key)]),
                None => (Takeback::BringBack { version: known.version, was: Box::new(row.was.clone()) }, Vec::new()),
            },
            RowOutcome::Leave if row.values.get(&Field::Status).is_some_and(|status| status == FINISHED) => {
                (Takeback::KeepOpen, Vec::new())
            }
            RowOutcome::Leave => (Takeback::Nothing, vec![Fault::new(Field::Status, "undo-changed", "")]),
            _ => set_back(row, known, around),
        },
    };
    Judged { line: row.line, member_id: row.member_id, takeback, stays }
}

fn whole(key: &str) -> Fault {
    Fault::new(Field::FullName, key, "")
}

/// Undoing must not restore a right that the actor could not give.
fn may_touch(scope: &Scope, row: &AppliedRow, known: &MemberRecord) -> bool {
    let before = Authority { role: known.role, grants: row.was.grants() }.rank();
    scope.outranks(known.id, known.rank.max(before))
}

/// Why a person who left does not come back. A pupil may have gone to another school with the account. A person who
/// signs in with their own address is invited again, and could use that to get past a suspension.
fn keeps_away(row: &AppliedRow, known: &MemberRecord, around: &UndoContext) -> Option<&'static str> {
    if known.signs_in_by_email {
        return (row.was.status == Status::Suspended.key()).then_some("undo-suspended");
    }
    let is_his = known.account_id.is_some_and(|account| around.free.contains(&account));
    (!is_his || known.account_id != row.was.account).then_some("undo-gone-elsewhere")
}

fn set_back(row: &AppliedRow, known: &MemberRecord, around: &UndoContext) -> (Takeback, Vec<Fault>) {
    let mut back = Restoration { row, known, around, values: known.values.clone(), stays: Vec::new() };
    let place = back.place();
    let leaves_again = back.leaving();
    for (field, before) in &row.before {
        if !matches!(field, Field::Class | Field::Status) {
            back.value(*field, before);
        }
    }
    let Restoration { values, stays, .. } = back;
    if values == known.values && place.is_none() && !leaves_again {
        return (Takeback::Nothing, stays);
    }
    let member = ChangedMember {
        id: known.id,
        version: known.version,
        status: if leaves_again { Status::Left } else { known.status },
        username: known.values.get(&Field::Username).cloned(),
        class_id: None,
        values,
    };
    (Takeback::SetBack(Box::new(SetBack { member, place, leaves_again })), stays)
}

struct Restoration<'a> {
    row: &'a AppliedRow,
    known: &'a MemberRecord,
    around: &'a UndoContext,
    values: Values,
    stays: Vec<Fault>,
}

impl Restoration<'_> {
    /// Whether a field still is what the plan made it.
    fn is_untouched(&self, field: Field) -> bool {
        let text = |values: &Values| values.get(&field).map(|value| value.to_lowercase()).unwrap_or_default();
        text(&self.known.values) == text(&self.row.values)
    }

    fn keep(&mut self, field: Field, key: &str) {
        self.stays.push(Fault::new(field, key, ""));
    }

    fn value(&mut self, field: Field, before: &str) {
        if !self.is_untouched(field) {
            self.keep(field, "undo-changed");
        } else if field == Field::MoetId && self.around.taken.contains(before) {
            self.keep(field, "undo-taken");
        } else if before.is_empty() {
            self.values.remove(&field);
        } else {
            self.values.insert(field, before.to_owned());
        }
    }

    fn place(&mut self) -> Option<Option<Enrolment>> {
        self.row.before.get(&Field::Class)?;
        let place = self.row.was.enrolment(self.around.year_id).cloned();
        let is_there = place.as_ref().is_none_or(|place| self.around.classes.contains(&place.class));
        if !self.is_untouched(Field::Class) {
            self.keep(Field::Class, "undo-changed");
            None
        } else if !is_there {
            self.keep(Field::Class, "undo-class-gone");
            None
        } else {
            Some(place)
        }
    }

    /// A person who came back by the plan leaves again, unless they have accepted their invitation since.
    fn leaving(&mut self) -> bool {
        if !self.row.before.contains_key(&Field::Status) {
            return false;
        }
        let is_as_returned = self.known.status == Status::of_returned(self.known.signs_in_by_email);
        if !is_as_returned {
            self.keep(Field::Status, "undo-changed");
        }
        is_as_returned
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        access::{Actor, Grant, MemberActor, Rank, Role, School, SchoolKind},
        ids::{AccountId, SchoolId},
    };

    fn values(pairs: &[(Field, &str)]) -> Values {
        pairs.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
    }

    fn written(outcome: RowOutcome, after: &[(Field, &str)], before: &[(Field, &str)]) -> AppliedRow {
        let member_id = MemberId::from_u128(7);
        AppliedRow {
            line: 2,
            outcome,
            values: values(after),
            before: values(before),
            member_id,
            was: MemberSnapshot::default(),
        }
    }

    fn known(now: &[(Field, &str)]) -> MemberRecord {
        MemberRecord {
            id: MemberId::from_u128(7),
            account_id: None,
            version: 3,
            status: Status::Active,
            role: Role::Student,
            rank: Rank::Student,
            signs_in_by_email: false,
            has_signed_in: false,
            values: values(now),
        }
    }

    fn scope() -> Scope {
        Scope::system(Arc::new(School {
            id: SchoolId::from_u128(1),
            code: "79000001".to_owned(),
            name: String::new(),
            kind: SchoolKind::K12,
            year_starts_month: 8,
            look: crate::access::Look::default(),
        }))
    }

    fn stays(judged: &Judged) -> Vec<(Field, &str)> {
        judged.stays.iter().map(|fault| (fault.field, fault.key.as_str())).collect()
    }

    #[test]
    fn a_field_goes_back_unless_that_field_was_changed_since() {
        let row = written(
            RowOutcome::Update,
            &[(Field::Phone, "0912345678"), (Field::Address, "2 Lê Lợi")],
            &[(Field::Phone, ""), (Field::Address, "1 Lê Lợi")],
        );
        let now = known(&[(Field::Phone, "0912345678"), (Field::Address, "3 Lê Lợi")]);
        let judged = judge(&scope(), &row, Some(&now), &UndoContext::default());
        assert_eq!(stays(&judged), [(Field::Address, "undo-changed")]);
        let Takeback::SetBack(back) = judged.takeback else { panic!("{judged:?}") };
        assert_eq!(back.member.values, values(&[(Field::Address, "3 Lê Lợi")]));
        assert_eq!((back.place, back.leaves_again), (None, false));
    }

    #[test]
    fn a_created_member_stays_once_they_have_signed_in() {
        let row = written(RowOutcome::Create, &[], &[]);
        assert!(matches!(judge(&scope(), &row, Some(&known(&[])), &UndoContext::default()).takeback, Takeback::Remove));
        let come = MemberRecord { has_signed_in: true, ..known(&[]) };
        let judged = judge(&scope(), &row, Some(&come), &UndoContext::default());
        assert_eq!(stays(&judged), [(Field::FullName, "undo-signed-in")]);
        let accepted = MemberRecord { signs_in_by_email: true, ..known(&[]) };
        assert!(!stays(&judge(&scope(), &row, Some(&accepted), &UndoContext::default())).is_empty());
        assert!(stays(&judge(&scope(), &row, None, &UndoContext::default())).is_empty(), "gone already");
    }

    #[test]
    fn identifiers_and_classes_that_are_others_or_gone_stay() {
        let mut row = written(
            RowOutcome::Update,
            &[(Field::MoetId, "2"), (Field::Class, "10A2")],
            &[(Field::MoetId, "1"), (Field::Class, "10A1")],
        );
        let year = YearId::from_u128(1);
        row.was.enrolments.push(Enrolment { year, class: ClassId::from_u128(2), ended_at: None, from_day: None });
        let now = known(&[(Field::MoetId, "2"), (Field::Class, "10A2")]);
        let around = UndoContext { year_id: year, taken: HashSet::from(["1".to_owned()]), ..UndoContext::default() };
        let judged = judge(&scope(), &row, Some(&now), &around);
        assert_eq!(stays(&judged), [(Field::Class, "undo-class-gone"), (Field::MoetId, "undo-taken")]);
        assert!(matches!(judged.takeback, Takeback::Nothing));
    }

    #[test]
    fn a_pupil_comes_back_with_the_account_that_is_still_the_schools_and_staff_are_asked() {
        let account = AccountId::from_u128(3);
        let mut row = written(RowOutcome::Leave, &[], &[]);
        row.was.account = Some(account);
        let left = MemberRecord { status: Status::Left, account_id: Some(account), ..known(&[]) };
        let free = UndoContext { free: HashSet::from([account]), ..UndoContext::default() };
        let stays_away = |row: &AppliedRow, known: &MemberRecord, around: &UndoContext| {
            let judged = judge(&scope(), row, Some(known), around);
            assert!(matches!(judged.takeback, Takeback::Nothing), "{judged:?}");
            stays(&judged).into_iter().map(|(_, key)| key.to_owned()).collect::<Vec<_>>()
        };
        let back = judge(&scope(), &row, Some(&left), &free);
        assert!(matches!(back.takeback, Takeback::BringBack { .. }));
        assert_eq!(stays_away(&row, &left, &UndoContext::default()), ["undo-gone-elsewhere"]);
        assert_eq!(
            stays_away(&row, &MemberRecord { account_id: None, ..left.clone() }, &free),
            ["undo-gone-elsewhere"]
        );
        let staff = MemberRecord { signs_in_by_email: true, account_id: None, ..left };
        let asked = judge(&scope(), &row, Some(&staff), &free);
        assert!(matches!(asked.takeback, Takeback::BringBack { .. }));
        row.was.status = Status::Suspended.key().to_owned();
        assert_eq!(stays_away(&row, &staff, &free), ["undo-suspended"]);
    }

    #[test]
    fn members_who_left_by_hand_or_were_merged_since_stay_so() {
        let account = AccountId::from_u128(3);
        let mut row = written(RowOutcome::Leave, &[(Field::Status, FINISHED)], &[]);
        row.was.account = Some(account);
        let left = MemberRecord { status: Status::Left, account_id: Some(account), ..known(&[]) };
        let free = UndoContext { free: HashSet::from([account]), ..UndoContext::default() };
        let closed = judge(&scope(), &row, Some(&left), &free);
        assert!(matches!(closed.takeback, Takeback::BringBack { .. }), "the account was closed in time");
        let by_hand = UndoContext { left_since: HashSet::from([left.id]), ..free };
        let judged = judge(&scope(), &row, Some(&left), &by_hand);
        assert!(matches!(judged.takeback, Takeback::Nothing));
        assert_eq!(stays(&judged), [(Field::Status, "undo-changed")]);
        // A member who was created, and has what another one had since.
        let merged = UndoContext { merged: HashSet::from([left.id]), ..UndoContext::default() };
        let created = written(RowOutcome::Create, &[], &[]);
        for now in [Some(&known(&[])), None] {
            let judged = judge(&scope(), &created, now, &merged);
            assert!(matches!(judged.takeback, Takeback::Nothing));
            assert_eq!(stays(&judged), [(Field::FullName, "undo-merged")]);
        }
    }

    #[test]
    fn undoing_restores_no_right_that_the_actor_could_not_give() {
        let mut row = written(RowOutcome::Leave, &[], &[]);
        row.was.grants.push(crate::plan::snapshot::GivenGrant {
            grant: Grant::AccountManager.key().to_owned(),
            at: chrono::DateTime::UNIX_EPOCH,
        });
        let left = MemberRecord { status: Status::Left, role: Role::Teacher, rank: Rank::Teacher, ..known(&[]) };
        let manager = MemberActor {
            id: MemberId::from_u128(8),
            account_id: AccountId::from_u128(9),
            full_name: String::new(),
            authority: Authority { role: Role::Manager, grants: Vec::new() },
            let_by_school: Vec::new(),
            elsewhere: Vec::new(),
            has_homeroom: false,
            waiting: 0,
        };
        let scope = Scope { actor: Actor::Member(manager), ..scope() };
        let judged = judge(&scope, &row, Some(&left), &UndoContext::default());
        assert_eq!(stays(&judged), [(Field::FullName, "undo-rank")]);
    }
}
