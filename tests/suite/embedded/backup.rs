//! `schoolgate backup` and `restore`: what a school does the day after its machine has died.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use schoolgate::{
    app::App,
    clock::{Clock, Randomness},
    crypto::{hasher::PasswordHasher, seal::KeyRing},
    db::{
        Db,
        embedded::{EmbeddedServer, ServerRole},
    },
    identity::{accounts, password::TemporaryPassword},
    ids::{AccountId, SchoolId},
    mail::{Mailer, Outbox, Sender},
    router,
};

use super::support::{Data, ask, block_on};
use crate::support::Client;
use crate::support::app::config;
use crate::support::database::PROGRAM;

/// Runs a command of the program on a data folder.
fn run(data: &Data, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    for variable in ["DATABASE_URL", "DATABASE_MIGRATION_URL", "SCHOOLGATE_SECRET_KEY"] {
        command.env_remove(variable);
    }
    command.args(arguments).env("SCHOOLGATE_DATA_DIR", &data.dir).current_dir(data.folder.path()).output().unwrap()
}

/// What it said, if it ended as expected.
#[track_caller]
fn said(output: Output, succeeds: bool) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.success(), succeeds, "{said}");
    said
}

fn key(data: &Data) -> std::path::PathBuf {
    data.dir.join("secret.key")
}

fn app(data: &Data, server: &EmbeddedServer) -> App {
    let config = config("http://schoolgate.test");
    let randomness = Randomness::system().unwrap();
    App {
        db: Db::new(server.connect_options(ServerRole::App, "schoolgate"), 4),
        clock: Clock::system(),
        hasher: PasswordHasher::new(1, 100).unwrap(),
        keys: Arc::new(KeyRing::load_or_create(&key(data), &randomness).unwrap()),
        mailer: Arc::new(Mailer::memory(Sender::new(&config.mail_from, &config.base_url).unwrap(), Outbox::default())),
        mailbox: None,
        program: PROGRAM.into(),
        randomness,
        config: Arc::new(config),
    }
}

/// A person gets in by the temporary password that was handed out before the backup.
async fn sign_in_by_a_slip(app: &App) {
    let ids: Vec<AccountId> = sqlx::query_scalar("SELECT id FROM accounts").fetch_all(app.db.pool()).await.unwrap();
    let mut connection = app.db.pool().acquire().await.unwrap();
    let school: SchoolId =
        sqlx::query_scalar("SELECT temporary_school_id FROM accounts WHERE temporary_school_id IS NOT NULL")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    let slips = accounts::temporary_passwords(&mut connection, &ids, school, app.clock.now()).await.unwrap();
    drop(connection);
    let (id, login, slip) = &slips[0];
    let password = TemporaryPassword::open(&app.keys, *id, &slip.sealed).unwrap();
    let client = Client::new(router::router(app), "http://schoolgate.test".to_owned());
    let form = [("login", login.as_str()), ("password", password.as_str())];
    assert_eq!(client.post("/sign-in", &form).await.location(), "/password/change");
}

/// Connections to the database that was replaced are closed by the server, which each of them learns when it is used.
async fn notice_what_was_closed(app: &App) {
    let pool = app.db.pool();
    for _ in 0..pool.size() {
        if sqlx::query("SELECT 1").execute(pool).await.is_ok() {
            return;
        }
    }
}

