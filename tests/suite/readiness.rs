//! `/readyz` says whether transactions can be run, and pages say it kindly where they cannot.

use std::time::Duration;

use crate::support::say::vi;
use crate::support::{Page, TestApp};

async fn ready(test: &TestApp) -> Page {
    // However the database behaves, there is an answer.
    tokio::time::timeout(Duration::from_secs(5), test.anonymous().get("/readyz")).await.expect("an answer")
}

#[tokio::test]
async fn ready_is_who_can_run_a_transaction_in_a_scope_with_a_trigger() {
    let test = TestApp::new().await;
    ready(&test).await.expect(200);
    let mut admin = test.admin().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM probes").fetch_one(&mut admin).await.unwrap();
    assert_eq!(left, 0, "nothing is left behind");
    // A trigger that fails.
    let broken = "CREATE OR REPLACE FUNCTION see_probe() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION USING ERRCODE = '58030', MESSAGE = 'no disk'; END $$";
    sqlx::raw_sql(broken).execute(&mut admin).await.unwrap();
    ready(&test).await.expect(503);
    let whole = "CREATE OR REPLACE FUNCTION see_probe() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.is_seen := true; RETURN NEW; END $$";
    sqlx::raw_sql(whole).execute(&mut admin).await.unwrap();
    ready(&test).await.expect(200);
    // Nothing can be written, for as long as this lock is held.
    let mut holder = test.admin().await;
    sqlx::raw_sql("BEGIN; LOCK TABLE probes IN ACCESS EXCLUSIVE MODE").execute(&mut holder).await.unwrap();
    ready(&test).await.expect(503);
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    ready(&test).await.expect(200);
    // The table is gone.
    sqlx::raw_sql("ALTER TABLE probes RENAME TO no_probes").execute(&mut admin).await.unwrap();
    ready(&test).await.expect(503);
}

#[tokio::test]
async fn a_page_that_cannot_be_written_says_so_kindly() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let mut admin = test.admin().await;
    for code in ["25006", "53100", "57P03", "58030"] {
        let broken = format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = 'secret words'; END $$;
             CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE ON members FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(broken)).execute(&mut admin).await.unwrap();
        let person = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
        let fields = [("full_name", "Tên Khác Hẳn"), ("birth_date", "05/09/2011")];
        let page = manager.post(&person, &fields).await.expect(503);
        let page = page.shows(&[&vi("error-unavailable-title"), &vi("error-unavailable-text")]);
        page.hides(&["secret words"]);
    }
}
