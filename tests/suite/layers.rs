//! The layers: a module imports only from those above it in `src/lib.rs`, and pages leave SQL to what is beneath them. And
//! the words of comments.

use std::{collections::HashSet, fs, path::Path};

/// The modules in the order in which `src/lib.rs` declares them.
fn order(src: &Path) -> Vec<String> {
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect()
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without its comments and unit tests, which may look wherever they like.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules of the crate that some code names: `crate::x::…`, and each first name in `use crate::{…}`.
fn imported(code: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => {
                names.insert(first_name(rest));
            }
            Some(group) => names.extend(heads_of_group(group)),
        }
    }
    names.remove("");
    names
}

fn heads_of_group(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut at_head) = (0_usize, Vec::new(), true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_head = true,
            letter if at_head && (letter.is_alphanumeric() || letter == '_') => {
                heads.push(first_name(&group[at..]));
                at_head = false;
            }
            _ => {}
        }
    }
    heads
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn modules_import_only_from_the_layers_beneath_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let order = order(&src);
    assert!(order.len() > 20, "the modules are found in lib.rs");
    let place = |name: &str| order.iter().position(|module| module == name);
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let relative = file.strip_prefix(&src).unwrap();
        let top = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let top = top.trim_end_matches(".rs");
        let Some(own) = place(top) else { continue };
        for name in imported(&code(file)) {
            if place(&name).is_some_and(|place| place > own) {
                wrong.push(format!("{} imports {name}, which stands above {top}", relative.display()));
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// SQL stands in `store` or beside its action, where it can be found and used again.
#[test]
fn pages_hold_no_sql() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.retain(|file| file.iter().any(|part| part == "pages" || part == "pages.rs"));
    assert!(files.len() > 50, "pages are found");
    files.retain(|file| ["sqlx::query", "QueryBuilder"].iter().any(|sql| code(file).contains(sql)));
    assert!(files.is_empty(), "{files:?}");
}

/// A comment names what it speaks of: the account, the member, the actor.
#[test]
fn comments_say_who_is_meant() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut vague = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap().to_lowercase();
        for (line, words) in text.lines().enumerate() {
            let mut words = words.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| ["whoever", "somebody", "whom"].contains(&word)) {
                vague.push(format!("{}:{}", file.strip_prefix(&src).unwrap().display(), line + 1));
            }
        }
    }
    assert!(vague.is_empty(), "{}", vague.join("\n"));
}

#[test]
fn imports_are_read_as_rust_reads_them() {
    let code =
        "use crate::{access::{Grant, may}, app::App, db};\nlet x = crate::web::page::html;\nuse crate::error::Result;";
    let mut names: Vec<String> = imported(code).into_iter().collect();
    names.sort();
    assert_eq!(names, ["access", "app", "db", "error", "web"]);
}
