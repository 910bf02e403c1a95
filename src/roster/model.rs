//! What a person of a school is, and how lists of them are filtered, sorted and paged.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::{
    access::Role,
    ids::{AccountId, ClassId, MemberId},
    vietnam::search,
};

/// How many people a page of the list shows.
pub const PAGE: usize = 50;

/// A member's status in the school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Invited by mail; has not accepted yet.
    Invited,
    /// Registered themselves; waits for the school's approval.
    Pending,
    Active,
    Suspended,
    /// Has left; the record is kept.
    Left,
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Invited, Self::Pending, Self::Active, Self::Suspended, Self::Left];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// The status of a member who comes back: one who signs in with their own e-mail address is invited first.
    #[must_use]
    pub fn of_returned(signs_in_by_email: bool) -> Self {
        if signs_in_by_email { Self::Invited } else { Self::Active }
    }
}

/// What a list can be narrowed to, besides role and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    Status(Status),
    /// Active, and has never signed in.
    NeverSignedIn,
    /// Active, and has signed in.
    SignedIn,
    /// Active, with a temporary password whose slip has not been printed.
    SlipWaiting,
}

impl StatusFilter {
    /// The narrowings that the list offers.
    pub const OFFERED: [Self; 7] = [
        Self::NeverSignedIn,
        Self::SignedIn,
        Self::SlipWaiting,
        Self::Status(Status::Pending),
        Self::Status(Status::Invited),
        Self::Status(Status::Suspended),
        Self::Status(Status::Left),
    ];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Status(status) => status.key(),
            Self::NeverSignedIn => "never",
            Self::SignedIn => "in",
            Self::SlipWaiting => "slips",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "never" => Some(Self::NeverSignedIn),
            "in" => Some(Self::SignedIn),
            "slips" => Some(Self::SlipWaiting),
            key => Status::from_key(key).map(Self::Status),
        }
    }
}

/// Which people a list contains.
#[derive(Clone, Debug)]
pub struct MemberFilter {
    pub role: Role,
    pub class_id: Option<ClassId>,
    /// `None`: everybody except those who have left.
    pub narrowing: Option<StatusFilter>,
    /// Words of names, usernames, e-mails, phones and identifiers, without diacritics; each must be the beginning of a
    /// word of the person.
    pub words: Vec<String>,
}

impl MemberFilter {
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        Self { role, class_id: None, narrowing: None, words: Vec::new() }
    }

    #[must_use]
    pub fn of_class(class_id: ClassId) -> Self {
        Self { class_id: Some(class_id), ..Self::of_role(Role::Student) }
    }

    /// Adds the text of the search field.
    #[must_use]
    pub fn searching(self, typed: &str) -> Self {
        Self { words: search::words(typed), ..self }
    }
}

/// A person as a row of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MemberListRow {
    pub id: MemberId,
    pub account_id: Option<AccountId>,
    pub full_name: String,
    pub status: String,
    pub username: Option<String>,
    pub email: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub class_name: Option<String>,
    pub slip_printed_at: Option<DateTime<Utc>>,
    pub temporary_until: Option<DateTime<Utc>>,
    pub declined_at: Option<DateTime<Utc>>,
    pub last_signed_in_at: Option<DateTime<Utc>>,
}

/// The columns that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SortColumn {
    /// Given name, family name, middle name.
    #[default]
    Name,
    /// The class of the year, and by name within it; pupils in no class come last.
    Class,
    BirthDate,
    /// MemberPage who have never signed in come before all who have.
    LastSignedIn,
}

impl SortColumn {
    pub const ALL: [Self; 4] = [Self::Name, Self::Class, Self::BirthDate, Self::LastSignedIn];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// The order of a list. In query strings a column's key, with `-` before it for descending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SortOrder {
    pub column: SortColumn,
    pub is_descending: bool,
}

impl SortOrder {
    #[must_use]
    pub fn key(self) -> String {
        format!("{}{}", if self.is_descending { "-" } else { "" }, self.column.key())
    }

    /// The order, as far as it distinguishes the people of this list: only pupils are in a class, and in a list of
    /// people who have never signed in, nobody has a last sign-in.
    #[must_use]
    pub fn of(self, filter: &MemberFilter) -> Self {
        let tells = match self.column {
            SortColumn::Name | SortColumn::BirthDate => true,
            SortColumn::Class => filter.role == Role::Student,
            SortColumn::LastSignedIn => match filter.narrowing {
                None
                | Some(
                    StatusFilter::SignedIn | StatusFilter::Status(Status::Active | Status::Suspended | Status::Left),
                ) => true,
                Some(StatusFilter::NeverSignedIn | StatusFilter::SlipWaiting | StatusFilter::Status(_)) => false,
            },
        };
        if tells { self } else { Self { column: SortColumn::Name, ..self } }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let (column, is_descending) = key.strip_prefix('-').map_or((key, false), |column| (column, true));
        Some(Self { column: SortColumn::ALL.into_iter().find(|each| each.key() == column)?, is_descending })
    }
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageCursor {
    #[default]
    First,
    /// The page that begins after this person.
    After(MemberId),
    /// The page that ends before this person.
    Before(MemberId),
    Last,
}

impl PageCursor {
    /// Whether the page is read from the end of the list.
    #[must_use]
    pub fn is_backward(self) -> bool {
        matches!(self, Self::Before(_) | Self::Last)
    }

