//! Answers as the standard has them: collections with their count and links, single things, and errors as
//! `imsx_StatusInfo`.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

use super::query::Paging;
use crate::web::imsx::{CodeMinor, StatusInfo};

/// A request that cannot be answered as it is asked: 400, with the reason as the standard names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswerable {
    pub code: CodeMinor,
    pub description: String,
}

impl Unanswerable {
    pub fn new(code: CodeMinor, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }
}

impl IntoResponse for Unanswerable {
    fn into_response(self) -> Response {
        StatusInfo { status: StatusCode::BAD_REQUEST, code: self.code, description: self.description }.into_response()
    }
}

/// JSON that the database has written.
pub fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// A collection: its rows as JSON, how many there are in all, and where the others are.
pub fn collection(key: &str, rows: &[String], total: i64, here: &str, paging: &Paging) -> Response {
    let mut response = json(format!("{{\"{key}\":[{}]}}", rows.join(",")));
    let headers = response.headers_mut();
    headers.insert("x-total-count", HeaderValue::from(total));
    if let Ok(links) = HeaderValue::try_from(links(here, total, paging)) {
        headers.insert(header::LINK, links);
    }
    response
}

/// The other pages (RFC 8288): the first and the last always, the ones before and behind where there are any.
fn links(here: &str, total: i64, paging: &Paging) -> String {
    let (limit, offset) = (paging.limit, paging.offset);
    let last = (total - 1).max(0) / limit * limit;
    let mut pages = vec![("first", 0), ("last", last)];
    if offset + limit < total {
        pages.push(("next", offset + limit));
    }
    if offset > 0 {
        pages.push(("prev", (offset - limit).max(0).min(last)));
    }
    let link = |(relation, offset): (&str, i64)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &limit.to_string()).append_pair("offset", &offset.to_string());
        for (name, value) in &paging.others {
            query.append_pair(name, value);
        }
        format!("<{here}?{}>; rel=\"{relation}\"", query.finish())
    };
    pages.into_iter().map(link).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relations(total: i64, limit: i64, offset: i64) -> Vec<(String, String)> {
        let paging = Paging { limit, offset, others: vec![("filter".to_owned(), "familyName='Lê, A'".to_owned())] };
        let header = links("https://x/users", total, &paging);
        header
            .split(", ")
            .map(|link| {
                let (address, relation) = link.split_once(">; rel=").unwrap();
                let offset = address.split("offset=").nth(1).unwrap().split('&').next().unwrap();
                (relation.trim_matches('"').to_owned(), offset.to_owned())
            })
            .collect()
    }

    #[test]
    fn pages_lead_to_each_other() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(relation, offset)| ((*relation).to_owned(), (*offset).to_owned())).collect()
        };
        assert_eq!(relations(250, 100, 0), pairs(&[("first", "0"), ("last", "200"), ("next", "100")]));
        assert_eq!(relations(250, 100, 100), pairs(&[("first", "0"), ("last", "200"), ("next", "200"), ("prev", "0")]));
        assert_eq!(relations(200, 100, 100), pairs(&[("first", "0"), ("last", "100"), ("prev", "0")]));
        assert_eq!(relations(0, 100, 0), pairs(&[("first", "0"), ("last", "0")]));
        assert_eq!(relations(5, 100, 300), pairs(&[("first", "0"), ("last", "0"), ("prev", "0")]));
    }
}
