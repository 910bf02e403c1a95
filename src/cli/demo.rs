//! `schoolgate demo`, and what `serve --demo` prints.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::say;
use crate::{
    app::App,
    db::provision::Database,
    demo::{self, Demo, DemoSize},
    paths,
};

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// How many schools; the first two are always there
    #[arg(long, default_value_t = 2)]
    schools: usize,
    /// How many pupils each; from a thousand schools on, how many on average
    #[arg(long, default_value_t = 120)]
    pupils: usize,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(app: &App, database: &Database, args: DemoArgs) -> Result<ExitCode> {
    let size = DemoSize { schools: args.schools, pupils: args.pupils, seed: args.seed };
    let demo = make(app, database, size).await?;
    if args.json {
        say(serde_json::to_string_pretty(&demo)?);
    } else {
        print_sign_ins(&demo);
    }
    Ok(ExitCode::SUCCESS)
}

/// The demo as a first visitor sees it.
pub async fn ensure(app: &App, database: &Database) -> Result<Demo> {
    make(app, database, DemoSize { schools: 2, pupils: 120, seed: 1 }).await
}

async fn make(app: &App, database: &Database, size: DemoSize) -> Result<Demo> {
    if demo::traces(app).await?.is_real {
        bail!(
            "there are operators or schools here that the demo has not made: it would add accounts whose password \
             everybody knows. Use a data folder or database of its own"
        );
    }
    let owner = database.as_owner().await?;
    let demo = demo::make(app, &owner, size).await;
    owner.pool().close().await;
    demo
}

/// Prints the sign-ins.
pub fn print_sign_ins(demo: &Demo) {
    say(format_args!("\nDemo: mails to anybody are shown at {}{}", demo.base_url, paths::Mailbox::PATH));
    let sign_in = paths::SignIn::PATH;
    say(format_args!("Sign-ins at {}{sign_in}, all with the password  {}\n", demo.base_url, demo::PASSWORD));
    for operator in &demo.operators {
        say(format_args!("  {:<18}{}", "operator", operator.login));
    }
    // A demo of two hundred schools is for machines to read.
    for school in demo.schools.iter().take(2) {
        say(format_args!("\n  {} ({})", school.name, school.code));
        let people = [
            ("owner", &school.owner),
            ("account manager", &school.account_manager),
            ("teacher", &school.teacher),
            ("homeroom teacher", &school.homeroom_teacher),
            ("pupil", &school.student),
        ];
        for (part, sign_in) in people {
            say(format_args!("  {part:<18}{}", sign_in.login));
        }
    }
    say("");
}
