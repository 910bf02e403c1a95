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
