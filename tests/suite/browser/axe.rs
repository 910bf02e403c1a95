//! What axe-core says of a page, whether it scrolls sideways, and whether its fields are as high as their lines.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::driver::Browser;

/// A phone and a laptop.
const WIDTHS: [u32; 2] = [390, 1280];

/// The rules that the colours matter to: the others say of the dark scheme what they say of the light one.
const RULES_OF_COLOUR: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Says what is wrong with the page as it stands.
const JUDGE: &str = "
    const [rules, done] = arguments;
    // Of WCAG 2.2, and off by itself.
    const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
    if (rules) options.runOnly = { type: 'rule', values: rules };
    const page = document.documentElement;
    const over = document.scrollingElement.scrollWidth - page.clientWidth;
    const faults = [];
    if (over > 0) {
        const widest = [...document.body.querySelectorAll('*')]
            .filter((each) => each.getBoundingClientRect().right > page.clientWidth + 1).slice(0, 4)
            .map((each) => each.outerHTML.slice(0, 120));
        faults.push({ rule: 'scrolls sideways', places: [`by ${over} pixels`, ...widest] });
    }
    for (const field of document.querySelectorAll('input.form-control:not([type=file]), select.form-select:not([multiple], [size])')) {
        if (field.offsetHeight > 64) faults.push({ rule: 'higher than its line', places: [field.outerHTML.slice(0, 160)] });
    }
    axe.run(document, options).then(({ violations }) => {
        for (const { id, help, nodes } of violations) {
            const place = ({ target, any, html }) =>
                `${target.join(' ')}: ${any[0]?.message ?? ''} ${html.slice(0, 160)}`;
            faults.push({ rule: `${id}: ${help}`, places: nodes.slice(0, 4).map(place) });
        }
        done(faults);
    }, (error) => done([{ rule: 'axe does not run', places: [String(error)] }]));
";

#[derive(Debug, Deserialize)]
struct Fault {
    rule: String,
    places: Vec<String>,
}

/// What was found so far, on all pages.
#[derive(Default)]
pub struct Findings {
    /// By rule and place: on which pages.
    found: BTreeMap<(String, String), Vec<String>>,
}

/// Has axe-core in every page that the browser opens from now on.
pub async fn install(browser: &Browser) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/axe/node_modules/axe-core/axe.min.js");
    let script = std::fs::read_to_string(file).expect("axe-core is installed by make test");
    browser.run_in_every_page(&script).await;
}

impl Findings {
    /// Judges the page that the browser shows, at both widths and in both schemes.
    pub async fn judge(&mut self, browser: &Browser, page: &str) {
        for width in WIDTHS {
            browser.set_size(width, 1000).await;
            self.judge_as_it_is(browser, &format!("{page}, {width} pixels"), &Value::Null).await;
        }
        // As the server writes it and the script changes it.
        browser.ask("document.documentElement.dataset.bsTheme = 'dark'; arguments[0]();", vec![]).await;
        for width in WIDTHS {
            browser.set_size(width, 1000).await;
            self.judge_as_it_is(browser, &format!("{page}, {width} pixels, dark"), &json!(RULES_OF_COLOUR)).await;
        }
    }

    async fn judge_as_it_is(&mut self, browser: &Browser, page: &str, rules: &Value) {
        let faults: Vec<Fault> = serde_json::from_value(browser.ask(JUDGE, vec![rules.clone()]).await).unwrap();
        for fault in faults {
            for place in fault.places {
                self.found.entry((fault.rule.clone(), place)).or_default().push(page.to_owned());
            }
        }
    }

    pub fn add(&mut self, other: Self) {
        for (what, pages) in other.found {
            self.found.entry(what).or_default().extend(pages);
        }
    }

    /// Fails with all of it, if there is any.
    #[track_caller]
    pub fn expect_none(&self) {
        let mut told = String::new();
        for ((rule, place), pages) in &self.found {
            let more = if pages.len() > 3 { format!(" and {} more", pages.len() - 3) } else { String::new() };
            told += &format!("\n{rule}\n    {place}\n    on {}{more}", pages[..pages.len().min(3)].join("; "));
        }
        assert!(self.found.is_empty(), "{} findings:{told}", self.found.len());
    }
}
