//! Which database a command works on: one that is there, or a new one.

use anyhow::{Context, Result, bail};

use crate::{
    config::{self, Config},
    db::provision::Database,
};

/// What an embedded database leaves in its data folder: itself, or the file that says where it is.
const TRACES: [&str; 2] = ["postgres", "postgres.location"];

/// For a command that is about what is there. In a wrong folder, a new database in its place would look as if all
/// schools were gone, and a backup of it would be of no use.
pub async fn open_existing(config: &Config) -> Result<Database> {
    if is_missing(config)? {
        let place = std::path::absolute(&config.data_dir)?;
        bail!(
            "there is no database: DATABASE_URL is not set, and {} (SCHOOLGATE_DATA_DIR) has none. Name yours by one of \
             the two, in the environment, in a file .env here or, for the installed program, in \
             /etc/schoolgate/schoolgate.env; `schoolgate serve` makes a new one",
            place.display()
        );
    }
    Database::open(config).await
}

/// For a command that may be the first one. A new database is told.
pub async fn open_or_make(config: &Config) -> Result<Database> {
    if is_missing(config)? {
        eprintln!("A new database is made in {}.", std::path::absolute(&config.data_dir)?.display());
    }
    Database::open(config).await
}

/// Whether the database is the embedded one, and not there yet.
fn is_missing(config: &Config) -> Result<bool> {
    if let config::DatabaseConfig::Given { .. } = config.database {
        return Ok(false);
    }
    for trace in TRACES {
        let path = config.data_dir.join(trace);
        let is_there = path
            .try_exists()
            .with_context(|| format!("{} (SCHOOLGATE_DATA_DIR) cannot be looked into", config.data_dir.display()))?;
        if is_there {
            return Ok(false);
        }
    }
    Ok(true)
}
