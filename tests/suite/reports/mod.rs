//! `/schools/{code}/reports/…` and `/operator/reports`: who sees them, what they hide, and that every figure is what a
//! plain count over the tables says.

mod files;
mod histories;
mod lines;
mod operators;
mod people;
mod random_history;
mod users;
mod worker;

use schoolgate::reports::{count, figures::Figures};

use crate::support::TestApp;
use crate::support::people::School;

async fn figures(test: &TestApp, school: &School) -> Figures {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    count::of_school(&school.scope, &mut tx, test.clock.now()).await.unwrap()
}

/// As many people as none of whose figures a page counts by itself: the counters say so.
async fn is_large(test: &TestApp, school: &School) {
    sqlx::query(
        "INSERT INTO counters (school_id, counter, value) VALUES ($1, 'member:student:suspended', 5000)
         ON CONFLICT (school_id, counter) DO UPDATE SET value = 5000",
    )
    .bind(school.id())
    .execute(&mut test.admin().await)
    .await
    .unwrap();
}
