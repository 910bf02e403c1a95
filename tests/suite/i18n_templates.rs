//! Templates hold no sentence of their own, and every letter can be written in both languages.

use schoolgate::{
    letters::{
        samples::{self, SampleWords},
        wording,
    },
    web::{Translator, i18n::Lang},
};

use crate::i18n::messages;
use crate::support::files;

/// Names that are the same in both languages.
const SAME_EVERYWHERE: [&str; 1] = ["Schoolgate"];

#[test]
fn templates_hold_no_sentence() {
    let mut bare = Vec::new();
    for file in files::below("templates", "html") {
        let text = without(&std::fs::read_to_string(&file).unwrap());
        let attributes = ["title", "alt", "placeholder", "aria-label", "label", "content-label"];
        let mut seen: Vec<String> = Vec::new();
        for (index, part) in text.split('<').enumerate() {
            let Some((tag, words)) = part.split_once('>') else {
                if index == 0 {
                    seen.push(part.to_owned());
                }
                continue;
            };
            seen.push(words.to_owned());
            seen.extend(attributes.iter().filter_map(|name| crate::support::html::attribute(tag, name)));
        }
        for words in seen {
            let words = without_attributes(&words);
            let words = crate::support::html::decoded(&words);
            let words = SAME_EVERYWHERE.iter().fold(words, |words, name| words.replace(name, ""));
            if words.chars().any(char::is_alphabetic) {
                bare.push(format!("{}: {}", file.display(), words.trim()));
            }
        }
    }
    assert_eq!(bare, [] as [String; 0]);
}

/// A template without its comments, statements and expressions.
fn without(template: &str) -> String {
    let mut text = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}")] {
        while let Some(start) = text.find(open) {
            let end = text[start..].find(close).expect("a bracket that closes") + start + close.len();
            text.replace_range(start..end, "");
        }
    }
    text
}

/// A macro may hold attributes without their tag.
fn without_attributes(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(equals) = text.find("=\"") {
        let start = text[..equals].rfind(char::is_whitespace).map_or(0, |space| space + 1);
        let end = text[equals + 2..].find('"').map_or(text.len(), |quote| equals + 2 + quote + 1);
        text.replace_range(start..end, "");
    }
    text
}

#[test]
fn every_letter_can_be_written_in_both_languages() {
    let all = samples::letters(SampleWords {
        name: "Nguyễn Thị Mai",
        school: "Trường THPT <Lê & Đôn>",
        school_code: "79000701",
        company: "Công ty <Lê & Đôn>",
    });
    let links = [
        "/invitations/abc",
        "/invitations/abc",
        "/schools/79000701",
        "/schools/79000701",
        "/password/reset/abc",
        "/password/reset/abc",
        "/password/forgot",
        "/me/providers",
        "/sign-in",
        "/verify-email/abc",
        "/sign-in?next=%2Fregister%2Fteacher%3Fschool%3D79000701",
        "/schools/79000701/accounts?status=pending",
        "/sign-in?next=%2Fschools%2F79000701",
        "/register",
        "/operator/companies",
        "/schools/79000701/plans/00000000-0000-0000-0000-000000000000",
        "/schools/79000701/plans/00000000-0000-0000-0000-000000000000",
        "/schools/79000701/reports/use",
        "/schools/79000701/my-exams",
        "/schools/79000701/timetable?week=2026-09-07",
        "/schools/79000701/plans/00000000-0000-0000-0000-000000000000",
        "/schools/79000701/submissions/00000000-0000-0000-0000-000000000000",
        "/schools/79000701/submissions/00000000-0000-0000-0000-000000000000",
        "/schools/79000701/submissions/00000000-0000-0000-0000-000000000000",
    ];
    assert_eq!(all.len(), links.len());
    // Each letter has a subject of its own, and a sample.
    let keys: Vec<String> = messages(Lang::Vi).into_keys().collect();
    let subjects = keys.iter().filter(|key| key.starts_with("mail-") && key.ends_with("-subject")).count();
    assert_eq!(all.len(), subjects, "a letter has no sample");
    let base_url = "http://schoolgate.test".parse().unwrap();
    for (letter, path) in all.iter().zip(links) {
        let link = &format!("http://schoolgate.test{path}");
        let [vi, en] =
            Lang::ALL.map(|lang| wording::write(letter, &Translator::new(lang), &base_url, Some("abc")).unwrap());
        assert_ne!(vi.subject, en.subject);
        for (lang, written) in [(Lang::Vi, vi), (Lang::En, en)] {
            for text in [&written.subject, &written.text, &written.html] {
                assert!(!text.is_empty() && !text.contains("mail-") && !text.contains("{ "), "{text}");
            }
            assert!(written.text.contains(link) && written.html.contains(&format!("href=\"{link}\"")), "{letter:?}");
            assert!(written.html.contains(&format!("<html lang=\"{}\"", lang.key())));
            assert!(!written.html.contains("<Lê"), "names are escaped in HTML");
            assert!(
                !written.text.contains("&amp;") && !written.text.contains("&#"),
                "and not in text: {}",
                written.text
            );
            assert!(!written.subject.contains('\n'));
        }
    }
}
