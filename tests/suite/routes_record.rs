//! What each address answers, and who may call it, is a promise to the people and programs that use it. `routes.txt` is its
//! record, one line for a method, an address and the access that it takes.
//!
//! A new route is added to the record with `RECORD_ROUTES=1 cargo test routes_record`. A line that changes or goes is a
//! decision, and belongs in a change of its own.

use std::collections::BTreeSet;
use std::path::Path;

use schoolgate::router;

fn record() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/routes.txt")
}

fn declared() -> BTreeSet<String> {
    router::routes().declared().map(|(method, path, access)| format!("{method} {path} {access:?}")).collect()
}

#[test]
fn every_recorded_route_is_there_with_its_access() {
    let declared = declared();
    if std::env::var_os("RECORD_ROUTES").is_some() {
        let lines: Vec<&str> = declared.iter().map(String::as_str).collect();
        std::fs::write(record(), lines.join("\n") + "\n").unwrap();
    }
    let recorded = std::fs::read_to_string(record()).unwrap();
    let recorded: BTreeSet<String> = recorded.lines().map(str::to_owned).collect();
    assert!(recorded.len() > 150, "{} routes are recorded", recorded.len());
    let changed: Vec<&String> = recorded.difference(&declared).collect();
    assert!(changed.is_empty(), "recorded, and not so any more: {changed:#?}");
}

/// Each method of an address is declared once, so that a record of it says what holds.
#[test]
fn no_route_is_declared_twice() {
    let routes = router::routes();
    let mut seen = BTreeSet::new();
    for (method, path, _) in routes.declared() {
        assert!(seen.insert((method.as_str().to_owned(), path)), "{method} {path}");
    }
}
