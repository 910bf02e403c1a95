//! The API as its description promises it: schemathesis makes requests from the description, right and wrong ones, and
//! compares the answers with it. Beside the browser's tests, since it is set up like a browser.

use std::process::Command;

use schoolgate::access::TokenScope;

use crate::support::TestServer;

#[tokio::test]
async fn the_api_does_what_its_description_says() {
    let server = TestServer::start().await;
    let school = server.test.school("79000001").await;
    let token = school.bearer(&server.test, &TokenScope::ALL).await;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis/venv/bin/schemathesis");
    let url = server.url.clone();
    let ran = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(["run", &format!("{url}/api/openapi.json"), "--url", &url])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            // As many as the token is answered in a minute.
            .args(["--max-examples", "20", "--seed", "1", "--generation-deterministic", "--no-color"])
            .env("NO_COLOR", "1")
            .output()
    });
    let ran = ran.await.unwrap().expect("make setup-test installs schemathesis");
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}");
}
