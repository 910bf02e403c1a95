//! The dark scheme for visitors who have chosen none: the rules that a style sheet has for `data-bs-theme="dark"`, said
//! once more for `data-bs-theme="auto"`. The page links them for dark systems only.

const DARK: [&str; 2] = ["[data-bs-theme=dark]", "[data-bs-theme=\"dark\"]"];
const OF_SYSTEM: &str = "[data-bs-theme=auto]";

/// The rules for the dark scheme, in their order and inside their media queries.
pub fn dark_by_system(sheet: &str) -> String {
    let mut out = String::new();
    collect(&without_comments(sheet), &mut out);
    out
}

fn without_comments(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let mut out = parts.next().unwrap_or_default().to_owned();
    out.extend(parts.filter_map(|part| part.split_once("*/")).map(|(_, after)| after));
    out
}

/// Goes through `prelude { block }` after another; what is inside an at-rule is gone through in the same way.
fn collect(sheet: &str, out: &mut String) {
    let mut rest = sheet;
    while let Some(open) = rest.find(['{', ';']) {
        let prelude = rest[..open].trim();
        if rest[open..].starts_with(';') {
            rest = &rest[open + 1..];
            continue;
        }
        let block = block(&rest[open + 1..]);
        if prelude.starts_with("@media") || prelude.starts_with("@supports") {
            let mut inside = String::new();
            collect(block, &mut inside);
            if !inside.is_empty() {
                out.push_str(&format!("{prelude}{{{inside}}}\n"));
            }
        } else if !prelude.starts_with('@') {
            let selectors: Vec<String> = selectors(prelude).filter(|each| is_dark(each)).map(of_system).collect();
            if !selectors.is_empty() {
                out.push_str(&format!("{}{{{block}}}\n", selectors.join(",")));
            }
        }
        rest = rest.get(open + 1 + block.len() + 1..).unwrap_or_default();
    }
}

/// What stands before the brace that ends a block.
fn block(after: &str) -> &str {
    let mut depth = 1_u32;
    for (at, c) in after.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &after[..at];
        }
    }
    after
}

/// The selectors of a list: commas inside parentheses part nothing.
fn selectors(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_u32;
    list.split(move |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
}

fn is_dark(selector: &str) -> bool {
    DARK.iter().any(|dark| selector.contains(dark))
}

fn of_system(selector: &str) -> String {
    DARK.iter().fold(selector.to_owned(), |selector, dark| selector.replace(dark, OF_SYSTEM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_for_the_dark_scheme_is_said_again() {
        let sheet = "/* { */ @charset \"utf-8\"; a{color:red} [data-bs-theme=dark] b,c{d:e} @font-face{f:g} \
            @media screen{h{i:j} :root[data-bs-theme=\"dark\"]:is(k,l){m:n}} @media print{o{p:q}}";
        assert_eq!(
            dark_by_system(sheet),
            "[data-bs-theme=auto] b{d:e}\n@media screen{:root[data-bs-theme=auto]:is(k,l){m:n}\n}\n"
        );
    }
}