    /// The person at which the page begins or ends.
    #[must_use]
    pub fn cursor(self) -> Option<MemberId> {
        match self {
            Self::After(id) | Self::Before(id) => Some(id),
            Self::First | Self::Last => None,
        }
    }
}

/// A page of a list. `previous` and `next` are the cursors of the neighbouring pages, where there are any.
#[derive(Clone, Debug, Default)]
pub struct MemberPage {
    pub rows: Vec<MemberListRow>,
    pub previous: Option<MemberId>,
    pub next: Option<MemberId>,
}

/// The state of a person's sign-in: the one fact that matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInState {
    Suspended,
    Left,
    Invited,
    Declined,
    Pending,
    TemporaryExpired,
    SlipWaiting,
    Never,
    OnDevices(i64),
    Last(DateTime<Utc>),
}

/// How long a device counts as in use after it was last seen.
pub const IN_USE: Duration = Duration::minutes(15);

impl MemberListRow {
    /// The name, with the class, which distinguishes people of the same name.
    #[must_use]
    pub fn named(&self) -> String {
        match &self.class_name {
            Some(class) => format!("{} ({class})", self.full_name),
            None => self.full_name.clone(),
        }
    }

    /// Has a slip: a temporary password that is still valid.
    #[must_use]
    pub fn has_slip(&self, now: &DateTime<Utc>) -> bool {
        self.status == Status::Active.key() && self.temporary_until.is_some_and(|until| until > *now)
    }

    /// Has a slip that has not been printed.
    #[must_use]
    pub fn slip_waits(&self, now: &DateTime<Utc>) -> bool {
        self.has_slip(now) && self.slip_printed_at.is_none()
    }

    /// Has a temporary password that has expired.
    #[must_use]
    pub fn has_expired(&self, now: &DateTime<Utc>) -> bool {
        self.temporary_until.is_some_and(|until| until <= *now)
    }

    #[must_use]
    pub fn sign_in_state(&self, devices: i64, now: DateTime<Utc>) -> SignInState {
        match Status::from_key(&self.status) {
            Some(Status::Suspended) => return SignInState::Suspended,
            Some(Status::Left) => return SignInState::Left,
            Some(Status::Invited) if self.declined_at.is_some() => return SignInState::Declined,
            Some(Status::Invited) => return SignInState::Invited,
            Some(Status::Pending) => return SignInState::Pending,
            Some(Status::Active) | None => {}
        }
        match (self.temporary_until, self.slip_printed_at, self.last_signed_in_at) {
            (Some(until), ..) if until <= now => SignInState::TemporaryExpired,
            (Some(_), None, _) => SignInState::SlipWaiting,
            (_, _, _) if devices > 0 => SignInState::OnDevices(devices),
            (_, _, Some(last)) => SignInState::Last(last),
            _ => SignInState::Never,
        }
    }
}

/// The progress of a class: who still has a slip, which slips were not printed, who has never signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInCounts {
    pub pupils: usize,
    pub slips: usize,
    pub waiting: usize,
    pub never: usize,
}

impl SignInCounts {
    #[must_use]
    pub fn of(people: &[MemberListRow], now: &DateTime<Utc>) -> Self {
        let count = |is_so: &dyn Fn(&MemberListRow) -> bool| people.iter().filter(|person| is_so(person)).count();
        Self {
            pupils: people.len(),
            slips: count(&|person| person.has_slip(now)),
            waiting: count(&|person| person.slip_waits(now)),
            never: count(&|person| person.last_signed_in_at.is_none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> MemberListRow {
        MemberListRow {
            id: MemberId::nil(),
            account_id: None,
            full_name: "Võ Văn Hải Đăng".to_owned(),
            status: "active".to_owned(),
            username: None,
            email: None,
            birth_date: None,
            class_name: None,
            slip_printed_at: None,
            temporary_until: None,
            declined_at: None,
            last_signed_in_at: None,
        }
    }

    #[test]
    fn the_most_pressing_thing_is_said() {
        let now = DateTime::<Utc>::UNIX_EPOCH + Duration::days(20_000);
        let waiting = MemberListRow { temporary_until: Some(now + Duration::days(90)), ..listed() };
        assert_eq!(listed().sign_in_state(0, now), SignInState::Never);
        assert_eq!(waiting.sign_in_state(0, now), SignInState::SlipWaiting);
        let printed = MemberListRow { slip_printed_at: Some(now), ..waiting.clone() };
        assert_eq!(printed.sign_in_state(0, now), SignInState::Never);
        assert_eq!(printed.sign_in_state(0, now + Duration::days(91)), SignInState::TemporaryExpired);
        let inside = MemberListRow { last_signed_in_at: Some(now), ..listed() };
        assert_eq!(inside.sign_in_state(2, now), SignInState::OnDevices(2));
        assert_eq!(inside.sign_in_state(0, now), SignInState::Last(now));
        let invited = MemberListRow { status: "invited".to_owned(), ..listed() };
        assert_eq!(invited.sign_in_state(0, now), SignInState::Invited);
        assert_eq!(MemberListRow { declined_at: Some(now), ..invited }.sign_in_state(0, now), SignInState::Declined);
        let suspended = MemberListRow { status: "suspended".to_owned(), ..inside };
        assert_eq!(suspended.sign_in_state(2, now), SignInState::Suspended);
    }
}
