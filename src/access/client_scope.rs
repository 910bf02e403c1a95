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
}

impl ClientScope {
    pub const ALL: [Self; 3] = [Self::RosterCore, Self::Roster, Self::RosterDemographics];

    /// The end of its name, unique among all.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::RosterCore => "roster-core.readonly",
            Self::Roster => "roster.readonly",
            Self::RosterDemographics => "roster-demographics.readonly",
        }
    }

    /// As it is asked for and stored.
    #[must_use]
    pub fn name(self) -> String {
        format!("{ONEROSTER}{}", self.key())
    }

    /// Of its whole name, or of the end of it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let key = name.strip_prefix(ONEROSTER).unwrap_or(name);
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }

    /// The key of the sentence that says what it allows.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::RosterCore => "client-scope-roster-core",
            Self::Roster => "client-scope-roster",
            Self::RosterDemographics => "client-scope-roster-demographics",
        }
    }
}
