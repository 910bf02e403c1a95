//! A draft for the coming year and what happens around it: colleagues at one pupil, pupils who drop out of a plan,
//! those who wait to be assessed again, and those who leave by hand.

use chrono::Duration;
use sqlx::AssertSqlSafe;

use crate::rollover::{Small, TO, becomes, class_in, count, drafted, small, status};
use crate::support::say::{vi, vi1};
use crate::support::{Person, Someone};

/// A pupil's name as lists have it, and what a page showed of the pupils of a class.
async fn seen(small: &Small, class: &str) -> String {
    small.owner.get(&small.path(&format!("/pupils?class={class}"))).await.expect(200).input("seen")
}

async fn choose(small: &Small, person: &Person, fields: &[(&str, &str)]) -> crate::support::Page {
    small.test.clock.advance(Duration::seconds(10));
    let id = person.member_id.to_string();
    let mut form = vec![("ids", id.as_str())];
    form.extend(fields);
    small.owner.post(&small.path("/pupils?class=10A2"), &form).await
}

#[tokio::test]
async fn two_owners_at_one_pupil_lose_nothing() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let [an, binh] = &small.ten;
    let shown = seen(&small, "10A2").await;
    small.choose(&[an], &[("outcome", "kept_back")]).await;
    // An owner who looked before is told, and finds what was typed.
    let told = choose(&small, an, &[("outcome", "awaiting"), ("seen", &shown)]).await.expect(422);
    told.shows(&[&vi1("fault-rollover-pupils-meanwhile", "value", an.name.as_str())]);
    assert_eq!(drafted(test, an).await, becomes("kept_back", Some("10A2"), None));
    // Another pupil of the same page, and the same result, are no conflict.
    choose(&small, binh, &[("outcome", "awaiting"), ("seen", &shown)]).await.expect(303);
    assert_eq!(drafted(test, binh).await, becomes("awaiting", None, None));
    choose(&small, binh, &[("outcome", "awaiting"), ("seen", &shown)]).await.expect(303);
    // Having looked again, one may change it.
    let shown = seen(&small, "10A2").await;
    choose(&small, an, &[("outcome", "awaiting"), ("seen", &shown)]).await.expect(303);
    assert_eq!(drafted(test, an).await, becomes("awaiting", None, None));
}

#[tokio::test]
async fn what_does_not_add_up_leads_to_its_people() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    let astray = small.school().add(test, Someone::pupil("Lê Thị Lạc", small.cast.class_id).without_class()).await;
    small.begin().await;
    let person = small.school().path(&format!("/accounts/{}", astray.member_id));
    let page = owner.get(&small.path("")).await.expect(200);
    page.shows(&[&astray.name]).hides(&[&vi("rollover-misfits")]);
    assert_eq!(owner.get(&small.path("")).await.link(&person), person);
    // Kept back in grade 10, and by now in a class of grade 11.
    small.choose(&[&small.ten[0]], &[("outcome", "kept_back")]).await;
    test.clock.advance(Duration::seconds(10));
    let id = small.ten[0].member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", "11A2")];
    owner.post(&small.school().path("/accounts/bulk"), &form).await.expect(303);
    let page = owner.get(&small.path("")).await.expect(200).shows(&[&vi("rollover-misfits"), "11A2 → 10A2"]);
    let list = owner.get(&page.link("outcome=kept_back&target=")).await.expect(200);
    assert_eq!(list.rows().len(), 1);
    list.shows(&[&small.ten[0].name]);
}

/// A class is renamed while one of its pupils is being moved to another: each class has its own order in the draft.
#[tokio::test]
async fn a_pupil_moved_while_the_class_is_renamed_is_in_the_order_of_the_new_one() {
    let small = small().await;
    let (test, school) = (&small.test, small.school().id());
    small.begin().await;
    let pupil = small.ten[0].member_id;
    let mut moving = test.db.begin_in(school).await.unwrap();
    let to_other = "UPDATE rollover_pupils SET class_id = c.id, class_sort = c.sort_key FROM classes c
        WHERE c.school_id = $1 AND rollover_pupils.school_id = $1 AND c.name = '11A2' AND member_id = $2";
    let moved = sqlx::query(to_other).bind(school).bind(pupil).execute(&mut *moving).await.unwrap();
    assert_eq!(moved.rows_affected(), 1);
    let rename = async {
        let mut renaming = test.db.begin_in(school).await.unwrap();
        let to_new = "UPDATE classes SET name = '10A9', sort_key = '10A9' WHERE school_id = $1 AND name = '10A2'";
        let renamed = sqlx::query(to_new).bind(school).execute(&mut *renaming).await.unwrap();
        assert_eq!(renamed.rows_affected(), 1);
        renaming.commit().await.unwrap();
    };
    tokio::join!(rename, test.commit_once_waited_for(moving));
    let strays =
        "SELECT count(*) FROM rollover_pupils p JOIN classes c ON c.school_id = p.school_id AND c.id = p.class_id
        WHERE p.class_sort <> c.sort_key";
    assert_eq!(count(test, strays).await, 0);
}

