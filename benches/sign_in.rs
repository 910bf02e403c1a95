//! Signing in: how many a second compared with argon2's own rate on all cores, the effect on the list of accounts
//! meanwhile, and whether the time of a refusal shows what is on record. All over HTTP, in the same run on the same
//! server.
//!
//! `BENCH_ROUNDS` makes it shorter.

// A benchmark may panic on a failed precondition, and may read the machine's clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use schoolgate::{
    app::App,
    demo::{self, DemoSize},
    router,
};
use support::client::{Client, cookie_of, p99, rate, serve, since};
use support::site::Site;
use support::{figure, heading, median, of_environment};

const DATABASE: &str = "sign_in";
const PASSWORD: &str = "một con mèo trèo cây cau";

/// How many times its idle time a page may take while all cores hash, at the 99th percentile.
const MOST_TIMES: f64 = 10.0;

/// How many sign in at once, and for how long in a round.
const PEOPLE: usize = 16;
const SPELL: Duration = Duration::from_secs(5);

/// How many pages are requested in a round, in each state.
const PAGES: usize = 300;

/// How many wrong attempts of each kind.
const TRIES: usize = 200;

/// How often the same attempts are shuffled to learn the effect of chance alone.
const DEALS: usize = 2_000;

/// Hashes a second on all cores, with nothing else to do.
fn hashes_a_second(cores: usize) -> f64 {
    let until = Instant::now() + SPELL;
    let threads = (0..cores).map(|_| {
        thread::spawn(move || {
            let params = Params::new(19_456, 2, 1, Some(32)).unwrap();
            let mut memory = vec![Block::default(); params.block_count()];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut count = 0_u32;
            while Instant::now() < until {
                let mut hash = [0; 32];
                let password = PASSWORD.as_bytes();
                argon2.hash_password_into_with_memory(password, b"0123456789abcdef", &mut hash, &mut memory).unwrap();
                count += 1;
            }
            count
        })
    });
    let count: u32 = threads.collect::<Vec<_>>().into_iter().map(|thread| thread.join().unwrap()).sum();
    f64::from(count) / SPELL.as_secs_f64()
}

/// The pupils of a school, who all have the same own password.
async fn pupils(site: &Site, app: &App, code: &str) -> Arc<Vec<String>> {
    let hash = app.hasher.hash(PASSWORD.to_owned(), *b"0123456789abcdef").await.unwrap();
    let logins = sqlx::query_scalar(
        "UPDATE accounts SET password_hash = $1, temporary_password = NULL, temporary_key_id = NULL,
             temporary_expires_at = NULL, temporary_school_id = NULL
         WHERE login LIKE '%@' || lower($2) RETURNING login",
    )
    .bind(hash)
    .bind(code)
    .fetch_all(&mut site.admin(DATABASE).await)
    .await
    .unwrap();
    Arc::new(logins)
}

/// Right sign-ins a second.
async fn sign_ins(address: SocketAddr, pupils: &Arc<Vec<String>>) -> f64 {
    rate(PEOPLE, SPELL, |number, until| {
        let pupils = Arc::clone(pupils);
        async move {
            let mut client = Client::at(address).await;
            let mut count = 0;
            // Each client has other accounts to sign in.
            for login in pupils.iter().skip(number).step_by(PEOPLE).cycle() {
                if Instant::now() >= until {
                    break;
                }
                let status = client.sign_in(login, PASSWORD, "203.0.113.7").await;
                assert_eq!(status, "303", "{login}");
                count += 1;
            }
            count
        }
    })
    .await
}

/// The 99th percentile of the pages, in milliseconds.
async fn slowest_page(address: SocketAddr, path: &str, cookie: &str) -> f64 {
    let mut client = Client::at(address).await;
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let began = Instant::now();
        client.get(path, cookie).await;
        times.push(since(began));
    }
    p99(times)
}

