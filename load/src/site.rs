//! The program with a province of the demo, in processes of its own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

use crate::Result;

/// How long the database and the server may take to be there.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Deserialize)]
pub struct SignIn {
    pub login: String,
    pub password: String,
}

/// The sign-ins that the demo tells of a school.
#[derive(Clone, Debug, Deserialize)]
pub struct School {
    pub code: String,
    pub kind: String,
    pub account_manager: SignIn,
    pub homeroom_teacher: SignIn,
    pub student: SignIn,
}

#[derive(Deserialize)]
struct Demo {
    schools: Vec<School>,
}

pub struct Site {
    server: Child,
    pub address: String,
    pub schools: Vec<School>,
    _folder: TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        // The program stops its database when it is asked to end, which kill -9 would not.
        let _ = Command::new("kill").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
    }
}

impl Site {
    /// Makes the schools, and serves them on a free port.
    pub fn start(program: &str, schools: usize, pupils: usize) -> Result<Self> {
        let mut folder = tempfile::Builder::new();
        // The database may have to run under another account.
        #[cfg(unix)]
        folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711));
        let folder = folder.tempdir()?;
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let command = |args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).env_clear().current_dir(folder.path());
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("SCHOOLGATE_DATA_DIR", folder.path().join("data"));
            command.env("SCHOOLGATE_LISTEN", listen.to_string());
            // Each person has an address of their own, as behind a proxy.
            command.env("SCHOOLGATE_TRUSTED_PROXIES", "127.0.0.0/8").env("SCHOOLGATE_LOG", "warn");
            command.stderr(Stdio::inherit());
            command
        };
        let demo = ["demo", "--schools", &schools.to_string(), "--pupils", &pupils.to_string(), "--json"];
        let made = command(&demo).output()?;
        if !made.status.success() {
            return Err("the demo was not made".into());
        }
        let demo: Demo = serde_json::from_slice(&made.stdout)?;
        let server = command(&["serve"]).stdout(Stdio::null()).spawn()?;
        let site = Self { server, address: format!("http://{listen}"), schools: demo.schools, _folder: folder };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(listen).is_err() {
            if Instant::now() > until {
                return Err("the server does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(site)
    }
}
