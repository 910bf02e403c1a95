//! SCIM as its published tester wants it: scim2 fills in what the schemas say, makes, changes and deletes. Beside the
//! browser's tests, since it is set up like a browser.

use std::process::Command;

use schoolgate::access::TokenScope;

use crate::support::{Someone, TestServer};

#[tokio::test]
async fn the_published_tester_finds_nothing_wrong() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    // More people than a page has.
    let pupils: Vec<Someone> = (0..250).map(|_| Someone::pupil("Lê Văn Sáu", cast.class_id)).collect();
    cast.school.add_all(&server.test, &pupils).await;
    let token = cast.school.bearer(&server.test, &[TokenScope::Scim]).await;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scim2/venv/bin/scim2");
    let url = server.at("/scim/v2");
    let ran = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(["--url", &url, "--header", &format!("Authorization: Bearer {token}"), "test"])
            .env("NO_COLOR", "1")
            .output()
    });
    let ran = ran.await.unwrap().expect("make setup-test installs scim2");
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}");
}
