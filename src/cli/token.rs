//! `schoolgate token`: a token of a school for another program, shown once.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::say;
use crate::{
    access::{Granted, Scope, TokenScope, may},
    app::App,
    schools::directory,
    tokens::{self, TokenRefusal},
    vietnam::text,
};

#[derive(Debug, Args)]
pub struct TokenArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// What the token is called in the settings of the school
    #[arg(long)]
    name: String,
    /// What the token may be used for; several may be given
    #[arg(long, required = true, num_args = 1..)]
    scope: Vec<TokenUse>,
    /// Changes nothing: what is printed is JSON in any case
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TokenUse {
    Submit,
    Read,
    Scim,
}

impl From<TokenUse> for TokenScope {
    fn from(used_for: TokenUse) -> Self {
        match used_for {
            TokenUse::Submit => Self::Submit,
            TokenUse::Read => Self::Read,
            TokenUse::Scim => Self::Scim,
        }
    }
}

pub async fn run(app: &App, args: TokenArgs) -> Result<ExitCode> {
    let school = directory::find(&app.db, &args.school).await;
    let school = school.with_context(|| format!("there is no school {}", args.school))?;
    let granted: Granted<may::ChangeSettings> = Scope::system(school).grant()?;
    let scopes: Vec<TokenScope> = args.scope.into_iter().map(TokenScope::from).collect();
    match tokens::make(&granted, app, &text::clean(&args.name), &scopes).await? {
        Ok(token) => say(json!({ "token": token })),
        Err(TokenRefusal::NameMissing | TokenRefusal::NameTooLong) => bail!("--name: 1 to 100 characters"),
        Err(TokenRefusal::NoScope) => bail!("--scope: at least one"),
        Err(TokenRefusal::TooMany) => bail!("the school has as many tokens as a school may have: revoke some"),
    }
    Ok(ExitCode::SUCCESS)
}
