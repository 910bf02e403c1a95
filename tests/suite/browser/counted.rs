//! A browser in whose hands every step is counted, as a person counts them: a click is one, and so is a field that is
//! filled in and sent by Enter.

use schoolgate::web::i18n::Lang;
use thirtyfour::Key;

use super::driver::Browser;
use crate::support::{Person, TestServer};

pub struct Counted {
    pub browser: Browser,
    pub steps: usize,
}

impl Counted {
    /// As a person who is signed in already.
    pub async fn open(server: &TestServer, person: &Person, lang: Lang, javascript: bool) -> Self {
        Self { browser: Browser::of(server, person, lang, javascript).await, steps: 0 }
    }

    pub async fn click(&mut self, css: &str) {
        self.steps += 1;
        // A part of the page may be replaced between finding and pressing; a person presses what is there now.
        for _ in 0..10 {
            let element = self.browser.find(css).await;
            element.scroll_into_view().await.ok();
            match element.click().await {
                Err(error) if format!("{error:?}").contains("StaleElementReference") => {}
                pressed => return pressed.unwrap(),
            }
        }
        panic!("{css} is replaced again and again");
    }

    /// Types into a field, and sends it by Enter where that is needed.
    pub async fn types(&mut self, css: &str, words: &str, and_enter: bool) {
        self.steps += 1;
        let field = self.browser.find(css).await;
        field.send_keys(words).await.unwrap();
        if and_enter {
            field.send_keys(Key::Enter).await.unwrap();
        }
    }
}
