//! What a plan is made for, what it leaves to print, and how it ends.

use schoolgate::{
    jobs::{Attempt, Handle},
    plan::purge::PurgePlans,
    schools::years,
};
use std::sync::Arc;

use crate::support::say::{vi, vi1};
use crate::support::{TestApp, sheets};

const HEADERS: [&str; 6] = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"];

fn list(rows: &[(&str, &str)]) -> Vec<u8> {
    let rows = rows.iter().map(|(name, class)| [*name, "Nam", *class, "04/04/2011", "Hoàng Thị Mẹ", "1980"]);
    let table = std::iter::once(HEADERS).chain(rows).map(|row| row.map(str::to_owned).to_vec());
    sheets::written(&table.collect::<Vec<_>>())
}

#[tokio::test]
async fn the_slips_of_a_plan_are_printed_class_by_class() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let file = list(&[("Lê Văn Tý", "10A10"), ("Lê Văn Sửu", "10A2"), ("Lê Văn Dần", "10A2")]);
    let plan = manager.upload(&cast.school.path("/plans/new?source=students"), "ds.xlsx", &file).await.location();
    test.work().await;
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    let page = manager.get(&format!("{plan}/slips")).await.expect(200).shows(&["Lê Văn Tý", "Lê Văn Dần"]);
    let sheets = page.html();
    let sheets: Vec<&str> = sheets.split("class=\"sheet\"").skip(1).collect();
    assert!(sheets.len() == 2 && sheets[0].contains("Lê Văn Sửu") && sheets[1].contains("Lê Văn Tý"), "10A2 is first");
    let one = page.link("class=10A10");
    manager.get(&one).await.expect(200).shows(&["Lê Văn Tý"]).hides(&["Lê Văn Dần"]);
    manager.get(&format!("{plan}/slips?class=10A3")).await.expect(404);
    let elsewhere = test.cast("79000002").await;
    manager.get(&cast.school.path(&format!("/slips?class={}", elsewhere.class_id))).await.expect(404);
}

#[tokio::test]
async fn a_list_may_be_for_the_coming_year() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let new = cast.school.path("/plans/new?source=students");
    manager.get(&new).await.expect(200).hides(&[&vi("field-school-year")]);
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    years::add(&cast.school.scope, &test, &mut tx, "2027-2028".parse().unwrap()).await.unwrap();
    let all = years::all(&cast.school.scope, &mut tx).await.unwrap();
    tx.commit().await.unwrap();
    manager.get(&new).await.expect(200).shows(&["2026–2027", "2027–2028"]);
    let upload = async |year: &str| {
        let file = list(&[("Lê Văn Tý", "11A1")]);
        manager.upload_with(&new, "ds.xlsx", &file, &[("school_year", year)]).await
    };
    upload("01a07961-1280-709b-972f-6bbfd6978443").await.expect(404);
    let plan = upload(&all[0].id.to_string()).await.location();
    test.work().await;
    manager.get(&plan).await.expect(200).shows(&[&vi1("plan-year", "year", "2027–2028")]);
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    test.work().await;
    // There already, in no class as yet; in the class when its year has come.
    let list = cast.school.path("/accounts?q=ty");
    assert!(!manager.get(&list).await.expect(200).shows(&["Lê Văn Tý"]).rows()[0].contains("11A1"));
    test.clock.advance(chrono::Duration::days(330));
    let manager = test.signed_in(&cast.manager).await;
    assert!(manager.get(&list).await.expect(200).rows()[0].contains("11A1"));
}

