//! `/schools/{code}/plans`: a spreadsheet goes in, is reviewed, applied in the background, and its people are there.

use crate::support::say::{vi, vi1, vi3};
use crate::support::{Cast, Client, Page, TestApp, sheets};

type Row = [(&'static str, &'static str)];

const DAT: &Row = &[
    ("Họ và tên", "Nguyễn Văn Đạt"),
    ("Giới tính", "Nam"),
    ("Lớp", "10A1"),
    ("Ngày sinh", "15/11/2011"),
    ("Họ và tên mẹ", "Lê Thị Hoa"),
    ("Năm sinh của mẹ", "1985"),
    ("CMND/CCCD", "079211001234"),
];
const BINH: &Row = &[
    ("Họ và tên", "TRẦN THỊ BÌNH"),
    ("Giới tính", "nữ"),
    ("Lớp", "lớp 10 a2"),
    ("Ngày sinh", "1/2/11"),
    ("Họ và tên người giám hộ", "Trần Văn Ông"),
    ("Năm sinh người giám hộ", "1950"),
    ("Mật khẩu", "hoa-mai-2011"),
];
const DUNG: &Row = &[
    ("Họ và tên", "Lê Văn Dũng"),
    ("Giới tính", "Nam"),
    ("Lớp", "10A1"),
    ("Ngày sinh", "31/02/2011"),
    ("Họ và tên mẹ", "Lê Thị Hoa"),
    ("Năm sinh của mẹ", "1985"),
];
const ANH: &Row = &[("Họ và tên", "Phạm Thị Ánh"), ("Giới tính", "Nữ"), ("Lớp", "10A1"), ("Ngày sinh", "03/03/2011")];
const AN: &Row = &[
    ("Họ và tên", "Hoàng Văn An"),
    ("Giới tính", "Nam"),
    ("Lớp", "10A1"),
    ("Ngày sinh", "04/04/2011"),
    ("Họ và tên mẹ", "Hoàng Thị Mẹ"),
    ("Năm sinh của mẹ", "1980"),
    ("Tên đăng nhập", "an.hoang"),
];

/// Hands in the template with these rows filled in; gives the plan's address once it is read.
async fn plan(test: &TestApp, client: &Client, cast: &Cast, rows: &[&Row]) -> String {
    let template = client.get(&cast.school.path("/templates/students.xlsx")).await.expect(200);
    let file = sheets::filled(template.file(), rows);
    let plan = client.upload(&cast.school.path("/plans/new?source=students"), "Danh sách 10.xlsx", &file).await;
    let plan = plan.location();
    client.get(&plan).await.expect(200).shows(&[&vi("plan-title-reading")]);
    assert_eq!(test.work().await, ["read_upload"]);
    plan
}

/// The row of the page that is about this line, with what is said below it.
#[track_caller]
fn row(page: &Page, line: u32) -> String {
    let html = page.html();
    let start = html.find(&format!("id=\"row-{line}\"")).unwrap_or_else(|| panic!("no row {line}: {}", page.words()));
    let row = html[start..].split("</tbody>").next().unwrap_or_default();
    crate::support::html::words(&format!("<tbody {row}"))
}

async fn apply(test: &TestApp, client: &Client, plan: &str, fields: &[(&str, &str)]) -> Page {
    assert_eq!(client.post(&format!("{plan}/apply"), fields).await.location(), plan);
    client.get(plan).await.expect(200).shows(&[&vi("plan-title-applying")]);
    test.work().await;
    client.get(plan).await.expect(200).shows(&[&vi("plan-title-applied")])
}

