//! Signing in to other applications: how many codes a second are exchanged for tokens, compared with signing such tokens and
//! nothing else, and what is left of it while sign-ins keep all cores hashing. Over HTTP, in the same run on the same server.
//!
//! `BENCH_ROUNDS` and `BENCH_CODES` make it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use schoolgate::{
    access::{ClientScope, Scope},
    app::App,
    clients::{self, NewClient},
    crypto::{
        signing::{PrivateKey, SigningAlgorithm, SigningKey},
        token::Token,
    },
    demo::{self, DemoSize},
    ids::{ClientId, GrantId},
    router,
    schools::directory,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use support::client::{Client, serve};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "tokens";
const PASSWORD: &str = "một con mèo trèo cây cau";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const BACK: &str = "https://moodle.example/callback";

/// The largest allowed ratio of the rate of signing alone to that of exchanges.
const MOST_TIMES: f64 = 2.0;

/// How long 200 exchanges may take, in seconds.
const MOST_SECONDS_FOR_200: f64 = 1.0;

/// How many applications ask at once, and how many people sign in meanwhile.
const CONNECTIONS: usize = 16;
const PEOPLE: usize = 16;

/// For how long tokens are signed in a round.
const SPELL: Duration = Duration::from_secs(3);

fn key(algorithm: SigningAlgorithm) -> SigningKey {
    PrivateKey::generate(algorithm).unwrap().signing(algorithm).unwrap()
}

/// What the answer to a code takes of signing, on all cores: one ES256, and one RS256 where `with_rsa`.
fn signatures_a_second(cores: usize, with_rsa: bool) -> f64 {
    let claims = json!({
        "iss": "https://schoolgate.example.vn", "aud": "0190d5e0-0000-7000-8000-000000000001", "iat": 1, "exp": 301,
        "sub": "0190d5e0-0000-7000-8000-000000000002", "sid": "0190d5e0-0000-7000-8000-000000000003",
        "scope": "openid profile school", "jti": "00112233445566778899aabbccddeeff", "acr": "urn:schoolgate:password",
    });
    let keys = Arc::new((key(SigningAlgorithm::Es256), key(SigningAlgorithm::Rs256)));
    let until = Instant::now() + SPELL;
    let threads = (0..cores).map(|_| {
        let (keys, claims) = (Arc::clone(&keys), claims.clone());
        thread::spawn(move || {
            let mut count = 0_u32;
            while Instant::now() < until {
                keys.0.sign("at+jwt", &claims).unwrap();
                if with_rsa {
                    keys.1.sign("JWT", &claims).unwrap();
                }
                count += 1;
            }
            count
        })
    });
    let count: u32 = threads.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).sum();
    f64::from(count) / SPELL.as_secs_f64()
}

/// An application of the school, and how it shows which one it is.
struct Application {
    id: ClientId,
    basic: String,
}

impl Application {
    async fn of(app: &App, code: &str) -> Self {
        let school = directory::find(&app.db, code).await.unwrap();
        let new = NewClient {
            name: "Moodle".to_owned(),
            scopes: ClientScope::OPENID.to_vec(),
            redirect_uris: vec![BACK.to_owned()],
            ..NewClient::default()
        };
        let granted = Scope::system(school).grant().unwrap();
        let made = clients::make_for_school(&granted, app, &new).await.unwrap().unwrap();
        Self { id: made.id, basic: STANDARD.encode(format!("{}:{}", made.id, made.secret)) }
    }
}

/// Codes as pupils have got them a moment ago, each from a session of its own.
async fn codes(
    app: &App,
    admin: &mut PgConnection,
    application: &Application,
    code: &str,
    number: usize,
) -> Vec<String> {
    let now = app.clock.now();
    let codes: Vec<Token> = (0..number).map(|_| Token::generate(&app.randomness)).collect();
    let ids: Vec<uuid::Uuid> = (0..number).map(|_| app.randomness.uuid_v7::<GrantId>(now).uuid()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| code.hash().to_vec()).collect();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    // The session's hash is the code's: it need only be another one each time.
    sqlx::query(
        "WITH pupils AS (
             SELECT m.account_id, m.school_id, m.member_id, row_number() OVER () AS place
             FROM memberships m JOIN accounts a ON a.id = m.account_id JOIN schools s ON s.id = m.school_id
             JOIN members p ON p.school_id = m.school_id AND p.id = m.member_id AND p.status = 'active'
             WHERE s.code = $5 AND a.login LIKE '%@' || lower(s.code)),
         new AS (
             SELECT n.id, n.hash, p.account_id, p.school_id, p.member_id
             FROM unnest($1::uuid[], $2::bytea[]) WITH ORDINALITY AS n (id, hash, place)
             JOIN pupils p ON p.place = 1 + (n.place - 1) % (SELECT count(*) FROM pupils)),
         opened AS (
             INSERT INTO sessions (token_hash, account_id, must_choose_password, created_at, last_seen_at,
                 password_checked_at, expires_at, user_agent)
             SELECT hash, account_id, false, $3, $3, $3, $3 + interval '1 day', '' FROM new),
         begun AS (
             INSERT INTO openid_grants (id, account_id, client_id, school_id, member_id, session_hash, scopes,
                 authenticated_at, with_second_factor, created_at)
             SELECT id, account_id, $4, school_id, member_id, hash, ARRAY['openid', 'profile', 'school'], $3, false, $3
             FROM new)
         INSERT INTO openid_codes (hash, grant_id, redirect_uri, challenge, expires_at)
         SELECT hash, id, $6, $7, $3 + interval '1 hour' FROM new",
    )
    .bind(&ids)
    .bind(&hashes)
    .bind(now)
    .bind(application.id)
    .bind(code)
    .bind(BACK)
    .bind(challenge)
    .execute(admin)
    .await
    .unwrap();
    codes.iter().map(Token::to_url).collect()
}

