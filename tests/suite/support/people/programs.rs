//! Programs that a school works with: its tokens and clients, and a OneRoster service elsewhere.

use schoolgate::{
    access::{ClientScope, TokenScope},
    clients::{self, NewClient},
    ids::{ClientId, RemoteSourceId, TokenId},
    sources::remote::{self, keep::RemoteSourceDetails},
    tokens,
};

use super::School;
use crate::support::TestApp;

impl School {
    /// A token that may do all that tokens may: its id.
    pub async fn token(&self, test: &TestApp) -> TokenId {
        let text = self.bearer(test, &TokenScope::ALL).await;
        tokens::find(&test.db, &text).await.unwrap().token_id
    }

    /// A program that asks by OAuth 2: its id.
    pub async fn client(&self, test: &TestApp) -> ClientId {
        let new = NewClient { name: "LMS".to_owned(), scopes: vec![ClientScope::Roster], ..NewClient::default() };
        clients::make_for_school(&self.scope.grant().unwrap(), test, &new).await.unwrap().unwrap().id
    }

    /// A OneRoster service elsewhere, at an address that is never asked: its id.
    pub async fn remote_source(&self, test: &TestApp) -> RemoteSourceId {
        let details = RemoteSourceDetails {
            name: "Hệ thống của Sở".to_owned(),
            address: "https://sis.example/ims/oneroster/rostering/v1p2".to_owned(),
            token_address: "https://sis.example/oauth2/token".to_owned(),
            client_id: "truong".to_owned(),
            secret: "bí mật".to_owned().into(),
            with_demographics: true,
        };
        let id = remote::keep::add(&self.scope.grant().unwrap(), test, &details).await.unwrap().unwrap();
        let nowhere = "UPDATE oneroster_providers SET token_address = 'https://127.0.0.1:1/'";
        sqlx::query(nowhere).execute(&mut test.admin().await).await.unwrap();
        id
    }

    /// A token for these uses, as a program sends it.
    pub async fn bearer(&self, test: &TestApp, scopes: &[TokenScope]) -> String {
        let granted = self.scope.grant().unwrap();
        tokens::make(&granted, test, "SMAS", scopes).await.unwrap().unwrap()
    }
}
