//! What schools and their operators do every August: lists are handed in, mended and approved; classes and then accounts are
//! synced, twice; and then exactly what has changed since is shown, with what the school has changed kept.

use std::path::{Path, PathBuf};

use schoolgate::web::{Translator, i18n::Lang};
use tempfile::TempDir;

use super::driver::Browser;
use crate::support::{Cast, TestServer, sheets};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_lists_to_the_slips() {
    chain(Lang::Vi, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_english_without_javascript() {
    chain(Lang::En, false).await;
}

/// A pupil as the ministry's export has them.
const HEADERS: [&str; 10] = [
    "Họ và tên",
    "Giới tính",
    "Lớp",
    "Ngày sinh",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Điện thoại",
    "Địa chỉ",
    "CMND/CCCD",
    "Mã định danh Bộ GD&ĐT",
];
const NAME: usize = 0;
const GENDER: usize = 1;
const CLASS: usize = 2;
const BIRTH_DATE: usize = 3;

type Pupils = Vec<Vec<String>>;

/// The pupils of the sample, in its order.
fn pupils() -> Pupils {
    let sample = include_str!("../../samples/expected/01.tsv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [_, name, gender, class, birth, mother, mother_year, _, phone, address, national_id, moet_id, ..] =
            cells[..]
        else {
            panic!("{line}")
        };
        let [year, month, day] = birth.split('-').collect::<Vec<_>>().try_into().unwrap();
        let gender = if gender == "female" { "Nữ" } else { "Nam" };
        let birth = format!("{day}/{month}/{year}");
        [name, gender, class, &birth, mother, mother_year, phone, address, national_id, moet_id]
            .map(str::to_owned)
            .to_vec()
    };
    sample.lines().skip(1).map(row).collect()
}

struct Walk<'a> {
    server: &'a TestServer,
    cast: &'a Cast,
    browser: &'a Browser,
    l: Translator,
    lang: Lang,
    owner: String,
    operator: String,
    folder: TempDir,
}

async fn chain(lang: Lang, javascript: bool) {
    let server = TestServer::start().await;
    let cast = server.test.cast("79000001").await;
    let operator = server.test.operator("chuyenvien@example.vn", &["79"]).await;
    let session = async |person| server.test.signed_in(person).await.cookie("session").unwrap();
    let browser = Browser::open(&server.url, javascript).await;
    let walk = Walk {
        server: &server,
        cast: &cast,
        browser: &browser,
        l: Translator::new(lang),
        lang,
        owner: session(&cast.owner).await,
        operator: session(&operator).await,
        folder: tempfile::tempdir().unwrap(),
    };
    walk.become_owner().await;
    let lists = walk.hand_in_all().await;
    walk.approve_all(&lists).await;

    walk.become_owner().await;
    walk.sync_classes().await;
    walk.sync_accounts_and_open_slips().await;
    walk.all_is_unchanged_the_second_time().await;
    walk.exactly_what_has_changed_is_shown().await;
    browser.quit().await;
}

impl Walk<'_> {
    async fn become_owner(&self) {
        self.become_person(&self.owner).await;
    }

    async fn become_person(&self, session: &str) {
        self.browser.forget_me().await;
        self.browser.come_in(session).await;
        self.browser.speaks(self.lang).await;
    }

    fn path(&self, rest: &str) -> String {
        self.cast.school.path(rest)
    }

    fn file(&self, name: &str, table: &[Vec<String>]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, sheets::written(table)).unwrap();
        path
    }

    fn list_of(&self, pupils: &Pupils) -> PathBuf {
        let head = HEADERS.map(str::to_owned).to_vec();
        let table: Vec<Vec<String>> = std::iter::once(head).chain(pupils.iter().cloned()).collect();
        self.file("hoc-sinh.xlsx", &table)
    }

    /// Uploads a list; gives the address of the submission, once it is checked.
    async fn upload(&self, kind: &str, file: &Path) -> String {
        self.browser.goto(&self.path("")).await;
        self.browser.click(&format!("nav a[href='{}']", self.path("/submissions"))).await;
        self.browser.click(&format!("main [name=kind][value={kind}]")).await;
        self.browser.attach("file", file).await;
        self.browser.press(&self.l.t("submissions-check")).await;
        self.browser.says(&self.l.t("submission-state-draft")).await;
        self.browser.path().await
    }

    /// The button at the foot of a review.
    async fn go_on(&self) {
        self.browser.click("main form.sg-apply .btn-primary").await;
    }

    async fn submit(&self) {
        self.go_on().await;
        self.browser.says(&self.l.t("submission-submitted-text")).await;
    }

    /// Classes, staff and pupils; two rows are mended where they are seen.
    async fn hand_in_all(&self) -> Vec<String> {
        let classes = self.file("lop.xlsx", &["Tên lớp", "10A1", "10A2"].map(|name| vec![name.to_owned()]));
        let mut lists = vec![self.upload("classes", &classes).await];
        self.submit().await;
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
        lists.push(self.upload("staff", &samples.join("16_giaovien_libreoffice.xlsx")).await);
        self.submit().await;

        let mut spoiled = pupils();
        spoiled[2][BIRTH_DATE] = "31/02/2011".to_owned();
        spoiled[5][GENDER] = "?".to_owned();
        let list = self.upload("pupils", &self.list_of(&spoiled)).await;
        self.browser.says(&self.l.t1("plan-left-out", "count", 2)).await;
        self.browser.click("main .sg-sum a[href*='outcome=error']").await;
        self.mend(4, "birth_date", &pupils()[2][BIRTH_DATE]).await;
        self.browser.says(&self.l.t1("plan-left-out", "count", 1)).await;
        self.mend(7, "gender", &pupils()[5][GENDER]).await;
        self.browser.says(&self.l.t1("submission-will-change", "count", 42)).await;
        self.submit().await;
        lists.push(list);
        lists
    }

    async fn mend(&self, line: i32, field: &str, value: &str) {
        let form = format!("main form[data-mend='{line}']");
        self.browser.type_into(&format!("{form} [name={field}]"), value).await;
        self.browser.click(&format!("{form} button")).await;
    }

    /// One by its page, the others by the queue.
    async fn approve_all(&self, lists: &[String]) {
        let [classes, staff, pupils] = lists else { panic!("{lists:?}") };
        let desk = |at: &str| format!("/operator/submissions/{}", at.rsplit('/').next().unwrap());
        self.become_person(&self.operator).await;
        self.browser.goto("/operator/submissions").await;
        self.browser.says("79000001").await;
        self.browser.click(&format!("main a[href='{}']", desk(classes))).await;
        self.browser.says("10A2").await;
        self.go_on().await;
        self.browser.says(&self.l.t("submission-state-approved")).await;
        self.browser.goto("/operator/submissions").await;
        for at in [staff, pupils] {
            let id = at.rsplit('/').next().unwrap();
            self.browser.click(&format!("main [name=ids][value='{id}']")).await;
        }
        self.browser.press(&self.l.t("queue-approve")).await;
        self.browser.arrives("/operator/submissions?state=submitted&done=").await;
        self.server.test.until("SELECT count(*) = 3 FROM submissions WHERE state = 'approved'").await;
        self.browser.goto(&desk(pupils)).await;
        self.browser.says(&self.l.t1("submission-approved-text", "done", 42)).await;
    }

    /// From the list to the review of a sync.
    async fn begin_sync(&self, list: &str, words: &str) {
        self.browser.goto(&self.path("")).await;
        self.browser.click(&format!("nav a[href='{}']", self.path(list))).await;
        self.browser.press(&self.l.t(words)).await;
        self.browser.arrives(&self.path(&format!("{list}/sync"))).await;
        self.browser.click("main form.sg-form-end button").await;
        self.browser.arrives(&self.path("/plans/")).await;
        self.browser.says(&self.l.t("sync-plan-ready")).await;
    }

    async fn apply(&self) {
        self.browser.click("main form.sg-apply button").await;
        self.browser.says(&self.l.t("sync-plan-applied")).await;
    }

    async fn sync_classes(&self) {
        self.begin_sync("/classes", "sync-title-classes").await;
        self.browser.says("10A2").await;
        self.apply().await;
        self.browser.goto(&self.path("/classes")).await;
        self.browser.says("10A2").await;
    }

    async fn sync_accounts_and_open_slips(&self) {
        self.begin_sync("/accounts", "menu-sync").await;
        self.apply().await;
        self.browser.click("main a[href$='/slips']").await;
        self.browser.says(&self.l.t2("slips-line", "count", 42, "sheets", 6)).await;
        let told = self.browser.texts("main .slip dd").await;
        assert_eq!(told.len(), 84, "a login and a password on each slip");
        assert!(told.iter().step_by(2).all(|login| login.ends_with("@79000001")), "{told:?}");
    }

    async fn all_is_unchanged_the_second_time(&self) {
        self.upload("pupils", &self.list_of(&pupils())).await;
        self.browser.says(&self.l.t1("submission-all-unchanged", "count", 42)).await;
        self.begin_sync("/classes", "sync-title-classes").await;
        self.apply().await;
        self.begin_sync("/accounts", "menu-sync").await;
        let changed = "SELECT count(*) FROM plan_rows WHERE outcome <> 'unchanged'
                           AND plan_id IN (SELECT id FROM plans WHERE source LIKE 'registry%' AND state = 'ready')";
        let changed: i64 = sqlx::query_scalar(changed).fetch_one(&mut self.server.test.admin().await).await.unwrap();
        assert_eq!(changed, 0);
        self.apply().await;
    }

    /// One renamed, one in another class, one gone, one whose phone the school has changed by hand.
    async fn exactly_what_has_changed_is_shown(&self) {
        let [renamed, moved, gone, by_hand] = [0, 1, 2, 3].map(|at| pupils()[at][NAME].clone());
        let mut changed = pupils();
        changed[0][NAME] = format!("{renamed} Nga");
        changed[1][CLASS] = "10A2".to_owned();
        changed.remove(2);
        self.change_phone(&by_hand, "0987654321").await;
        let list = self.upload("pupils", &self.list_of(&changed)).await;
        self.submit().await;
        self.become_person(&self.operator).await;
        self.browser.goto(&format!("/operator/submissions/{}", list.rsplit('/').next().unwrap())).await;
        self.go_on().await;
        self.browser.says(&self.l.t("submission-state-approved")).await;

        self.become_owner().await;
        self.begin_sync("/accounts", "menu-sync").await;
        let plan = self.browser.path().await;
        let rows = self.browser.texts("main .sg-plan tbody").await;
        let row_of = |name: &str, words: &str| {
            let row = rows.iter().find(|row| row.contains(name));
            let row = row.unwrap_or_else(|| panic!("{name} is not among {rows:?}"));
            assert!(row.contains(words), "{row} does not say “{words}”");
        };
        assert_eq!(rows.len(), 4, "{rows:?}");
        row_of(&format!("{renamed} Nga"), &self.l.tk("outcome", "update"));
        row_of(&moved, "10A2");
        row_of(&gone, &self.l.tk("outcome", "leave"));
        row_of(&by_hand, &self.l.t1("fault-registry-differs", "value", "0334942158"));
        self.apply().await;
        let phone: Option<String> = sqlx::query_scalar("SELECT phone FROM members WHERE full_name = $1")
            .bind(&by_hand)
            .fetch_one(&mut self.server.test.admin().await)
            .await
            .unwrap();
        assert_eq!(phone.as_deref(), Some("0987654321"), "{plan}");
    }

    async fn change_phone(&self, name: &str, phone: &str) {
        let member: uuid::Uuid = sqlx::query_scalar("SELECT id FROM members WHERE full_name = $1")
            .bind(name)
            .fetch_one(&mut self.server.test.admin().await)
            .await
            .unwrap();
        let person = self.path(&format!("/accounts/{member}"));
        self.browser.goto(&format!("{person}/edit")).await;
        self.browser.fill("phone", phone).await;
        self.browser.click("main form .sg-form-end .btn-primary").await;
        self.browser.arrives(&format!("{person}?")).await;
    }
}
