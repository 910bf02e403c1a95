//! The OneRoster service as its description promises it: schemathesis makes requests from the description, right and wrong
//! ones, and compares the answers with it.

use std::process::Command;

use schoolgate::access::ClientScope;

use crate::oneroster::{access_token, client_of};
use crate::support::TestServer;

const DESCRIPTION: &str = "/ims/oneroster/rostering/v1p2/discovery/onerosterv1p2rostersservice_openapi3_v1p0.json";

#[tokio::test]
async fn the_service_does_what_its_description_says() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let share = "UPDATE schools SET shares_demographics = true, shares_guardians = true";
    sqlx::query(share).execute(&mut server.test.admin().await).await.unwrap();
    let made = client_of(&server.test, &cast.school, &ClientScope::ONEROSTER).await;
    let token = access_token(&server.test.anonymous(), &made).await;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemathesis/venv/bin/schemathesis");
    let url = server.url.clone();
    let ran = tokio::task::spawn_blocking(move || {
        Command::new(program)
            .args(["run", &format!("{url}{DESCRIPTION}"), "--url", &format!("{url}/ims/oneroster/rostering/v1p2")])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            // `fields` leaves out of a thing what the description says it has: that is the standard's own contradiction.
            // Parameters that are not described are no fault of a request, and an id may be any text.
            .args(["--exclude-checks", "negative_data_rejection,positive_data_acceptance,ignored_auth"])
            .args(["--max-examples", "15", "--seed", "1", "--generation-deterministic", "--no-color"])
            .env("NO_COLOR", "1")
            .output()
    });
    let ran = ran.await.unwrap().expect("make setup-test installs schemathesis");
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}");
}
