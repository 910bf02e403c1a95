//! The main line: from an operator to a pupil who signs in and a list that is exported.

use schoolgate::{
    crypto::seal::{SealPurpose, Sealed},
    identity::{operators, second_factor::totp},
    ids::AccountId,
};

use super::driver::Browser;
use crate::support::{TestApp, TestServer, sheets};

const PASSWORD: &str = "một câu ngắn dễ nhớ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_operator_to_the_exported_list() {
    walk(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_without_javascript() {
    walk(false).await;
}

async fn walk(javascript: bool) {
    let server = TestServer::start().await;
    let browser = Browser::open(&server.url, javascript).await;

    an_operator_opens_a_school(&server, &browser).await;
    its_owner_comes_in(&server, &browser).await;
    and_makes_classes(&browser).await;
    and_brings_the_pupils_in(&server, &browser).await;
    and_finds_them(&browser).await;
    let slips = and_prints_slips(&browser).await;
    a_pupil_signs_in_with_one(&browser, &slips[0]).await;
    the_owner_exports_the_list(&server, &browser).await;

    browser.quit().await;
}

/// What the operator's phone shows.
async fn code_of_the_app(test: &TestApp) -> String {
    let (account_id, bytes, key_id): (AccountId, Vec<u8>, String) =
        sqlx::query_as("SELECT account_id, secret, key_id FROM second_factors")
            .fetch_one(test.db.pool())
            .await
            .unwrap();
    let secret = test.keys.open(SealPurpose::SecondFactor, account_id, &Sealed { key_id, bytes }).unwrap();
    totp::code_at(&secret, test.clock.now()).unwrap()
}

async fn an_operator_opens_a_school(server: &TestServer, browser: &Browser) {
    let token = operators::add(&server.test, "chuyenvien@example.vn", "Trần Quốc Bảo", &[]).await.unwrap();
    browser.goto(&format!("/invitations/{}", token.to_url())).await;
    set_password(browser, PASSWORD).await;
    browser.arrives("/me/second-factor").await;
    browser.press("Bật xác thực hai bước").await;
    browser.says("Dùng ứng dụng đó quét mã này").await;
    browser.fill("code", &code_of_the_app(&server.test).await).await;
    browser.press("Xác nhận và bật").await;
    browser.press("Tôi đã cất các mã").await;
    browser.arrives("/operator/schools").await;
    browser.press("Mở trường mới").await;
    browser.arrives("/operator/schools/new").await;
    browser.fill("name", "Trường THPT Nguyễn Trãi").await;
    browser.fill("code", "01000123").await;
    browser.choose("province", "Hà Nội").await;
    browser.fill("owner_name", "Hoàng Thị Thu").await;
    // What is wrong is said, and what was typed stays.
    browser.fill("owner_email", "thu.example.vn").await;
    browser.press("Mở trường và gửi thư mời").await;
    browser.says("không phải một địa chỉ email").await;
    browser.fill("owner_email", "thu@example.vn").await;
    browser.press("Mở trường và gửi thư mời").await;
    browser.says("Đã mở trường").await;
}

async fn its_owner_comes_in(server: &TestServer, browser: &Browser) {
    let mail = server.smtp.wait_for_mail_to("thu@example.vn");
    assert!(mail.subject().contains("Trường THPT Nguyễn Trãi"), "{}", mail.subject());
    browser.forget_me().await;
    browser.goto(&mail.link().unwrap()).await;
    set_password(browser, PASSWORD).await;
    browser.arrives("/schools/01000123").await;
    browser.says("Việc cần làm").await;
}

async fn and_makes_classes(browser: &Browser) {
    browser.goto("/schools/01000123/classes").await;
    browser.press("Thêm mới lớp").await;
    browser.fill("name", "10A1-10A3").await;
    browser.press("Tạo lớp").await;
    browser.says("Đã tạo 3 lớp").await;
}

async fn and_brings_the_pupils_in(server: &TestServer, browser: &Browser) {
    let template = file(server, browser, "/schools/01000123/templates/students.xlsx").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("danh sách khối 10.xlsx");
    std::fs::write(&path, sheets::filled(&template, &rows())).unwrap();
    browser.goto("/schools/01000123").await;
    browser.press("Nhập từ bảng tính").await;
    browser.attach("file", &path).await;
    browser.press("Tải lên và xem trước").await;
    browser.says("Xem lại trước khi nhập").await;
    browser.says("Không có ngày 31/02/2011").await;
    browser.says("10A7").await;
    browser.press("Nhập 3 học sinh").await;
    browser.says("Kết quả nhập").await;
    browser.says("Đã nhập 3 học sinh").await;
    let mail = server.smtp.wait_for_mail_to("thu@example.vn");
    assert!(mail.subject().contains('3'), "{}", mail.subject());
}

fn rows() -> Vec<&'static [(&'static str, &'static str)]> {
    let pupil: [&'static [(&str, &str)]; 4] = [
        &[
            ("Họ và tên", "Nguyễn Văn Đạt"),
            ("Giới tính", "Nam"),
            ("Lớp", "10A1"),
            ("Ngày sinh", "15/11/2011"),
            ("Họ và tên mẹ", "Trần Thị Thùy Dương"),
            ("Năm sinh của mẹ", "1977"),
        ],
        &[
            ("Họ và tên", "Lê Ái Vân"),
            ("Giới tính", "Nữ"),
            ("Lớp", "10A1"),
            ("Ngày sinh", "26/10/2011"),
            ("Họ và tên mẹ", "Phạm Thái Hà"),
            ("Năm sinh của mẹ", "1979"),
        ],
        &[
            ("Họ và tên", "Võ Văn Hải Đăng"),
            ("Giới tính", "Nam"),
            ("Lớp", "10A7"),
            ("Ngày sinh", "30/01/2011"),
            ("Họ và tên người giám hộ", "Võ Văn Hùng"),
            ("Năm sinh người giám hộ", "1970"),
        ],
        &[
            ("Họ và tên", "Phạm Định Lực"),
            ("Giới tính", "Nam"),
            ("Lớp", "10A1"),
            ("Ngày sinh", "31/02/2011"),
            ("Họ và tên mẹ", "Dạ Hương"),
            ("Năm sinh của mẹ", "1989"),
        ],
    ];
    pupil.into()
}

