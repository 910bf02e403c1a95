//! Finding one of fifty thousand schools by typing: on indexes, as the program's own role.

use std::path::Path;

use schoolgate::registration::search;
use sqlx::{AssertSqlSafe, Row};

use crate::support::TestApp;

/// The query as it is, from the descriptions that the build checks it by.
fn query() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    for file in std::fs::read_dir(folder).unwrap() {
        let described = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let described: serde_json::Value = serde_json::from_str(&described).unwrap();
        let query = described["query"].as_str().unwrap();
        if query.contains("rarest AS MATERIALIZED") {
            return query.to_owned();
        }
    }
    panic!("the search for schools is not described");
}

#[tokio::test]
async fn one_of_fifty_thousand_schools_is_found_on_indexes() {
    let test = TestApp::new().await;
    let all = AssertSqlSafe(include_str!("support/fifty_thousand_schools.sql"));
    sqlx::raw_sql(all).execute(&mut test.admin().await).await.unwrap();
    let found = search::schools(&test.db, "nguyen trai tan phu ha noi").await.unwrap();
    assert!(!found.is_empty());
    for school in &found {
        assert!(school.name.contains("Nguyễn Trãi Tân Phú") && school.province.contains("Hà Nội"), "{school:?}");
    }
    assert_eq!(search::schools(&test.db, "10012345").await.unwrap()[0].code, "10012345");

    let explain = format!("EXPLAIN (ANALYZE, BUFFERS) {}", query());
    for typed in ["truong", "thpt le quy don", "nguyen trai tan phu ha noi", "t", "10012345", "khong co dau"] {
        let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        let explain = sqlx::query(AssertSqlSafe(explain.clone())).bind(words).bind(typed).bind(10_i64);
        let plan = explain.fetch_all(test.db.pool()).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        for table in ["schools", "school_words", "school_codes"] {
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "“{typed}” reads all of {table}:\n{plan}");
        }
        assert!(plan.contains("Index Scan") || plan.contains("Index Only Scan"), "{plan}");
    }
}
