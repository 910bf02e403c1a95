//! The embedded server, shared, left and killed by real processes. Each test has servers of its own, since it kills them.

mod backup;
pub mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command};
use std::sync::Mutex;
use std::thread::{self, sleep};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Uid;
use schoolgate::db::embedded::{EmbeddedError, EmbeddedServer, ServerRole};
use sqlx::{Connection, PgConnection};

use crate::support::database::PROGRAM;
use support::{Data, User, ask, block_on, value, within};

#[test]
fn the_first_to_leave_leaves_the_server_to_the_others() {
    let data = Data::new();
    let first = User::arrive(&data);
    let second = User::arrive(&data);
    assert_eq!(first.url, second.url);
    first.leave();
    assert_eq!(second.ask("SELECT 'still there'"), "still there");
    second.leave();
    data.assert_nothing_left();
}

#[test]
fn a_killed_user_is_one_user_less() {
    let data = Data::new();
    let starter = User::arrive(&data);
    let other = User::arrive(&data);
    starter.kill();
    sleep(Duration::from_millis(500));
    assert_eq!(other.ask("SELECT 'still there'"), "still there");
    other.kill();
    within(2, "the server is down", || data.nothing_runs());
    data.assert_nothing_left();
}

#[test]
fn a_starter_killed_at_any_moment_leaves_no_obstacle() {
    let data = Data::empty();
    for milliseconds in [5, 100, 400, 900, 1400] {
        let mut starter = User::spawn(&data);
        sleep(Duration::from_millis(milliseconds));
        starter.kill().unwrap();
        starter.wait().unwrap();
    }
    let user = User::arrive(&data);
    assert_eq!(data.supervisors().len(), 1);
    user.leave();
    // An initdb that outlived its starter has ended by now; what it made goes with the next start.
    User::arrive(&data).leave();
    data.assert_nothing_left();
}

#[test]
fn a_killed_supervisor_is_replaced_and_connections_stay() {
    let data = Data::new();
    let user = User::arrive(&data);
    let server = data.postmaster();
    block_on(async {
        let mut connection = PgConnection::connect(&user.url).await.unwrap();

        data.kill_supervisor();
        let newcomer = User::arrive(&data);
        within(5, "a newcomer brings a supervisor", || data.supervisors().len() == 1);
        newcomer.leave();

        data.kill_supervisor();
        within(5, "there is a supervisor again", || data.supervisors().len() == 1);
        assert_eq!(value(&mut connection, "SELECT 'connected'").await.unwrap(), "connected");
    });
    assert_eq!(data.postmaster(), server);

    data.kill_supervisor();
    user.leave();
    data.assert_nothing_left();
}

#[test]
fn a_killed_server_comes_back_with_what_was_committed() {
    let data = Data::new();
    let user = User::arrive(&data);
    user.ask("CREATE TABLE kept AS SELECT 'committed' AS word");
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let server = data.postmaster();
        kill(server, signal).unwrap();
        within(20, "the server is back", || {
            !data.servers().is_empty() && ask(&user.url, "SELECT word FROM kept").is_ok_and(|word| word == "committed")
        });
        within(1, "it is another one", || data.postmaster() != server);
    }
    user.leave();
    data.assert_nothing_left();
}

#[test]
fn when_everything_is_killed_the_next_one_recovers() {
    let data = Data::new();
    let user = User::arrive(&data);
    user.ask("CREATE TABLE kept AS SELECT 'committed' AS word");
    let (supervisors, server) = (data.supervisors(), data.postmaster());
    kill(supervisors[0], Signal::SIGKILL).unwrap();
    kill(server, Signal::SIGKILL).unwrap();
    user.kill();

    let user = User::arrive(&data);
    assert_eq!(user.ask("SELECT word FROM kept"), "committed");
    user.leave();
    data.assert_nothing_left();
}

#[test]
fn a_server_left_behind_is_taken_over_and_stopped() {
    let data = Data::new();
    let user = User::arrive(&data);
    let server = data.postmaster();
    data.kill_supervisor();
    user.kill();
    sleep(Duration::from_millis(300));
    assert!(!data.servers().is_empty());

    let user = User::arrive(&data);
    assert_eq!(data.postmaster(), server);
    user.leave();
    data.assert_nothing_left();
}

