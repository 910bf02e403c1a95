//! `schoolgate client`: a client of a school, a program that asks by OAuth 2; its secret is shown once.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

use super::say;
use crate::{
    access::{ClientScope, Granted, Scope, may},
    app::App,
    clients::{self, ClientRefusal, NewClient},
    schools::directory,
    vietnam::text,
};

#[derive(Debug, Args)]
pub struct ClientArgs {
    /// The school's code
    #[arg(long)]
    school: String,
    /// What the program is called in the settings of the school
    #[arg(long)]
    name: String,
    /// What it may do: scopes by their whole name, or by the end of it such as roster.readonly; several may be given
    #[arg(long, required = true, num_args = 1.., value_parser = scope)]
    scope: Vec<ClientScope>,
    /// An address to which it may send people back; several may be given
    #[arg(long)]
    redirect_uri: Vec<String>,
    /// An address to which people may be led after signing out; several may be given
    #[arg(long)]
    logout_uri: Vec<String>,
    /// Where it is told that a sign-in has ended (OpenID Connect Back-Channel Logout)
    #[arg(long)]
    backchannel_logout_uri: Option<String>,
    /// It runs on people's devices and keeps no secret
    #[arg(long)]
    public: bool,
    /// It is the school's own: people are not asked before it learns of them
    #[arg(long)]
    own: bool,
    /// Changes nothing: what is printed is JSON in any case
    #[arg(long)]
    json: bool,
}

fn scope(name: &str) -> Result<ClientScope, String> {
    ClientScope::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = ClientScope::ALL.iter().map(|scope| scope.key()).collect();
        format!("not one of {}", known.join(", "))
    })
}

pub async fn run(app: &App, args: ClientArgs) -> Result<ExitCode> {
    let school = directory::find(&app.db, &args.school).await;
    let school = school.with_context(|| format!("there is no school {}", args.school))?;
    let granted: Granted<may::ChangeSettings> = Scope::system(school).grant()?;
    let new = NewClient {
        name: text::clean(&args.name),
        scopes: args.scope,
        redirect_uris: args.redirect_uri,
        logout_uris: args.logout_uri,
        logout_notice_uri: args.backchannel_logout_uri,
        is_public: args.public,
        is_own: args.own,
        has_public_subject: false,
    };
    match clients::make_for_school(&granted, app, &new).await? {
        Ok(made) => say(json!({ "client_id": made.id, "client_secret": made.secret })),
        Err(ClientRefusal::NameMissing | ClientRefusal::NameTooLong) => bail!("--name: 1 to 100 characters"),
        Err(ClientRefusal::NoScope) => bail!("--scope: at least one"),
        Err(ClientRefusal::RedirectMissing) => bail!("--redirect-uri: at least one, since people sign in to it"),
        Err(ClientRefusal::RedirectUnfit) => bail!("--redirect-uri: https addresses without #"),
        Err(ClientRefusal::NoticeUnfit) => bail!("--backchannel-logout-uri: an https address without #"),
        Err(ClientRefusal::PublicRoster) => bail!("--scope: what keeps no secret does not read the roster"),
        Err(ClientRefusal::TooMany) => bail!("the school has as many clients as a school may have: revoke some"),
    }
    Ok(ExitCode::SUCCESS)
}
