//! A morning of a province, held: sign-ins at seven, lists, searches, people's pages, new passwords, and an import in
//! each tenth school, all at once; beside the same by one person at a time.
//!
//! `make load` builds the program and runs this with it. `LOAD_SCHOOLS`, `LOAD_PUPILS` (in each), `LOAD_USERS` and
//! `LOAD_SECONDS` make it larger or longer. Everything stays on loopback, in a folder of its own, and ends with it.
//! The exit code is 1 where a page failed.

mod morning;
mod site;
mod table;

use std::process::ExitCode;

use goose::prelude::*;

use site::Site;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A figure from the environment.
fn figure(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What pages took, with so many people at once.
async fn measure(site: &Site, users: usize, seconds: usize) -> Result<GooseMetrics> {
    let attack = GooseAttack::initialize_with_config(goose::config::GooseConfiguration::default())?
        .set_default(GooseDefault::Host, site.address.as_str())?
        .set_default(GooseDefault::Users, users)?
        .set_default(GooseDefault::IncreaseTime, 3)?
        .set_default(GooseDefault::RunTime, seconds)?
        // Imports run while users are still starting; goose would drop what was measured until all have.
        .set_default(GooseDefault::NoResetMetrics, true)?
        .set_default(GooseDefault::NoTelnet, true)?
        .set_default(GooseDefault::NoPrintMetrics, true)?
        .set_default(GooseDefault::Quiet, 2)?;
    Ok(morning::scenarios(*attack)?.execute().await?)
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let program = std::env::args().nth(1).ok_or("say which program: schoolgate-load target/release/schoolgate")?;
    let schools = figure("LOAD_SCHOOLS", 40);
    let (users, seconds) = (figure("LOAD_USERS", 80), figure("LOAD_SECONDS", 60));

    let site = Site::start(&program, schools, figure("LOAD_PUPILS", 500))?;
    morning::of(site.schools.clone());
    println!("{schools} schools; {users} people at once for {seconds} s, and one of each kind beside them");
    let idle = measure(&site, morning::KINDS, seconds.min(30)).await?;
    let busy = measure(&site, users.max(morning::KINDS), seconds).await?;
    table::print(&idle, &busy);
    let failed = table::failed(&idle) + table::failed(&busy);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
