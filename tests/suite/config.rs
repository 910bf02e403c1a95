//! The environment, as it is met by the person who sets the program up.

use std::process::{Command, Output};

use crate::support::database::PROGRAM;

/// Runs `doctor` in an empty folder with these variables and no others.
fn doctor(variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(PROGRAM)
        .arg("doctor")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(variables.iter().copied())
        .current_dir(&folder)
        .output()
        .unwrap()
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
