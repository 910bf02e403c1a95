//! A type for each kind of id, so that ids of different things are not taken for each other.

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])* pub type $name = Uuid;)*
    };
}

ids! {
    SchoolId;
    /// Of a member: a person as one school knows them.
    MemberId;
    /// Of an account: a person's way in, whatever schools they are in.
    AccountId;
    /// Of a school year of one school.
    YearId;
    ClassId;
    PlanId;
    CompanyId;
    /// Of a managing unit, such as a department of a province.
    UnitId;
    /// Of a link in a mail, such as an invitation.
    LinkId;
    MailId;
    /// Of a submitted registration, until a job has looked at it.
    FormId;
    /// Of a token by which another program acts for a school.
    TokenId;
    /// Of a subject in a school's timetable.
    SubjectId;
    /// Of a room in a school's timetable.
    RoomId;
    /// Of a line of who teaches what to which class.
    AssignmentId;
    /// Of a version of a school's timetable.
    TimetableId;
    /// Of an event in the audit log of a school, or among an account's.
    EventId;
}
