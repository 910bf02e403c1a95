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
    /// Of a draft for the coming year.
    RolloverId;
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
    /// Of an event in the audit log of a school, or among an account's.
    EventId;
}
