//! What axe-core says of a page, whether it scrolls sideways, and whether its fields are as high as their lines.

use std::collections::BTreeMap;
use std::path::Path;

use schoolgate::web::i18n::Lang;
use serde::Deserialize;
use serde_json::{Value, json};

use super::driver::Browser;

/// A phone and a laptop.
const WIDTHS: [u32; 2] = [390, 1280];

/// The rules that the colours matter to: the others say of the dark scheme what they say of the light one.
const RULES_OF_COLOUR: [&str; 2] = ["color-contrast", "link-in-text-block"];

/// Says what is wrong with the page as it stands.
const JUDGE: &str = "
    const [options, done] = arguments;
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
    // A bar that stays on top covers what a page was scrolled to.
    window.scrollTo({ top: 0, behavior: 'instant' });
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

/// Shows the page in a scheme, as the server writes it and the script changes it.
async fn paint(browser: &Browser, scheme: &str) {
    let paint = "document.documentElement.dataset.bsTheme = arguments[0]; arguments[1]();";
    browser.ask(paint, vec![json!(scheme)]).await;
}

/// Which rules a page is judged by.
#[derive(Clone, Copy)]
enum Rules {
    All,
    OfColour,
}

impl Rules {
    /// As axe-core is called.
    fn options(self) -> Value {
        match self {
            // Of WCAG 2.2, and off by itself.
            Self::All => json!({ "resultTypes": ["violations"], "rules": { "target-size": { "enabled": true } } }),
            Self::OfColour => {
                json!({ "resultTypes": ["violations"], "runOnly": { "type": "rule", "values": RULES_OF_COLOUR } })
            }
        }
    }
}

impl Findings {
    /// Judges the page that the browser shows, at both widths and in both schemes.
    pub async fn judge(&mut self, browser: &Browser, page: &str) {
        for width in WIDTHS {
            self.judge_at(browser, page, width, Rules::All).await;
        }
        paint(browser, "dark").await;
        for width in WIDTHS {
            self.judge_at(browser, &format!("{page}, dark"), width, Rules::OfColour).await;
        }
    }

    /// Half of what there is to judge of a page that is judged in both languages: at each width in one scheme, which in the
    /// other language is the other one. Together these are all colours at all widths, and all else at all widths in both
    /// languages.
    pub async fn judge_crosswise(&mut self, browser: &Browser, page: &str, lang: Lang) {
        let schemes = match lang {
            Lang::Vi => ["light", "dark"],
            Lang::En => ["dark", "light"],
        };
        for (width, scheme) in WIDTHS.into_iter().zip(schemes) {
            paint(browser, scheme).await;
            self.judge_at(browser, &format!("{page}, {scheme}"), width, Rules::All).await;
        }
    }

    async fn judge_at(&mut self, browser: &Browser, page: &str, width: u32, rules: Rules) {
        browser.set_size(width, 1000).await;
        let faults: Vec<Fault> = serde_json::from_value(browser.ask(JUDGE, vec![rules.options()]).await).unwrap();
        for fault in faults {
            for place in fault.places {
                let page = format!("{page}, {width} pixels");
                self.found.entry((fault.rule.clone(), place)).or_default().push(page);
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
