//! `/schools/{code}/classes` and `/schools/{code}/years`.

use crate::support::TestApp;
use crate::support::say::{vi, vi1};

#[tokio::test]
async fn the_owner_makes_a_years_classes_at_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    let page = owner.get(&cast.school.path("/classes/new")).await.expect(200);
    page.shows(&["2026–2027"]);
    // 10A1 is there already.
    let made = owner.post(&classes, &[("name", "10A1-10A12")]).await.location();
    assert_eq!(made, format!("{classes}?done=classes-created&n=11"));
    let page = owner
        .get(&made)
        .await
        .expect(200)
        .shows(&[&vi1("done-classes-created", "n", 11), &vi1("classes-line", "count", 12)]);
    let names: Vec<String> =
        page.rows().iter().map(|row| row.split(' ').next().unwrap_or_default().to_owned()).collect();
    let expected: Vec<String> = (1..=12).map(|number| format!("10A{number}")).collect();
    assert_eq!(names, expected, "10A2 before 10A10");
    assert!(page.rows()[0].contains("10A1 10 2"), "grade and pupils: {}", page.rows()[0]);

    owner.post(&classes, &[("name", "6/1, 6/2; lớp 11 a1"), ("grade", "")]).await.expect(303);
    owner.get(&classes).await.expect(200).shows(&["6/1", "6/2", "11A1", &vi1("classes-line", "count", 15)]);
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    for (typed, said) in [
        ("", vi("fault-classes-empty")),
        ("10A1", vi1("fault-class-taken", "value", "10A1")),
        ("10A9-10A2", vi1("fault-class-range-unreadable", "value", "10A9-10A2")),
        ("10A1-11B3", vi1("fault-class-range-unreadable", "value", "10A1-11B3")),
        ("10A1-10A999", vi("fault-classes-too-many")),
        ("<script>alert(1)</script> lớp dài quá", "<script>alert(1)</script> lớp dài quá".to_owned()),
    ] {
        let form = [("name", typed), ("grade", "Khối mười")];
        let page = owner.post(&classes, &form).await;
        page.shows(&[&said]);
        let page = owner.post(&classes, &form).await.expect(422);
        assert_eq!((page.input("name").as_str(), page.input("grade").as_str()), (typed, "Khối mười"));
        assert!(!page.html().contains("<script>alert"));
    }
    owner.get(&classes).await.expect(200).shows(&[&vi1("classes-line", "count", 1)]);
    // A short one is a name like any other, and none that a browser would run.
    owner.post(&classes, &[("name", "<b>10A2</b>")]).await.expect(303);
    let page = owner.get(&classes).await.expect(200).shows(&["<b>10A2</b>"]);
    assert!(!page.html().contains("<b>10A2"));
}

#[tokio::test]
async fn a_year_is_added_and_has_classes_of_its_own() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let years = cast.school.path("/years");
    let page = owner.get(&years).await.expect(200).shows(&["2026–2027", "01/08/2026"]);
    assert_eq!(page.input("name"), "2027-2028");
    for wrong in ["2027-2029", "2027", "năm sau", ""] {
        let page = owner.post(&years, &[("name", wrong)]).await.expect(422);
        assert_eq!(page.input("name"), wrong);
    }
    owner.post(&years, &[("name", "2027-2028")]).await.expect(303);
    owner.post(&years, &[("name", "2027-2028")]).await.expect(303);
    let page = owner.get(&years).await.expect(200).shows(&["2027–2028"]);
    assert_eq!(page.rows().len(), 2);

    let form = [("name", "11A1"), ("school_year", "2027-2028")];
    owner.post(&cast.school.path("/classes"), &form).await.expect(303);
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["11A1"]);
    let next_year = owner.get(&years).await.link("school_year=");
    owner.get(&next_year).await.expect(200).shows(&["11A1"]);
    // It becomes the current one on its first day, in Vietnam.
    test.clock.advance(chrono::Duration::days(328) - chrono::Duration::hours(8) - chrono::Duration::minutes(1));
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["11A1"]);
    test.clock.advance(chrono::Duration::minutes(1));
    owner.get(&cast.school.path("/classes")).await.expect(200).shows(&["11A1"]);
}
