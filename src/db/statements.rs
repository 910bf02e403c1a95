//! A migration as its statements: a cluster takes them one at a time.

/// The statements of a script, without comments between them.
pub fn split(script: &str) -> Vec<&str> {
    let bytes = script.as_bytes();
    let (mut statements, mut at, mut begins) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let rest = &script[at..];
        at += match bytes[at] {
            b';' => {
                statements.push(&script[begins..at]);
                begins = at + 1;
                1
            }
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            // A doubled quote ends one text and begins the next.
            quote @ (b'\'' | b'"') => past(rest, 1, char::from(quote).encode_utf8(&mut [0; 4])),
            b'$' => dollar_tag(rest).map_or(1, |tag| past(rest, tag.len(), tag)),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    statements.push(&script[begins..]);
    statements.retain(|statement| says_something(statement));
    statements
}

/// The index that a migration builds past those who write; the script says nothing else then.
pub fn concurrent_index(script: &str) -> Option<&str> {
    let (_, rest) = script.split_once("INDEX CONCURRENTLY IF NOT EXISTS ")?;
    rest.split_whitespace().next()
}

/// How far it is to behind the next `end`, looking from `from`.
fn past(rest: &str, from: usize, end: &str) -> usize {
    rest.get(from..).and_then(|inner| inner.find(end)).map_or(rest.len(), |found| from + found + end.len())
}

/// `$$` or `$name$` at the beginning; `$1` is a parameter.
fn dollar_tag(rest: &str) -> Option<&str> {
    let name = rest.get(1..)?.find('$').map(|end| &rest[1..=end])?;
    let is_name = name.chars().all(|letter| letter == '_' || letter.is_ascii_alphanumeric());
    (is_name && !name.starts_with(|first: char| first.is_ascii_digit())).then(|| &rest[..name.len() + 2])
}

fn says_something(statement: &str) -> bool {
    statement.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn semicolons_in_texts_bodies_and_comments_end_nothing() {
        let script = "-- one; two\nCREATE TABLE a (b text DEFAULT ';''; \"');\n\n\
            CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;\n\
            DO $x$ BEGIN EXECUTE 'a $$ ; $$ b'; END $x$; /* ; */ SELECT \"a;b\", $1;\n-- the end;\n";
        let statements = split(script);
        assert_eq!(statements.len(), 4, "{statements:#?}");
        assert!(statements[0].ends_with("\"')"), "{}", statements[0]);
        assert!(statements[1].contains("END $$") && statements[2].ends_with("END $x$"));
        assert!(statements[3].ends_with("\"a;b\", $1"));
    }
}
