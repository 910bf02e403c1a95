//! `schoolgate rotate-keys`: new keys sign tokens for other applications, as when one may have been seen.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::say;
use crate::{app::App, oauth2::keys};

#[derive(Debug, Args)]
pub struct RotateKeysArgs {
    /// Withdraws the keys before them at once, as when one has been seen: people who are signing in to an application at
    /// that moment have to begin again
    #[arg(long)]
    withdraw: bool,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, args: RotateKeysArgs) -> Result<ExitCode> {
    let signing = keys::replace(app).await?;
    if args.withdraw {
        keys::withdraw_retired(app).await?;
    }
    if args.json {
        let keys: Vec<_> =
            signing.iter().map(|(algorithm, id)| json!({ "algorithm": algorithm.key(), "id": id })).collect();
        say(json!({ "keys": keys }));
    } else {
        for (algorithm, id) in signing {
            say(format_args!("{} {id}", algorithm.key()));
        }
        eprintln!("{}", said(args.withdraw));
    }
    Ok(ExitCode::SUCCESS)
}

fn said(is_withdrawn: bool) -> &'static str {
    if is_withdrawn {
        "These keys sign from now on. Those before them are withdrawn: what they signed is good no more."
    } else {
        "These keys sign from now on. Those before them are shown for a day more, for what they signed last."
    }
}