async fn and_finds_them(browser: &Browser) {
    browser.goto("/schools/01000123/accounts?q=nguyen+van+dat").await;
    assert_eq!(browser.texts("main .sg-name").await, ["Nguyễn Văn Đạt"]);
    browser.goto("/schools/01000123/accounts").await;
    // By given name, and a before ă: Đạt, Đăng, Vân.
    assert_eq!(browser.texts("main .sg-name").await, ["Nguyễn Văn Đạt", "Võ Văn Hải Đăng", "Lê Ái Vân"]);
    browser.choose("class", "10A1").await;
    // Without a script the choice is sent by a button.
    if browser.path().await == "/schools/01000123/accounts" && browser.texts("main .sg-noscript").await != [""] {
        browser.press("Lọc").await;
    }
    browser.says("In phiếu lớp 10A1").await;
    assert_eq!(browser.texts("main .sg-name").await, ["Nguyễn Văn Đạt", "Lê Ái Vân"]);
}

/// Login and temporary password of each.
async fn and_prints_slips(browser: &Browser) -> Vec<(String, String)> {
    browser.press("In phiếu lớp 10A1").await;
    browser.says("2 phiếu").await;
    let told = browser.texts("main .slip dd").await;
    told.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

async fn a_pupil_signs_in_with_one(browser: &Browser, (login, password): &(String, String)) {
    assert_eq!(login, "datnv@01000123");
    browser.forget_me().await;
    // As the QR code opens it.
    browser.goto("/schools/01000123/sign-in?login=datnv").await;
    browser.says("Trường THPT Nguyễn Trãi").await;
    browser.fill("password", password).await;
    browser.press("Đăng nhập").await;
    browser.says("Em hãy đặt mật khẩu mới").await;
    set_password(browser, "con mèo nhà em").await;
    browser.says("Chào Nguyễn Văn Đạt").await;
    // The slip is spent.
    browser.forget_me().await;
    browser.goto("/schools/01000123/sign-in?login=datnv").await;
    browser.fill("password", password).await;
    browser.press("Đăng nhập").await;
    browser.says("không đúng").await;
}

async fn the_owner_exports_the_list(server: &TestServer, browser: &Browser) {
    browser.forget_me().await;
    browser.goto("/sign-in").await;
    browser.fill("login", "Thu@Example.vn").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Đăng nhập").await;
    browser.arrives("/schools/01000123").await;
    browser.goto("/schools/01000123/accounts?role=student").await;
    let list = file(server, browser, "/schools/01000123/accounts/export.xlsx?role=student").await;
    let table = sheets::read(&list);
    assert_eq!(table[0][0], "Họ và tên (*)");
    let names: Vec<&str> = table[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["Nguyễn Văn Đạt", "Võ Văn Hải Đăng", "Lê Ái Vân"]);
    assert!(table[1].contains(&"datnv".to_owned()) && table[1].contains(&"15/11/2011".to_owned()), "{:?}", table[1]);
}

async fn set_password(browser: &Browser, password: &str) {
    browser.fill("password", password).await;
    browser.fill("password_again", password).await;
    browser.press("Lưu mật khẩu").await;
}

/// Downloads a file as the account that is signed in in the browser.
async fn file(server: &TestServer, browser: &Browser, path: &str) -> Vec<u8> {
    let client = server.test.anonymous();
    client.set_cookie("session", &browser.session().await);
    client.get(path).await.expect(200).file().to_vec()
}
