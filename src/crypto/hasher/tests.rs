use std::sync::Mutex;
use std::time::Duration;

use super::*;

const SALT: [u8; 16] = *b"sixteen bytes ok";

fn hasher(threads: usize, queue_bound: usize) -> PasswordHasher {
    PasswordHasher::new(threads, queue_bound).unwrap()
}

/// Keeps a thread of the hasher busy until the returned sender is used or dropped.
async fn occupy(hasher: &PasswordHasher) -> std::sync::mpsc::Sender<()> {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel();
    let job: HashJob = Box::new(move |_| {
        let _ = begin.send(());
        let _ = released.recv();
    });
    assert!(hasher.queue.push(&hasher.lane, job).is_none());
    begun.await.unwrap();
    release
}

fn phc_with(memory_kib: u32, passes: u32, password: &str) -> String {
    let params = Params::new(memory_kib, passes, 1, Some(32)).unwrap();
    let params_text = ParamsString::try_from(&params).unwrap();
    let output = digest(&mut WorkingMemory::default(), password, &SALT, params).unwrap();
    let salt = Salt::new(&SALT).unwrap();
    format!("$argon2id$v=19${params_text}${salt}${output}")
}

#[tokio::test]
async fn a_hash_verifies_its_password_and_no_other() {
    let hasher = hasher(1, 10);
    let phc = hasher.hash("một hai ba bốn".into(), SALT).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    let right = hasher.verify("một hai ba bốn".into(), phc.clone()).await.unwrap();
    assert_eq!(right, Verdict { matches: true, needs_upgrade: false });
    let wrong = hasher.verify("mot hai ba bon".into(), phc).await.unwrap();
    assert_eq!(wrong, Verdict::NO_MATCH);
}

#[tokio::test]
async fn the_library_itself_agrees() {
    use argon2::PasswordVerifier as _;
    let phc = hasher(1, 10).hash("correct horse".into(), SALT).await.unwrap();
    assert!(Argon2::default().verify_password(b"correct horse", phc.as_str()).is_ok());
}

#[tokio::test]
async fn composed_and_decomposed_marks_are_one_password() {
    let hasher = hasher(1, 10);
    let phc = hasher.hash("Ti\u{1ebf}ng Vi\u{1ec7}t".into(), SALT).await.unwrap();
    let decomposed = "Tie\u{302}\u{301}ng Vie\u{323}\u{302}t".into();
    assert!(hasher.verify(decomposed, phc).await.unwrap().matches);
}

#[tokio::test]
async fn other_parameters_verify_and_ask_for_an_upgrade() {
    let hasher = hasher(1, 10);
    for phc in [phc_with(8_192, 1, "secret"), phc_with(2 * MEMORY_KIB, 2, "secret")] {
        let right = hasher.verify("secret".into(), phc.clone()).await.unwrap();
        assert_eq!(right, Verdict { matches: true, needs_upgrade: true }, "{phc}");
        assert_eq!(hasher.verify("wrong".into(), phc).await, Ok(Verdict::NO_MATCH));
    }
}

#[test]
fn memory_does_not_stay_grown() {
    let mut memory = WorkingMemory::default();
    memory.blocks(2 * MEMORY_KIB as usize);
    memory.shrink();
    assert_eq!(memory.blocks.capacity(), MEMORY_KIB as usize);
}

#[tokio::test]
async fn what_is_no_affordable_hash_is_refused() {
    let hasher = hasher(1, 10);
    let output = "c2l4dGVlbiBieXRlcyBva3NpeHRlZW4gYnl0ZXM";
    let with = |head: &str| format!("{head}$c2l4dGVlbiBieXRlcw${output}");
    for phc in [
        String::new(),
        "secret".into(),
        "$argon2id$v=19$m=19456,t=2,p=1".into(),
        "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcw".into(),
        with("$2b$12"),
        with("$argon2i$v=19$m=19456,t=2,p=1"),
        with("$argon2id$v=16$m=19456,t=2,p=1"),
        with("$argon2id$v=19$m=4194304,t=2,p=1"),
        with("$argon2id$v=19$m=19456,t=4000000,p=1"),
        with("$argon2id$v=19$m=0,t=0,p=0"),
    ] {
        let refused = hasher.verify("secret".into(), phc.clone()).await;
        assert_eq!(refused, Err(HasherError::UnreadableHash), "{phc}");
    }
    assert!(hasher.verify("secret".into(), with("$argon2id$v=19$m=19456,t=2,p=1")).await.is_ok());
}

