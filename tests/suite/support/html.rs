//! Reading pages as a person does, as far as tests need it: our own templates write them, so a parser is not needed.

/// The words that a person sees, with single spaces between them.
pub fn words(html: &str) -> String {
    let mut text = String::new();
    for (index, part) in html.split('<').enumerate() {
        let seen = if index == 0 { part } else { part.split_once('>').map_or("", |(_, seen)| seen) };
        text.push_str(seen);
        text.push(' ');
    }
    decoded(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every tag of this name, as it stands between the angle brackets.
pub fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let is_it = |tag: &&str| tag.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '/']));
    html.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)).filter(is_it).collect()
}

/// The value of a tag's attribute.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag.get(start..)?;
    value.split('"').next().map(decoded)
}

/// Everything inside each element of this name, nested ones of the same name excepted.
pub fn elements<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let inside = |part: &'a str| {
        let content = part.strip_prefix([' ', '>'])?;
        let content = if part.starts_with('>') { content } else { content.split_once('>')?.1 };
        content.split_once(close.as_str()).map(|(content, _)| content)
    };
    html.split(open.as_str()).skip(1).filter_map(inside).collect()
}

/// What is left of a page when its words, numbers and addresses are left out: its elements, what they look like by their
/// attributes, and whether there is text. Two of one shape look and read the same but for the words and their lengths.
pub fn shape(html: &str) -> String {
    const SHOWN: [&str; 9] =
        ["class", "role", "type", "style", "colspan", "aria-current", "aria-expanded", "aria-hidden", "aria-sort"];
    let mut shape = String::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let mut pieces = tag.split('"');
        // Names of attributes stand before a quotation mark, their values behind it.
        while let Some(names) = pieces.next() {
            shape.push_str(names);
            let value = pieces.next().unwrap_or_default();
            let name = names.trim_end_matches('=').rsplit(' ').next().unwrap_or_default();
            if SHOWN.contains(&name) {
                shape.push_str(value);
            }
        }
        shape.push('>');
        shape.extend((!text.trim().is_empty()).then_some('t'));
    }
    shape
}

/// Text without its entities.
pub fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once(';').filter(|(name, _)| name.len() <= 6) else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        match (name, number.and_then(char::from_u32)) {
            (_, Some(c)) => out.push(c),
            ("amp", _) => out.push('&'),
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            ("quot", _) => out.push('"'),
            ("nbsp", _) => out.push(' '),
            _ => panic!("what is &{name};?"),
        }
        rest = tail;
    }
    out + rest
}

#[test]
fn pages_of_one_shape_differ_in_words_alone() {
    let row = "<main><p class=\"a\" id=\"of-1\">Lan</p><a href=\"/x?a=1\">1</a></main>";
    assert_eq!(shape(row), shape(&row.replace("Lan", "Nguyễn Văn A").replace("of-1", "of-22").replace("/x", "/y")));
    for other in [
        row.replace("\"a\"", "\"b\""),
        row.replace(">Lan", ">"),
        row.replace("<p", "<b"),
        row.replace("id=", "title="),
        row.replace("</main>", "<i></i></main>"),
    ] {
        assert_ne!(shape(row), shape(&other), "{other}");
    }
}
