//! `/metrics` is for this machine and for those who have the token; through a proxy it is there for nobody, and what
//! strangers send makes no series.

use axum::body::Body;
use axum::http::{Method, Version};
use schoolgate::health;

use crate::support::{Client, TestApp};

const TOKEN: &str = "a-token-of-some-length";

async fn status(client: &Client, headers: &[(&str, &str)]) -> u16 {
    let request = headers
        .iter()
        .fold(client.request(Method::GET, "/metrics"), |request, (name, value)| request.header(*name, *value));
    client.send(request, Body::empty()).await.status.as_u16()
}

const LOCAL: [(&str, &str); 1] = [("host", "127.0.0.1:8080")];
const BEARER: (&str, &str) = ("authorization", "Bearer a-token-of-some-length");

#[tokio::test]
async fn figures_are_told_on_this_machine_and_not_through_a_proxy() {
    let test = TestApp::new().await;
    let (here, elsewhere) = (test.anonymous().at([127, 0, 0, 1]), test.anonymous());
    assert_eq!(status(&here, &LOCAL).await, 200);
    assert_eq!(status(&here, &[("host", "localhost:8080")]).await, 200);
    assert_eq!(status(&here, &[("host", "[::1]:8080")]).await, 200);
    assert_eq!(status(&elsewhere, &LOCAL).await, 404);
    for host in ["schoolgate.example.vn", "127.0.0.1.example.vn", "", "localhost.example.vn:8080"] {
        assert_eq!(status(&here, &[("host", host)]).await, 404, "{host}");
    }
    for trace in ["x-forwarded-for", "X-Forwarded-Host", "forwarded", "via", "x-real-ip", "cf-connecting-ip"] {
        assert_eq!(status(&here, &[LOCAL[0], (trace, "203.0.113.9")]).await, 404, "{trace}");
    }
    // nginx with no more than a line of configuration.
    let old = here.request(Method::GET, "/metrics").version(Version::HTTP_10).header("host", "127.0.0.1:8080");
    assert_eq!(here.send(old, Body::empty()).await.status, 404);
    assert_eq!(status(&here, &[LOCAL[0], BEARER]).await, 200, "a token that nobody asks for");
    assert_eq!(status(&elsewhere, &[BEARER]).await, 404, "no token is set");
}

#[tokio::test]
async fn a_token_opens_them_from_elsewhere() {
    let test = TestApp::with_config(|config| {
        config.metrics_token = Some(TOKEN.to_owned());
        config.trusted_proxies = vec!["198.51.100.0/24".parse().unwrap()];
    })
    .await;
    let elsewhere = test.anonymous();
    assert_eq!(status(&elsewhere, &[BEARER]).await, 200);
    for wrong in ["", "Bearer ", "Bearer a-token-of-some-lengt", "Basic a-token-of-some-length"] {
        assert_eq!(status(&elsewhere, &[("authorization", wrong)]).await, 404, "{wrong}");
    }
    assert_eq!(status(&elsewhere, &[BEARER, ("x-forwarded-for", "203.0.113.9")]).await, 404);
    let proxy = test.anonymous().at([198, 51, 100, 4]);
    assert_eq!(status(&proxy, &[BEARER]).await, 404, "a proxy that we know");
    assert_eq!(status(&test.anonymous().at([127, 0, 0, 1]), &LOCAL).await, 200);
}

/// Requests by route and class of status, transactions and hashing by what they are for, jobs by kind.
#[tokio::test]
async fn durations_are_told_as_histograms() {
    health::install_metrics();
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/classes")).await.expect(200);
    owner.get(&cast.school.path("/accounts")).await.expect(200);
    let wrong = [("login", cast.owner.login.as_str()), ("password", "không phải mật khẩu này")];
    test.anonymous().post("/sign-in", &wrong).await.expect(422);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    let here = test.anonymous().at([127, 0, 0, 1]);
    let request = here.request(Method::GET, "/metrics").header("host", "localhost");
    let figures = here.send(request, Body::empty()).await.expect(200).html();
    let counted = |name: &str, labels: &[&str]| {
        let line = figures.lines().find(|line| {
            line.starts_with(&format!("{name}_bucket{{"))
                && line.contains("le=\"+Inf\"")
                && labels.iter().all(|label| line.contains(label))
        });
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    for (name, labels) in [
        ("http_request_duration_seconds", &["route=\"/schools/{code}/classes\"", "status=\"2xx\""] as &[&str]),
        ("http_request_duration_seconds", &["route=\"/sign-in\"", "status=\"4xx\""]),
        ("db_transaction_duration_seconds", &["origin=\"/schools/{code}/classes\"", "outcome=\"committed\""]),
        ("db_transaction_duration_seconds", &["origin=\"/schools/{code}/accounts\"", "outcome=\"read\""]),
        ("db_begin_duration_seconds", &["origin=\"/schools/{code}/classes\""]),
        ("password_hash_duration_seconds", &["origin=\"/sign-in\""]),
        ("password_hash_wait_seconds", &["origin=\"/sign-in\""]),
        ("job_duration_seconds", &["job=\"mail_reset\"", "outcome=\"done\""]),
        ("db_transaction_duration_seconds", &["origin=\"mail_reset\""]),
    ] {
        assert!(counted(name, labels) >= 1.0, "{name} {labels:?} is not in {figures}");
    }
    for secret in [cast.owner.login.as_str(), &cast.owner.name, cast.school.code()] {
        assert!(!figures.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_strangers_send_makes_no_series() {
    health::install_metrics();
    let test = TestApp::new().await;
    let client = test.anonymous();
    for number in 0..300 {
        let method = Method::from_bytes(format!("ODD{number}").as_bytes()).unwrap();
        client.send(client.request(method, &format!("/schools/{number}/nowhere")), Body::empty()).await;
        client.get(&format!("/verify-email/secret-{number}")).await;
    }
    let here = test.anonymous().at([127, 0, 0, 1]);
    let request = here.request(Method::GET, "/metrics").header("host", "localhost");
    let figures = here.send(request, Body::empty()).await.expect(200).html();
    assert!(figures.contains("http_requests_total") && figures.contains("method=\"other\""), "{figures}");
    for word in ["ODD", "secret-", "nowhere"] {
        assert!(!figures.contains(word), "{word}");
    }
    let statuses: std::collections::BTreeSet<&str> =
        figures.split("status=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(statuses.iter().all(|status| status.ends_with("xx")), "{statuses:?}");
}
