//! Why a member cannot sign in: the one obstacle, and what removes it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Listed, Status};
use crate::{
    access::Scope,
    error::Result,
    identity::{
        diagnosis::{self, Diagnosis, Opens},
        links,
    },
    schools::directory,
};

/// The obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
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
pub enum Mend {
    LiftSuspension,
    MailVerification,
    Answer,
    InviteAgain,
    NewPassword,
    Release,
    PrintSlip,
    SignOut,
}

/// Why a member cannot sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    pub reason: Reason,
    pub mend: Option<Mend>,
}

impl Why {
    /// Nothing is wrong: the member has been given a way to sign in, and has not used it yet.
    #[must_use]
    pub fn is_waiting(&self, now: &DateTime<Utc>) -> bool {
        match self.reason {
            Reason::Unused { .. } => true,
            Reason::Invited(Some((_, until))) => until > *now,
            _ => false,
        }
    }

    /// Nothing needs to be done.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        matches!(self.reason, Reason::Nothing(_) | Reason::OtherDevice(_))
    }
}

/// Finds out why this person cannot sign in.
pub async fn of(scope: &Scope, tx: &mut PgConnection, person: &Listed, now: DateTime<Utc>) -> Result<Why> {
    let diagnosis = match person.account_id {
        Some(account_id) => Some(diagnosis::of(tx, account_id, scope.school_id(), now).await?),
        None => None,
    };
    let reason = if directory::is_suspended(scope, tx).await? {
        Reason::SchoolSuspended
    } else if person.status == Status::Invited.key() && person.declined_at.is_none() {
        Reason::Invited(links::last_invitation(tx, scope.school_id(), person.id).await?)
    } else {
        judge(person, diagnosis.as_ref(), now)
    };
    let is_ours = diagnosis.is_some_and(|diagnosis| diagnosis.is_of_school_alone);
    Ok(Why { reason, mend: mend(&reason, is_ours) })
}

/// The obstacle that lasts longest comes first: once a lock has expired, a missing password still keeps the member out.
fn judge(person: &Listed, diagnosis: Option<&Diagnosis>, now: DateTime<Utc>) -> Reason {
    match Status::from_key(&person.status) {
        Some(Status::Left) => return Reason::Left,
        Some(Status::Suspended) => return Reason::Suspended,
        Some(Status::Invited) => return person.declined_at.map_or(Reason::Invited(None), Reason::Declined),
        Some(Status::Pending | Status::Active) | None => {}
    }
    let Some(diagnosis) = diagnosis else { return Reason::NoPassword };
    if let Some(since) = diagnosis.unverified_since {
        return Reason::Unverified(since);
    }
    if person.status == Status::Pending.key() {
        return Reason::Pending;
    }
    match (diagnosis.opens, diagnosis.locked_until, diagnosis.held_since) {
        (Opens::Temporary(until), ..) if until <= now => Reason::TemporaryExpired(until),
        (Opens::Nothing, ..) => Reason::NoPassword,
        (_, Some(until), _) => Reason::Locked(until),
        // Also with a temporary password: the other device may have used it to choose a new one.
        (_, _, Some(since)) => Reason::OtherDevice(since),
        (Opens::Temporary(until), ..) => {
            Reason::Unused { until, printed: person.slip_printed_at, came_before: person.last_signed_in_at.is_some() }
        }
        (Opens::Own, ..) => Reason::Nothing(person.last_signed_in_at),
    }
}

/// Unlocking and signing out are up to the school only where no other school uses the account.
fn mend(reason: &Reason, is_ours: bool) -> Option<Mend> {
    match reason {
        Reason::Suspended => Some(Mend::LiftSuspension),
        Reason::Unverified(_) => Some(Mend::MailVerification),
        Reason::Pending => Some(Mend::Answer),
        Reason::Invited(_) | Reason::Declined(_) => Some(Mend::InviteAgain),
        Reason::TemporaryExpired(_) | Reason::NoPassword => Some(Mend::NewPassword),
        Reason::Locked(_) => is_ours.then_some(Mend::Release),
        Reason::Unused { .. } => Some(Mend::PrintSlip),
        Reason::OtherDevice(_) => is_ours.then_some(Mend::SignOut),
        Reason::SchoolSuspended | Reason::Left | Reason::Nothing(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_000)
    }

    fn person(status: Status) -> Listed {
        Listed {
            id: Uuid::nil(),
            account_id: Some(Uuid::nil()),
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

    fn diagnosis(opens: Opens) -> Diagnosis {
        Diagnosis { opens, unverified_since: None, locked_until: None, held_since: None, is_of_school_alone: true }
    }

    #[test]
    fn what_stands_in_the_way_longest_is_said() {
        let (now, later) = (now(), now() + Duration::minutes(1));
        let pupil = person(Status::Active);
        let good = Opens::Temporary(now + Duration::days(1));
        let reason = |diagnosis: Diagnosis| judge(&pupil, Some(&diagnosis), now);
        assert_eq!(reason(diagnosis(Opens::Own)), Reason::Nothing(None));
        assert_eq!(reason(diagnosis(Opens::Nothing)), Reason::NoPassword);
        assert_eq!(reason(diagnosis(Opens::Temporary(now))), Reason::TemporaryExpired(now));
        let locked = |opens| Diagnosis { locked_until: Some(later), held_since: Some(now), ..diagnosis(opens) };
        assert_eq!(reason(locked(Opens::Own)), Reason::Locked(later));
        assert_eq!(reason(locked(good)), Reason::Locked(later));
        assert_eq!(reason(locked(Opens::Temporary(now))), Reason::TemporaryExpired(now));
        let held = Diagnosis { held_since: Some(now), ..diagnosis(Opens::Own) };
        assert_eq!(reason(held), Reason::OtherDevice(now));
        let unused = Reason::Unused { until: now + Duration::days(1), printed: None, came_before: false };
        assert_eq!(reason(diagnosis(good)), unused);
        let unverified = Diagnosis { unverified_since: Some(now), ..diagnosis(Opens::Own) };
        assert_eq!(judge(&person(Status::Pending), Some(&unverified), now), Reason::Unverified(now));
        assert_eq!(judge(&person(Status::Pending), Some(&diagnosis(Opens::Own)), now), Reason::Pending);
        for (status, said) in [
            (Status::Left, Reason::Left),
            (Status::Suspended, Reason::Suspended),
            (Status::Invited, Reason::Invited(None)),
        ] {
            assert_eq!(judge(&person(status), Some(&locked(Opens::Nothing)), now), said);
        }
    }

    #[test]
    fn what_is_elsewhere_too_is_not_ours_to_free() {
        for (reason, ours) in
            [(Reason::Locked(now()), Some(Mend::Release)), (Reason::OtherDevice(now()), Some(Mend::SignOut))]
        {
            assert_eq!(mend(&reason, true), ours);
            assert_eq!(mend(&reason, false), None);
        }
        assert_eq!(mend(&Reason::TemporaryExpired(now()), false), Some(Mend::NewPassword));
    }
}