#[tokio::test]
async fn endless_passwords_never_match_and_are_not_kept() {
    let hasher = hasher(1, 10);
    let endless = "a".repeat(MOST_PASSWORD_BYTES + 1);
    let phc = hasher.hash(String::new(), SALT).await.unwrap();
    assert_eq!(hasher.verify(endless.clone(), phc).await, Ok(Verdict::NO_MATCH));
    assert_eq!(hasher.verify_nothing(endless.clone()).await, Ok(()));
    assert_eq!(hasher.hash(endless, SALT).await, Err(HasherError::Failed));
}

#[tokio::test]
async fn a_storm_is_answered_while_the_async_thread_stays_free() {
    const SIGN_INS: usize = 300;
    let hasher = hasher(2, 2_000);
    let phc = hasher.hash("the password".into(), SALT).await.unwrap();
    let mut storm = tokio::task::JoinSet::new();
    for number in 0..SIGN_INS {
        let (hasher, phc) = (hasher.clone(), phc.clone());
        let right = number % 2 == 0;
        let password = if right { "the password" } else { "another" };
        storm.spawn(async move {
            let verdict = hasher.verify(password.into(), phc).await;
            verdict.unwrap().matches == right
        });
    }
    let (mut answered, mut ticks) = (0, 0);
    while answered < SIGN_INS {
        tokio::time::sleep(Duration::from_millis(1)).await;
        ticks += 1;
        while let Some(answer) = storm.try_join_next() {
            assert!(answer.unwrap());
            answered += 1;
        }
    }
    // On the async thread dozens of hashes would be done between one tick and the next.
    assert!(ticks > SIGN_INS / 2, "{ticks}");
}

#[tokio::test]
async fn first_come_is_first_served() {
    let hasher = hasher(1, 2_000);
    let gate = occupy(&hasher).await;
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..300 {
        let (hasher, served) = (hasher.clone(), Arc::clone(&served));
        waiting.spawn(async move { hasher.submit(move |_| served.lock().unwrap().push(number)).await });
    }
    tokio::task::yield_now().await;
    drop(gate);
    for result in waiting.join_all().await {
        assert_eq!(result, Ok(()));
    }
    assert!(served.lock().unwrap().is_sorted());
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_recovers() {
    let hasher = hasher(1, 2);
    let gate = occupy(&hasher).await;
    let waiting = [0, 1].map(|_| {
        tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.verify_nothing("password".into()).await }
        })
    });
    tokio::task::yield_now().await;
    assert_eq!(hasher.verify_nothing("password".into()).await, Err(HasherError::Overloaded));
    assert_eq!(hasher.hash("password".into(), SALT).await, Err(HasherError::Overloaded));
    drop(gate);
    for waiter in waiting {
        assert_eq!(waiter.await.unwrap(), Ok(()));
    }
    assert_eq!(hasher.verify_nothing("password".into()).await, Ok(()));
}

