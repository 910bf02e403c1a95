//! What changes from one version to another.

use super::{Timetable, version};
use crate::support::TestApp;
use crate::support::say::vi;

#[tokio::test]
async fn changes_are_listed_by_class_and_teacher() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    let alone = cast.school.path(&format!("/timetable/versions/{}/comparison", made.version));
    maker.get(&alone).await.expect(200).shows(&[&vi("timetable-comparison-alone")]);
    let (from, of) = (test.clock.today().to_string(), made.version.to_string());
    let copy = [("name", "Bản hai"), ("from", from.as_str()), ("copy_of", of.as_str())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    let comparison = format!("{to}/comparison");
    maker.get(&comparison).await.expect(200).shows(&[&vi("timetable-comparison-same")]);
    let moved = [("one", "1-morning-1"), ("two", "2-afternoon-2")];
    maker.post(&format!("{to}/classes/{}/swap", cast.class_id), &moved).await.expect(303);
    let page = maker.get(&comparison).await.expect(200);
    let page = page.shows(&["10A1", &cast.teacher.name, "Phòng Lý", &vi("timetable-comparison-before")]);
    page.hides(&[&vi("timetable-comparison-same")]);
    // With another one, and never with a version of another school.
    let empty = version(&test, &cast.school, "Trống").await;
    maker.get(&format!("{comparison}?with={empty}")).await.expect(200).shows(&["Trống"]);
    let other = test.cast("79000002").await;
    let foreign = version(&test, &other.school, "Của trường khác").await;
    maker.get(&format!("{comparison}?with={foreign}")).await.expect(404);
    maker.get(&cast.school.path("/timetable/versions")).await.expect(200).shows(&[&vi("timetable-compare")]);
    test.signed_in(&cast.teacher).await.get(&comparison).await.expect(403);
}
