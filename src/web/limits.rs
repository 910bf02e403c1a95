//! How large a request may be: anything beyond what our pages send is not read, and no statement is run.

use axum::{
    extract::Request,
    http::Uri,
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    error::{Error, Result},
    vietnam::search,
};

/// The longest path, in bytes.
const PATH_BYTES: usize = 1_024;

/// The longest query, in bytes: four hundred people named by their ids.
pub const QUERY_BYTES: usize = 16 * 1024;

/// The most fields of a query.
const QUERY_FIELDS: usize = 64;

/// The most fields of a form: as many as people can be acted on at once, and the other fields of that form.
const FORM_FIELDS: usize = 20_500;

/// The longest name of a field, in bytes.
const NAME_BYTES: usize = 200;

/// The longest value of a form's field, in bytes: a pasted list. Each field has its own, lower limit.
const VALUE_BYTES: usize = 64 * 1024;

/// The fields by which people and things are searched for, on all pages.
const SEARCHES: [&str; 3] = ["q", "who", "member"];

/// The layer that checks every address before its handler runs.
pub async fn guard_address(request: Request, next: Next) -> Response {
    match check_address(request.uri()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check_address(uri: &Uri) -> Result<()> {
    let query = uri.query().unwrap_or_default();
    if uri.path().len() > PATH_BYTES || query.len() > QUERY_BYTES || count(query.as_bytes()) > QUERY_FIELDS {
        // A search that is too long is reported as such.
        return Err(if searches_too_much(query.as_bytes()) { Error::SearchTooLong } else { Error::AddressTooLong });
    }
    if searches_too_much(query.as_bytes()) {
        return Err(Error::SearchTooLong);
    }
    let names_are_short = url::form_urlencoded::parse(query.as_bytes()).all(|(name, _)| name.len() <= NAME_BYTES);
    if names_are_short { Ok(()) } else { Err(Error::AddressTooLong) }
}

fn searches_too_much(query: &[u8]) -> bool {
    url::form_urlencoded::parse(query)
        .take(QUERY_FIELDS)
        .any(|(name, value)| SEARCHES.contains(&name.as_ref()) && search::is_too_long(&value))
}

fn count(encoded: &[u8]) -> usize {
    encoded.iter().filter(|byte| **byte == b'&').count() + usize::from(!encoded.is_empty())
}

/// Whether a form is one that our pages could have made.
///
/// # Errors
/// [`Error::FormTooLong`] where it is not.
pub fn check_form(encoded: &[u8]) -> Result<()> {
    if count(encoded) > FORM_FIELDS {
        return Err(Error::FormTooLong);
    }
    let is_fine = url::form_urlencoded::parse(encoded)
        .all(|(name, value)| name.len() <= NAME_BYTES && value.len() <= VALUE_BYTES);
    if is_fine { Ok(()) } else { Err(Error::FormTooLong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str) -> Option<String> {
        check_address(&address.parse().unwrap()).err().map(|error| error.to_string())
    }

    #[test]
    fn addresses_of_ours_pass_and_others_do_not() {
        let words = |count: usize| vec!["an"; count].join("+");
        assert_eq!(check("/accounts?q=Nguyễn+Văn+Đạt&role=student"), None);
        assert_eq!(check(&format!("/accounts?q={}", words(10))), None);
        assert_eq!(check(&format!("/accounts?q={}", words(11))).unwrap(), "the search is too long");
        assert_eq!(check(&format!("/audit?member={}", words(9_000))).unwrap(), "the search is too long");
        assert_eq!(check(&format!("/accounts?q={}", "a".repeat(101))).unwrap(), "the search is too long");
        assert_eq!(check(&format!("/slips?ids={}", "a".repeat(20_000))).unwrap(), "the address is too long");
        assert_eq!(check(&format!("/slips?{}", "a=b&".repeat(10_000))).unwrap(), "the address is too long");
        assert_eq!(check(&format!("/{}", "a".repeat(2_000))).unwrap(), "the address is too long");
    }

    #[test]
    fn forms_have_bounds() {
        assert!(check_form("ids=1&".repeat(20_000).as_bytes()).is_ok());
        assert!(check_form("ids=1&".repeat(30_000).as_bytes()).is_err());
        assert!(check_form(format!("reason={}", "a".repeat(70_000)).as_bytes()).is_err());
        assert!(check_form(format!("{}=1", "a".repeat(1_000)).as_bytes()).is_err());
    }
}
