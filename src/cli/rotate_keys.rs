//! `schoolgate rotate-keys`: new keys sign tokens for other applications, as when one may have been seen.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::say;
use crate::{app::App, oauth2::keys};

#[derive(Debug, Args)]
pub struct RotateKeysArgs {
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, args: RotateKeysArgs) -> Result<ExitCode> {
    let keys = keys::replace(app).await?;
    if args.json {
        let keys: Vec<_> =
            keys.iter().map(|(algorithm, id)| json!({ "algorithm": algorithm.key(), "id": id })).collect();
        say(json!({ "keys": keys }));
    } else {
        for (algorithm, id) in keys {
            say(format_args!("{} {id}", algorithm.key()));
        }
        eprintln!(
            "These keys sign from now on. Those before them are shown for a day more, for what they signed last."
        );
    }
    Ok(ExitCode::SUCCESS)
}
