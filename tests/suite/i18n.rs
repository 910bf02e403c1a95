//! Both languages say everything, once, with the same arguments, and no sentence that is not used.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use schoolgate::web::i18n::{Lang, sources};

use crate::{
    i18n_families::{each_of_families, families},
    support::files,
};

/// The messages of a language: key, and the arguments that the sentence has.
pub fn messages(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for (file, text) in sources(lang) {
        let resource =
            fluent_syntax::parser::parse(text.as_str()).unwrap_or_else(|(_, faults)| panic!("{file}: {faults:?}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let value = message.value.unwrap_or_else(|| panic!("{file}: {} says nothing", message.id.name));
            let twice = messages.insert(message.id.name.to_owned(), arguments(&value)).is_some();
            assert!(!twice, "{file}: {} is said twice", message.id.name);
            assert!(message.attributes.is_empty(), "{file}: {} has attributes, which nobody reads", message.id.name);
        }
    }
    messages
}

fn arguments(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(pattern, &mut found);
    found
}

fn collect(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            // What a number is chosen by is a matter of the language: English has a plural.
            Expression::Select { variants, .. } => {
                variants.iter().for_each(|variant| collect(&variant.value, found));
                continue;
            }
        };
        match inline {
            InlineExpression::VariableReference { id } => {
                found.insert(id.name.to_owned());
            }
            // Words that depend on the kind of school.
            InlineExpression::StringLiteral { .. } | InlineExpression::MessageReference { .. } => {}
            other => panic!("our sentences are simpler than {other:?}"),
        }
    }
}

#[test]
fn both_languages_say_the_same_things_with_the_same_arguments() {
    let (vi, en) = (messages(Lang::Vi), messages(Lang::En));
    let keys = |messages: &BTreeMap<String, BTreeSet<String>>| messages.keys().cloned().collect::<BTreeSet<_>>();
    let (in_vi, in_en) = (keys(&vi), keys(&en));
    assert_eq!(in_vi.difference(&in_en).collect::<Vec<_>>(), [] as [&String; 0], "not in English");
    assert_eq!(in_en.difference(&in_vi).collect::<Vec<_>>(), [] as [&String; 0], "not in Vietnamese");
    for (key, arguments) in &vi {
        assert_eq!(arguments, &en[key], "{key}");
    }
    let files = |lang: Lang| sources(lang).map(|(name, _)| name[3..].to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(files(Lang::Vi), files(Lang::En));
}

/// Whether a text could be a key: small words with dashes between them.
fn is_key(text: &str) -> bool {
    text.contains('-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The words of the code, each with what stands around it where that can make it a key: all of them once, since looking
/// for each key in the whole code takes half a minute.
fn words_in_place(code: &str) -> HashSet<&str> {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let bytes = code.as_bytes();
    let mut found = HashSet::new();
    let mut start = 0;
    while let Some(from) = bytes[start..].iter().position(|byte| is_of_word(*byte)).map(|at| start + at) {
        let to = bytes[from..].iter().position(|byte| !is_of_word(*byte)).map_or(bytes.len(), |at| from + at);
        for before in ["\"", "'", "}", "::", "done="] {
            if code[..from].ends_with(before) {
                found.insert(&code[from - before.len()..to]);
                if matches!(bytes.get(to), Some(b'"' | b'\'')) {
                    found.insert(&code[from - before.len()..=to]);
                }
            }
        }
        start = to;
    }
    found
}

/// What is listed here stands in the program, as a key or as the variant that a key is derived from: otherwise its
/// sentences would be kept for nothing, and no test would tell.
#[test]
fn what_is_listed_by_hand_is_in_the_code() {
    let code = code().join("\n");
    let words = words_in_place(&code);
    let has = |text: String| words.contains(text.as_str());
    let stands = |member: &str| {
        let [kebab, snake] = [member.replace('_', "-"), member.replace('-', "_")];
        let variant: String = snake.split('_').map(capitalised).collect();
        let in_sql = format!("'{kebab}'");
        let written =
            [format!("\"{kebab}\""), format!("\"{snake}\""), format!("done={kebab}"), format!("::{variant}"), in_sql];
        // Of two parts, the second behind a value: `format!("{key}-detail")`.
        let of_parts = || {
            snake.match_indices('_').any(|(at, _)| {
                let [dashed, underscored] = [format!("}}-{}", &kebab[at + 1..]), format!("}}_{}", &snake[at + 1..])];
                [dashed, underscored, format!("\"-{}\"", &kebab[at + 1..])].into_iter().any(has)
            })
        };
        written.into_iter().any(has) || of_parts()
    };
    let mut gone = Vec::new();
    each_of_families(&mut |name, members| {
        gone.extend(
            members
                .iter()
                .filter(|member| !stands(member) && !has(format!("\"{name}-{}\"", member.replace('_', "-"))))
                .map(|member| format!("{name}-{member}")),
        );
    });
    assert_eq!(gone, [] as [String; 0]);
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// Everything that stands between two quotation marks of our code and templates and could be a key.
fn quoted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in code() {
        let parts: Vec<&str> = text.split('"').collect();
        found.extend(parts.iter().filter(|part| is_key(part)).map(|part| (*part).to_owned()));
        // In the address of a template, and where one is made.
        for after in [r#"done="#, r#"with("done", ""#].into_iter().flat_map(|before| text.split(before).skip(1)) {
            let end = after.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(after.len());
            found.insert(format!("done-{}", &after[..end]));
        }
    }
    found
}

/// The program's code, its comments left out, and its templates.
fn code() -> Vec<String> {
    let rust = files::below("src", "rs").into_iter().map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    });
    let templates = ["html", "txt"].into_iter().flat_map(|kind| files::below("templates", kind));
    rust.chain(templates.map(|file| std::fs::read_to_string(file).unwrap())).collect()
}

/// The words that other sentences refer to.
fn referred_to() -> BTreeSet<String> {
    let texts = Lang::ALL.into_iter().flat_map(sources).map(|(_, text)| text);
    let words = texts.flat_map(|text| text.split("{ word-").skip(1).map(str::to_owned).collect::<Vec<_>>());
    words.filter_map(|after| Some(format!("word-{}", after.split(' ').next()?))).collect()
}

/// The keys that are asked for by name.
fn asked() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in code() {
        for call in [".t(\"", ".t1(\"", ".t2(\"", ".around(\""] {
            let keys = text.split(call).skip(1).filter_map(|after| after.split('"').next());
            found.extend(keys.map(str::to_owned));
        }
    }
    // Handed on as a value before they are asked for.
    let beginnings = ["fault-", "done-", "menu-", "to-do-", "home-", "step-", "role-", "grant-", "field-"];
    let handed_on = quoted().into_iter().filter(|key| {
        let is_beginning = key.ends_with('-');
        // The icon with the three lines.
        !is_beginning && key != "menu-2" && beginnings.iter().any(|beginning| key.starts_with(beginning))
    });
    found.extend(handed_on);
    found
}

#[test]
fn no_sentence_is_missing() {
    let known = messages(Lang::Vi);
    let missing: Vec<String> = asked()
        .into_iter()
        .chain(families())
        .chain(referred_to())
        .filter(|key| !known.contains_key(key.as_str()))
        .collect();
    assert_eq!(missing, [] as [String; 0]);
}

#[test]
fn no_sentence_is_unused() {
    let used: BTreeSet<String> = quoted().into_iter().chain(families()).chain(referred_to()).collect();
    let unused: Vec<String> = messages(Lang::Vi).into_keys().filter(|key| !used.contains(key)).collect();
    assert_eq!(unused, [] as [String; 0]);
}