#[tokio::test]
async fn after_ninety_days_only_the_history_knows_of_a_plan() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let new = cast.school.path("/plans/new?source=students");
    let applied = manager.upload(&new, "da-ghi.xlsx", &list(&[("Lê Văn Tý", "10A1")])).await.location();
    let waiting = manager.upload(&new, "cho.xlsx", &list(&[("Lê Văn Sửu", "10A1")])).await.location();
    test.work().await;
    manager.post(&format!("{applied}/apply"), &[]).await.expect(303);
    test.work().await;
    let purge = async || {
        let attempt = Attempt { number: 1, is_last: false };
        PurgePlans {}.handle(Arc::new((*test).clone()), attempt).await.unwrap();
    };
    test.clock.advance(chrono::Duration::days(89));
    purge().await;
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&applied).await.expect(200).shows(&["Lê Văn Tý", &vi("plan-undo")]);

    test.clock.advance(chrono::Duration::days(2));
    purge().await;
    let manager = test.signed_in(&cast.manager).await;
    manager.get(&applied).await.expect(200).shows(&["da-ghi.xlsx", &vi("plan-purged")]).hides(&[
        "Lê Văn Tý",
        &vi("plan-undo"),
        &vi("plan-print-slips"),
    ]);
    manager.post(&format!("{applied}/undo"), &[]).await.expect(303);
    manager.get(&waiting).await.expect(200).shows(&[&vi("refusal-expired")]).hides(&["Lê Văn Sửu"]);
    manager.post(&format!("{waiting}/apply"), &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [String; 0]);
    manager.get(&cast.school.path("/plans")).await.expect(200).shows(&["da-ghi.xlsx", "cho.xlsx"]);
    for table in ["plan_rows", "plan_uploads", "plan_classes", "plan_purges"] {
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

/// What has changed between the review and the writing drops out, and is listed with the rows that were wrong.
#[tokio::test]
async fn what_went_stale_is_listed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let new = cast.school.path("/plans/new?source=students");
    let (first, second) = (list(&[("Lê Văn Tý", "10A1")]), list(&[("Lê Văn Tý", "10A1"), ("Lê Văn Sửu", "10A1")]));
    let (first, second) = (
        manager.upload(&new, "mot.xlsx", &first).await.location(),
        manager.upload(&new, "hai.xlsx", &second).await.location(),
    );
    test.work().await;
    for plan in [&first, &second] {
        manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
        test.work().await;
    }
    let page = manager.get(&format!("{second}?outcome=error")).await.expect(200);
    page.shows(&["Lê Văn Tý", &vi("fault-stale")]).hides(&["Lê Văn Sửu"]);
    let errors = manager.get(&format!("{second}/errors.xlsx")).await.expect(200);
    let table = sheets::read(errors.file());
    assert!(table[1].concat().contains("Lê Văn Tý") && table[1].concat().contains(&vi("fault-stale")), "{table:?}");
}

#[tokio::test]
async fn what_waits_is_found_among_many_and_what_was_discarded_says_so() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let new = cast.school.path("/plans/new?source=students");
    let waiting = manager.upload(&new, "cho.xlsx", &list(&[("Lê Văn Tý", "10A1")])).await.location();
    test.work().await;
    // More than a page of later ones.
    for number in 0..51 {
        test.clock.advance(chrono::Duration::seconds(1));
        let plan = manager.upload(&new, &format!("bo-{number}.csv"), b"no list").await.location();
        test.work().await;
        if number == 50 {
            manager.get(&plan).await.expect(200).shows(&[&vi("plan-title-refused")]);
        }
    }
    let plans = cast.school.path("/plans");
    let first = manager.get(&plans).await.expect(200).shows(&["bo-50.csv"]).hides(&["cho.xlsx"]);
    let second = manager.get(&first.link("after=")).await.expect(200).shows(&["bo-0.csv", "cho.xlsx"]);
    assert!(!second.html().contains("rel=\"next\""));
    let shown = manager.get(&first.link("waiting=on")).await.expect(200).shows(&["cho.xlsx"]).hides(&["bo-50.csv"]);
    assert!(!shown.html().contains("rel=\"next\""));

    manager.post(&format!("{waiting}/discard"), &[]).await.expect(303);
    let page = manager.get(&waiting).await.expect(200).shows(&[&vi("plan-discarded-title"), &vi("refusal-discarded")]);
    page.hides(&[vi("plan-title-refused")]);
    let page = manager.get(&format!("{plans}?waiting=on")).await.expect(200).shows(&[&vi("plans-none-waiting")]);
    page.hides(&["cho.xlsx"]);
    let later = manager.get(&first.link("after=")).await.expect(200);
    let row = later.rows().into_iter().find(|row| row.contains("cho.xlsx")).unwrap();
    assert!(row.contains(&vi("plan-discarded")), "{row}");
}
