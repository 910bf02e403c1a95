//! Every file that is handed out, as browsers ask for it: compressed in each way, and not.

use axum::body::Body;
use axum::http::{Method, header};
use schoolgate::router;

use crate::access_matrix::things;
use crate::support::TestApp;

#[tokio::test]
async fn every_download_comes_whole_however_it_is_compressed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let plan = cast.school.plan(&test).await;
    let things = things(&test, &cast, plan).await;
    let owner = test.signed_in(&cast.owner).await;
    let mut files = 0;
    for (_, path, _) in router::routes().declared().filter(|(method, ..)| **method == Method::GET) {
        let is_file = [".csv", ".xlsx", ".zip", ".json"].iter().any(|end| path.ends_with(end));
        if !is_file || path.starts_with("/operator") || path.starts_with("/api/") || path.starts_with("/ims/") {
            continue;
        }
        files += 1;
        let address = things.address(path, &things);
        let plain = owner.get(&address).await;
        assert!(plain.status == 200 && !plain.body.is_empty(), "{path}: {}", plain.status);
        for coding in ["gzip", "br", "identity", "gzip, deflate, br, zstd"] {
            let request = owner.request(Method::GET, &address).header(header::ACCEPT_ENCODING, coding);
            let page = owner.send(request, Body::empty()).await;
            assert_eq!(page.status, 200, "{path} as {coding}");
            assert!(page.header("content-disposition").starts_with("attachment"), "{path}");
            let whole = match page.header("content-encoding") {
                "" => page.body.to_vec(),
                "gzip" => inflated(&page.body),
                "br" => {
                    let mut whole = Vec::new();
                    brotli::BrotliDecompress(&mut &page.body[..], &mut whole).expect(path);
                    whole
                }
                other => panic!("{path} comes as {other}"),
            };
            if path.ends_with(".csv") {
                // The record grows by who looked at it.
                let (first, again) = (String::from_utf8_lossy(&plain.body), String::from_utf8_lossy(&whole));
                assert!(again.lines().count() >= first.lines().count(), "{path} as {coding}");
                assert_eq!(again.lines().next(), first.lines().next(), "{path} as {coding}");
                assert!(again.ends_with('\n'), "{path} as {coding} ends early");
            } else {
                assert!(whole.starts_with(b"PK"), "{path} as {coding}");
            }
        }
    }
    assert!(files >= 6, "{files} files");
}

/// What gzip made of a file: the program has nothing to undo it with, so the test uses what the system has.
fn inflated(packed: &[u8]) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut child = std::process::Command::new("gzip")
        .arg("-dc")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let packed = packed.to_vec();
    let feeding = std::thread::spawn(move || input.write_all(&packed).unwrap());
    let mut whole = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut whole).unwrap();
    feeding.join().unwrap();
    assert!(child.wait().unwrap().success());
    whole
}
