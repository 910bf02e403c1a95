//! Fills a form of a finished page with values, as a person would have typed them: for a form that was kept while its
//! sender signed in. Works on any form of any page; the pages need not know.

use std::{cell::RefCell, rc::Rc};

use lol_html::{
    RewriteStrSettings, element, end_tag,
    errors::RewritingError,
    html_content::{ContentType, Element},
    rewrite_str,
};

/// The values that are left to fill in, and where in the page the reading stands.
struct Filling {
    action: String,
    /// The address of the page: a form without an action is sent there.
    here: String,
    values: Vec<(String, String)>,
    is_inside: bool,
    is_found: bool,
    /// The name of the list of choices that is being read.
    choices: String,
}

impl Filling {
    /// Takes the next value of this name.
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.values.iter().position(|(other, _)| other == name)?;
        Some(self.values.remove(at).1)
    }

    fn holds(&self, name: &str, value: &str) -> bool {
        self.values.iter().any(|(other, held)| other == name && held == value)
    }

    /// Whether anything of this name is left to fill in.
    fn names(&self, name: &str) -> bool {
        self.values.iter().any(|(other, _)| other == name)
    }
}

/// The page with the values in the form that is sent to `action`, and `note` (text) above its fields; `None` where the
/// page has no such form.
///
/// # Errors
/// When the page cannot be read, which our own always can.
pub fn fill(
    page: &str,
    here: &str,
    action: &str,
    values: &[(String, String)],
    note: &str,
) -> Result<Option<String>, RewritingError> {
    let filling = Rc::new(RefCell::new(Filling {
        action: action.to_owned(),
        here: here.to_owned(),
        values: values.to_vec(),
        is_inside: false,
        is_found: false,
        choices: String::new(),
    }));
    let of = |act: fn(&mut Filling, &mut Element<'_, '_>)| {
        let filling = Rc::clone(&filling);
        move |element: &mut Element<'_, '_>| {
            let filling = &mut *filling.borrow_mut();
            if filling.is_inside {
                act(filling, element);
            }
            Ok(())
        }
    };
    let form = {
        let filling = Rc::clone(&filling);
        move |element: &mut Element<'_, '_>| {
            begin_form(&filling, element, note);
            Ok(())
        }
    };
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("form", form))
        .append_element_content_handler(element!("input[name]", of(fill_input)))
        .append_element_content_handler(element!("textarea[name]", of(fill_lines)))
        .append_element_content_handler(element!("select[name]", of(begin_choices)))
        .append_element_content_handler(element!("option", of(fill_choice)));
    let page = rewrite_str(page, settings)?;
    let is_found = filling.borrow().is_found;
    Ok(is_found.then_some(page))
}

/// Of several forms that are sent to one address, the first that has a field of what was typed would be the right one;
/// our pages have one each.
fn begin_form(filling: &Rc<RefCell<Filling>>, element: &mut Element<'_, '_>, note: &str) {
    let is_post = element.get_attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
    let action = element.get_attribute("action").map(|action| unescape(&action));
    let mut state = filling.borrow_mut();
    let is_it = is_post && !state.is_found && action.as_ref().unwrap_or(&state.here) == &state.action;
    state.is_inside = is_it;
    state.is_found |= is_it;
    drop(state);
    if is_it {
        let note = escape(note);
        let note = format!("<div class=\"sg-note\" role=\"status\"><div>{note}</div></div>");
        element.prepend(&note, ContentType::Html);
        let filling = Rc::clone(filling);
        // A form always has an end tag; without one nothing behind it would be filled in either.
        let _ = element.on_end_tag(end_tag!(move |_| {
            filling.borrow_mut().is_inside = false;
            Ok(())
        }));
    }
}

fn fill_input(filling: &mut Filling, element: &mut Element<'_, '_>) {
    let (name, kind) = (attribute(element, "name"), attribute(element, "type"));
    match kind.as_str() {
        "password" | "file" | "submit" | "button" | "image" | "reset" => {}
        "checkbox" | "radio" => {
            let value = element.get_attribute("value").map_or_else(|| "on".to_owned(), |value| unescape(&value));
            let is_checked = filling.holds(&name, &value);
            set(element, "checked", is_checked.then_some(""));
        }
        _ => {
            if let Some(value) = filling.take(&name) {
                set(element, "value", Some(&value));
            }
        }
    }
}

fn fill_lines(filling: &mut Filling, element: &mut Element<'_, '_>) {
    if let Some(value) = filling.take(&attribute(element, "name")) {
        // The first line end of a text area is not part of its text.
        element.set_inner_content(&format!("\n{value}"), ContentType::Text);
    }
}

fn begin_choices(filling: &mut Filling, element: &mut Element<'_, '_>) {
    filling.choices = attribute(element, "name");
}

fn fill_choice(filling: &mut Filling, element: &mut Element<'_, '_>) {
    // What the form did not send stays as the page has it.
    if filling.names(&filling.choices) {
        let is_chosen = filling.holds(&filling.choices, &attribute(element, "value"));
        set(element, "selected", is_chosen.then_some(""));
    }
}

fn attribute(element: &Element<'_, '_>, name: &str) -> String {
    element.get_attribute(name).map(|value| unescape(&value)).unwrap_or_default()
}

fn set(element: &mut Element<'_, '_>, name: &str, value: Option<&str>) {
    element.remove_attribute(name);
    if let Some(value) = value {
        // The names are ours, and only a bad name is refused.
        let _ = element.set_attribute(name, &escape(value));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Undoes what our templates escape.
fn unescape(text: &str) -> String {
    let signs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&"), ("&amp;", "&")];
    signs.iter().fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<form method="post" action="/sign-out"><input name="name" value="mine"></form>
<form method="post" action="/classes?a=1&#38;b=2"><input type="hidden" name="version" value="1">
<input name="name" value="old"><input type="password" name="password">
<input type="radio" name="gender" value="male" checked><input type="radio" name="gender" value="female">
<input type="checkbox" name="again"><select name="class"><option value="1" selected>A</option><option value="2">B</option></select>
<select name="year"><option value="1" selected>A</option></select><textarea name="reason">x</textarea></form>
<input name="name" value="behind">"#;

    fn filled(action: &str, values: &[(&str, &str)]) -> Option<String> {
        let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        fill(PAGE, "/classes", action, &values, "Kept & safe").unwrap()
    }

    #[test]
    fn every_kind_of_field_is_filled_in_where_it_belongs() {
        let typed = [
            ("version", "2"),
            ("name", "\"10A1\" & <b>"),
            ("gender", "female"),
            ("again", "on"),
            ("class", "2"),
            ("reason", "</textarea>&"),
            ("password", "secret"),
        ];
        let page = filled("/classes?a=1&b=2", &typed).unwrap();
        for expected in [
            r#"action="/sign-out"><input name="name" value="mine">"#,
            "Kept &amp; safe",
            r#"name="version" value="2""#,
            r#"<input name="name" value="&quot;10A1&quot; &amp; &lt;b&gt;">"#,
            r#"value="male">"#,
            r#"value="female" checked="">"#,
            r#"name="again" checked="">"#,
            r#"<option value="1">A</option><option value="2" selected="">B</option>"#,
            r#"<select name="year"><option value="1" selected>"#,
            "&lt;/textarea&gt;&amp;</textarea>",
            r#"value="behind""#,
        ] {
            assert!(page.contains(expected), "{expected} is not in {page}");
        }
        assert!(!page.contains("secret"));
    }

    #[test]
    fn a_page_without_the_form_is_told() {
        assert_eq!(filled("/elsewhere", &[("name", "10A1")]), None);
    }
}
