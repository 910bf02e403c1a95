//! Self-registration, from the front page to the working account: a teacher, and a representative of a company.

use schoolgate::web::{Translator, i18n::Lang};
use thirtyfour::Key;

use super::axe::{self, Findings};
use super::driver::Browser;
use crate::support::say::vi;
use crate::support::{Cast, Person, TestServer};

const PASSWORD: &str = "hoa sen nở trong đầm";

/// A person who registers.
struct Walk<'a> {
    server: &'a TestServer,
    browser: &'a Browser,
    l: Translator,
    has_script: bool,
    email: &'static str,
}

impl Walk<'_> {
    fn t(&self, key: &str) -> String {
        self.l.t(key)
    }

    /// From the front page to the form.
    async fn chooses(&self, door: &str) {
        self.browser.goto("/register").await;
        self.browser.forget_me().await;
        self.browser.speaks(self.l.0).await;
        self.browser.goto("/").await;
        self.browser.press(&self.t("sign-in-register")).await;
        self.browser.says(&self.t("register-pupils")).await;
        self.browser.press(&self.t(door)).await;
    }

    async fn chooses_a_password(&self) {
        for name in ["password", "password_again"] {
            self.browser.fill(name, PASSWORD).await;
        }
    }

    /// Types into a field that finds something, and takes the first that is found, by the keyboard alone.
    async fn finds(&self, name: &str, typed: &str, found: &str) {
        self.browser.fill(name, typed).await;
        if !self.has_script {
            return;
        }
        self.browser.find("[role=option]").await;
        let field = format!("main [name='{name}']");
        assert_eq!(self.browser.attribute(&field, "aria-expanded").await.as_deref(), Some("true"));
        // Escape folds the list and keeps what was typed; an arrow brings it back.
        self.browser.type_keys(Key::Escape + "").await;
        assert_eq!(self.browser.attribute(&field, "aria-expanded").await.as_deref(), Some("false"));
        self.browser.type_keys(Key::Down + "").await;
        let active = self.browser.attribute(&field, "aria-activedescendant").await.expect("an option is active");
        assert_eq!(self.browser.attribute(&format!("[id='{active}']"), "aria-selected").await.as_deref(), Some("true"));
        let mut findings = Findings::default();
        findings.judge(self.browser, &format!("the list below {name}")).await;
        findings.expect_none();
        self.browser.type_enter().await;
        assert_eq!(self.browser.value(&field).await, found);
        assert_eq!(self.browser.attribute(&field, "aria-expanded").await.as_deref(), Some("false"));
    }

    /// Verifies the address by the mail, and looks at what they wait for.
    async fn verifies_and_waits(&self, place: &str) {
        self.browser.says(&self.t("register-sent-title")).await;
        let mail = self.server.smtp.wait_for_mail_to(self.email);
        assert_eq!(mail.subject(), self.t("mail-verification-subject"));
        self.browser.goto(&mail.link().unwrap()).await;
        self.browser.fill("password", PASSWORD).await;
        self.browser.press(&self.t("verify-button")).await;
        self.browser.arrives("/sign-in").await;
        self.browser.says(&self.t("done-verified")).await;
        self.signs_in("/").await;
        self.browser.arrives("/registration").await;
        self.browser.says(place).await;
    }

    async fn signs_in(&self, next: &str) {
        self.browser.forget_me().await;
        self.browser.speaks(self.l.0).await;
        self.browser.goto(next).await;
        self.browser.fill("login", self.email).await;
        self.browser.fill("password", PASSWORD).await;
        self.browser.press(&self.t("sign-in-button")).await;
    }

    /// Comes back by the link in the mail that says yes.
    async fn comes_in(&self, place: &str, greeting: &str, path: &str) {
        let subject = self.l.t1("mail-accepted-subject", "place", place);
        let mail = self.server.smtp.wait_for_mail_about(self.email, &subject);
        self.signs_in(&mail.link().unwrap()).await;
        self.browser.arrives(path).await;
        self.browser.says(greeting).await;
    }

    /// Becomes the person who answers.
    async fn answers(&self, person: &Person, path: &str) {
        let client = self.server.test.signed_in(person).await;
        self.browser.forget_me().await;
        self.browser.come_in(&client.cookie("session").unwrap()).await;
        self.browser.goto(path).await;
    }
}