#[test]
fn ten_who_arrive_at_once_share_one_server() {
    let data = Data::empty();
    let arriving: Vec<Child> = (0..10).map(|_| User::spawn(&data)).collect();
    let users: Vec<User> = arriving.into_iter().map(User::wait_for_url).collect();
    assert_eq!(data.supervisors().len(), 1);
    for user in &users {
        assert_eq!(user.ask("SELECT 'here'"), "here");
    }
    let leaving: Vec<_> = users.into_iter().map(|user| thread::spawn(|| user.leave())).collect();
    leaving.into_iter().for_each(|thread| thread.join().unwrap());
    within(2, "the server is down", || data.nothing_runs());
    data.assert_nothing_left();
}

/// The moment that matters is when an arrival meets a supervisor that has just decided to stop.
#[test]
fn coming_and_going_never_meets_a_dead_server() {
    let data = Data::new();
    drop(data.start());
    thread::scope(|scope| {
        for pause in [0, 40, 90, 110] {
            let data = &data;
            scope.spawn(move || {
                for round in 0..10 {
                    let server = data.start();
                    assert_eq!(ask(&server.url(ServerRole::Admin, "postgres"), "SELECT 'here'").unwrap(), "here");
                    if round % 2 == 0 {
                        server.leave()
                    } else {
                        drop(server)
                    }
                    sleep(Duration::from_millis(pause * round % 250));
                }
            });
        }
    });
    within(3, "the server is down", || data.nothing_runs());
    data.assert_nothing_left();
}

#[test]
fn any_path_will_do() {
    let long = ["một thư mục có tên rất dài"; 8].join("/");
    for path in ["Trường THPT Nguyễn Văn Đạt, a, b", "c \"d\" 'e' %2F", &long] {
        let data = Data::below(path);
        let server = data.start();
        let url = server.url(ServerRole::Admin, "postgres");
        assert_eq!(ask(&url, "SELECT 'here'").unwrap(), "here", "{path}");
        let (socket_folder, _) = server.socket();
        server.leave();
        data.assert_nothing_left();
        assert!(!socket_folder.exists());
    }
}

#[test]
fn roles_can_what_they_are_for() {
    let data = Data::new();
    let server = data.start();
    block_on(async {
        for _ in 0..2 {
            let (one, two) = tokio::join!(server.ensure_database("schoolgate"), server.ensure_database("schoolgate"));
            one.unwrap();
            two.unwrap();
        }
        let connect = async |role, database| PgConnection::connect_with(&server.connect_options(role, database)).await;
        let mut owner = connect(ServerRole::Owner, "schoolgate").await.unwrap();
        let mut app = connect(ServerRole::App, "schoolgate").await.unwrap();

        value(&mut owner, "CREATE TABLE t (name text COLLATE \"vi-x-icu\")").await.unwrap();
        value(&mut app, "CREATE TEMPORARY TABLE mine ()").await.unwrap();
        value(&mut app, "CREATE TABLE t2 ()").await.unwrap_err();
        value(&mut app, "SELECT name FROM t").await.unwrap_err();
        value(&mut app, "SET ROLE schoolgate_owner").await.unwrap_err();
        value(&mut app, "CREATE SCHEMA mine").await.unwrap_err();
        value(&mut owner, "CREATE SCHEMA graphile_worker; CREATE TABLE graphile_worker.t ()").await.unwrap();
        let powers =
            "SELECT count(*)::text FROM pg_roles WHERE rolname LIKE 'schoolgate%' AND rolname <> 'schoolgate_admin'
                      AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)";
        assert_eq!(value(&mut owner, powers).await.unwrap(), "0");
        assert_eq!(value(&mut owner, "SHOW data_checksums").await.unwrap(), "on");
        assert_eq!(value(&mut owner, "SHOW server_encoding").await.unwrap(), "UTF8");
        for connection in [owner, app] {
            connection.close().await.unwrap();
        }

        server.create_database("copy_1", Some("schoolgate")).await.unwrap();
        let mut owner = connect(ServerRole::Owner, "copy_1").await.unwrap();
        value(&mut owner, "INSERT INTO t VALUES ('Đạt')").await.unwrap();
        value(&mut owner, "CREATE ROLE stranger").await.unwrap_err();
        server.drop_database("copy_1").await.unwrap();
        server.drop_database("copy_1").await.unwrap();
        assert!(connect(ServerRole::Owner, "copy_1").await.is_err());

        server.create_database("new_1", None).await.unwrap();
        assert!(matches!(server.drop_database("a b").await, Err(EmbeddedError::DatabaseName(_))));
    });
    server.leave();
    data.assert_nothing_left();
}

