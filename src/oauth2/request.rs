//! An authorization request, as an application sends a browser with it (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636; RFC 9700).

use std::collections::HashMap;

use url::Url;

use super::scopes::OpenIdScope;

/// The longest `state` and `nonce`, in bytes.
const LONGEST_VALUE: usize = 1_000;

/// What the browser is told on its way back (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AuthorizeError {
    InvalidRequest,
    UnsupportedResponseType,
    InvalidScope,
    LoginRequired,
    ConsentRequired,
    AccountSelectionRequired,
    InteractionRequired,
    AccessDenied,
    RequestNotSupported,
    RequestUriNotSupported,
}

impl AuthorizeError {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// Why a request is not answered to the application: it may not be the one that it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum UntoldError {
    Client,
    RedirectUri,
    Repeated,
}

impl UntoldError {
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// The parameters of a request, each at most once (RFC 6749, 3.1).
pub struct Parameters(HashMap<String, String>);

impl Parameters {
    /// # Errors
    /// Where one stands there twice.
    pub fn read(pairs: Vec<(String, String)>) -> Result<Self, UntoldError> {
        let mut read = HashMap::new();
        for (name, value) in pairs {
            if read.insert(name, value).is_some() {
                return Err(UntoldError::Repeated);
            }
        }
        Ok(Self(read))
    }

    /// The value, where there is one: an empty one counts as none (RFC 6749, 3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A request that is right in itself.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    pub scopes: Vec<OpenIdScope>,
    pub nonce: Option<String>,
    pub challenge: String,
    pub prompt: Prompt,
    /// How long ago the password may have been typed, in seconds.
    pub max_age: Option<i64>,
    /// After this time the password must have been typed, sealed by us: what `prompt=login` and `max_age` became.
    pub asked_at: Option<String>,
    pub login_hint: Option<String>,
    /// An ID token of the person that the application expects, as it stands in the address.
    pub id_token_hint: Option<String>,
    /// The code of the school that the person has chosen.
    pub school: Option<String>,
}

/// What the application wants the person to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

impl AuthorizationRequest {
    /// # Errors
    /// What the application is told. `granted` are the scopes that it may ask for.
    pub fn read(parameters: &Parameters, granted: &[OpenIdScope]) -> Result<Self, AuthorizeError> {
        if parameters.get("request").is_some() {
            return Err(AuthorizeError::RequestNotSupported);
        }
        if parameters.get("request_uri").is_some() {
            return Err(AuthorizeError::RequestUriNotSupported);
        }
        match parameters.get("response_type") {
            Some("code") => {}
            Some(_) => return Err(AuthorizeError::UnsupportedResponseType),
            None => return Err(AuthorizeError::InvalidRequest),
        }
        if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(AuthorizeError::InvalidRequest);
        }
        // A NUL cannot be stored.
        let is_unfit = |name| {
            let value = parameters.get(name);
            value.is_some_and(|value| value.len() > LONGEST_VALUE || value.contains('\0'))
        };
        if is_unfit("state") || is_unfit("nonce") {
            return Err(AuthorizeError::InvalidRequest);
        }
        let scopes = OpenIdScope::read(parameters.get("scope").unwrap_or_default());
        let scopes = scopes.ok_or(AuthorizeError::InvalidScope)?;
        if !scopes.contains(&OpenIdScope::OpenId) || scopes.iter().any(|scope| !granted.contains(scope)) {
            return Err(AuthorizeError::InvalidScope);
        }
        Ok(Self {
            scopes,
            nonce: parameters.get("nonce").map(str::to_owned),
            challenge: challenge(parameters)?,
            prompt: prompt(parameters.get("prompt").unwrap_or_default())?,
            max_age: seconds(parameters.get("max_age"))?,
            asked_at: parameters.get("asked_at").map(str::to_owned),
            login_hint: parameters.get("login_hint").map(str::to_owned),
            id_token_hint: parameters.get("id_token_hint").map(str::to_owned),
            school: parameters.get("school").map(str::to_owned),
        })
    }
}

/// Only S256: with `plain` the request alone would show the verifier (RFC 9700, 2.1.1).
fn challenge(parameters: &Parameters) -> Result<String, AuthorizeError> {
    let challenge = parameters.get("code_challenge").ok_or(AuthorizeError::InvalidRequest)?;
    let is_s256 = parameters.get("code_challenge_method") == Some("S256");
    let is_hash = challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_s256 && is_hash { Ok(challenge.to_owned()) } else { Err(AuthorizeError::InvalidRequest) }
}

