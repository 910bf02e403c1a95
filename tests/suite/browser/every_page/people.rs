//! Who and what every page needs to be there: people who wait, a company, lists, links, timetables.

use schoolgate::{
    access::ClientScope,
    clients::{self, NewClient},
    crypto::token::Token,
    identity::links::{self, LinkPurpose},
    ids::{CompanyId, MemberId, SchoolId},
    roster::{fields::Field, model::Status},
};

use crate::support::{Cast, Client, Person, Someone, TestApp, TestServer};
use crate::timetable::Timetable;

/// Two pages of pupils, with names as long as they come, and classes of all kinds.
pub(super) async fn populate(test: &TestApp, cast: &Cast) {
    let family = ["Nguyễn", "Trần", "Lê", "Công Tằng Tôn Nữ", "Phạm"];
    let middle = ["Hoàng Phương", "Thị Thùy", "Ngọc Bảo Trân", "Văn", "Đặng Minh"];
    let given = ["Nghiêng", "Quyên", "Thương", "An", "Trường", "Khương", "Uyển"];
    let pupils: Vec<Someone> = (0..70)
        .map(|n| {
            let name = format!("{} {} {}", family[n % 5], middle[n / 5 % 5], given[n % 7]);
            let pupil = Someone::pupil(&name, cast.class_id)
                .value(Field::BirthDate, "2011-03-02")
                .value(Field::NationalId, "079311012345")
                .value(Field::Email, "phuhuynh.hocsinh.rat.dai@truonghocquocte.edu.vn")
                .value(Field::Address, "Số 12/34/56 đường Nguyễn Thị Minh Khai, Phường Bến Nghé, TP. Hồ Chí Minh");
            match n % 3 {
                0 => pupil.new_here(),
                1 if n % 5 == 0 => pupil.who_is(Status::Suspended),
                _ => pupil,
            }
        })
        .collect();
    cast.school.add_all(test, &pupils).await;
    for class in ["10A2", "10A10", "11/4", "12 Chuyên Anh"] {
        cast.school.class(test, class).await;
    }
}

/// Registers a teacher; gives the member's id.
pub(super) async fn register(server: &TestServer, cast: &Cast, email: &str) -> MemberId {
    let password = "hoa sen nở trong đầm";
    let form = [
        ("full_name", "Trần Thị Hồng Nhung"),
        ("email", email),
        ("gender", "female"),
        ("birth_date", "1990-05-01"),
        ("school", cast.school.code()),
        ("password", password),
        ("password_again", password),
    ];
    server.test.anonymous().post("/register/teacher", &form).await.expect(303);
    server.smtp.wait_for_mail_to(email);
    member(&server.test, email).await
}

pub(super) async fn a_teacher_waits(server: &TestServer, cast: &Cast, email: &str) -> Person {
    register(server, cast, email).await;
    let link = server.smtp.wait_for_mail_to(email).link().unwrap();
    let path = link.split_once("/verify-email").unwrap().1;
    server
        .test
        .anonymous()
        .post(&format!("/verify-email{path}"), &[("password", "hoa sen nở trong đầm")])
        .await
        .expect(303);
    server.test.person_of(email).await
}

/// The address to which an application sends the people of the school, to sign in to it.
pub(super) async fn an_application_asks(test: &TestApp, cast: &Cast) -> String {
    let back = "https://moodle.example/";
    let new = NewClient {
        name: "Moodle".to_owned(),
        scopes: ClientScope::OPENID.to_vec(),
        redirect_uris: vec![back.to_owned()],
        ..NewClient::default()
    };
    let made = clients::make_for_school(&cast.school.scope.grant().unwrap(), test, &new).await.unwrap().unwrap();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &made.id.to_string())
        .append_pair("redirect_uri", back)
        .append_pair("response_type", "code")
        .append_pair("scope", "openid profile email school")
        .append_pair("code_challenge", &"a".repeat(43))
        .append_pair("code_challenge_method", "S256")
        .finish();
    format!("/oauth2/authorize?{query}")
}