#[test]
fn a_data_folder_closed_to_the_servers_account_has_its_cluster_elsewhere() {
    if !Uid::effective().is_root() {
        return;
    }
    let data = Data::below("closed/data");
    let closed = data.folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
    let server = data.start();
    let home = data.home();
    assert!(home.starts_with("/var/lib/schoolgate"), "{}", home.display());
    ask(&server.url(ServerRole::Admin, "postgres"), "CREATE TABLE kept ()").unwrap();
    server.leave();

    let server = data.start();
    ask(&server.url(ServerRole::Admin, "postgres"), "SELECT FROM kept").unwrap();
    server.leave();
    data.assert_nothing_left();

    fs::rename(&home, home.with_extension("away")).unwrap();
    let lost = EmbeddedServer::start(&data.settings());
    fs::rename(home.with_extension("away"), &home).unwrap();
    assert!(matches!(lost, Err(EmbeddedError::HomeMissing { .. })), "{lost:?}");
}

#[test]
fn an_ordinary_account_runs_the_server_itself_and_root_joins_it() {
    if !Uid::effective().is_root() {
        return;
    }
    let data = Data::below("data");
    let place = data.folder.path();
    // Programs may be where only root gets to.
    let (program, supervisor) = (place.join("user"), place.join("keeper"));
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::copy(PROGRAM, &supervisor).unwrap();
    fs::create_dir(&data.dir).unwrap();
    std::os::unix::fs::chown(&data.dir, Some(65534), Some(65534)).unwrap();
    let arrive = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(&program);
        User::wait_for_url(User::spawn_as(&mut command, &data, &supervisor))
    };

    let nobody = arrive();
    assert_eq!(fs::metadata(data.dir.join("postgres")).unwrap().uid(), 65534);
    let root = User::arrive(&data);
    nobody.kill();
    assert_eq!(root.ask("SELECT 'here'"), "here");
    root.leave();
    data.assert_nothing_left();

    // Started by root, it runs as the owner of the cluster, and leaves nothing that would shut the owner out.
    let root = User::arrive(&data);
    let server = fs::metadata(format!("/proc/{}", data.postmaster())).unwrap();
    assert_eq!(server.uid(), 65534);
    root.leave();
    arrive().leave();
    data.assert_nothing_left();
}

#[test]
fn a_server_that_cannot_start_is_told_with_its_reason() {
    let data = Data::new();
    data.start().leave();
    fs::remove_file(data.dir.join("postgres/global/pg_control")).unwrap();
    let error = EmbeddedServer::start(&data.settings()).unwrap_err();
    assert!(matches!(&error, EmbeddedError::NotStarted { tail, .. } if tail.contains("pg_control")), "{error}");
    assert!(data.nothing_runs());
}

#[test]
fn a_folder_that_others_can_open_is_not_used_for_the_socket() {
    let data = Data::new();
    data.start().leave();
    fs::create_dir(data.dir.join("postgres.socket")).unwrap();
    let error = EmbeddedServer::start(&data.settings()).unwrap_err();
    assert!(error.to_string().contains("postgres.socket"), "{error}");
}

#[test]
fn two_data_folders_are_two_servers() {
    let (one, two) = (Data::new(), Data::new());
    let urls = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for data in [&one, &two] {
            let urls = &urls;
            scope.spawn(move || {
                let server = data.start();
                urls.lock().unwrap().push(server.url(ServerRole::Admin, "postgres"));
                server.leave();
            });
        }
    });
    let urls = urls.into_inner().unwrap();
    assert_ne!(urls[0], urls[1]);
    one.assert_nothing_left();
    two.assert_nothing_left();
}
