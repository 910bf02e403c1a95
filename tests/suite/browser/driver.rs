//! A headless Chromium, driven as a person would: pages are opened, fields filled in by their names, buttons pressed by
//! their words.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schoolgate::web::i18n::Lang;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use crate::support::{Person, TestServer};

/// How long something may take that the page waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Of Debian's package `chromium-headless-shell`. Not the script in `/usr/bin`: chromedriver would end the script and leave the
/// browser running.
const HEADLESS_SHELL: &str = "/usr/lib/chromium/chromium-headless-shell";

/// A browser with a person before it. Call [`Browser::quit`] at the end; a test that fails leaves it to the drop.
pub struct Browser {
    driver: WebDriver,
    chromedriver: Child,
    _folder: TempDir,
    base: String,
}

impl Browser {
    pub async fn open(base: &str, javascript: bool) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let chromedriver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            // It makes the browser's profile there, which goes with this folder.
            .env("TMPDIR", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed by make test");
        let driver = connect(port).await;
        driver.set_window_rect(0, 0, 1280, 1000).await.unwrap();
        let browser = Self { driver, chromedriver, _folder: folder, base: base.to_owned() };
        if !javascript {
            browser.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        }
        browser
    }

    /// The browser of a person who is signed in already.
    pub async fn of(server: &TestServer, person: &Person, lang: Lang, javascript: bool) -> Self {
        let browser = Self::open(&server.url, javascript).await;
        let client = server.test.signed_in(person).await;
        browser.come_in(&client.cookie("session").unwrap()).await;
        browser.speaks(lang).await;
        browser
    }

    pub async fn quit(mut self) {
        let _ = self.driver.clone().quit().await;
        let _ = self.chromedriver.kill();
    }

    /// Opens a page by its path, or a whole address.
    pub async fn goto(&self, to: &str) {
        let address = if to.starts_with("http") { to.to_owned() } else { format!("{}{to}", self.base) };
        self.driver.goto(&address).await.unwrap();
    }

    /// Path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }

    /// Waits until the path of the page begins like this.
    pub async fn arrives(&self, path: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.path().await.starts_with(path) {
            assert!(Instant::now() < deadline, "at {} and not at {path}: {}", self.path().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the page says.
    pub async fn text(&self) -> String {
        let body = self.driver.find(By::Css("main")).await.unwrap();
        body.text().await.unwrap_or_default()
    }

    /// Waits until the page says this.
    pub async fn says(&self, expected: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // While a page is exchanged for the next one there is nothing to read.
            let text = match self.driver.find(By::Css("main")).await {
                Ok(main) => main.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(expected) {
                return;
            }
            assert!(Instant::now() < deadline, "{} does not say “{expected}”: {text}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Fills a field in, in place of what stands there.
    pub async fn fill(&self, name: &str, value: &str) {
        let field = self.find(&format!("main [name='{name}']:not([type=hidden])")).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Pastes into a field what another program has put on the clipboard.
    pub async fn paste(&self, name: &str, text: &str) {
        let field = self.find(&format!("main [name='{name}']")).await;
        let script = "const data = new DataTransfer(); data.setData('text/plain', arguments[1]);
            const event = {clipboardData: data, bubbles: true, cancelable: true};
            arguments[0].focus(); arguments[0].dispatchEvent(new ClipboardEvent('paste', event));";
        self.driver.execute(script, vec![field.to_json().unwrap(), json!(text)]).await.unwrap();
    }

    /// Fills a date in as people write it, whatever the browser's language.
    pub async fn fill_date(&self, name: &str, iso: &str) {
        let [year, month, day] = iso.split('-').collect::<Vec<_>>().try_into().unwrap();
        self.fill(name, &format!("{day}/{month}/{year}")).await;
    }

    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.find(css).await.attr(name).await.unwrap()
    }

    /// What stands in a field.
    pub async fn value(&self, css: &str) -> String {
        self.find(css).await.value().await.unwrap().unwrap_or_default()
    }

    /// Chooses a file.
    pub async fn attach(&self, name: &str, file: &Path) {
        self.find(&format!("main [name='{name}']")).await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Chooses what a list offers under these words.
    pub async fn choose(&self, name: &str, words: &str) {
        let path = format!("//main//select[@name='{name}']/option[contains(normalize-space(), '{words}')]");
        self.driver.find(By::XPath(&path)).await.unwrap().click().await.unwrap();
    }

    /// Presses the button, or follows the link, of these words.
    pub async fn press(&self, words: &str) {
        let path = format!("//main//*[self::button or self::a][contains(normalize-space(), '{words}')]");
        let button = self.driver.find(By::XPath(&path)).await;
        let button = match button {
            Ok(button) => button,
            Err(_) => panic!("{} has nothing to press called “{words}”: {}", self.path().await, self.text().await),
        };
        button.scroll_into_view().await.ok();
        button.click().await.unwrap();
    }

    /// Clicks on what is found, once it is there: a page that is exchanged for the next one takes its elements with it.
    pub async fn click(&self, css: &str) {
        self.settled(css, async |element: WebElement| {
            element.scroll_into_view().await?;
            element.click().await
        })
        .await;
    }

    /// Drags one thing to another with the mouse.
    pub async fn drag(&self, from: &str, to: &str) {
        let (from, to) = (self.find(from).await, self.find(to).await);
        from.scroll_into_view().await.unwrap();
        let chain = self.driver.action_chain().move_to_element_center(&from).click_and_hold();
        chain.move_to_element_center(&to).release().perform().await.unwrap();
    }

    /// Types into what is found, in place of what stands there, once it is there.
    pub async fn type_into(&self, css: &str, value: &str) {
        self.settled(css, async |element: WebElement| {
            element.clear().await?;
            element.send_keys(value).await
        })
        .await;
    }

    /// Does something with an element, again where its page went away under it.
    async fn settled(&self, css: &str, act: impl AsyncFn(WebElement) -> WebDriverResult<()>) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = act(self.find(css).await).await {
            assert!(Instant::now() < deadline, "{css} of {} cannot be used: {error}", self.path().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn find(&self, css: &str) -> WebElement {
        match self.driver.query(By::Css(css)).wait(PATIENCE, Duration::from_millis(50)).first().await {
            Ok(element) => element,
            Err(_) => panic!("{} has no {css}: {}", self.path().await, self.text().await),
        }
    }

    /// The texts of all elements.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.driver.find_all(By::Css(css)).await.unwrap() {
            texts.push(element.text().await.unwrap());
        }
        texts
    }

    /// Shows pages as they are printed.
    pub async fn prints(&self) {
        self.tell("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    }

    /// The page on paper of the size that it asks for, as a PDF.
    pub async fn printed(&self) -> Vec<u8> {
        let printed =
            self.driver.cdp().send_raw("Page.printToPDF", json!({ "preferCSSPageSize": true })).await.unwrap();
        STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }

    /// Waits until one of these elements is seen to hold this text.
    pub async fn tells_of(&self, css: &str, text: &str) {
        let script = "arguments[2]([...document.querySelectorAll(arguments[0])].some(each => each.innerText.includes(arguments[1])))";
        let deadline = Instant::now() + PATIENCE;
        while self.ask(script, vec![json!(css), json!(text)]).await != json!(true) {
            assert!(Instant::now() < deadline, "{css} does not tell of “{text}”");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until all elements together say this, and nothing else.
    pub async fn tells(&self, css: &str, expected: &[String]) {
        // What is exchanged in the middle of it is not there to be asked.
        let script = "arguments[1]([...document.querySelectorAll(arguments[0])].map(each => each.innerText.trim()))";
        let deadline = Instant::now() + PATIENCE;
        loop {
            let texts = self.ask(script, vec![json!(css)]).await;
            if texts == json!(expected) {
                return;
            }
            assert!(Instant::now() < deadline, "{css} says {texts} and not {expected:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The session's token, to fetch a file as this person.
    pub async fn session(&self) -> String {
        self.driver.get_named_cookie("session").await.unwrap().value
    }

    /// Becomes the browser of a person who is signed in by this token.
    pub async fn come_in(&self, token: &str) {
        self.goto("/sign-in").await;
        self.driver.add_cookie(Cookie::new("session", token)).await.unwrap();
    }

    /// Reads pages in this language from now on.
    pub async fn speaks(&self, lang: Lang) {
        self.driver.add_cookie(Cookie::new("lang", lang.key())).await.unwrap();
    }

    /// Becomes another person's browser.
    pub async fn forget_me(&self) {
        self.driver.delete_all_cookies().await.unwrap();
    }

    /// Presses keys as a keyboard does, wherever the focus is. Keys that are sent to an element are not the same: a date
    /// field then keeps the Tab key to itself.
    pub async fn type_keys(&self, keys: impl Into<TypingData>) {
        self.is_painted().await;
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// Presses Enter where the focus is. Not as an action: chromedriver acts again when a page goes away under it, and would
    /// send the next page's form, too.
    pub async fn type_enter(&self) {
        self.driver.active_element().await.unwrap().send_keys(Key::Enter).await.unwrap();
    }

    /// Presses a key while Control is held.
    pub async fn type_with_control(&self, key: char) {
        self.is_painted().await;
        self.driver.action_chain().key_down(Key::Control).send_keys(key).key_up(Key::Control).perform().await.unwrap();
    }

    /// Waits until the page is on the screen: Chromium drops the keys that come before.
    async fn is_painted(&self) {
        let is_painted = "arguments[0](performance.getEntriesByName('first-contentful-paint').length > 0);";
        let deadline = Instant::now() + PATIENCE;
        while !self.driver.execute_async(is_painted, vec![]).await.is_ok_and(|painted| painted.json() == true) {
            assert!(Instant::now() < deadline, "{} is not painted", self.path().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sets a cookie of the server before any of its pages was opened.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        self.tell("Network.setCookie", json!({ "name": name, "value": value, "url": self.base })).await;
    }

    /// The browser's window, in pixels of style sheets.
    pub async fn set_size(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Runs a script in every page that is opened from now on, before the page's own; no policy of the page forbids it.
    pub async fn run_in_every_page(&self, script: &str) {
        self.tell("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// What a script calls its last argument with.
    pub async fn ask(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute_async(script, arguments).await.unwrap().json().clone()
    }

    /// Waits until there is a page of another title than this, whole.
    pub async fn leaves_title(&self, title: &str) {
        let deadline = Instant::now() + PATIENCE;
        let is_there = "arguments[1](document.title !== arguments[0] && document.readyState === 'complete')";
        // While a page is exchanged for the next one there is nobody to ask.
        while !self.driver.execute_async(is_there, vec![json!(title)]).await.is_ok_and(|there| there.json() == true) {
            assert!(Instant::now() < deadline, "{} is still “{title}”", self.path().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A command of the DevTools protocol.
    async fn tell(&self, command: &str, parameters: Value) {
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

async fn connect(port: u16) -> WebDriver {
    let mut capabilities = DesiredCapabilities::chrome();
    // The same browser without what only windows need; where there is none, Chromium itself.
    if Path::new(HEADLESS_SHELL).exists() {
        capabilities.set_binary(HEADLESS_SHELL).unwrap();
    }
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A page that glides to its place is not where it is pressed.
        "--force-prefers-reduced-motion",
        // Where nothing is chosen, the browser says the language.
        "--lang=vi",
        "--accept-lang=vi",
    ];
    for flag in flags {
        capabilities.add_arg(flag).unwrap();
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        match WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities.clone()).await {
            Ok(driver) => return driver,
            Err(error) => assert!(Instant::now() < deadline, "chromedriver does not answer: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