async fn a_teacher(lang: Lang, has_script: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    server.test.cast("79000002").await;
    let browser = Browser::open(&server.url, has_script).await;
    if has_script {
        axe::install(&browser).await;
    }
    let walk =
        Walk { server: &server, browser: &browser, l: Translator::new(lang), has_script, email: "sen@example.vn" };
    let school = "Trường thử nghiệm 79000001";

    walk.chooses("register-teacher").await;
    browser.fill("full_name", "nguyễn thị sen").await;
    browser.find("main [name='gender'][value='female']").await.click().await.unwrap();
    browser.fill_date("birth_date", "1990-05-01").await;
    walk.finds("school", "thu nghiem 79000001", school).await;
    browser.fill("email", walk.email).await;
    walk.chooses_a_password().await;
    browser.press(&walk.t("register-button")).await;
    if !has_script {
        // What was found comes with the form, and the rest of it as it was typed.
        browser.says(&walk.t("fault-school-choose")).await;
        browser.find("main [name='school_choice'][value='79000001']").await.click().await.unwrap();
        walk.chooses_a_password().await;
        browser.press(&walk.t("register-button")).await;
    }
    walk.verifies_and_waits(school).await;
    browser.goto(&cast.school.path("")).await;
    browser.says(&walk.t("error-not-found-title")).await;

    activated(&walk, &cast).await;
    walk.comes_in(school, "Nguyễn Thị Sen", &cast.school.path("")).await;
    browser.quit().await;
}

/// The owner reads the mail, finds the teacher and says yes.
async fn activated(walk: &Walk<'_>, cast: &Cast) {
    let mail = walk.server.smtp.wait_for_mail_to(&cast.owner.login);
    walk.answers(&cast.owner, &mail.link().unwrap()).await;
    walk.browser.press(&vi("question-activate")).await;
    walk.browser.says(&vi("done-activated")).await;
}

async fn a_representative(lang: Lang, has_script: bool) {
    let server = TestServer::start().await;
    let operator = server.test.operator("operator@example.vn", &[]).await;
    let browser = Browser::open(&server.url, has_script).await;
    if has_script {
        axe::install(&browser).await;
    }
    let walk =
        Walk { server: &server, browser: &browser, l: Translator::new(lang), has_script, email: "bach@example.vn" };
    let company = "Công ty TNHH Sao Mai";

    walk.chooses("register-company").await;
    browser.fill("full_name", "Lê Văn Bách").await;
    browser.fill("company_name", company).await;
    browser.fill("tax_code", "0312345678").await;
    browser.fill("email", walk.email).await;
    walk.chooses_a_password().await;
    browser.press(&walk.t("register-button")).await;
    walk.verifies_and_waits(company).await;

    walk.answers(&operator, "/operator/companies").await;
    browser.press(company).await;
    browser.press(&vi("companies-approve")).await;
    browser.says(&vi("done-company-approved")).await;
    walk.comes_in(company, company, "/companies/").await;

    // A colleague finds the company, and waits for the first one's word.
    let colleague = Walk { email: "cuc@example.vn", ..walk };
    colleague.chooses("register-company").await;
    browser.fill("full_name", "Trần Thị Cúc").await;
    colleague.finds("company_name", "sao mai", company).await;
    browser.fill("email", colleague.email).await;
    colleague.chooses_a_password().await;
    if !has_script {
        // Without a script what is known is offered once the form comes back.
        browser.fill("tax_code", "12").await;
        browser.press(&colleague.t("register-button")).await;
        browser.says(&colleague.t("fault-tax-code")).await;
        browser.find("main [name='company_id']:not([value=''])").await.click().await.unwrap();
        browser.fill("tax_code", "").await;
        colleague.chooses_a_password().await;
    }
    browser.press(&colleague.t("register-button")).await;
    colleague.verifies_and_waits(company).await;
    let walk = Walk { email: "bach@example.vn", ..colleague };
    walk.signs_in("/").await;
    browser.says("Trần Thị Cúc").await;
    browser.press(&walk.t("question-activate")).await;
    browser.says(&walk.t("done-colleague-approved")).await;
    Walk { email: "cuc@example.vn", ..walk }.comes_in(company, company, "/companies/").await;
    browser.quit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teacher_comes_from_the_front_page_to_a_working_account() {
    a_teacher(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_teacher_comes_in_english_without_javascript() {
    a_teacher(Lang::En, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_representative_comes_from_the_front_page_to_the_companys_home() {
    a_representative(Lang::En, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_representative_comes_in_vietnamese_without_javascript() {
    a_representative(Lang::Vi, false).await;
}
