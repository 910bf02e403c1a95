//! SignInDiagnosis a member cannot sign in: the one obstacle, and what removes it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    identity::{
        account_state::{self, AccountState, Opens},
        links,
    },
    roster::model::{MemberListRow, Status},
    schools::directory,
};

/// The obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInObstacle {
    SchoolSuspended,
    Left,
    Suspended,
    /// Registered themselves at this time, and has not verified the e-mail address since.
    Unverified(DateTime<Utc>),
    /// Registered themselves, and waits for the school's approval.
    Pending,
    /// Was invited, and has not accepted; when the last invitation was sent and until when it is valid.
    Invited(Option<(DateTime<Utc>, DateTime<Utc>)>),
    /// Was invited, and has declined.
    Declined(DateTime<Utc>),
    /// The temporary password was valid until then.
    TemporaryExpired(DateTime<Utc>),
    /// Locked until then, after too many wrong attempts.
    Locked(DateTime<Utc>),
    NoPassword,
    /// Has a temporary password that is valid until then.
    Unused {
        until: DateTime<Utc>,
        printed: Option<DateTime<Utc>>,
        came_before: bool,
    },
    /// One device at a time is the rule, and another one has been in use since then.
    OtherDevice(DateTime<Utc>),
    /// There is none; the last sign-in.
    Nothing(Option<DateTime<Utc>>),
}

/// What the school can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    LiftSuspension,
    MailVerification,
    Answer,
    InviteAgain,
    NewPassword,
    Release,
    PrintSlip,
    SignOut,
}

/// SignInDiagnosis a member cannot sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInDiagnosis {
    pub reason: SignInObstacle,
    pub mend: Option<Remedy>,
}

impl SignInDiagnosis {
    /// Nothing is wrong: the member has been given a way to sign in, and has not used it yet.
    #[must_use]
    pub fn is_waiting(&self, now: &DateTime<Utc>) -> bool {
        match self.reason {
            SignInObstacle::Unused { .. } => true,
            SignInObstacle::Invited(Some((_, until))) => until > *now,
            _ => false,
        }
    }

    /// Nothing needs to be done.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        matches!(self.reason, SignInObstacle::Nothing(_) | SignInObstacle::OtherDevice(_))
    }
}

/// Finds out why this person cannot sign in.
pub async fn of(
    scope: &Scope,
    tx: &mut PgConnection,
    person: &MemberListRow,
    now: DateTime<Utc>,
) -> Result<SignInDiagnosis> {
    let diagnosis = match person.account_id {
        Some(account_id) => Some(account_state::of(tx, account_id, scope.school_id(), now).await?),
        None => None,
    };
    let reason = if directory::is_suspended(scope, tx).await? {
        SignInObstacle::SchoolSuspended
    } else if person.status == Status::Invited.key() && person.declined_at.is_none() {
        SignInObstacle::Invited(links::last_invitation(tx, scope.school_id(), person.id).await?)
    } else {
        judge(person, diagnosis.as_ref(), now)
    };
    let is_ours = diagnosis.is_some_and(|diagnosis| diagnosis.is_of_school_alone);
    Ok(SignInDiagnosis { reason, mend: mend(&reason, is_ours) })
}

/// The obstacle that lasts longest comes first: once a lock has expired, a missing password still keeps the member out.
fn judge(person: &MemberListRow, diagnosis: Option<&AccountState>, now: DateTime<Utc>) -> SignInObstacle {
    match Status::from_key(&person.status) {
        Some(Status::Left) => return SignInObstacle::Left,
        Some(Status::Suspended) => return SignInObstacle::Suspended,
        Some(Status::Invited) => {
            return person.declined_at.map_or(SignInObstacle::Invited(None), SignInObstacle::Declined);
        }
        Some(Status::Pending | Status::Active) | None => {}
    }
    let Some(diagnosis) = diagnosis else { return SignInObstacle::NoPassword };
    if let Some(since) = diagnosis.unverified_since {
        return SignInObstacle::Unverified(since);
    }
    if person.status == Status::Pending.key() {
        return SignInObstacle::Pending;
    }
    match (diagnosis.opens, diagnosis.locked_until, diagnosis.held_since) {
        (Opens::Temporary(until), ..) if until <= now => SignInObstacle::TemporaryExpired(until),
        (Opens::Nothing, ..) => SignInObstacle::NoPassword,
        (_, Some(until), _) => SignInObstacle::Locked(until),
        // Also with a temporary password: the other device may have used it to choose a new one.
        (_, _, Some(since)) => SignInObstacle::OtherDevice(since),
        (Opens::Temporary(until), ..) => SignInObstacle::Unused {
            until,
            printed: person.slip_printed_at,
            came_before: person.last_signed_in_at.is_some(),
        },
        (Opens::Own, ..) => SignInObstacle::Nothing(person.last_signed_in_at),
    }
}

