//! Calendars as a published parser reads them, strictly. Beside the browser's tests, since it is set up like a browser.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::support::{Client, TestApp};
use crate::timetable::{Timetable, calendar};

/// The events of a calendar, by their ids: when each begins, and what it is called.
fn read(calendar: &str) -> BTreeMap<String, (i64, String)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/icalendar/read.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("make setup-test installs node");
    let mut input = node.stdin.take().unwrap();
    let text = calendar.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let ended = node.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}\n{calendar}", String::from_utf8_lossy(&ended.stderr));
    writer.join().unwrap().unwrap();
    let event = |line: &str| {
        let event: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        (text("uid"), (event["begins"].as_i64().unwrap(), text("summary")))
    };
    String::from_utf8(ended.stdout).unwrap().lines().map(event).collect()
}

#[tokio::test]
async fn a_published_parser_reads_the_calendar_and_ids_stay_from_version_to_version() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let made = Timetable::new(&test, &cast).await;
    let maker = test.signed_in(&cast.timetable).await;
    // Names with all that calendars give a meaning to.
    let strange = "Phòng \"Lý\"; tầng 1, dãy B \\ nhà C – rất dài";
    sqlx::query("UPDATE timetable_rooms SET name = $1").bind(strange).execute(&mut test.admin().await).await.unwrap();
    let pupil = test.signed_in(&cast.pupil).await;
    let address = calendar::renewed(&pupil).await;
    let anybody = test.anonymous();
    let calendar_of = async |address: &str| anybody.get(address).await.expect(200).html();
    let before = read(&calendar_of(&address).await);
    assert!(before.len() > 10, "{before:?}");
    assert!(before.values().all(|(_, summary)| summary == "Ngữ văn"));
    // In Viet Nam it is seven, and midnight by the clock of the world.
    assert!(before.values().all(|(begins, _)| begins % 86_400 == 0), "{before:?}");

    let today = test.clock.today().to_string();
    let of = made.version.to_string();
    let copy = [("name", "Bản hai"), ("from", today.as_str()), ("copy_of", of.as_str())];
    let to = maker.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    place(&maker, &format!("{to}/classes/{}", cast.class_id), "1", "Sử").await;
    place(&maker, &format!("{to}/classes/{}", cast.class_id), "2", "Toán").await;
    maker.post(&format!("{to}/publication"), &[]).await.expect(303);
    let after = read(&calendar_of(&address).await);
    for (uid, (begins, _)) in &before {
        assert_eq!(after.get(uid).map(|(at, _)| at), Some(begins), "{uid}");
    }
    assert!(after.values().any(|(_, summary)| summary == "Lịch sử") && after.len() > before.len());
    let teacher = test.signed_in(&cast.teacher).await;
    read(&calendar_of(&calendar::renewed(&teacher).await).await);
}

async fn place(maker: &Client, grid: &str, period: &str, subject: &str) {
    let form = [("day", "1"), ("session", "morning"), ("period", period), ("subject", subject), ("teacher", "")];
    maker.post(grid, &form).await.expect(303);
}
