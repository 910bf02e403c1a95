//! The files that operators run the program with: they fit the program, and each other.

mod proxy;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use axum::body::Body;
use axum::http::Method;
use schoolgate::health;

use crate::support::TestApp;
use crate::support::database::PROGRAM;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(path: &str) -> String {
    fs::read_to_string(root().join("ops").join(path)).unwrap()
}

#[track_caller]
fn said(output: Output) -> String {
    let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{errors}");
    format!("{out}{errors}")
}

/// The names of figures in some text: those of our own and those of requests.
fn figures_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let is_figure = |word: &&str| word.starts_with("schoolgate_") || word.starts_with("http_request");
    words.filter(is_figure).map(str::to_owned).collect()
}

/// The expressions of the dashboard.
fn expressions(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(|expr| expr.as_str()).map(str::to_owned));
            fields.values().for_each(|value| expressions(value, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_watched_is_told() {
    health::install_metrics();
    let test = TestApp::new().await;
    test.anonymous().get("/sign-in").await.expect(200);
    let here = test.anonymous().at([127, 0, 0, 1]);
    let request = here.request(Method::GET, "/metrics").header("host", "localhost");
    let told = here.send(request, Body::empty()).await.expect(200).html();
    for figure in
        ["schoolgate_database_up 1", "schoolgate_jobs{state=\"failed\"} 0", "schoolgate_jobs_oldest_due_seconds 0"]
    {
        assert!(told.contains(figure), "{figure}: {told}");
    }

    let dashboard: serde_json::Value = serde_json::from_str(&file("grafana/schoolgate.json")).unwrap();
    let mut watched = vec![file("prometheus/alerts.yml")];
    expressions(&dashboard, &mut watched);
    assert!(watched.len() > 15, "{watched:?}");
    let told_names = figures_in(&told);
    for figure in watched.iter().flat_map(|text| figures_in(text)) {
        assert!(told_names.contains(&figure), "{figure} is watched and not told: {told_names:?}");
    }
    for label in ["state=\"used\"", "state=\"failed\"", "status=\"", "route=\"/sign-in\"", "le=\"0.25\""] {
        assert!(told.contains(label), "{label}");
    }
}

#[test]
fn alerts_say_what_to_do() {
    let alerts = file("prometheus/alerts.yml");
    let rules: Vec<&str> = alerts.split("- alert: ").skip(1).collect();
    assert!(rules.len() >= 7);
    for rule in rules {
        for part in ["expr:", "for:", "severity:", "summary:", "what_to_do:"] {
            assert!(rule.contains(part), "{part} is missing: {rule}");
        }
    }
}

/// Built from the program as it is, unpacked, and run.
#[test]
fn the_package_holds_all_that_is_needed() {
    if !Path::new("/usr/bin/dpkg-deb").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let build = Command::new(root().join("ops/debian/build"))
        .args([Path::new(PROGRAM), folder.path()])
        .env("DEB_COMPRESSION", "none")
        .output();
    let package = PathBuf::from(said(build.unwrap()).trim());
    let tree = folder.path().join("tree");
    said(Command::new("dpkg-deb").arg("-x").args([&package, &tree]).output().unwrap());
    let version = said(Command::new(tree.join("usr/bin/schoolgate")).arg("--version").output().unwrap());
    assert_eq!(version.trim(), format!("schoolgate {}", env!("CARGO_PKG_VERSION")));
    for path in [
        "etc/schoolgate/schoolgate.env",
        "lib/systemd/system/schoolgate.service",
        "lib/systemd/system/schoolgate-worker.service",
        "usr/share/doc/schoolgate/operations.md",
        "usr/share/doc/schoolgate/sizing.md",
        "usr/share/doc/schoolgate/examples/nginx/schoolgate.conf",
        "usr/share/doc/schoolgate/examples/container/Containerfile",
    ] {
        assert!(tree.join(path).is_file(), "{path}");
    }
    for rehearsal in ["recovery", "upgrade"] {
        let program = fs::metadata(tree.join("usr/share/schoolgate").join(rehearsal).join("rehearse")).unwrap();
        assert_eq!(program.permissions().mode() & 0o777, 0o755, "{rehearsal}");
    }
    what_the_guides_name_is_there(&tree);
    its_settings_are_its_own(&tree);
    let control = said(Command::new("dpkg-deb").arg("-f").arg(&package).output().unwrap());
    assert!(control.contains("Depends: adduser, libc6 (>= 2.") && control.contains("Package: schoolgate"), "{control}");
    let info = said(Command::new("dpkg-deb").arg("-I").arg(&package).output().unwrap());
    for part in ["conffiles", "postinst", "prerm", "postrm"] {
        assert!(info.contains(part), "{part}: {info}");
    }
    // What holds the password and the key is not for everybody.
    let contents = said(Command::new("dpkg-deb").arg("-c").arg(&package).output().unwrap());
    let line = contents.lines().find(|line| line.ends_with("schoolgate.env")).unwrap();
    assert!(line.starts_with("-rw-r----- root/root"), "{line}");
}

fn what_the_guides_name_is_there(tree: &Path) {
    let documents = tree.join("usr/share/doc/schoolgate");
    for guide in ["README.md", "operations.md", "sizing.md", "connecting.md"] {
        let text = fs::read_to_string(documents.join(guide)).unwrap();
        let words = text.split(|letter: char| letter.is_whitespace() || "`(),;".contains(letter));
        for path in words.filter(|word| word.starts_with("/usr/share/")) {
            assert!(tree.join(&path[1..]).exists(), "{guide} names {path}");
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.strip_prefix('/').map_or_else(|| documents.join(link), |link| tree.join(link));
            assert!(link.contains("://") || link.starts_with('#') || path.exists(), "{guide} links to {link}");
        }
    }
}

/// The program in the tree takes the tree for the machine.
fn its_settings_are_its_own(tree: &Path) {
    let settings = fs::read_to_string(tree.join("etc/schoolgate/schoolgate.env")).unwrap();
    assert!(settings.contains("#SCHOOLGATE_DATA_DIR=/var/lib/schoolgate\n"), "{settings}");
    assert!(!settings.contains("Copy to .env"), "{settings}");
    let folder = tempfile::tempdir().unwrap();
    let mut doctor = Command::new(tree.join("usr/bin/schoolgate"));
    let told = doctor.arg("doctor").env_clear().current_dir(&folder).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let data = tree.canonicalize().unwrap().join("var/lib/schoolgate");
    assert!(told.contains(&format!("{} (SCHOOLGATE_DATA_DIR) has none", data.display())), "{told}");
}

#[test]
fn units_are_ones_that_systemd_understands() {
    let pages = file("systemd/schoolgate.service");
    let work = file("systemd/schoolgate-worker.service");
    let hardening =
        |unit: &str| unit.lines().filter(|line| !line.starts_with(['#', 'D']) && !line.contains("ExecStart")).count();
    assert_eq!(hardening(&pages), hardening(&work), "the same limits for both");
    if !Path::new("/usr/bin/systemd-analyze").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, unit) in [("schoolgate.service", pages), ("schoolgate-worker.service", work)] {
        let path = folder.path().join(name);
        fs::write(&path, unit.replace("/usr/bin/schoolgate", PROGRAM)).unwrap();
        let verified = Command::new("systemd-analyze").arg("verify").arg(&path).output().unwrap();
        let complaints = String::from_utf8_lossy(&verified.stderr);
        let ours: Vec<&str> = complaints.lines().filter(|line| line.contains("schoolgate")).collect();
        assert_eq!(ours, [] as [&str; 0]);
    }
}

/// `OLDER_PROGRAM` names a build of the release before; without one this program plays both parts.
#[test]
fn an_older_program_serves_while_a_newer_one_comes() {
    let older = std::env::var_os("OLDER_PROGRAM").unwrap_or_else(|| PROGRAM.into());
    let rehearsed = Command::new(root().join("ops/upgrade/rehearse")).arg(older).arg(PROGRAM).output().unwrap();
    let said = said(rehearsed);
    let is_upgraded = |line: &str| line.starts_with("upgraded from") && line.ends_with("none of them an error");
    assert!(said.lines().any(is_upgraded), "{said}");
}

/// A base backup, an archive of WAL, a mistake, and back to the moment before it.
#[test]
fn any_moment_can_be_come_back_to() {
    let rehearsed = Command::new(root().join("ops/recovery/rehearse")).arg(PROGRAM).output().unwrap();
    let said = said(rehearsed);
    assert!(said.lines().any(|line| line.starts_with("recovered to") && line.ends_with(": after before")), "{said}");
    assert!(said.contains("ok     row-level security"), "{said}");
}