/// Codes exchanged a second, until there are none left.
async fn exchanges(address: SocketAddr, application: &Application, codes: Vec<String>) -> f64 {
    let (number, began) = (codes.len(), Instant::now());
    let codes = Arc::new(Mutex::new(codes));
    let workers = (0..CONNECTIONS).map(|_| {
        let (codes, basic) = (Arc::clone(&codes), application.basic.clone());
        tokio::spawn(async move {
            let mut client = Client::at(address).await;
            loop {
                let Some(code) = codes.lock().unwrap().pop() else { return };
                let status = client.exchange(&basic, &code, BACK, VERIFIER).await;
                assert_eq!(status, "200");
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    f64::from(u32::try_from(number).unwrap()) / began.elapsed().as_secs_f64()
}

/// The same while sign-ins keep all cores hashing.
async fn exchanges_meanwhile(
    address: SocketAddr,
    application: &Application,
    codes: Vec<String>,
    staff: &Arc<Vec<String>>,
) -> f64 {
    let goes_on = Arc::new(AtomicBool::new(true));
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| {
            let (staff, goes_on) = (Arc::clone(staff), Arc::clone(&goes_on));
            tokio::spawn(async move {
                let mut client = Client::at(address).await;
                for login in staff.iter().skip(number).step_by(PEOPLE).cycle() {
                    if !goes_on.load(Ordering::Relaxed) {
                        break;
                    }
                    assert_eq!(client.sign_in(login, PASSWORD, "203.0.113.7").await, "303", "{login}");
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let rate = exchanges(address, application, codes).await;
    goes_on.store(false, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    rate
}

/// People who sign in meanwhile: other pupils, with an own password.
async fn people(app: &App, admin: &mut PgConnection, code: &str) -> Arc<Vec<String>> {
    let hash = app.hasher.hash(PASSWORD.to_owned(), *b"0123456789abcdef").await.unwrap();
    let logins = sqlx::query_scalar(
        "UPDATE accounts SET password_hash = $1, temporary_password = NULL, temporary_key_id = NULL,
             temporary_expires_at = NULL, temporary_school_id = NULL
         WHERE login LIKE '%@' || lower($2) RETURNING login",
    );
    Arc::new(logins.bind(hash).bind(code).fetch_all(admin).await.unwrap())
}

async fn run() {
    let cores = thread::available_parallelism().unwrap().get();
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let number = of_environment("BENCH_CODES").unwrap_or(2_000);
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 24, cores);
    let owner = site.owner(DATABASE).await;
    let demo = demo::make(&app, &owner, DemoSize { schools: 3, pupils: 500, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let mut admin = site.admin(DATABASE).await;
    let (school, other) = (&demo.schools[0].code, &demo.schools[2].code);
    let application = Application::of(&app, school).await;
    let people = people(&app, &mut admin, other).await;
    site.settle(DATABASE).await;
    let address = serve(router::router(&app)).await;

    let (mut es256, mut signing, mut rates, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut busy, mut seconds, mut busy_seconds) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let alone = |with_rsa| tokio::task::spawn_blocking(move || signatures_a_second(cores, with_rsa));
        // One after the other: each wants all cores.
        let of_es256 = alone(false).await.unwrap();
        let of_both = alone(true).await.unwrap();
        let idle_codes = codes(&app, &mut admin, &application, school, number).await;
        let idle = exchanges(address, &application, idle_codes).await;
        let busy_codes = codes(&app, &mut admin, &application, school, number.min(1_000)).await;
        let meanwhile = exchanges_meanwhile(address, &application, busy_codes, &people).await;
        // The first round is a warm-up.
        if round > 0 {
            es256.push(of_es256);
            signing.push(of_both);
            rates.push(idle);
            times.push(of_both / idle);
            seconds.push(200.0 / idle);
            busy.push(meanwhile);
            busy_seconds.push(200.0 / meanwhile);
        }
    }
    heading(&format!("Codes for tokens on {cores} cores, {CONNECTIONS} at once, {rounds} rounds"));
    figure("ES256 alone, on all cores", median(es256), "1/s", None);
    figure("ES256 and RS256, as an answer has them, alone", median(signing), "1/s", None);
    figure("codes exchanged over HTTP", median(rates), "1/s", None);
    figure("signing alone, times the exchanges", median(times), "times", Some(MOST_TIMES));
    figure("two hundred exchanges", median(seconds), "s", Some(MOST_SECONDS_FOR_200));
    figure("codes exchanged while sign-ins keep all cores hashing", median(busy), "1/s", None);
    figure("two hundred exchanges meanwhile", median(busy_seconds), "s", Some(MOST_SECONDS_FOR_200));
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
