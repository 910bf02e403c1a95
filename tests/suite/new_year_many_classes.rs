//! The draft of a school with more classes than a page shows or a field offers: all of them are found, and what is typed
//! counts on whichever page it stands.

use chrono::Duration;
use schoolgate::schools::classes;

use crate::rollover::{Small, count, small};
use crate::support::Someone;
use crate::support::say::{vi, vi1};

/// A school of 123 classes of this year: 10A2, 11A2 and 12A2 of two pupils each, and 10B1 to 10B120.
async fn many() -> Small {
    let small = small().await;
    let school = small.school();
    let names: Vec<String> = (1..=120).map(|number| format!("10B{number}")).collect();
    let mut tx = small.test.db.begin_in(school.id()).await.unwrap();
    classes::insert(&school.scope, &small.test, &mut tx, school.year_id, &names, None).await.unwrap();
    tx.commit().await.unwrap();
    small.begin().await;
    small
}

async fn target(small: &Small, class: &str) -> i64 {
    let query = format!(
        "SELECT count(*) FROM rollover_classes r JOIN classes c ON c.id = r.class_id
         WHERE c.name = '{class}' AND r.target = '11C1'"
    );
    count(&small.test, &query).await
}

#[tokio::test]
async fn classes_are_shown_a_page_at_a_time_and_saved_where_they_stand() {
    let small = many().await;
    let classes = small.path("/classes");
    let first = small.owner.get(&classes).await.expect(200);
    first.shows(&["10A2", "10B1", &vi1("rollover-classes-page", "page", "1")]).hides(&["10B90", "12A2"]);
    let second = small.owner.get(&format!("{classes}?page=2")).await.expect(200);
    let html = second.html();
    second.shows(&["10B90"]).hides(&["10A2", "12A2"]);
    let last = small.owner.get(&format!("{classes}?page=3")).await.expect(200);
    last.shows(&["10B120", "11A2", "12A2"]).hides(&["10B90"]);
    // 123 go on but for the last grade, and 121 of the lowest grade are there again.
    small.owner.get(&format!("{classes}?page=5")).await.expect(200).shows(&["12A2"]);
    small.owner.get(&format!("{classes}?page=0")).await.expect(200).shows(&["10A2"]);

    let field = |page: &str, name: &str| {
        let row =
            page.split("<tr").find(|row| row.contains(&format!(">{name}</a>")) && row.contains("target_")).unwrap();
        row.split("name=\"").find(|part| part.starts_with("target_")).unwrap().split('"').next().unwrap().to_owned()
    };
    let of_second = field(&html, "10B90");
    small.test.clock.advance(Duration::seconds(10));
    let saved = small.owner.post(&format!("{classes}?page=2"), &[(of_second.as_str(), "11C1")]).await;
    let location = saved.location();
    assert!(location.contains("page=2"), "{location}");
    assert_eq!(target(&small, "10B90").await, 1);
    assert_eq!(target(&small, "10B91").await, 0);

    // What was typed on a page that no longer has the class is told all the same.
    small.test.clock.advance(Duration::seconds(10));
    let wrong = small.owner.post(&classes, &[(of_second.as_str(), "?!")]).await.expect(422);
    wrong.shows(&[&vi1("fault-class-malformed", "value", "?!")]);
}

#[tokio::test]
async fn where_classes_are_too_many_to_choose_from_their_names_are_typed() {
    let small = many().await;
    let pupils = small.path("/pupils");
    let page = small.owner.get(&format!("{pupils}?class=11A2")).await.expect(200);
    let page = page.shows(&[small.eleven[0].name.as_str()]).hides(&[small.ten[0].name.as_str()]);
    assert_eq!(page.input("class"), "11A2");
    for nowhere in ["11Z9", "11Z9%00"] {
        let page = small.owner.get(&format!("{pupils}?class={nowhere}")).await.expect(200);
        page.hides(&[small.ten[0].name.as_str()]);
    }

    let balance = small.path("/balance");
    assert_eq!(small.owner.get(&balance).await.expect(200).input("classes"), "");
    let send = async |classes: &str, status: u16| {
        small.test.clock.advance(Duration::seconds(10));
        small.owner.post(&balance, &[("classes", classes), ("seed", "1")]).await.expect(status)
    };
    send("11B1-11B", 422).await;
    send("11B1, 11Z9", 422).await.shows(&[&vi1("fault-balance-class", "value", "11Z9")]);
    send("11B1", 422).await.shows(&[&vi("fault-balance-few")]);
    // Two pupils of 10A2 into two classes: one of them moves.
    let shown = send("11A2, 11B1-11B1", 200).await;
    let shown = shown.shows(&[&vi1("rollover-balance-moves", "count", 1)]);
    // What was typed goes along, so that it is there again should the draft have changed.
    let taken = [("classes", "11A2, 11B1-11B1"), ("seed", "1"), ("take", "on"), ("made_of", "something else")];
    small.test.clock.advance(Duration::seconds(10));
    let again = small.owner.post(&balance, &taken).await.expect(422);
    let again = again.shows(&[&vi("fault-balance-meanwhile")]);
    assert_eq!((shown.input("classes"), again.input("classes")), (taken[0].1.to_owned(), taken[0].1.to_owned()));
}

#[tokio::test]
async fn pupils_are_found_by_rare_and_by_common_words() {
    let small = small().await;
    let school = small.school();
    let class = school.class(&small.test, "10A9").await;
    let names = ["Đặng", "Bùi", "Vũ", "Hồ"].map(|family| {
        ["Thị Anh", "Văn Anh", "Thị Hoa", "Ngọc Mai", "Thị Lan", "Văn Nam"].map(|rest| format!("{family} {rest}"))
    });
    let people: Vec<Someone> = names.as_flattened().iter().map(|name| Someone::pupil(name, class)).collect();
    school.add_all(&small.test, &people).await;
    small.begin().await;
    let found = async |query: &str| {
        let page = small.owner.get(&small.path(&format!("/pupils?q={query}"))).await.expect(200);
        page.html().matches("class=\"sg-name\" href").count()
    };
    assert_eq!(found("thi").await, 12 + 8, "three of each of the four families, and those of the small school");
    assert_eq!(found("van").await, 8);
    assert_eq!(found("dang").await, 6);
    assert_eq!(found("dang+thi").await, 3);
    assert_eq!(found("thi+hoa").await, 4 + 1);
    assert_eq!(found("thi+van").await, 0);
    assert_eq!(found("anh&outcome=promoted").await, 8);
    assert_eq!(found("anh&class=10A9").await, 8);
    assert_eq!(found("hoa&outcome=finished").await, 1);

    // What is said of all that a search finds is said of those.
    small.test.clock.advance(Duration::seconds(10));
    let all = small.path("/pupils?q=dang+thi");
    small.owner.post(&all, &[("ids", "all"), ("outcome", "awaiting")]).await.expect(303);
    assert_eq!(count(&small.test, "SELECT count(*) FROM rollover_pupils WHERE outcome = 'awaiting'").await, 3);
}