#[tokio::test]
async fn a_filled_in_template_is_reviewed_and_applied() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[DAT, BINH, DUNG, ANH, AN]).await;
    let page = manager.get(&plan).await.expect(200);
    // The template's own two lines come first: headers, and an example that is nobody.
    let page = page.shows(&[&vi("plan-title-ready"), &vi("plan-nothing-written"), "Danh sách 10.xlsx"]);
    assert!(
        row(&page, 3).contains(&format!("{} Nguyễn Văn Đạt 10A1 15/11/2011 Lê Thị Hoa, 1985", vi("outcome-create"))),
        "{}",
        row(&page, 3)
    );
    let binh = row(&page, 4);
    assert!(
        binh.contains(&format!("{} Trần Thị Bình 10A2 01/02/2011 Trần Văn Ông, 1950", vi("outcome-create"))),
        "{binh}"
    );
    assert!(binh.contains("“TRẦN THỊ BÌNH”") && binh.contains("“1/2/11”"), "what was guessed is said: {binh}");
    let dung = row(&page, 5);
    let impossible = vi1("fault-date-impossible", "value", "31/02/2011");
    assert!(
        dung.contains(&vi("outcome-error")) && dung.contains(&format!("{}: {impossible}", vi("field-birth-date"))),
        "{dung}"
    );
    let anh = row(&page, 6);
    assert!(anh.contains(&vi("fault-mother-or-guardian-missing")), "{anh}");
    let page = page.shows(&[&vi1("plan-will-write", "count", 3), &vi1("plan-left-out", "count", 2), "10A2"]);
    page.hides(&["hoa-mai-2011", "079211001234"]);
    let errors = manager.get(&format!("{plan}?outcome=error")).await.expect(200).hides(&["Nguyễn Văn Đạt"]);
    assert!(row(&errors, 5).contains("Lê Văn Dũng") && row(&errors, 6).contains("Phạm Thị Ánh"));
    manager.get(&cast.school.path("/accounts?q=dat")).await.expect(200).hides(&["Nguyễn Văn Đạt"]);

    let form = [("classes_asked", "on"), ("new_classes", "10A2")];
    let result = apply(&test, &manager, &plan, &form).await.shows(&[&vi3(
        "plan-applied-text",
        ("of", "students"),
        ("done", 3),
        ("left", 2),
    )]);
    assert!(result.links().contains(&format!("{plan}/slips")));
    let mail = test.mail_to(&cast.manager.login);
    assert!(mail.subject.contains('3') && mail.text.contains(&plan), "{mail:?}");
    for secret in ["hoa-mai-2011", "079211001234"] {
        assert!(!mail.text.contains(secret));
    }
    manager.get(&cast.school.path("/accounts?q=nguyen+van+dat")).await.expect(200).shows(&["Nguyễn Văn Đạt", "datnv"]);
    manager.get(&cast.school.path("/accounts?q=an.hoang")).await.expect(200).shows(&["Hoàng Văn An"]);
    manager.get(&cast.school.path("/plans")).await.expect(200).shows(&[
        "Danh sách 10.xlsx",
        &vi("plan-state-applied"),
        &cast.manager.name,
    ]);

    // The sheet's own password is a temporary one.
    let client = test.anonymous();
    let login = [("login", "binhtt@79000001"), ("password", "hoa-mai-2011")];
    assert_eq!(client.post("/sign-in", &login).await.location(), "/password/change");
}

#[tokio::test]
async fn a_row_is_mended_where_it_is_seen() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[DUNG, ANH]).await;
    manager.get(&plan).await.expect(200).shows(&[&vi1("plan-will-write", "count", 0)]);
    // What became of the row is said, and one goes on at the next row that is wrong.
    let mend = async |line: u32, fields: &[(&str, &str)], (outcome, next): (&str, u32)| {
        let to = manager.post(&format!("{plan}/rows/{line}"), fields).await.location();
        assert_eq!(to, format!("{plan}?done=row-{outcome}&n={line}#row-{next}"));
        let said = vi1(&format!("done-row-{outcome}"), "n", line);
        manager.get(to.split('#').next().unwrap()).await.expect(200).shows(&[&said])
    };
    let page = mend(3, &[("birth_date", "30/02/2011")], ("error", 3)).await;
    assert!(row(&page, 3).contains("30/02/2011") && row(&page, 3).contains(&vi("outcome-error")));
    let page = mend(3, &[("birth_date", "28/02/2011")], ("create", 4)).await;
    assert!(
        row(&page, 3).contains(&format!("{} Lê Văn Dũng 10A1 28/02/2011", vi("outcome-create"))),
        "{}",
        row(&page, 3)
    );
    let page = mend(4, &[("mother_name", "Phạm Thị Mẹ"), ("mother_birth_year", "1982")], ("create", 4)).await;
    assert!(row(&page, 4).contains(&vi("outcome-create")), "{}", row(&page, 4));
    let page = mend(4, &[("decision", "drop")], ("skip", 4)).await;
    assert!(row(&page, 4).contains(&vi("outcome-skip")), "{}", row(&page, 4));
    page.shows(&[&vi1("plan-will-write", "count", 1)]);
    apply(&test, &manager, &plan, &[]).await.shows(&[&vi3(
        "plan-applied-text",
        ("of", "students"),
        ("done", 1),
        ("left", 0),
    )]);
    manager.post(&format!("{plan}/rows/4"), &[("decision", "new")]).await.expect(404);
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let first = plan(&test, &manager, &cast, &[DAT, AN]).await;
    apply(&test, &manager, &first, &[]).await;
    let again = plan(&test, &manager, &cast, &[DAT, AN]).await;
    let page = manager.get(&again).await.expect(200).shows(&[&vi1("plan-all-unchanged-student", "count", 2)]);
    assert!(
        row(&page, 3).contains(&vi("outcome-unchanged")) && row(&page, 4).contains(&vi("outcome-unchanged")),
        "{}",
        page.words()
    );

    // So does what the school gets out, put in again.
    let export = manager.get(&cast.school.path("/accounts/export.xlsx?role=student")).await.expect(200);
    let upload = manager.upload(&cast.school.path("/plans/new?source=students"), "xuất.xlsx", export.file()).await;
    let plan = upload.location();
    test.work().await;
    let page = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-all-unchanged-student", "count", 4)]);
    for line in 2..=5 {
        assert!(row(&page, line).contains(&vi("outcome-unchanged")), "{}", row(&page, line));
    }
}

