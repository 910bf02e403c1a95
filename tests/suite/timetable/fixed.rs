//! Lessons that stand at the same time in many classes.

use schoolgate::ids::TimetableId;

use super::{Timetable, version};
use crate::support::TestApp;
use crate::support::say::{vi, vi1, vi2};

/// The lessons of a version, with whether they are locked.
async fn lessons(test: &TestApp, version: TimetableId) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT format('%s %s-%s-%s %s %s', c.name, l.day, l.session, l.period, s.short_name, l.is_locked)
         FROM timetable_lessons l JOIN classes c ON c.id = l.class_id JOIN timetable_subjects s ON s.id = l.subject_id
         WHERE l.version_id = $1 ORDER BY 1",
    )
    .bind(version)
    .fetch_all(&mut test.admin().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_lesson_is_placed_and_locked_in_all_classes() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    for name in ["10A2", "11A1", "11A2"] {
        cast.school.class(&test, name).await;
    }
    sqlx::query("INSERT INTO timetable_shifts SELECT id, '11', 'afternoon' FROM schools")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    let draft = version(&test, &cast.school, "Nháp").await;
    let maker = test.signed_in(&cast.timetable).await;
    let address = cast.school.path(&format!("/timetable/versions/{draft}"));
    let fixed = format!("{address}/fixed-lessons");
    let form = |subject, slot, classes| [("subject", subject), ("slot", slot), ("classes", classes)];
    // Without classes: those that have lessons in the morning.
    let to = maker.post(&fixed, &form("SHDC", "1-morning-1", "")).await.location();
    assert!(to.ends_with("done=timetable-fixed&n=2"), "{to}");
    let of_morning = ["10A1 1-morning-1 SHDC t", "10A2 1-morning-1 SHDC t"];
    assert_eq!(lessons(&test, draft).await, of_morning);
    // Once more, nothing changes; in other classes at their own time.
    maker.post(&fixed, &form("shdc", "1-morning-1", "10A1-10A2")).await.expect(303);
    assert_eq!(lessons(&test, draft).await, of_morning);
    maker.post(&fixed, &form("SHDC", "1-afternoon-1", "11A1, 11A2")).await.expect(303);
    assert_eq!(lessons(&test, draft).await.len(), 4);

    // What another lesson has is not overwritten.
    let placed = [("day", "6"), ("session", "morning"), ("period", "5"), ("subject", "Sử")];
    maker.post(&format!("{address}/classes/{}", cast.class_id), &placed).await.expect(303);
    let before = lessons(&test, draft).await;
    let refused = maker.post(&fixed, &form("SHCN", "6-morning-5", "")).await.expect(422);
    let taken = vi2("timetable-class-taken", ("class", "10A1"), ("subject", "Sử"));
    assert_eq!(refused.shows(&[&taken]).input("subject"), "SHCN");
    assert_eq!(lessons(&test, draft).await, before);
    let rest = [form("SHCN", "6-morning-5", "").as_slice(), &[("rest", "on")]].concat();
    let to = maker.post(&fixed, &rest).await.location();
    assert!(to.ends_with("&n=1"), "{to}");
    let session = maker.post(&fixed, &form("SHCN", "6-morning-4", "11A1")).await.expect(422);
    session.shows(&[&vi1("timetable-other-session", "session", vi("timetable-afternoon"))]);
    for (subject, slot, classes, sentence) in [
        ("Phép thuật", "1-morning-1", "", vi1("fault-timetable-subject", "value", "Phép thuật")),
        ("SHDC", "9-morning-1", "", vi("timetable-slot-missing")),
        ("SHDC", "1-morning-1", "10A9", vi1("fault-timetable-class", "value", "10A9")),
    ] {
        maker.post(&fixed, &form(subject, slot, classes)).await.expect(422).shows(&[&sentence]);
    }
    test.signed_in(&cast.teacher).await.post(&fixed, &form("SHDC", "1-morning-1", "")).await.expect(403);
}