/// Unlocking and signing out are up to the school only where no other school uses the account.
fn mend(reason: &SignInObstacle, is_ours: bool) -> Option<Remedy> {
    match reason {
        SignInObstacle::Suspended => Some(Remedy::LiftSuspension),
        SignInObstacle::Unverified(_) => Some(Remedy::MailVerification),
        SignInObstacle::Pending => Some(Remedy::Answer),
        SignInObstacle::Invited(_) | SignInObstacle::Declined(_) => Some(Remedy::InviteAgain),
        SignInObstacle::TemporaryExpired(_) | SignInObstacle::NoPassword => Some(Remedy::NewPassword),
        SignInObstacle::Locked(_) => is_ours.then_some(Remedy::Release),
        SignInObstacle::Unused { .. } => Some(Remedy::PrintSlip),
        SignInObstacle::OtherDevice(_) => is_ours.then_some(Remedy::SignOut),
        SignInObstacle::SchoolSuspended | SignInObstacle::Left | SignInObstacle::Nothing(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::ids::{AccountId, MemberId};

    fn now() -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_000)
    }

    fn person(status: Status) -> MemberListRow {
        MemberListRow {
            id: MemberId::nil(),
            account_id: Some(AccountId::nil()),
            full_name: "Nguyễn Khúc Lan".to_owned(),
            status: status.key().to_owned(),
            username: None,
            email: None,
            birth_date: None,
            class_name: None,
            slip_printed_at: None,
            temporary_until: None,
            last_signed_in_at: None,
            declined_at: None,
        }
    }

    fn diagnosis(opens: Opens) -> AccountState {
        AccountState { opens, unverified_since: None, locked_until: None, held_since: None, is_of_school_alone: true }
    }

    #[test]
    fn what_stands_in_the_way_longest_is_said() {
        let (now, later) = (now(), now() + Duration::minutes(1));
        let pupil = person(Status::Active);
        let good = Opens::Temporary(now + Duration::days(1));
        let reason = |diagnosis: AccountState| judge(&pupil, Some(&diagnosis), now);
        assert_eq!(reason(diagnosis(Opens::Own)), SignInObstacle::Nothing(None));
        assert_eq!(reason(diagnosis(Opens::Nothing)), SignInObstacle::NoPassword);
        assert_eq!(reason(diagnosis(Opens::Temporary(now))), SignInObstacle::TemporaryExpired(now));
        let locked = |opens| AccountState { locked_until: Some(later), held_since: Some(now), ..diagnosis(opens) };
        assert_eq!(reason(locked(Opens::Own)), SignInObstacle::Locked(later));
        assert_eq!(reason(locked(good)), SignInObstacle::Locked(later));
        assert_eq!(reason(locked(Opens::Temporary(now))), SignInObstacle::TemporaryExpired(now));
        let held = AccountState { held_since: Some(now), ..diagnosis(Opens::Own) };
        assert_eq!(reason(held), SignInObstacle::OtherDevice(now));
        let unused = SignInObstacle::Unused { until: now + Duration::days(1), printed: None, came_before: false };
        assert_eq!(reason(diagnosis(good)), unused);
        let unverified = AccountState { unverified_since: Some(now), ..diagnosis(Opens::Own) };
        assert_eq!(judge(&person(Status::Pending), Some(&unverified), now), SignInObstacle::Unverified(now));
        assert_eq!(judge(&person(Status::Pending), Some(&diagnosis(Opens::Own)), now), SignInObstacle::Pending);
        for (status, said) in [
            (Status::Left, SignInObstacle::Left),
            (Status::Suspended, SignInObstacle::Suspended),
            (Status::Invited, SignInObstacle::Invited(None)),
        ] {
            assert_eq!(judge(&person(status), Some(&locked(Opens::Nothing)), now), said);
        }
    }

    #[test]
    fn what_is_elsewhere_too_is_not_ours_to_free() {
        for (reason, ours) in [
            (SignInObstacle::Locked(now()), Some(Remedy::Release)),
            (SignInObstacle::OtherDevice(now()), Some(Remedy::SignOut)),
        ] {
            assert_eq!(mend(&reason, true), ours);
            assert_eq!(mend(&reason, false), None);
        }
        assert_eq!(mend(&SignInObstacle::TemporaryExpired(now()), false), Some(Remedy::NewPassword));
    }
}