#[test]
fn a_backup_becomes_the_same_schools_on_another_machine() {
    let (old, new) = (Data::new(), Data::new());
    said(run(&old, &["demo", "--schools", "2", "--pupils", "4"]), true);
    let file = old.folder.path().join("đêm qua.backup");
    let name = file.to_str().unwrap();

    // Beside a person who uses the database.
    let server = old.start();
    let url = server.url(ServerRole::Admin, "schoolgate");
    let word = said(run(&old, &["backup", name]), true);
    assert!(word.contains("secret.key"), "{word}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let half = fs::read_dir(old.folder.path())
        .unwrap()
        .flatten()
        .any(|each| each.file_name().to_string_lossy().ends_with(".part"));
    assert!(!half);
    ask(&url, "UPDATE schools SET name = 'Trường sau khi sao lưu'").unwrap();

    fs::copy(key(&old), key(&new)).unwrap();
    let word = said(run(&new, &["restore", name]), true);
    assert!(word.contains("The key fits"), "{word}");
    said(run(&new, &["doctor"]), true);
    let new_server = new.start();
    let restored = new_server.url(ServerRole::Admin, "schoolgate");
    assert_eq!(ask(&restored, "SELECT count(*)::text FROM schools").unwrap(), "2");
    let counted = "SELECT sum(value)::text FROM counters WHERE counter LIKE 'member:student:%'";
    assert_eq!(ask(&restored, counted).unwrap(), ask(&url, counted).unwrap());
    block_on(async {
        let app = app(&new, &new_server);
        sign_in_by_a_slip(&app).await;
        app.db.pool().close().await;
    });
    new_server.leave();

    // Where there are schools it is not done unasked, and then beside those who are connected.
    let word = said(run(&old, &["restore", name]), false);
    assert!(word.contains("2 schools") && word.contains("--replace"), "{word}");
    assert_eq!(ask(&url, "SELECT DISTINCT name FROM schools").unwrap(), "Trường sau khi sao lưu");
    block_on(async {
        let app = app(&old, &server);
        sign_in_by_a_slip(&app).await;
        let word = said(run(&old, &["restore", name, "--replace"]), true);
        assert!(word.contains("The key fits"), "{word}");
        notice_what_was_closed(&app).await;
        sign_in_by_a_slip(&app).await;
        app.db.pool().close().await;
    });
    assert_ne!(ask(&url, "SELECT name FROM schools LIMIT 1").unwrap(), "Trường sau khi sao lưu");
    let databases = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'school%'";
    assert_eq!(ask(&url, databases).unwrap(), "schoolgate");
    server.leave();
    old.assert_nothing_left();
    new.assert_nothing_left();
}

#[test]
fn a_backup_without_its_key_is_told() {
    let (old, keyless, other) = (Data::new(), Data::new(), Data::new());
    said(run(&old, &["demo", "--schools", "2", "--pupils", "4"]), true);
    let file = old.folder.path().join("backup");
    let name = file.to_str().unwrap();
    said(run(&old, &["backup", name]), true);

    let word = said(run(&keyless, &["restore", name]), true);
    assert!(word.contains("key is missing") && word.contains("secret.key"), "{word}");
    assert!(!key(&keyless).exists(), "a new key in the place of the old one would hide the loss");

    let one = KeyRing::load_or_create(&key(&other), &Randomness::seeded(1)).unwrap();
    let sealed_by = KeyRing::load_or_create(&key(&old), &Randomness::seeded(1)).unwrap();
    assert_ne!(one.sealing_key_id(), sealed_by.sealing_key_id());
    let word = said(run(&other, &["restore", name]), true);
    assert!(word.contains("another key") && word.contains(sealed_by.sealing_key_id()), "{word}");
    let word = said(run(&other, &["doctor"]), false);
    assert!(word.contains("wrong  keys") && word.contains(sealed_by.sealing_key_id()), "{word}");
    fs::copy(key(&old), key(&other)).unwrap();
    assert!(said(run(&other, &["doctor"]), true).contains("ok     keys"));
}

#[test]
fn what_is_no_backup_is_told_and_changes_nothing() {
    let data = Data::new();
    said(run(&data, &["demo", "--schools", "2", "--pupils", "4"]), true);
    let at = |name: &str| data.folder.path().join(name);
    let restore = |file: &Path| said(run(&data, &["restore", "--replace", file.to_str().unwrap()]), false);
    assert!(restore(&at("nowhere")).contains("cannot be read"));
    fs::write(at("text"), "Họ và tên,Lớp\n").unwrap();
    assert!(restore(&at("text")).contains("is no backup"));
    fs::write(at("broken"), "PGDMP and then nothing").unwrap();
    assert!(restore(&at("broken")).contains("pg_restore"));

    let server = data.start();
    server.dump("postgres", fs::File::create(at("foreign")).unwrap()).unwrap();
    assert!(restore(&at("foreign")).contains("another database"));
    // Ours, and cut off: what was read of it is not put into the place of anything.
    server.dump("schoolgate", fs::File::create(at("whole")).unwrap()).unwrap();
    let whole = fs::read(at("whole")).unwrap();
    fs::write(at("half"), &whole[..whole.len() / 2]).unwrap();
    assert!(restore(&at("half")).contains("pg_restore"));
    let url = server.url(ServerRole::Admin, "schoolgate");
    assert_eq!(ask(&url, "SELECT count(*)::text FROM schools").unwrap(), "2");
    assert_eq!(ask(&url, "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'schoolgate_%'").unwrap(), "0");
    assert!(said(run(&data, &["backup", "/nowhere/backup"]), false).contains("cannot be written"));
    server.leave();

    let mut with_own = Command::new(PROGRAM);
    with_own
        .args(["backup", "x"])
        .env("DATABASE_URL", "postgres://here/x")
        .env("SCHOOLGATE_SECRET_KEY", "A".repeat(43));
    assert!(said(with_own.output().unwrap(), false).contains("pg_dump"));
    data.assert_nothing_left();
}