/// A company with a representative, a colleague who waits for their word, and one more company that waits too long.
pub(super) async fn a_company(server: &TestServer, operator: &Person) -> (CompanyId, Person) {
    let test = &server.test;
    let password = "hoa sen nở trong đầm";
    let join = async |name: &str, email: &str, company: &str, id: &str| {
        let form = [
            ("full_name", name),
            ("email", email),
            ("position", "Trưởng phòng Chăm sóc khách hàng"),
            ("company_name", company),
            ("company_id", id),
            ("password", password),
            ("password_again", password),
        ];
        test.anonymous().post("/register/company", &form).await.expect(303);
        let link = server.smtp.wait_for_mail_to(email).link().unwrap();
        let path = link.split_once("/verify-email").unwrap().1;
        test.anonymous()
            .post(&format!("/verify-email{path}"), &[("password", "hoa sen nở trong đầm")])
            .await
            .expect(303);
    };
    let long = "Công ty Trách nhiệm hữu hạn Thiết bị Giáo dục và Công nghệ Sao Mai";
    join("Lê Văn Bách", "bach@example.vn", long, "").await;
    let company: CompanyId =
        sqlx::query_scalar("SELECT company_id FROM company_members WHERE full_name = 'Lê Văn Bách'")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    let path = format!("/operator/companies/{company}/approval");
    test.signed_in(operator).await.post(&path, &[]).await.expect(303);
    join("Trần Thị Cúc", "cuc@example.vn", long, &company.to_string()).await;
    join("Vũ Văn Dũng", "dung@example.vn", "Sao Mai JSC", "").await;
    sqlx::query("UPDATE company_members SET registered_at = registered_at - interval '3 days'")
        .execute(&mut test.admin().await)
        .await
        .unwrap();
    (company, test.person_of("bach@example.vn").await)
}

/// Uploads a list with one pupil; gives the address of the plan.
pub(super) async fn upload(test: &TestApp, cast: &Cast, owner: &Client, pupil: [&str; 6]) -> String {
    let headers = ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ"];
    let file = crate::support::sheets::written(&[headers, pupil].map(|row| row.map(str::to_owned).to_vec()));
    let plan = owner.upload(&cast.school.path("/plans/new?source=students"), "danh-sach.xlsx", &file).await.location();
    let id = plan.rsplit('/').next().unwrap();
    test.until(&format!("SELECT state = 'ready' FROM plans WHERE id = '{id}'")).await;
    plan
}

pub(super) async fn member(test: &TestApp, email: &str) -> MemberId {
    let query = "SELECT id FROM members WHERE email = $1";
    sqlx::query_scalar(query).bind(email).fetch_one(&mut test.admin().await).await.unwrap()
}

/// The page that a mailed link leads to.
pub(super) async fn links_page(
    test: &TestApp,
    login: &str,
    purpose: LinkPurpose,
    membership: Option<(SchoolId, MemberId)>,
) -> String {
    let account_id = test.person_of(login).await.account_id;
    let token = Token::generate(&test.randomness);
    let mut tx = test.db.begin().await.unwrap();
    links::create(&mut tx, test.id(), &token, purpose, account_id, membership, test.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let folder = match purpose {
        LinkPurpose::Invitation => "/invitations",
        LinkPurpose::PasswordReset => "/password/reset",
        LinkPurpose::EmailVerification => "/verify-email",
    };
    format!("{folder}/{}", token.to_url())
}

/// Pages of the timetable that look otherwise once there is something on them.
pub(super) async fn timetable_pages(test: &TestApp, cast: &Cast, made: &Timetable) -> Vec<String> {
    let owner = test.signed_in(&cast.owner).await;
    let version = cast.school.path(&format!("/timetable/versions/{}", made.version));
    let generation = format!("{version}/generation");
    owner.post(&generation, &[("seconds", "20"), ("seed", "1")]).await.expect(303);
    test.until("SELECT state = 'done' FROM timetable_generations").await;
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday.to_string();
    let teacher = made.teacher.to_string();
    let away = [("teacher", teacher.as_str()), ("from", monday.as_str()), ("to", "")];
    let absence = owner.post(&cast.school.path("/timetable/absences"), &away).await.location();
    let day = [("name", "Nghỉ Tết"), ("from", "2027-02-04"), ("to", "2027-02-14"), ("kind", "free")];
    owner.post(&cast.school.path("/timetable/days"), &day).await.expect(303);
    let (from, of) = (test.clock.today().to_string(), made.version.to_string());
    let copy = [("name", "Bản chép"), ("from", from.as_str()), ("copy_of", of.as_str())];
    let copied = owner.post(&cast.school.path("/timetable/versions"), &copy).await.location();
    let cell = [("day", "2"), ("session", "morning"), ("period", "1"), ("subject", "Sử")];
    owner.post(&format!("{copied}/classes/{}", cast.class_id), &cell).await.expect(303);
    let sheets = ["teachers", "classes&paper=a4"].map(|of| format!("{version}/sheet?of={of}"));
    let day = cast.school.path(&format!("/timetable/classes/{}?day={monday}", cast.class_id));
    [vec![generation, absence, format!("{copied}/comparison"), day], sheets.to_vec()].concat()
}