#[tokio::test]
async fn of_two_who_apply_one_plan_at_once_one_does() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let (one, two) = (test.signed_in(&cast.manager).await, test.signed_in(&cast.owner).await);
    let plan = plan(&test, &one, &cast, &[DAT, AN]).await;
    let apply = format!("{plan}/apply");
    let (first, second) = tokio::join!(one.post(&apply, &[]), two.post(&apply, &[]));
    assert_eq!((first.location(), second.location()), (plan.clone(), plan.clone()));
    assert_eq!(test.left_over().await.len(), 1, "one job");
    test.work().await;
    one.post(&apply, &[]).await.expect(303);
    assert_eq!(test.work().await, [] as [String; 0]);
    let page = one.get(&cast.school.path("/accounts?role=student")).await.expect(200);
    assert_eq!(page.rows().iter().filter(|row| row.contains("Nguyễn Văn Đạt")).count(), 1);
    assert_eq!(page.rows().len(), 4);
}

#[tokio::test]
async fn a_member_added_meanwhile_is_not_created_twice() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let one = plan(&test, &manager, &cast, &[DAT, AN]).await;
    let two = plan(&test, &manager, &cast, &[AN]).await;
    apply(&test, &manager, &two, &[]).await.shows(&[&vi3(
        "plan-applied-text",
        ("of", "students"),
        ("done", 1),
        ("left", 0),
    )]);
    apply(&test, &manager, &one, &[]).await;
    let page = manager.get(&cast.school.path("/accounts?q=hoang+van+an")).await.expect(200);
    assert_eq!(page.rows().len(), 1, "{}", page.words());
    manager.get(&cast.school.path("/accounts?q=nguyen+van+dat")).await.expect(200).shows(&["Nguyễn Văn Đạt"]);
}

#[tokio::test]
async fn classes_that_are_not_wanted_are_not_made() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[DAT, BINH]).await;
    apply(&test, &manager, &plan, &[("classes_asked", "on")]).await;
    manager.get(&cast.school.path("/accounts?q=binh")).await.expect(200).hides(&["Trần Thị Bình"]);
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["10A2"]);
}

/// The right to apply is the one that the person has when it is done, not when the button was pressed.
#[tokio::test]
async fn an_actor_who_is_no_longer_a_manager_applies_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let account_manager = test.signed_in(&cast.account_manager).await;
    let plan = plan(&test, &account_manager, &cast, &[DAT]).await;
    account_manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    let mut admin = test.admin().await;
    sqlx::query("DELETE FROM grants WHERE member_id = $1")
        .bind(cast.account_manager.member_id)
        .execute(&mut admin)
        .await
        .unwrap();
    test.work().await;
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&plan).await.expect(200).shows(&[&vi("plan-title-failed")]);
    owner.get(&cast.school.path("/accounts?q=dat")).await.expect(200).hides(&["Nguyễn Văn Đạt"]);
}

