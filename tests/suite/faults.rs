//! What is not there is a page that is not found; what is there and cannot be read, or must be there and is not, is a
//! fault of ours, which the log tells.

use schoolgate::ids::PlanId;
use schoolgate::{access::Scope, error::Error, plan::model::Source, roster::membership, sources::import};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::say::vi;
use crate::support::{Cast, TestApp, log, sheets};

async fn change(test: &TestApp, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut test.admin().await).await.unwrap();
}

/// What the log says of this route.
fn told_of(route: &str) -> String {
    log::everything()
        .into_iter()
        .filter(|line| line.contains(&format!("route={route} ")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A file that the manager has uploaded, and no worker has read.
async fn uploaded(test: &TestApp, cast: &Cast) -> PlanId {
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    let scope: Scope = membership::acting_for(&cast.school.scope, &mut tx, Some(cast.manager.member_id)).await.unwrap();
    tx.commit().await.unwrap();
    let table = [["Họ và tên", "Giới tính", "Lớp", "Ngày sinh"], ["Vũ Thị An", "Nữ", "10A1", "05/09/2011"]];
    let file = sheets::written(&table.map(|row| row.map(str::to_owned).to_vec()));
    let upload = schoolgate::plan::draft::Upload {
        source: Source::Students,
        file_name: "danh-sach.xlsx",
        file: &file,
        year_id: None,
    };
    import::begin(&scope.grant().unwrap(), test, upload).await.unwrap()
}

/// A text with a NUL, wherever it slips through, is the request's fault and not ours.
#[tokio::test]
async fn what_cannot_be_stored_is_malformed() {
    let test = TestApp::new().await;
    let bound = sqlx::query("SELECT $1::text").bind("a\0b").execute(test.db.pool()).await;
    let in_json = sqlx::query(r#"SELECT '{"a": "\u0000"}'::jsonb"#).execute(test.db.pool()).await;
    for refused in [bound, in_json] {
        let error = Error::from(refused.unwrap_err());
        assert!(matches!(error, Error::Malformed), "{error:?}");
    }
}

#[tokio::test]
async fn what_an_address_names_and_is_not_there_is_not_found() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let operator = test.operator("operator@example.vn", &["79"]).await;
    let operator = test.signed_in(&operator).await;
    let unknown = Uuid::from_u128(7);
    for rest in ["accounts", "classes", "plans"] {
        owner.get(&cast.school.path(&format!("/{rest}/{unknown}"))).await.expect(404);
    }
    owner.post(&cast.school.path(&format!("/accounts/{unknown}/suspension")), &[]).await.expect(404);
    owner.post(&cast.school.path(&format!("/plans/{unknown}/apply")), &[]).await.expect(404);
    let to_nowhere =
        [("ids", cast.pupil.member_id.to_string()), ("action", "move".to_owned()), ("class", unknown.to_string())];
    let to_nowhere: Vec<_> = to_nowhere.iter().map(|(name, value)| (*name, value.as_str())).collect();
    owner.post(&cast.school.path("/accounts/bulk"), &to_nowhere).await.expect(404);
    operator.get(&format!("/operator/units/{unknown}")).await.expect(404);
}

#[tokio::test]
async fn a_row_that_must_be_there_and_is_not_is_a_fault() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let operator = test.operator("operator@example.vn", &["79"]).await;
    let operator = test.signed_in(&operator).await;
    let path = format!("/operator/schools/{}", cast.school.code());
    operator.get(&path).await.expect(200);
    change(&test, "SET session_replication_role = replica; DELETE FROM managing_units").await;
    operator.get(&path).await.expect(500);
    let told = told_of("/operator/schools/{code}");
    assert!(told.contains("no rows returned by a query that expected to return at least one row"), "{told}");
}

#[tokio::test]
async fn a_stored_value_that_is_not_known_is_a_fault() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let plan = cast.school.path(&format!("/plans/{}", uploaded(&test, &cast).await));
    test.work().await;
    owner.get(&plan).await.expect(200);
    for table in ["plans", "members"] {
        change(
            &test,
            &format!(
                "DO $$ DECLARE c name; BEGIN
                   FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'c' LOOP
                     EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', c);
                   END LOOP; END $$"
            ),
        )
        .await;
    }
    change(&test, "UPDATE plans SET state = 'melting'").await;
    owner.get(&plan).await.expect(500);
    let told = told_of("/schools/{code}/plans/{id}");
    assert!(told.contains("a stored state of a plan is not one of those known") && !told.contains("melting"), "{told}");

    let of_pupil = cast.school.path(&format!("/accounts/{}", cast.pupil.member_id));
    owner.get(&of_pupil).await.expect(200);
    change(
        &test,
        "SET session_replication_role = replica; UPDATE members SET status = 'asleep' WHERE role = 'student'",
    )
    .await;
    owner.get(&of_pupil).await.expect(500);
    owner.post(&format!("{of_pupil}/suspension"), &[]).await.expect(500);
}

/// A file that no account may import any more is given up at once, says so, and is deleted: no job fails over it.
#[tokio::test]
async fn a_file_is_given_up_where_the_person_who_uploaded_it_may_import_no_longer() {
    for taken in ["UPDATE members SET status = 'suspended'", "UPDATE members SET role = 'teacher'"] {
        let test = TestApp::new().await;
        let cast = test.cast("79000001").await;
        let owner = test.signed_in(&cast.owner).await;
        let plan = uploaded(&test, &cast).await;
        change(
            &test,
            &format!("DELETE FROM grants WHERE member_id = '{0}'; {taken} WHERE id = '{0}'", cast.manager.member_id),
        )
        .await;
        assert_eq!(test.work().await, ["read_upload"], "{taken}");
        owner.get(&cast.school.path(&format!("/plans/{plan}"))).await.expect(200).shows(&[&vi("refusal-rights-lost")]);
        let (rows, parts): (i64, i64) =
            sqlx::query_as("SELECT (SELECT count(*) FROM plan_rows), (SELECT count(*) FROM plan_uploads)")
                .fetch_one(&mut test.admin().await)
                .await
                .unwrap();
        assert_eq!((rows, parts), (0, 0), "{taken}");
    }
}
