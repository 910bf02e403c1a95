//! OneRoster: the zip, the service and its clients.

mod changes;
mod clients;
mod export;
mod fake;
mod faults;
mod import;
mod remote;
mod round_trip;
mod rules;
mod service;
mod shape;
mod subjects;
mod zips;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::{
    access::ClientScope,
    clients::{MadeClient, NewClient, make_for_school},
};
use serde_json::Value;

use crate::support::people::School;
use crate::support::{Client, Page, TestApp};

pub const SERVICE: &str = "/ims/oneroster/rostering/v1p2";

/// A client of the school that may do this.
pub async fn client_of(test: &TestApp, school: &School, scopes: &[ClientScope]) -> MadeClient {
    let new = NewClient { name: "LMS".to_owned(), scopes: scopes.to_vec(), ..NewClient::default() };
    make_for_school(&school.scope.grant().unwrap(), test, &new).await.unwrap().unwrap()
}

pub async fn ask_for_token(program: &Client, fields: &[(&str, &str)]) -> Page {
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = program.request(Method::POST, "/oauth2/token");
    program.send(request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), Body::from(form)).await
}

pub fn json(page: &Page) -> Value {
    serde_json::from_slice(&page.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", page.what, page.html()))
}

/// What a client asks with.
pub async fn access_token(program: &Client, made: &MadeClient) -> String {
    let id = made.id.to_string();
    let fields = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &made.secret)];
    let answer = json(&ask_for_token(program, &fields).await.expect(200));
    answer["access_token"].as_str().unwrap().to_owned()
}

/// A program with an access token.
pub struct Program {
    client: Client,
    token: String,
}

impl Program {
    pub async fn of(test: &TestApp, school: &School, scopes: &[ClientScope]) -> Self {
        Self::with(test, &client_of(test, school, scopes).await).await
    }

    pub async fn with(test: &TestApp, made: &MadeClient) -> Self {
        let client = test.anonymous();
        let token = access_token(&client, made).await;
        Self { client, token }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks for what is below the service's address.
    pub async fn get(&self, path: &str) -> Page {
        self.call(Method::GET, &format!("{SERVICE}{path}")).await
    }

    pub async fn call(&self, method: Method, path: &str) -> Page {
        let request = self.client.request(method, path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.client.send(request, Body::empty()).await
    }

    /// The things of a collection, of which each answer has the shape of the standard.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let page = self.get(path).await.expect(200);
        let body = json(&page);
        shape::collection(&page.what, &body);
        let (_, things) = body.as_object().unwrap().iter().next().unwrap();
        things.as_array().unwrap().clone()
    }
}

/// The rows of each file of a zip, the header first.
pub fn unzipped(zip: &[u8]) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut files = BTreeMap::new();
    for name in names {
        let mut text = String::new();
        zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
        let rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let rows = rows.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        files.insert(name, rows);
    }
    files
}
