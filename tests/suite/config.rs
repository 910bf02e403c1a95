//! The settings, as they are met by the person who sets the program up.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nix::unistd::Uid;
use tempfile::TempDir;

use crate::support::database::PROGRAM;

/// A folder that stands for a machine's, with the program installed in it.
struct Machine {
    root: TempDir,
}

impl Machine {
    fn new(settings: &str) -> Self {
        // Beside the program, which is linked and not copied.
        let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for folder in ["usr/bin", "etc/schoolgate", "var/lib"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let machine = Self { root };
        if fs::hard_link(PROGRAM, machine.program()).is_err() {
            fs::copy(PROGRAM, machine.program()).unwrap();
        }
        fs::write(machine.settings(), settings).unwrap();
        machine
    }

    fn program(&self) -> PathBuf {
        self.root.path().join("usr/bin/schoolgate")
    }

    fn settings(&self) -> PathBuf {
        self.root.path().join("etc/schoolgate/schoolgate.env")
    }
}

/// To be run in a folder with these variables and no others.
fn command(program: impl AsRef<Path>, folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(variables.iter().copied()).current_dir(folder);
    command
}

/// To be run as an account that modes of files hold for, which they do not for root.
fn as_anybody(program: impl AsRef<Path>, folder: &Path, variables: &[(&str, &str)]) -> Command {
    if !Uid::effective().is_root() {
        return command(program, folder, variables);
    }
    let mut command = command("setpriv", folder, variables);
    command.args(["--bounding-set=-all", "--inh-caps=-all", "--"]).arg(program.as_ref());
    command
}

/// Runs a command that is refused. Gives what it said.
#[track_caller]
fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

#[track_caller]
fn assert_empty(folder: &Path) {
    let left: Vec<PathBuf> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(left, [] as [PathBuf; 0]);
}

/// Runs `doctor` in an empty folder with these variables and no others.
fn doctor(variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    command(PROGRAM, folder.path(), variables).arg("doctor").output().unwrap()
}

#[test]
fn bad_values_are_told_all_at_once_by_name() {
    let bad = [
        ("SCHOOLGATE_LISTEN", "localhost"),
        ("SCHOOLGATE_BASE_URL", "ftp://schoolgate.test/path"),
        ("DATABASE_URL", "mysql://localhost/schoolgate"),
        ("DATABASE_MIGRATION_URL", "schoolgate"),
        ("SCHOOLGATE_SMTP_URL", "mail.example.vn"),
        ("SCHOOLGATE_TRUSTED_PROXIES", "10.0.0.0/8, everybody, 10.0.0.0/99"),
        ("SCHOOLGATE_ROSTER_NETWORKS", "the cellar"),
        ("SCHOOLGATE_SECRET_KEY", "c2hvcnQ="),
        ("SCHOOLGATE_MAIL_FROM", "nobody"),
        ("SCHOOLGATE_LOG", "schoolgate=loudly"),
        ("SCHOOLGATE_LOG_FORMAT", "yaml"),
        ("SCHOOLGATE_GOOGLE_CLIENT_SECRET", "mật mã của ta"),
        ("SCHOOLGATE_MICROSOFT_ISSUER", "https://login.microsoftonline.com/common/v2.0"),
    ];
    let output = doctor(&bad);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    for (name, _) in bad {
        assert!(told.contains(name), "{name} is not told in: {told}");
    }
    assert!(told.contains("everybody") && told.contains("10.0.0.0/99"), "{told}");
    for secret in ["c2hvcnQ=", "mysql://localhost", "mật mã của ta"] {
        assert!(!told.contains(secret), "what may hold a secret is not repeated: {told}");
    }
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "nothing has begun");
}

#[test]
fn a_database_of_ones_own_needs_a_key_of_ones_own() {
    let output = doctor(&[("DATABASE_URL", "postgres://schoolgate_app@127.0.0.1:1/schoolgate")]);
    assert_eq!(output.status.code(), Some(1));
    let told = [output.stdout, output.stderr].concat();
    assert!(String::from_utf8_lossy(&told).contains("SCHOOLGATE_SECRET_KEY"));
}

