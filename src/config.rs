//! The settings, read once; all faults are reported together, by name. The environment counts first, then `.env`, then
//! the package's file.

mod files;
mod providers;

use std::{env, net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use url::Url;

use files::PackageSettings;
pub use providers::{ProviderKind, SignInProvider};

/// The data folder unless one is named.
const USUAL_DATA_DIR: &str = "data";

/// The shortest token that cannot be guessed, in bytes.
const METRICS_TOKEN_BYTES: usize = 16;

/// The settings of the environment.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// The address in links and QR codes.
    pub base_url: Url,
    pub data_dir: PathBuf,
    pub database: DatabaseConfig,
    /// `SCHOOLGATE_SECRET_KEY` as it stands; read by `crypto::seal::KeyRing`.
    pub secret_key: Option<String>,
    pub smtp_url: Option<String>,
    pub mail_from: String,
    pub trusted_proxies: Vec<IpNet>,
    /// Networks beside the public Internet in which OneRoster services of schools are asked.
    pub roster_networks: Vec<IpNet>,
    /// With it, a direct client from any address may read the metrics.
    pub metrics_token: Option<String>,
    pub log: String,
    pub log_format: LogFormat,
    /// At which other services staff may have accounts to sign in with.
    pub providers: Vec<SignInProvider>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// Which PostgreSQL is used.
#[derive(Clone, Debug)]
pub enum DatabaseConfig {
    /// Ours: found on the machine, started and stopped with the program.
    Embedded,
    /// The user's: one URL for the program's role and, where this process may migrate, one for the owner's.
    Given { program: String, owner: Option<String> },
}

/// Checks a variable's text: what is wrong with it. It must not repeat a possible secret.
pub type Check = fn(&str) -> Result<(), String>;

/// All faults of the environment at once.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is not right:\n{}", .0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigFaults(Vec<String>);

impl Config {
    /// The whole address of a path of ours.
    #[must_use]
    pub fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    /// Reads the environment, a `.env` file, where there is one, and the package's file, where this program is installed
    /// and has one. `checks` are for the variables that higher-level modules parse.
    ///
    /// # Errors
    /// Every variable whose value cannot be used, with what it should be.
    pub fn from_env(checks: &[(&str, Check)]) -> Result<Self, ConfigFaults> {
        let mut faults = Vec::new();
        let program = env::current_exe().unwrap_or_default();
        let package = PackageSettings::of(&program, &mut faults).map_err(|fault| ConfigFaults(vec![fault]))?;
        faults.extend(env::current_dir().ok().and_then(|folder| files::read_dotenv(&folder)));
        let mut reader = EnvReader { faults, package };
        let config = reader.read();
        reader.check(checks);
        if reader.faults.is_empty() { Ok(config) } else { Err(ConfigFaults(reader.faults)) }
    }
}

impl Config {
    /// Listens on another address than the environment says; links follow, unless they have an address of their own.
    pub fn listen_on(&mut self, listen: SocketAddr) {
        if self.base_url == url_of(self.listen) {
            self.base_url = url_of(listen);
        }
        self.listen = listen;
    }
}

/// The address of a server without a proxy in front of it.
fn url_of(listen: SocketAddr) -> Url {
    let mut url = Url::parse("http://127.0.0.1").unwrap_or_else(|_| unreachable!("a constant that parses"));
    // The unspecified address cannot be connected to.
    let _ = url.set_ip_host(if listen.ip().is_unspecified() { [127, 0, 0, 1].into() } else { listen.ip() });
    let _ = url.set_port(Some(listen.port()));
    url
}

struct EnvReader {
    faults: Vec<String>,
    package: PackageSettings,
}

impl EnvReader {
    fn check(&mut self, checks: &[(&str, Check)]) {
        for (name, check) in checks {
            let given = self.value(name).ok().flatten().filter(|text| !text.trim().is_empty());
            let fault = given.and_then(|text| check(&text).err());
            self.faults.extend(fault.map(|fault| format!("{name}: {fault}")));
        }
    }

    fn read(&mut self) -> Config {
        let default_listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        let listen =
            self.parsed("SCHOOLGATE_LISTEN", "an address and port such as 127.0.0.1:8080").unwrap_or(default_listen);
        Config {
            listen,
            base_url: self.base_url(listen),
            data_dir: self.data_dir(),
            database: self.database(),
            secret_key: self.text("SCHOOLGATE_SECRET_KEY"),
            smtp_url: self.text("SCHOOLGATE_SMTP_URL"),
            mail_from: self
                .text("SCHOOLGATE_MAIL_FROM")
                .unwrap_or_else(|| "Schoolgate <schoolgate@localhost>".to_owned()),
            trusted_proxies: self.networks("SCHOOLGATE_TRUSTED_PROXIES"),
            roster_networks: self.networks("SCHOOLGATE_ROSTER_NETWORKS"),
            metrics_token: self.metrics_token(),
            log: self.text("SCHOOLGATE_LOG").unwrap_or_else(|| "info".to_owned()),
            log_format: self.log_format(),
            providers: self.providers(),
        }
    }

    fn data_dir(&mut self) -> PathBuf {
        let named = self.text("SCHOOLGATE_DATA_DIR").map(PathBuf::from);
        named.or_else(|| self.package.data_dir.clone()).unwrap_or_else(|| PathBuf::from(USUAL_DATA_DIR))
    }

    fn log_format(&mut self) -> LogFormat {
        match self.text("SCHOOLGATE_LOG_FORMAT").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                self.faults.push("SCHOOLGATE_LOG_FORMAT: is neither text nor json".to_owned());
                LogFormat::Text
            }
        }
    }

    fn base_url(&mut self, listen: SocketAddr) -> Url {
        let what = "a web address such as https://schoolgate.example.vn, without a path";
        let given: Option<Url> = self.parsed("SCHOOLGATE_BASE_URL", what);
        if let Some(url) = given {
            if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.path() == "/" {
                return url;
            }
            self.faults.push(format!("SCHOOLGATE_BASE_URL: {url} is not {what}"));
        }
        url_of(listen)
    }

    fn database(&mut self) -> DatabaseConfig {
        let program = self.text("DATABASE_URL");
        let owner = self.text("DATABASE_MIGRATION_URL");
        for (name, url) in [("DATABASE_URL", &program), ("DATABASE_MIGRATION_URL", &owner)] {
            let Some(url) = url else { continue };
            if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
                self.faults.push(format!("{name}: is not an address that begins with postgres://"));
            }
        }
        match (program, owner) {
            (Some(program), owner) => {
                // Without a data folder that all processes share, no other process could open what one has sealed.
                if self.text("SCHOOLGATE_SECRET_KEY").is_none() {
                    let how = "is required with a database of yours (openssl rand -base64 32 makes one)";
                    self.faults.push(format!("SCHOOLGATE_SECRET_KEY: {how}"));
                }
                DatabaseConfig::Given { program, owner }
            }
            (None, None) => DatabaseConfig::Embedded,
            (None, Some(_)) => {
                self.faults.push("DATABASE_URL: must be set where DATABASE_MIGRATION_URL is".to_owned());
                DatabaseConfig::Embedded
            }
        }
    }

    fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let mut networks = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.faults.push(format!("{name}: {part} is not a network such as 10.0.0.0/8")),
            }
        }
        networks
    }

    fn metrics_token(&mut self) -> Option<String> {
        let token = self.text("SCHOOLGATE_METRICS_TOKEN")?;
        if token.len() < METRICS_TOKEN_BYTES {
            self.faults.push(format!("SCHOOLGATE_METRICS_TOKEN: has less than {METRICS_TOKEN_BYTES} characters"));
        }
        Some(token)
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(_) => {
                self.faults.push(format!("{name}: {text} is not {what}"));
                None
            }
        }
    }

    /// An unset and an empty variable are the same.
    fn text(&mut self, name: &str) -> Option<String> {
        match self.value(name) {
            Ok(value) => value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()),
            Err(fault) => {
                self.faults.push(format!("{name}: {fault}"));
                None
            }
        }
    }

    /// What is set, if only to nothing: an empty variable hides what a file says.
    fn value(&self, name: &str) -> Result<Option<String>, &'static str> {
        match env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(env::VarError::NotPresent) => Ok(self.package.get(name).map(str::to_owned)),
            Err(env::VarError::NotUnicode(_)) => Err("is not readable text"),
        }
    }
}
