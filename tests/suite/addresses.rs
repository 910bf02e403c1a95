//! Each address is defined once, in `src/paths.rs`: routes, links, redirects and mails are made of it, so that the
//! compiler finds the ones that lead nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use schoolgate::{paths, router};

#[test]
fn the_routes_are_the_paths() {
    let served: BTreeSet<&str> = router::routes().declared().map(|(_, path, _)| path).collect();
    let defined: BTreeSet<&str> = paths::ALL.iter().copied().collect();
    assert_eq!(served, defined);
    assert_eq!(defined.len(), paths::ALL.len(), "each is defined once");
}

/// The first parts of addresses. The API's is a prefix by itself, which the router knows.
fn first_parts() -> BTreeSet<&'static str> {
    let parts = paths::ALL.iter().filter_map(|path| path.split('/').nth(1));
    parts.filter(|part| !part.is_empty() && *part != "api").collect()
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

/// Lines in which an address is written out after one of these beginnings.
fn written_out(text: &str, beginnings: &[&str]) -> Vec<String> {
    let parts = first_parts();
    let is_address = |rest: &str| {
        let part: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect();
        parts.contains(part.as_str())
    };
    let is_wrong = |line: &&str| {
        beginnings
            .iter()
            .any(|beginning| line.match_indices(beginning).any(|(at, _)| is_address(&line[at + beginning.len()..])))
    };
    text.lines().filter(|line| !line.trim_start().starts_with("//")).filter(is_wrong).map(str::to_owned).collect()
}

#[test]
fn no_address_is_written_out_by_hand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut sources = Vec::new();
    files(&root.join("src"), "rs", &mut sources);
    for path in sources.iter().filter(|path| !path.ends_with("src/paths.rs")) {
        let text = fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        found.extend(written_out(code, &["\"/", "{}/"]).into_iter().map(|line| format!("{}: {line}", path.display())));
    }
    let mut templates = Vec::new();
    files(&root.join("templates"), "html", &mut templates);
    for path in &templates {
        let text = fs::read_to_string(path).unwrap();
        found.extend(written_out(&text, &["=\"/"]).into_iter().map(|line| format!("{}: {line}", path.display())));
    }
    assert!(found.is_empty(), "paths:: has them:\n{}", found.join("\n"));
}

#[test]
fn an_address_that_is_written_out_is_found() {
    assert_eq!(written_out("page::redirect(\"/me\")", &["\"/"]).len(), 1);
    assert_eq!(written_out("<a href=\"/schools/{{ code }}\">", &["=\"/"]).len(), 1);
    assert!(written_out("    // leads to \"/me\"\nlet root = \"/usr\";", &["\"/"]).is_empty());
}
