//! What a query names is looked for in the own school, and what a bound operator sees in the own provinces.

use crate::support::TestApp;
use crate::support::say::vi;

#[tokio::test]
async fn what_a_query_names_is_looked_for_in_the_own_school_only() {
    let test = TestApp::new().await;
    let (own, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let owner = test.signed_in(&own.owner).await;
    let names: Vec<&str> = foreign.everybody().iter().map(|person| person.name.as_str()).collect();
    for query in [
        format!("/accounts?class={}", foreign.class_id),
        format!("/accounts?role=teacher&after={}", foreign.teacher.member_id),
        "/accounts?q=tan".to_owned(),
        "/accounts?role=manager".to_owned(),
        format!("/classes?school_year={}", foreign.school.year_id),
        format!("/accounts/export.csv?class={}", foreign.class_id),
    ] {
        owner.get(&own.school.path(&query)).await.expect(200).hides(&names);
    }
    owner.get(&own.school.path(&format!("/slips?class={}", foreign.class_id))).await.hides(&names);
    let into = [("name", "10A7"), ("school_year", &foreign.school.year_id.to_string())];
    owner.post(&own.school.path("/classes"), &into).await.expect(303);
    let theirs = test.signed_in(&foreign.owner).await;
    theirs.get(&foreign.school.path("/classes")).await.expect(200).hides(&["10A7"]);
}

/// Operators administer schools, not people; and the bound one those of their provinces only.
#[tokio::test]
async fn a_bound_operator_sees_and_opens_schools_of_the_own_provinces() {
    let test = TestApp::new().await;
    test.school("79000001").await;
    let bound = test.operator("hue@example.vn", &["46"]).await;
    let bound = test.signed_in(&bound).await;
    bound.get("/operator/schools").await.expect(200).hides(&["79000001"]);
    let form = |province: &'static str| {
        [
            ("name", "Trường mới"),
            ("code", "46000001"),
            ("kind", "k12"),
            ("province", province),
            ("owner_name", "Lê Thị Huế"),
            ("owner_email", "hue.owner@example.vn"),
        ]
    };
    let page = bound.post("/operator/schools", &form("79")).await.expect(422);
    page.shows(&[&vi("fault-province")]).hides(&["Hồ Chí Minh"]);
    bound.post("/operator/schools", &form("46")).await.expect(303);
    bound.get("/operator/schools").await.expect(200).shows(&["46000001"]);
    test.work().await;
}
