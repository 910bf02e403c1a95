//! What a program that asks by OAuth 2 may be allowed.

/// What is before the names of OneRoster's scopes.
const ONEROSTER: &str = "https://purl.imsglobal.org/spec/or/v1p2/scope/";

/// One scope of a client, as the standard of its interface names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientScope {
    /// OneRoster: whole collections, and one thing of each.
    RosterCore,
    /// OneRoster: these and those of a class, a school, a person.
    Roster,
    /// OneRoster: demographics and guardians.
    RosterDemographics,
    /// OpenID Connect: people sign in to it with their accounts of here.
    OpenId,
    /// OpenID Connect: their names.
    Profile,
    /// OpenID Connect: the addresses of staff.
    Email,
    /// OpenID Connect: school, role and class.
    School,
}

impl ClientScope {
    pub const ALL: [Self; 7] = [
        Self::RosterCore,
        Self::Roster,
        Self::RosterDemographics,
        Self::OpenId,
        Self::Profile,
        Self::Email,
        Self::School,
    ];
    /// What programs ask for themselves.
    pub const ONEROSTER: [Self; 3] = [Self::RosterCore, Self::Roster, Self::RosterDemographics];
    /// What people let an application learn of them.
    pub const OPENID: [Self; 4] = [Self::OpenId, Self::Profile, Self::Email, Self::School];

    /// The end of its name, unique among all.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::RosterCore => "roster-core.readonly",
            Self::Roster => "roster.readonly",
            Self::RosterDemographics => "roster-demographics.readonly",
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::Email => "email",
            Self::School => "school",
        }
    }

    /// As it is asked for and stored.
    #[must_use]
    pub fn name(self) -> String {
        if Self::ONEROSTER.contains(&self) { format!("{ONEROSTER}{}", self.key()) } else { self.key().to_owned() }
    }

    /// Of its whole name, or of the end of it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name || scope.key() == name)
    }

    /// The key of the sentence that says what it allows.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RosterCore => "client-scope-roster-core",
            Self::Roster => "client-scope-roster",
            Self::RosterDemographics => "client-scope-roster-demographics",
            Self::OpenId => "client-scope-openid",
            Self::Profile => "client-scope-profile",
            Self::Email => "client-scope-email",
            Self::School => "client-scope-school",
        }
    }
}
