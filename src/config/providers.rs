//! At which other services staff may have accounts to sign in with: `SCHOOLGATE_GOOGLE_…`, `SCHOOLGATE_MICROSOFT_…`.

use url::{Host, Url};

use super::EnvReader;

/// A service at which staff have work accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ProviderKind {
    Google,
    Microsoft,
}

/// Any account of Google, personal or of work.
const GOOGLE: &str = "https://accounts.google.com";
/// Work accounts of any organization, and no personal ones.
const MICROSOFT: &str = "https://login.microsoftonline.com/organizations/v2.0";

impl ProviderKind {
    pub const ALL: [Self; 2] = [Self::Google, Self::Microsoft];

    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// As it calls itself, in every language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
        }
    }

    fn usual_issuer(self) -> &'static str {
        match self {
            Self::Google => GOOGLE,
            Self::Microsoft => MICROSOFT,
        }
    }
}

/// A provider as this server is registered with it (OpenID Connect).
#[derive(Clone, Debug)]
pub struct SignInProvider {
    pub kind: ProviderKind,
    /// Its address, without a slash at the end.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
}

impl EnvReader {
    pub(super) fn providers(&mut self) -> Vec<SignInProvider> {
        ProviderKind::ALL.into_iter().filter_map(|kind| self.provider(kind)).collect()
    }

    fn provider(&mut self, kind: ProviderKind) -> Option<SignInProvider> {
        let [issuer_name, id_name, secret_name] = match kind {
            ProviderKind::Google => {
                ["SCHOOLGATE_GOOGLE_ISSUER", "SCHOOLGATE_GOOGLE_CLIENT_ID", "SCHOOLGATE_GOOGLE_CLIENT_SECRET"]
            }
            ProviderKind::Microsoft => {
                ["SCHOOLGATE_MICROSOFT_ISSUER", "SCHOOLGATE_MICROSOFT_CLIENT_ID", "SCHOOLGATE_MICROSOFT_CLIENT_SECRET"]
            }
        };
        let (issuer, id, secret) = (self.text(issuer_name), self.text(id_name), self.text(secret_name));
        if let Some(fault) = issuer.as_deref().and_then(|issuer| issuer_fault(kind, issuer)) {
            self.faults.push(format!("{issuer_name}: {fault}"));
        }
        match (id, secret) {
            (Some(client_id), Some(client_secret)) => {
                let issuer = issuer.as_deref().unwrap_or(kind.usual_issuer()).trim_end_matches('/').to_owned();
                Some(SignInProvider { kind, issuer, client_id, client_secret })
            }
            (Some(_), None) => {
                self.faults.push(format!("{secret_name}: must be set where {id_name} is"));
                None
            }
            (None, Some(_)) => {
                self.faults.push(format!("{id_name}: must be set where {secret_name} is"));
                None
            }
            (None, None) => None,
        }
    }
}

/// What is wrong with an issuer's address.
fn issuer_fault(kind: ProviderKind, issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok();
    let is_here = |url: &Url| match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_one = |url: &Url| {
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here(url);
        is_safe && url.host().is_some() && url.query().is_none() && url.fragment().is_none()
    };
    let Some(url) = url.filter(is_one) else {
        return Some(format!("is not an address such as {}", kind.usual_issuer()));
    };
    // There a work account cannot be told from one that anyone can make.
    let is_for_everybody =
        ["common", "consumers"].iter().any(|tenant| url.path().split('/').any(|part| part == *tenant));
    (kind == ProviderKind::Microsoft && is_for_everybody)
        .then(|| format!("takes personal accounts as well: name your organization's id, or {MICROSOFT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_address_over_tls_and_of_work_accounts() {
        for (kind, issuer, is_one) in [
            (ProviderKind::Google, GOOGLE, true),
            (ProviderKind::Microsoft, MICROSOFT, true),
            (
                ProviderKind::Microsoft,
                "https://login.microsoftonline.com/8f3c1d0a-0000-4000-8000-000000000001/v2.0",
                true,
            ),
            (ProviderKind::Microsoft, "https://login.microsoftonline.com/common/v2.0", false),
            (ProviderKind::Microsoft, "https://login.microsoftonline.com/consumers/v2.0", false),
            (ProviderKind::Google, "http://127.0.0.1:4000", true),
            (ProviderKind::Google, "http://accounts.google.com", false),
            (ProviderKind::Google, "https://accounts.google.com?x=1", false),
            (ProviderKind::Google, "accounts.google.com", false),
        ] {
            assert_eq!(issuer_fault(kind, issuer).is_none(), is_one, "{issuer}");
        }
    }
}
