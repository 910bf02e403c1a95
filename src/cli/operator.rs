//! `schoolgate operator add`.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use super::say;
use crate::{
    app::App,
    error::Error,
    identity::{operators, second_factor},
    roster::fields::{self, Field},
};

#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Makes an operator and prints a one-time link to set the password
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// A province's code; several may be given, none means the whole country
        #[arg(long)]
        province: Vec<String>,
    },
}

/// Removes the second factor of an operator, or of any account, for the administrator of the machine.
pub async fn reset_second_factor(app: &App, email: &str) -> Result<ExitCode> {
    match second_factor::reset(app, email).await {
        Ok(true) => eprintln!("{email} signs in with the password alone, and is signed out everywhere."),
        Ok(false) => eprintln!("{email} has no second factor."),
        Err(Error::NotFound) => bail!("--email: there is no account {email}"),
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn run(app: &App, command: OperatorCommand) -> Result<ExitCode> {
    let OperatorCommand::Add { email, name, province } = command;
    let Ok(fields::Normalised { value: Some(email), .. }) = fields::normalise(Field::Email, &email, app.clock.today())
    else {
        bail!("--email: {email} is not an e-mail address");
    };
    let token = match operators::add(app, &email, name.trim(), &province).await {
        Err(Error::NotFound) => bail!("--province: one of {} is no code of the 34 provinces", province.join(", ")),
        other => other.context("the operator could not be added")?,
    };
    eprintln!("A link to set the password, good once and for 7 days:");
    say(app.config.base_url.join(&format!("invitations/{}", token.to_url()))?);
    Ok(ExitCode::SUCCESS)
}