#[test]
fn the_environment_comes_first_then_the_folder_then_the_machine() {
    let machine = Machine::new("SCHOOLGATE_LISTEN=of the machine\nSCHOOLGATE_LOG_FORMAT=yaml\n");
    let folder = tempfile::tempdir().unwrap();
    let doctor =
        |variables: &[(&str, &str)]| refused(command(machine.program(), folder.path(), variables).arg("doctor"));
    let said = doctor(&[]);
    assert!(said.contains("SCHOOLGATE_LISTEN: of the machine") && said.contains("SCHOOLGATE_LOG_FORMAT"), "{said}");
    fs::write(folder.path().join(".env"), "SCHOOLGATE_LISTEN='of the folder'\n").unwrap();
    let said = doctor(&[]);
    assert!(said.contains("SCHOOLGATE_LISTEN: of the folder") && said.contains("SCHOOLGATE_LOG_FORMAT"), "{said}");
    let said = doctor(&[("SCHOOLGATE_LISTEN", "of the environment")]);
    assert!(said.contains("SCHOOLGATE_LISTEN: of the environment"), "{said}");
    let said = doctor(&[("SCHOOLGATE_LISTEN", "")]);
    assert!(!said.contains("SCHOOLGATE_LISTEN"), "an empty variable hides what files say: {said}");
}

/// On a machine of a school, a build in a source tree must not work on the school's data.
#[test]
fn a_program_that_is_not_installed_belongs_to_no_machine() {
    let machine = Machine::new("SCHOOLGATE_LISTEN=of the machine\n");
    let elsewhere = machine.root.path().join("schoolgate");
    fs::rename(machine.program(), &elsewhere).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let said = refused(command(elsewhere, folder.path(), &[]).arg("doctor"));
    assert!(said.contains("there is no database") && !said.contains("SCHOOLGATE_LISTEN"), "{said}");
}

#[test]
fn settings_that_an_account_may_not_read_are_told() {
    let machine = Machine::new("SCHOOLGATE_LISTEN=of the machine\n");
    fs::set_permissions(machine.settings(), Permissions::from_mode(0o000)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["doctor"].as_slice(), &["migrate"], &["backup", "x"], &["serve", "--demo"]] {
        let said = refused(as_anybody(machine.program(), folder.path(), &[]).args(arguments));
        assert!(said.contains("schoolgate.env") && said.contains("as root or as schoolgate"), "{arguments:?}: {said}");
    }
    assert_empty(folder.path());
}

#[test]
fn a_line_of_a_file_is_told_without_its_text() {
    let machine = Machine::new("SCHOOLGATE_LOG=info\npostgres://app:secret@db\n");
    let folder = tempfile::tempdir().unwrap();
    let said = refused(command(machine.program(), folder.path(), &[]).arg("doctor"));
    assert!(said.contains("schoolgate.env: line 2") && !said.contains("secret"), "{said}");
    fs::write(folder.path().join(".env"), "SCHOOLGATE_SMTP_URL=smtp://me:top secret@mail\n").unwrap();
    let said = refused(command(PROGRAM, folder.path(), &[]).arg("doctor"));
    assert!(said.contains("/.env: ") && !said.contains("secret"), "{said}");
}

/// Root's own folder, when a command is run from it as another account.
#[test]
fn a_folder_that_an_account_may_not_enter_has_no_settings_for_it() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "SCHOOLGATE_LISTEN=of the folder\n").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o000)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let variables = [("SCHOOLGATE_DATA_DIR", elsewhere.path().to_str().unwrap())];
    let said = refused(as_anybody(PROGRAM, folder.path(), &variables).arg("doctor"));
    assert!(said.contains("there is no database") && !said.contains(".env: "), "{said}");
}

#[test]
fn a_command_that_is_about_what_is_there_makes_no_database() {
    let machine = Machine::new("");
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let export = ["export", "--school", "79000001", "--kind", "students", "x.csv"];
    let commands: [&[&str]; 5] =
        [&["doctor"], &["backup", "x"], &export, &["reset-second-factor", "--email", "a@example.vn"], &["rotate-keys"]];
    for arguments in commands {
        let said = refused(command(PROGRAM, folder.path(), &[]).args(arguments));
        let data = here.join("data").display().to_string();
        for part in ["there is no database", &data, "DATABASE_URL", "SCHOOLGATE_DATA_DIR"] {
            assert!(said.contains(part), "{part} is not told by {arguments:?}: {said}");
        }
    }
    assert_empty(folder.path());

    // The installed one has its data in one place, wherever it is called from.
    let said = refused(command(machine.program(), folder.path(), &[]).args(["backup", "x"]));
    let data = machine.root.path().canonicalize().unwrap().join("var/lib/schoolgate");
    assert!(said.contains(&data.display().to_string()), "{said}");
    assert!(!data.exists());
    assert_empty(folder.path());
}

#[test]
fn the_program_answers_in_words_that_scripts_can_rely_on() {
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for command in ["serve", "worker", "migrate", "operator", "demo", "import", "export", "doctor"] {
        assert!(help.contains(&format!("\n  {command}")), "{command}");
    }
    let unknown = Command::new(PROGRAM).args(["serve", "--colour"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(unknown.stdout.is_empty() && !unknown.stderr.is_empty());
}