#[tokio::test]
async fn what_is_no_list_is_said_to_be_none() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let new = cast.school.path("/plans/new?source=students");
    manager.upload(&new, "", b"").await.expect(422).shows(&[&vi("fault-file-missing")]);
    manager.upload(&new, "rỗng.xlsx", b"").await.expect(422).shows(&[&vi("fault-file-empty")]);
    for (name, file, refusal) in [
        ("thư.pdf", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"[..], "refusal-pdf"),
        ("ảnh.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "refusal-picture"),
        ("hỏng.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0 broken", "refusal-broken"),
        ("ghi chú.csv", "chỉ là một câu\n".as_bytes(), "refusal-no-table"),
    ] {
        let plan = manager.upload(&new, name, file).await.location();
        test.work().await;
        manager.get(&plan).await.expect(200).shows(&[&vi("plan-title-refused"), &vi(refusal), name]);
        manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
        assert_eq!(test.work().await, [] as [String; 0], "nothing to apply");
    }
    let too_large = vec![b'x'; 21 * 1024 * 1024];
    manager.upload(&new, "lớn.csv", &too_large).await.expect(413);
    manager.upload(&cast.school.path("/plans/new?source=parents"), "x.csv", b"x").await.expect(404);
}

#[tokio::test]
async fn teachers_come_in_by_invitation() {
    let test = TestApp::new().await;
    let (cast, elsewhere) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let template = manager.get(&cast.school.path("/templates/teachers.xlsx")).await.expect(200);
    let with_account: &Row = &[
        ("Họ và tên", "Nghiêm Thị Giảng"),
        ("Giới tính", "Nữ"),
        ("Ngày sinh", "01/01/1990"),
        ("Email", "ANOTHER@example.vn"),
    ];
    let new: &Row =
        &[("Họ và tên", "Vũ Văn Mới"), ("Giới tính", "Nam"), ("Ngày sinh", "02/02/1991"), ("Email", "moi@example.vn")];
    let file = sheets::filled(template.file(), &[with_account, new]);
    // The first of the two has an account, at another school.
    let mut admin = test.admin().await;
    sqlx::query("UPDATE accounts SET login = 'another@example.vn' WHERE id = $1")
        .bind(elsewhere.teacher.account_id)
        .execute(&mut admin)
        .await
        .unwrap();
    let plan = manager.upload(&cast.school.path("/plans/new?source=teachers"), "gv.xlsx", &file).await.location();
    test.work().await;
    let told = vi3("plan-applied-text", ("of", "teachers"), ("done", 2), ("left", 0));
    assert!(told.contains("2 giáo viên"), "{told}");
    apply(&test, &manager, &plan, &[]).await.shows(&[&told]);
    let mail = test.mail_to(&cast.manager.login);
    assert!(mail.text.contains(&told) && mail.subject.contains("2 giáo viên"), "{}: {}", mail.subject, mail.text);
    let page = manager.get(&cast.school.path("/accounts?role=teacher&status=invited")).await.expect(200);
    assert_eq!(page.rows().len(), 2, "{}", page.words());
    assert!(page.rows().iter().all(|row| row.contains(&vi("state-invited"))), "the school sees no difference");

    // Without an account: a password. With one: sign in and accept.
    let link = crate::support::app::link_in(&test.mail_to("moi@example.vn").text);
    let newcomer = test.anonymous();
    let password = [("password", "một câu dài dễ nhớ"), ("password_again", "một câu dài dễ nhớ")];
    newcomer.post(&link, &password).await.expect(303);
    newcomer.get(&cast.school.path("")).await.expect(200).shows(&["Vũ Văn Mới"]);

    let link = crate::support::app::link_in(&test.mail_to("another@example.vn").text);
    let teacher = test.signed_in(&elsewhere.teacher).await;
    teacher.get(&cast.school.path("")).await.expect(404);
    let page = test.anonymous().get(&link).await.expect(200);
    assert!(page.link("/sign-in").contains(&format!("next={link}")), "{}", page.html());
    test.anonymous().post(&link, &password).await.expect(303);
    let stranger = test.signed_in(&elsewhere.pupil).await;
    stranger.post(&link, &[]).await.expect(303);
    stranger.get(&cast.school.path("")).await.expect(404);
    teacher.post(&link, &[]).await.expect(303);
    teacher.get(&cast.school.path("")).await.expect(200);
    teacher.get(&elsewhere.school.path("")).await.expect(200);
}

/// A list of pupils is not about staff, and no import changes a member of higher rank than its actor.
#[tokio::test]
async fn no_import_changes_a_member_beyond_its_actors_rights() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let account_manager = test.signed_in(&cast.account_manager).await;
    let template = account_manager.get(&cast.school.path("/templates/teachers.xlsx")).await.expect(200);
    let headers = &sheets::read(template.file())[0];
    let rows: Vec<Vec<String>> = [&cast.owner, &cast.manager, &cast.teacher]
        .iter()
        .map(|person| {
            let cell = |header: &String| match header.trim_end_matches(" (*)") {
                "Họ và tên" => person.name.clone(),
                "Email" => person.login.clone(),
                "Điện thoại" => "0912345678".to_owned(),
                _ => String::new(),
            };
            headers.iter().map(cell).collect()
        })
        .collect();
    let table: Vec<Vec<String>> = std::iter::once(headers.clone()).chain(rows).collect();
    let new = cast.school.path("/plans/new?source=teachers");
    let plan = account_manager.upload(&new, "gv.xlsx", &sheets::written(&table)).await.location();
    test.work().await;
    let page = account_manager.get(&plan).await.expect(200);
    for line in [2, 3] {
        assert!(row(&page, line).contains(&vi("fault-rank")), "{}", row(&page, line));
    }
    assert!(row(&page, 4).contains(&vi("outcome-update")), "{}", row(&page, 4));
    apply(&test, &account_manager, &plan, &[]).await;
    let phones: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT full_name, phone FROM members WHERE phone IS NOT NULL ORDER BY 1")
            .fetch_all(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(phones, [(cast.teacher.name.clone(), Some("0912345678".to_owned()))]);
}
