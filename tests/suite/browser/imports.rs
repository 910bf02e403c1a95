//! Two lists as schools have them: mended, decided on, applied and taken back.

use std::path::Path;

use schoolgate::web::{Translator, i18n::Lang};

use super::driver::Browser;
use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_lists_come_and_go() {
    come_and_go(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_english_without_javascript() {
    come_and_go(Lang::En, false).await;
}

/// What a person sees of a list: a walk through the page of one plan.
struct Walk<'a> {
    browser: &'a Browser,
    l: Translator,
    code: &'a str,
}

async fn come_and_go(lang: Lang, javascript: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let owner = server.test.signed_in(&cast.owner).await;
    let browser = Browser::open(&server.url, javascript).await;
    browser.come_in(&owner.cookie("session").unwrap()).await;
    browser.speaks(lang).await;
    let walk = Walk { browser: &browser, l: Translator::new(lang), code: cast.school.code() };

    let first = walk.upload("02_hocsinh_lonxon_xlsxwriter.xlsx").await;
    browser.says(&walk.l.t1("plan-will-write", "count", 32)).await;
    // Its year alone is no birth date.
    browser.goto(&format!("{first}?outcome=error")).await;
    browser.fill("birth_date", "10/02/2011").await;
    browser.press(&walk.l.t("plan-mend")).await;
    browser.says(&walk.l.t1("plan-will-write", "count", 33)).await;
    walk.apply(33).await;
    let before = walk.pupils().await;

    // The register's own list knows the same pupils; of some it says something else, which a person must decide.
    let second = walk.upload("01_csdl_hocsinh_openpyxl.xlsx").await;
    browser.goto(&format!("{second}?outcome=duplicate")).await;
    browser.says(&walk.l.t1("plan-left-out", "count", 10)).await;
    browser.press(&walk.l.t("plan-decide-same")).await;
    browser.says(&walk.l.t1("plan-left-out", "count", 9)).await;
    walk.apply(33).await;
    assert!(walk.pupils().await.len() > before.len());

    walk.undo(&second).await;
    assert_eq!(walk.pupils().await, before);
    walk.undo(&first).await;
    assert_eq!(walk.pupils().await.len(), 2, "those who were there before both");
    browser.quit().await;
}

impl Walk<'_> {
    /// Gives the address of the plan, once it can be reviewed.
    async fn upload(&self, name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
        self.browser.goto(&format!("/schools/{}/plans/new?source=students", self.code)).await;
        self.browser.attach("file", &path).await;
        self.browser.press(&self.l.t("upload-button")).await;
        self.browser.says(&self.l.t("plan-title-ready")).await;
        self.browser.path().await
    }

    async fn apply(&self, count: i64) {
        self.browser.press(&self.l.tk1("plan-apply", "student", "count", count)).await;
        self.browser.says(&self.l.t("plan-title-applied")).await;
    }

    async fn undo(&self, plan: &str) {
        self.browser.goto(plan).await;
        self.browser.press(&self.l.t("plan-undo")).await;
        self.browser.says(&self.l.t("undo-what")).await;
        let button = format!("main form[action='{plan}/undo'] button");
        self.browser.find(&button).await.click().await.unwrap();
        self.browser.says(&self.l.t("plan-title-undone")).await;
    }

    /// The names of the first page of pupils.
    async fn pupils(&self) -> Vec<String> {
        self.browser.goto(&format!("/schools/{}/accounts?role=student", self.code)).await;
        self.browser.texts("main .sg-name").await
    }
}
