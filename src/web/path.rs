//! Where a request asks to be redirected: one of our own pages, or nowhere.

use url::{Position, Url};

/// The longest address that is accepted.
const MOST_BYTES: usize = 2_000;

/// The address of one of our own pages, parsed and rebuilt, so that a browser is redirected to exactly what was
/// checked; none where it would lead elsewhere or no page of ours can have it.
#[must_use]
pub fn of_ours(asked: &str) -> Option<String> {
    if asked.len() > MOST_BYTES || !asked.starts_with('/') || has_control(asked) {
        return None;
    }
    // A placeholder host: an address that leads to another host is rejected.
    let here = Url::parse("http://here.invalid").ok()?;
    let there = here.join(asked).ok()?;
    // Parsing must not change it: dots or backslashes could make another host of a path.
    let (path, rebuilt) = (there.path(), &there[Position::BeforePath..]);
    let decoded = percent_encoding::percent_decode_str(rebuilt).decode_utf8_lossy();
    let is_ours = there.origin() == here.origin()
        && there.username().is_empty()
        && !path.starts_with("//")
        && !asked.starts_with("//")
        && !decoded.contains('\\')
        && !has_control(&decoded);
    is_ours.then(|| rebuilt.to_owned())
}

/// The same, and the front page where there is none.
#[must_use]
pub fn of_ours_or_home(asked: &str) -> String {
    of_ours(asked).unwrap_or_else(|| "/".to_owned())
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::of_ours;

    #[test]
    fn no_redirect_leads_to_another_site() {
        for own in ["/", "/schools/79000701?q=a", "/schools/79000701/accounts?q=L%C3%AA%20V%C4%83n#top"] {
            assert_eq!(of_ours(own).as_deref(), Some(own));
        }
        assert_eq!(of_ours("/schools?q=Lê Văn").as_deref(), Some("/schools?q=L%C3%AA%20V%C4%83n"));
        assert_eq!(of_ours("/a/../b").as_deref(), Some("/b"));
        for foreign in [
            "",
            "evil",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/%09/evil.example",
            "/%09/",
            "/.//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/a\r\nSet-Cookie: b",
            "/a%0d%0aSet-Cookie: b",
            "/\u{7f}",
            "/%00",
            "/%5cevil.example",
            " /a",
            "/a\u{85}b",
        ] {
            assert_eq!(of_ours(foreign), None, "{foreign:?}");
        }
        assert_eq!(of_ours(&format!("/{}", "a".repeat(2_000))), None);
    }
}