#[tokio::test]
async fn the_job_of_a_caller_who_left_is_skipped() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let hasher = hasher(1, 10);
    let gate = occupy(&hasher).await;
    let ran = Arc::new(AtomicBool::new(false));
    let abandoned = tokio::spawn({
        let (hasher, ran) = (hasher.clone(), Arc::clone(&ran));
        async move { hasher.submit(move |_| ran.store(true, Ordering::SeqCst)).await }
    });
    tokio::task::yield_now().await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    drop(gate);
    hasher.verify_nothing("behind it in the queue".into()).await.unwrap();
    assert!(!ran.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_panicking_job_fails_alone() {
    let hasher = hasher(1, 10);
    let failed: Result<(), _> = hasher.submit(|_| panic!("on purpose")).await;
    assert_eq!(failed, Err(HasherError::Failed));
    assert_eq!(hasher.verify_nothing("the next".into()).await, Ok(()));
}

#[tokio::test]
async fn nothing_to_verify_costs_what_a_verification_costs() {
    let hasher = hasher(1, 10);
    let phc = hasher.hash("the password".into(), SALT).await.unwrap();
    // Counted and not timed, since the machine may be busy: each is one argon2 of the same size.
    let stored = PasswordHash::new(&phc).unwrap();
    assert_eq!(stored.params, ParamsString::try_from(&current_params().unwrap()).unwrap());
    let mut before = hasher.computed();
    let mut costs = || {
        let computed = hasher.computed() - before;
        before += computed;
        computed
    };
    assert!(!hasher.verify("another".into(), phc.clone()).await.unwrap().matches);
    assert_eq!(costs(), 1);
    hasher.verify_nothing("another".into()).await.unwrap();
    assert_eq!(costs(), 1, "an unknown login");
    hasher.verify("x".repeat(5_000), phc.clone()).await.unwrap();
    assert_eq!(costs(), 1, "a password that is too long to be one");
}

#[tokio::test]
async fn the_threads_end_with_the_last_clone() {
    let (queue, jobs) = queue::new(1);
    let thread = thread::spawn(move || work(&jobs, WorkingMemory::default()));
    let hasher = PasswordHasher { queue, lane: HashingLane::default(), computed: Arc::default() };
    drop(hasher.clone());
    hasher.verify_nothing("still there".into()).await.unwrap();
    drop(hasher);
    thread.join().unwrap();
}

/// Hundreds of guesses from one address, and one person at another: the person waits for one of them, not for all.
#[tokio::test]
async fn a_flood_from_one_address_waits_for_itself() {
    let hasher = hasher(1, 2_000);
    let gate = occupy(&hasher).await;
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut waiting = tokio::task::JoinSet::new();
    let mut ask = async |address: &str, name: &'static str| {
        let hasher = hasher.asked_from(Some(address.parse().unwrap()));
        let served = Arc::clone(&served);
        waiting.spawn(async move { hasher.submit(move |_| served.lock().unwrap().push(name)).await });
        tokio::task::yield_now().await;
    };
    for _ in 0..600 {
        ask("203.0.113.7", "flood").await;
    }
    // The /64 of an IPv6 customer is one sender, and an IPv4 address is one however it is written.
    for last in 1..100 {
        ask(&format!("2001:db8:1:2::{last:x}"), "network").await;
    }
    ask("::ffff:203.0.113.7", "flood").await;
    ask("198.51.100.1", "honest").await;
    drop(gate);
    waiting.join_all().await;
    let served = served.lock().unwrap();
    let before = served.iter().position(|name| *name == "honest").unwrap();
    assert!(before <= 3, "{before} were served before");
}

/// A flood drops its own newest jobs, and these fail at once.
#[tokio::test]
async fn a_flood_that_fills_the_queue_turns_no_other_address_away() {
    let hasher = hasher(1, 4);
    let gate = occupy(&hasher).await;
    let ask = |address: &'static str| {
        let hasher = hasher.asked_from(Some(address.parse().unwrap()));
        tokio::spawn(async move { hasher.verify_nothing("password".into()).await })
    };
    let mut flood = Vec::new();
    for _ in 0..8 {
        flood.push(ask("203.0.113.7"));
        tokio::task::yield_now().await;
    }
    let honest = ask("198.51.100.1");
    tokio::task::yield_now().await;
    drop(gate);
    assert_eq!(honest.await.unwrap(), Ok(()));
    let mut refused = 0;
    for each in flood {
        refused += usize::from(each.await.unwrap() == Err(HasherError::Overloaded));
    }
    assert_eq!(refused, 5, "four for want of room, one to make room");
}
