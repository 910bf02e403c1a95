//! A type for each kind of id, so that ids of different things are not taken for each other.
//!
//! ```compile_fail,E0308
//! use schoolgate::ids::{AccountId, MemberId};
//!
//! fn suspend(_: MemberId) {}
//!
//! suspend(AccountId::nil());
//! ```
//!
//! The same with the right one compiles:
//!
//! ```
//! use schoolgate::ids::MemberId;
//!
//! fn suspend(_: MemberId) {}
//!
//! suspend(MemberId::nil());
//! ```
//!
//! `sqlx.toml` says which column holds which kind: the queries' macros give typed ids out, and take any kind in. A bare
//! [`Uuid`] is left where an id may be of any kind: the subject of an event in the audit log.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};
use sqlx::{
    Decode, Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef},
};
use uuid::Uuid;

/// The id of a `K`.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    #[must_use]
    pub const fn from_u128(number: u128) -> Self {
        Self { uuid: Uuid::from_u128(number), kind: PhantomData }
    }

    /// Nobody's: for samples.
    #[must_use]
    pub const fn nil() -> Self {
        Self::from_u128(0)
    }

    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }

    /// The same number as the id of something else: rows of plans name what is in their book, whichever book it is.
    #[must_use]
    pub const fn of_other_kind<L>(self) -> Id<L> {
        Id { uuid: self.uuid, kind: PhantomData }
    }
}

// Whatever `K` is.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> Default for Id<K> {
    fn default() -> Self {
        Self::nil()
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self { uuid, kind: PhantomData }
    }
}

impl<K> From<Id<K>> for Uuid {
    fn from(id: Id<K>) -> Self {
        id.uuid
    }
}

impl<K> FromStr for Id<K> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Uuid>().map(Self::from)
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Type<Postgres> for Id<K> {
    fn type_info() -> PgTypeInfo {
        <Uuid as Type<Postgres>>::type_info()
    }
}

impl<K> PgHasArrayType for Id<K> {
    fn array_type_info() -> PgTypeInfo {
        Uuid::array_type_info()
    }
}

impl<K> Encode<'_, Postgres> for Id<K> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.uuid, buffer)
    }
}

impl<'r, K> Decode<'r, Postgres> for Id<K> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        <Uuid as Decode<'r, Postgres>>::decode(value).map(Self::from)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident => $name:ident;)*) => {
        /// What there are ids of.
        pub mod kinds {
            $(
                #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
                pub enum $kind {}
            )*
        }

        $($(#[$doc])* pub type $name = Id<kinds::$kind>;)*
    };
}

ids! {
    School => SchoolId;
    /// Of a member: a person as one school knows them.
    Member => MemberId;
    /// Of an account: a person's way in, whatever schools they are in.
    Account => AccountId;
    /// Of a school year of one school.
    Year => YearId;
    Class => ClassId;
    Plan => PlanId;
    /// Of a draft for the coming year.
    Rollover => RolloverId;
    /// Of a merge of two members.
    Merge => MergeId;
    Company => CompanyId;
    /// Of a managing unit, such as a department of a province.
    Unit => UnitId;
    /// Of a link in a mail, such as an invitation.
    Link => LinkId;
    Mail => MailId;
    /// Of a submitted registration, until a job has looked at it.
    Form => FormId;
    /// Of a token by which another program acts for a school.
    Token => TokenId;
    /// Of a person in the registry of a school, which a sync links with a member.
    RegistryPerson => RegistryPersonId;
    /// Of a class in the registry of a school.
    RegistryClass => RegistryClassId;
    /// Of an identifier of the ministry that two schools name.
    Conflict => ConflictId;
    /// Of a client: a program that asks by OAuth 2.
    Client => ClientId;
    /// Of a OneRoster service elsewhere from which a school takes its roster.
    RemoteSource => RemoteSourceId;
    /// Of one sign-in of an account to another application.
    Grant => GrantId;
    /// By which the applications of one sector know an account.
    OpenIdSubject => OpenIdSubjectId;
    /// Of a subject in a school's timetable.
    Subject => SubjectId;
    /// Of a room in a school's timetable.
    TimetableRoom => TimetableRoomId;
    /// Of a line of who teaches what to which class.
    Assignment => AssignmentId;
    /// Of a version of a school's timetable.
    Timetable => TimetableId;
    /// Of a time in which a teacher is away.
    Absence => AbsenceId;
    /// Of days without lessons, or with other bell times.
    TimetableDay => TimetableDayId;
    /// Of a file of a timetable that was read, and waits to be taken.
    TimetableImport => TimetableImportId;
    Exam => ExamId;
    /// Of a paper of an exam: one subject at one time.
    Paper => PaperId;
    /// Of a room of an exam.
    Room => RoomId;
    /// Of a candidate: a pupil in an exam.
    Candidate => CandidateId;
    /// Of a task of an exam that was handed to a person.
    Helper => HelperId;
    /// Of a mark's correction.
    Correction => CorrectionId;
    /// Of an event in the audit log of a school, or among an account's.
    Event => EventId;
}
