//! What an application may learn of a person.

use strum::IntoEnumIterator as _;

/// A scope of OpenID Connect. What each tells is in [`super::claims`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumString, strum::IntoStaticStr, strum::EnumIter,
)]
#[strum(serialize_all = "snake_case")]
pub enum OpenIdScope {
    #[strum(serialize = "openid")]
    OpenId,
    Profile,
    Email,
    School,
    /// Asked for by applications that refresh their tokens. Every one of ours may, as long as the session lasts: it gives
    /// nothing beyond.
    OfflineAccess,
}

impl OpenIdScope {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// It tells the application something of the person.
    #[must_use]
    pub fn is_told(self) -> bool {
        self != Self::OfflineAccess
    }

    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::iter().collect()
    }

    /// The scopes of this list of words, each once; `None` where it is none or has one that is not known.
    #[must_use]
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let mut scopes =
            text.split(' ').filter(|word| !word.is_empty()).map(str::parse).collect::<Result<Vec<Self>, _>>().ok()?;
        scopes.sort_unstable();
        scopes.dedup();
        (!scopes.is_empty()).then_some(scopes)
    }

    /// Those of the stored keys that are of OpenID Connect.
    #[must_use]
    pub fn of_keys(keys: &[String]) -> Vec<Self> {
        keys.iter().filter_map(|key| key.parse().ok()).collect()
    }
}

/// As tokens and answers write them.
#[must_use]
pub fn written(scopes: &[OpenIdScope]) -> String {
    scopes.iter().map(|scope| scope.key()).collect::<Vec<_>>().join(" ")
}