/// The 99th percentile of the pages while sign-ins keep all cores hashing.
async fn slowest_page_meanwhile(address: SocketAddr, pupils: &Arc<Vec<String>>, path: &str, cookie: &str) -> f64 {
    let goes_on = Arc::new(AtomicBool::new(true));
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| {
            let (pupils, goes_on) = (Arc::clone(pupils), Arc::clone(&goes_on));
            tokio::spawn(async move {
                let mut client = Client::at(address).await;
                for login in pupils.iter().skip(number).step_by(PEOPLE).cycle() {
                    if !goes_on.load(Ordering::Relaxed) {
                        break;
                    }
                    client.sign_in(login, PASSWORD, "203.0.113.7").await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let slowest = slowest_page(address, path, cookie).await;
    goes_on.store(false, Ordering::Relaxed);
    for person in people {
        person.await.unwrap();
    }
    slowest
}

/// What may be on record of a login for which a wrong password is typed.
const ON_RECORD: [&str; 4] = ["an own password", "a temporary password", "no password", "no account"];

/// Of each kind, logins that are used once each, so that none is ever throttled.
async fn logins_by_record(site: &Site, own: &[String]) -> [Vec<String>; 4] {
    let mut admin = site.admin(DATABASE).await;
    let most = i64::try_from(TRIES).unwrap();
    let temporary: Vec<String> =
        sqlx::query_scalar("SELECT login FROM accounts WHERE temporary_password IS NOT NULL ORDER BY login LIMIT $1")
            .bind(most)
            .fetch_all(&mut admin)
            .await
            .unwrap();
    let none: Vec<String> = sqlx::query_scalar(
        "UPDATE accounts SET temporary_password = NULL, temporary_key_id = NULL, temporary_expires_at = NULL, temporary_school_id = NULL
         WHERE login IN (SELECT login FROM accounts WHERE temporary_password IS NOT NULL ORDER BY login DESC LIMIT $1)
         RETURNING login",
    )
    .bind(most)
    .fetch_all(&mut admin)
    .await
    .unwrap();
    let unknown = (0..TRIES).map(|number| format!("khongco{number}@79000701")).collect();
    [own[..TRIES].to_vec(), temporary, none, unknown]
}

/// The times of wrong attempts, in milliseconds, of each kind in rotation.
async fn wrong_tries(address: SocketAddr, logins: &[Vec<String>; 4]) -> [Vec<f64>; 4] {
    let mut client = Client::at(address).await;
    let mut times = [const { Vec::new() }; 4];
    for number in 0..TRIES {
        for (kind, (logins, times)) in logins.iter().zip(&mut times).enumerate() {
            // From addresses of their own, of which none is ever throttled either.
            let from = Ipv4Addr::from_bits(0xCB00_7100 + u32::try_from(number * 4 + kind).unwrap() % 200);
            let began = Instant::now();
            let status = client.sign_in(&logins[number], "một mật khẩu nào đó", &from.to_string()).await;
            times.push(since(began));
            assert_eq!(status, "422", "{}", logins[number]);
        }
    }
    times
}

/// The ratio of the slowest kind to the quickest, by their medians.
fn spread(kinds: &[Vec<f64>; 4]) -> f64 {
    let medians = kinds.each_ref().map(|times| median(times.clone()));
    medians.iter().copied().fold(f64::MIN, f64::max) / medians.iter().copied().fold(f64::MAX, f64::min)
}

/// The ratio if the kinds meant nothing: the 99th percentile over random shuffles of all attempts.
fn spread_by_chance(kinds: &[Vec<f64>; 4]) -> f64 {
    let mut all = kinds.concat();
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let mut spreads = Vec::new();
    for _ in 0..DEALS {
        all.shuffle(&mut chance);
        let mut hands = all.chunks(TRIES).map(<[f64]>::to_vec);
        spreads.push(spread(&[(); 4].map(|()| hands.next().unwrap())));
    }
    p99(spreads)
}

async fn run() {
    let cores = thread::available_parallelism().unwrap().get();
    let rounds = of_environment("BENCH_ROUNDS").unwrap_or(5);
    let site = Site::start(DATABASE).await;
    let app = site.app(DATABASE, 24, cores);
    let owner = site.owner(DATABASE).await;
    let demo = demo::make(&app, &owner, DemoSize { schools: 3, pupils: 2_000, seed: 1 }).await.unwrap();
    owner.pool().close().await;
    let school = &demo.schools[0];
    let pupils = pupils(&site, &app, &school.code).await;
    let logins = logins_by_record(&site, &pupils).await;
    let cookie = cookie_of(&app, &school.owner.login).await;
    let path = format!("/schools/{}/accounts?role=student", school.code);
    site.settle(DATABASE).await;
    let address = serve(router::router(&app)).await;

    let (mut hashes, mut signed_in, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    let (mut idle, mut busy, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let of_hashes = tokio::task::spawn_blocking(move || hashes_a_second(cores)).await.unwrap();
        let of_sign_ins = sign_ins(address, &pupils).await;
        let of_idle = slowest_page(address, &path, &cookie).await;
        let of_busy = slowest_page_meanwhile(address, &pupils, &path, &cookie).await;
        // The first round is a warm-up.
        if round > 0 {
            hashes.push(of_hashes);
            signed_in.push(of_sign_ins);
            shares.push(of_sign_ins / of_hashes);
            idle.push(of_idle);
            busy.push(of_busy);
            times.push(of_busy / of_idle);
        }
    }
    heading(&format!("Signing in on {cores} cores, {PEOPLE} at once, {rounds} rounds"));
    figure("argon2 alone, on all cores", median(hashes), "1/s", None);
    figure("sign-ins", median(signed_in), "1/s", None);
    figure("sign-ins, as a share of argon2 alone", median(shares), "", None);
    figure("a page of the list, 99 of 100, idle", median(idle), "ms", None);
    figure("the same while sign-ins keep all cores hashing", median(busy), "ms", None);
    figure("the same, times idle", median(times), "times", Some(MOST_TIMES));

    let tries = wrong_tries(address, &logins).await;
    heading(&format!("A wrong password, {TRIES} tries for each kind of login"));
    for (what, times) in ON_RECORD.into_iter().zip(&tries) {
        figure(&format!("with {what} on record, the median"), median(times.clone()), "ms", None);
    }
    figure("the slowest kind, times the quickest", spread(&tries), "times", Some(spread_by_chance(&tries)));
    app.db.pool().close().await;
    site.leave().await;
}

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(run());
}
