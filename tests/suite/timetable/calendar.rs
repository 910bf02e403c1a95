//! The private address of the own calendar.

use super::Timetable;
use crate::support::html;
use crate::support::people::PASSWORD;
use crate::support::say::vi;
use crate::support::{Client, TestApp};

/// Makes an address; gives its path.
pub async fn renewed(client: &Client) -> String {
    let page = client.post("/me/calendar", &[]).await.expect(200).html();
    let input = html::tags(&page, "input").into_iter().find(|tag| tag.contains("id=\"address\"")).unwrap();
    let address = html::attribute(input, "value").unwrap();
    let path = address.strip_prefix("http://schoolgate.test").unwrap().to_owned();
    assert!(path.starts_with("/calendar/") && path.ends_with(".ics") && path.len() > 50, "{path}");
    path
}

fn uids(calendar: &str) -> Vec<String> {
    calendar.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_address_shows_the_own_lessons_until_it_is_renewed_or_revoked() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    Timetable::new(&test, &cast).await;
    let (pupil, teacher) = (test.signed_in(&cast.pupil).await, test.signed_in(&cast.teacher).await);
    let (of_pupil, of_teacher) = (renewed(&pupil).await, renewed(&teacher).await);
    let anybody = test.anonymous();
    let calendar = anybody.get(&of_pupil).await.expect(200);
    assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
    let text = calendar.html().replace("\r\n ", "");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.contains("SUMMARY:Ngữ văn\r\n") && text.contains("LOCATION:Phòng Lý\r\n"), "{text}");
    assert!(text.contains("DTSTART;TZID=Asia/Ho_Chi_Minh:") && text.contains("T070000\r\n"));
    let of_own = anybody.get(&of_teacher).await.expect(200).html();
    assert!(of_own.contains("SUMMARY:10A1"), "{of_own}");
    // What stands in the database opens nothing, and a stranger's lessons are in no one's calendar.
    let other = test.signed_in(&cast.homeroom_teacher).await;
    let of_other = renewed(&other).await;
    assert_eq!(uids(&anybody.get(&of_other).await.expect(200).html()), [] as [&str; 0]);
    let stored: String = sqlx::query_scalar("SELECT string_agg(to_jsonb(f)::text, ' ') FROM calendar_feeds f")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    let token = of_pupil.trim_start_matches("/calendar/").trim_end_matches(".ics");
    assert!(!stored.contains(token));

    test.clock.advance(chrono::Duration::seconds(10));
    let again = renewed(&pupil).await;
    anybody.get(&of_pupil).await.expect(404);
    assert_eq!(uids(&anybody.get(&again).await.expect(200).html()), uids(&text));
    pupil.post("/me/calendar/revocation", &[]).await.expect(303);
    anybody.get(&again).await.expect(404);
    anybody.get(&of_teacher).await.expect(200);
}

#[tokio::test]
async fn events_keep_their_ids_from_version_to_version() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let pupil = test.signed_in(&cast.pupil).await;
    let address = renewed(&pupil).await;
    let before = test.anonymous().get(&address).await.expect(200).html();
    let maker = test.signed_in(&cast.timetable).await;
    let copy =
        [("name", "Bản hai"), ("from", &*test.clock.today().to_string()), ("copy_of", &made.version.to_string())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    let grid = format!("{to}/classes/{}", cast.class_id);
    let form =
        [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "Sử"), ("teacher", ""), ("room", "")];
    maker.post(&grid, &form).await.expect(303);
    maker.post(&format!("{to}/publication"), &[]).await.expect(303);
    let after = test.anonymous().get(&address).await.expect(200).html();
    assert!(!uids(&before).is_empty());
    assert_eq!(uids(&before), uids(&after));
    assert!(after.contains("SUMMARY:Lịch sử"), "{after}");
}

#[tokio::test]
async fn an_address_is_made_behind_the_password() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let pupil = test.signed_in(&cast.pupil).await;
    test.clock.advance(chrono::Duration::minutes(10));
    pupil.post("/me/calendar", &[]).await.expect(422).shows(&[&vi("fresh-title")]);
    let count = "SELECT count(*) FROM calendar_feeds";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut test.admin().await).await.unwrap(), 0);
    pupil.post("/me/calendar", &[("fresh_password", PASSWORD)]).await.expect(200);
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut test.admin().await).await.unwrap(), 1);
}