fn prompt(text: &str) -> Result<Prompt, AuthorizeError> {
    let mut prompt = Prompt::default();
    for word in text.split_whitespace() {
        match word {
            "none" => prompt.none = true,
            "login" => prompt.login = true,
            "consent" => prompt.consent = true,
            "select_account" => prompt.select_account = true,
            _ => return Err(AuthorizeError::InvalidRequest),
        }
    }
    let asks = prompt.login || prompt.consent || prompt.select_account;
    if prompt.none && asks { Err(AuthorizeError::InvalidRequest) } else { Ok(prompt) }
}

fn seconds(text: Option<&str>) -> Result<Option<i64>, AuthorizeError> {
    let Some(text) = text else { return Ok(None) };
    let seconds = text.parse::<u32>().map_err(|_| AuthorizeError::InvalidRequest)?;
    Ok(Some(i64::from(seconds)))
}

/// The address that leads back to the application, with these parameters added.
#[must_use]
pub fn back(redirect_uri: &Url, parameters: &[(&str, &str)]) -> String {
    let mut url = redirect_uri.clone();
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

/// The same request without what has been done, for coming back to it: `prompt` without this word, and more parameters.
#[must_use]
pub fn again(query: &str, done: &[&str], more: &[(&str, &str)]) -> String {
    let mut written = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if more.iter().any(|(added, _)| *added == name) {
            continue;
        }
        if name != "prompt" {
            written.append_pair(&name, &value);
            continue;
        }
        let left: Vec<&str> = value.split_whitespace().filter(|word| !done.contains(word)).collect();
        if !left.is_empty() {
            written.append_pair("prompt", &left.join(" "));
        }
    }
    written.extend_pairs(more);
    written.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(changes: &[(&str, Option<&str>)]) -> Result<AuthorizationRequest, AuthorizeError> {
        let mut pairs: HashMap<String, String> = [
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, value) in changes {
            match value {
                Some(value) => pairs.insert((*name).to_owned(), (*value).to_owned()),
                None => pairs.remove(*name),
            };
        }
        AuthorizationRequest::read(&Parameters(pairs), &[OpenIdScope::OpenId, OpenIdScope::Profile])
    }

    #[test]
    fn a_request_is_code_flow_with_s256_and_granted_scopes() {
        assert!(read(&[]).is_ok());
        for (change, error) in [
            (("response_type", Some("token")), AuthorizeError::UnsupportedResponseType),
            (("response_type", None), AuthorizeError::InvalidRequest),
            (("scope", Some("profile")), AuthorizeError::InvalidScope),
            (("scope", Some("openid email")), AuthorizeError::InvalidScope),
            (("scope", Some("openid everything")), AuthorizeError::InvalidScope),
            (("code_challenge", None), AuthorizeError::InvalidRequest),
            (("code_challenge", Some("short")), AuthorizeError::InvalidRequest),
            (("code_challenge_method", None), AuthorizeError::InvalidRequest),
            (("code_challenge_method", Some("plain")), AuthorizeError::InvalidRequest),
            (("prompt", Some("none login")), AuthorizeError::InvalidRequest),
            (("prompt", Some("sing")), AuthorizeError::InvalidRequest),
            (("max_age", Some("-1")), AuthorizeError::InvalidRequest),
            (("nonce", Some("a\0b")), AuthorizeError::InvalidRequest),
            (("response_mode", Some("fragment")), AuthorizeError::InvalidRequest),
            (("request", Some("e30.e30.")), AuthorizeError::RequestNotSupported),
            (("request_uri", Some("https://a.example")), AuthorizeError::RequestUriNotSupported),
        ] {
            assert_eq!(read(&[change]).err(), Some(error), "{change:?}");
        }
    }

    #[test]
    fn each_parameter_stands_there_once_and_an_empty_one_is_none() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert!(Parameters::read(vec![pair("a", "1"), pair("a", "1")]).is_err());
        assert_eq!(Parameters::read(vec![pair("a", "")]).unwrap().get("a"), None);
    }

    #[test]
    fn the_way_back_keeps_what_the_application_wrote() {
        let uri = Url::parse("https://a.example/back?own=1").unwrap();
        assert_eq!(back(&uri, &[("code", "x y")]), "https://a.example/back?own=1&code=x+y");
    }

    #[test]
    fn what_has_been_asked_is_not_asked_again() {
        let query = "scope=openid&prompt=login+consent&state=a%26b";
        assert_eq!(
            again(query, &["login"], &[("asked_at", "9")]),
            "scope=openid&prompt=consent&state=a%26b&asked_at=9"
        );
        assert_eq!(again("prompt=login&school=A", &["login"], &[("school", "B")]), "school=B");
    }
}
