//! What a browser fetches for the page that schools open most: the list of accounts.

use schoolgate::roster::fields::Field;
use serde::Deserialize;

use super::driver::Browser;
use crate::support::{Someone, TestServer};

/// By the browser's own account: everything that came over the wire for the page, headers and all. The icon of the tab
/// is fetched beside the page and not in its account, so a first visit asks for it once more.
const ACCOUNT: &str = "
    const [cold, done] = arguments;
    (async () => {
        await document.fonts.ready;
        if (cold) await fetch(document.querySelector('link[rel=icon]').href, { cache: 'reload' });
        const entries = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
        done(entries.map((each) => ({ name: each.name, bytes: each.transferSize })).filter(({ bytes }) => bytes > 0));
    })();
";

#[derive(Debug, Deserialize)]
struct Fetched {
    #[expect(dead_code, reason = "told where the test fails")]
    name: String,
    bytes: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_light() {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let given = ["Nghiêng", "Quyên", "Thương", "An", "Trường", "Khương", "Uyển", "Đạt", "Ngọc"];
    let pupils: Vec<Someone> = (0..120)
        .map(|n: usize| {
            let name = format!("Nguyễn {} {} {}", given[n % 9], given[n / 9 % 9], given[n / 2 % 9]);
            let pupil = Someone::pupil(&name, cast.class_id).value(Field::BirthDate, "2011-03-02");
            if n.is_multiple_of(3) { pupil } else { pupil.new_here() }
        })
        .collect();
    cast.school.add_all(&server.test, &pupils).await;
    let owner = server.test.signed_in(&cast.owner).await;

    let browser = Browser::open(&server.url, true).await;
    browser.set_cookie("session", &owner.cookie("session").unwrap()).await;
    let mut told = Vec::new();
    for (cold, most_bytes, most_requests) in [(true, 220_000, 10), (false, 15_000, 2)] {
        browser.goto(&cast.school.path("/accounts?role=student")).await;
        browser.says("Uyển").await;
        let fetched: Vec<Fetched> = serde_json::from_value(browser.ask(ACCOUNT, vec![cold.into()]).await).unwrap();
        let bytes: u64 = fetched.iter().map(|each| each.bytes).sum();
        told.push(format!("{bytes} bytes in {} requests", fetched.len()));
        assert!(bytes <= most_bytes && fetched.len() <= most_requests, "{bytes} bytes, cold: {cold}: {fetched:#?}");
        assert!(!fetched.is_empty(), "the page itself came over the wire");
    }
    println!("at first {}, then {}", told[0], told[1]);
    browser.quit().await;
}
