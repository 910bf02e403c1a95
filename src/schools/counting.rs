//! Having a school counted anew. What changes a school may ask for it here; how it is done, `reports::daily` knows.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::Result,
    ids::SchoolId,
    jobs::{self, enqueue_all_by, enqueue_with},
};

/// Count this school.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountSchool {
    pub school_id: SchoolId,
}

impl jobs::Job for CountSchool {
    const NAME: &'static str = "count_school";
    const MAX_ATTEMPTS: i16 = 4;
    const LANE: jobs::Lane = jobs::Lane::Counts;

    /// One after another: each writes what is so when it ends.
    fn queue(&self) -> Option<String> {
        Some(job_key(self.school_id))
    }
}

/// By which a count that is asked for takes the place of one that waits.
fn job_key(school_id: SchoolId) -> String {
    format!("count:{school_id}")
}

/// Has a school counted as soon as the transaction is committed, once however often that is asked for.
pub async fn enqueue(tx: &mut PgConnection, school_id: SchoolId) -> Result<()> {
    let options = jobs::Options { key: Some(job_key(school_id)), run_at: None };
    enqueue_with(tx, &CountSchool { school_id }, options).await?;
    Ok(())
}

/// The same for many schools.
pub async fn enqueue_many(tx: &mut PgConnection, schools: Vec<SchoolId>) -> Result<()> {
    let jobs: Vec<CountSchool> = schools.into_iter().map(|school_id| CountSchool { school_id }).collect();
    enqueue_all_by(tx, &jobs, |job| job_key(job.school_id)).await?;
    Ok(())
}
