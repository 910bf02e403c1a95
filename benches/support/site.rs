//! A database server for the benchmark, and the program over its databases.

use std::sync::Arc;

use ipnet::IpNet;
use schoolgate::{
    app::App,
    clock::{Clock, Randomness},
    config::{Config, DatabaseConfig},
    crypto::{hasher::PasswordHasher, seal::KeyRing},
    db::{
        Db,
        embedded::{Durability, EmbeddedServer, ServerRole, ServerSettings},
        provision,
    },
    mail::{Mailer, Outbox, Sender},
};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// The server's key, so that several processes share it.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub struct Site {
    pub server: EmbeddedServer,
    folder: TempDir,
}

impl Site {
    /// Starts a server as durable as that of `serve`, and a database on it with all migrations.
    pub async fn start(database: &str) -> Self {
        let mut folder = tempfile::Builder::new();
        // The database may have to run under another account.
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
        let folder = folder.tempdir().unwrap();
        let settings = ServerSettings {
            data_dir: folder.path().join("data"),
            durability: Durability::Full,
            supervisor_program: env!("CARGO_BIN_EXE_schoolgate").into(),
        };
        let server = tokio::task::spawn_blocking(move || EmbeddedServer::start(&settings)).await.unwrap().unwrap();
        server.ensure_database(database).await.unwrap();
        let site = Self { server, folder };
        let owner = site.owner(database).await;
        provision::migrate(owner.pool(), ServerRole::App.name()).await.unwrap();
        owner.pool().close().await;
        site
    }

    /// The program over a database, with so many connections and hashing threads.
    pub fn app(&self, database: &str, connections: u32, hashing: usize) -> App {
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            base_url: "http://127.0.0.1:8080".parse().unwrap(),
            data_dir: self.folder.path().join("data"),
            database: DatabaseConfig::Embedded,
            secret_key: None,
            smtp_url: None,
            mail_from: "Schoolgate <no-reply@schoolgate.test>".to_owned(),
            trusted_proxies: vec![IpNet::from(std::net::IpAddr::from([127, 0, 0, 1]))],
            roster_networks: Vec::new(),
            metrics_token: None,
            log: "info".to_owned(),
            log_format: schoolgate::config::LogFormat::Text,
            providers: Vec::new(),
        };
        let sender = Sender::new(&config.mail_from, &config.base_url).unwrap();
        App {
            mailbox: None,
            db: Db::new(self.server.connect_options(ServerRole::App, database), connections),
            clock: Clock::system(),
            hasher: PasswordHasher::new(hashing, 2_000).unwrap(),
            keys: Arc::new(KeyRing::parse(KEY).unwrap()),
            mailer: Arc::new(Mailer::memory(sender, Outbox::default())),
            program: env!("CARGO_BIN_EXE_schoolgate").into(),
            randomness: Randomness::system().unwrap(),
            config: Arc::new(config),
        }
    }

    /// The first process of the database.
    pub fn postmaster(&self) -> u32 {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let is_it = |pid: &u32| {
            let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).into_owned();
            command.split('\0').next().is_some_and(|program| program.ends_with("/postgres"))
                && command.contains(&folder)
        };
        processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(is_it).unwrap()
    }

    pub async fn owner(&self, database: &str) -> Db {
        let owner = self.server.connect_options(ServerRole::Owner, database);
        provision::owner_pool(owner, ServerRole::App.name().to_owned()).await.unwrap().into()
    }

    pub async fn admin(&self, database: &str) -> PgConnection {
        PgConnection::connect_with(&self.server.connect_options(ServerRole::Admin, database)).await.unwrap()
    }

    /// Updates the planner's statistics and vacuums, as after a night.
    pub async fn settle(&self, database: &str) {
        sqlx::raw_sql("VACUUM ANALYZE").execute(&mut self.admin(database).await).await.unwrap();
    }

    pub async fn leave(self) {
        tokio::task::spawn_blocking(move || self.server.leave()).await.unwrap();
    }
}