#[tokio::test]
async fn pupils_who_dropped_out_of_a_plan_can_be_applied_from_the_page() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let plan = small.plan().await;
    let id = small.ten[1].member_id.to_string();
    let form = [("ids", id.as_str()), ("action", "move"), ("class", "10A1")];
    owner.post(&small.school().path("/accounts/bulk"), &form).await.expect(303);
    small.apply(&plan).await;
    let page = owner.get(&small.path("")).await.expect(200);
    page.shows(&[&vi1("rollover-left-over", "count", 1), &vi("rollover-make-plan")]);
    // They can still be decided on.
    small.choose(&[&small.ten[1]], &[("outcome", "promoted"), ("class", "11A7")]).await;
    let rest = small.plan().await;
    small.apply(&rest).await;
    assert_eq!(class_in(test, TO, &small.ten[1]).await.as_deref(), Some("11A7"));
    owner.get(&small.path("")).await.expect(200).hides(&[&vi("rollover-make-plan")]);
}

#[tokio::test]
async fn pupils_awaiting_assessment_are_settled_once_they_left_or_have_a_class() {
    let small = small().await;
    let (test, owner) = (&small.test, &small.owner);
    small.begin().await;
    let three = [&small.ten[0], &small.ten[1], &small.eleven[0]];
    small.choose(&three, &[("outcome", "awaiting")]).await;
    let plan = small.plan().await;
    small.apply(&plan).await;
    owner.get(&small.path("")).await.expect(200).shows(&[&vi1("rollover-still-awaiting", "count", 3)]);
    let leaving = small.school().path(&format!("/accounts/{}/leaving", small.ten[0].member_id));
    owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303);
    // One is put into a class of the coming year by hand.
    let by_hand = format!(
        "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
         SELECT c.school_id, c.school_year_id, '{}', c.id FROM classes c JOIN school_years y ON y.id = c.school_year_id
         WHERE y.name = '{TO}' AND c.name = '11A2'",
        small.ten[1].member_id
    );
    sqlx::query(AssertSqlSafe(by_hand)).execute(&mut test.admin().await).await.unwrap();
    owner.get(&small.path("")).await.expect(200).shows(&[&vi1("rollover-still-awaiting", "count", 1)]);
    assert_eq!(drafted(test, &small.ten[0]).await, None);
    assert_eq!(drafted(test, &small.ten[1]).await, becomes("promoted", Some("11A2"), None));
    assert_eq!(count(test, "SELECT sum(value)::bigint FROM rollover_counts WHERE outcome = 'awaiting'").await, 1);
}

#[tokio::test]
async fn a_pupil_who_left_by_hand_after_the_move_stays_left_when_it_is_undone() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let plan = small.plan().await;
    small.apply(&plan).await;
    let [giang, hoa] = &small.twelve;
    test.clock.advance(Duration::seconds(10));
    let leaving = small.school().path(&format!("/accounts/{}/leaving", giang.member_id));
    small.owner.post(&leaving, &[("reason", "Đi học nghề")]).await.expect(303);
    small.undo(&plan).await;
    assert_eq!(status(test, giang).await, "left");
    assert_eq!(status(test, hoa).await, "active");
    small.owner.get(&format!("{plan}/undo")).await.expect(200).shows(&[&giang.name, &vi("fault-undo-changed")]);
}

#[tokio::test]
async fn a_pupil_who_leaves_while_the_draft_is_applied_leaves_its_classes_too() {
    let small = small().await;
    let test = &small.test;
    small.begin().await;
    let plan = small.plan().await;
    small.owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
    // A plan that is being applied holds the roster: a pupil who leaves meanwhile leaves its classes as well.
    let school = small.school().id().uuid();
    let mut admin = test.admin().await;
    for statement in
        ["BEGIN".to_owned(), format!("SELECT pg_advisory_xact_lock(hashtextextended('roster:{school}', 0))")]
    {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    let leaving = small.school().path(&format!("/accounts/{}/leaving", small.ten[0].member_id));
    let leaves = async { small.owner.post(&leaving, &[("reason", "Chuyển trường")]).await.expect(303) };
    let goes_on = async {
        test.until_one_waits_for_a_lock().await;
        let enrolled = format!(
            "WITH made AS (
                 INSERT INTO classes (school_id, id, school_year_id, name, sort_key, created_at)
                 SELECT school_id, gen_random_uuid(), id, '11A2', '11A2', now() FROM school_years WHERE name = '{TO}'
                 RETURNING school_id, id, school_year_id)
             INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
             SELECT school_id, school_year_id, '{}', id FROM made",
            small.ten[0].member_id
        );
        sqlx::query(AssertSqlSafe(enrolled)).execute(&mut admin).await.unwrap();
        sqlx::query("COMMIT").execute(&mut admin).await.unwrap();
    };
    tokio::join!(leaves, goes_on);
    assert_eq!(status(test, &small.ten[0]).await, "left");
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None);
    test.work().await;
    assert_eq!(class_in(test, TO, &small.ten[0]).await, None);
    assert_eq!(class_in(test, TO, &small.ten[1]).await.as_deref(), Some("11A2"));
}
