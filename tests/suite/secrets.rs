//! What lies in the database and the log opens nothing: a walk through all that makes secrets, and then a look for each of
//! them everywhere.

use base64::Engine as _;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::app::link_in;
use crate::support::{Someone, TestApp, html, log};

/// Everything that stands in the database, row by row.
async fn everything(admin: &mut PgConnection) -> Vec<(String, String)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
             AND n.nspname NOT LIKE 'pg_toast%'",
    )
    .fetch_all(&mut *admin)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for table in tables {
        let of_table: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT to_jsonb(t)::text FROM {table} t")))
                .fetch_all(&mut *admin)
                .await
                .unwrap();
        rows.extend(of_table.into_iter().map(|row| (table.clone(), row)));
    }
    rows
}

/// The ways in which a secret could be written down.
fn spellings(secret: &str) -> Vec<String> {
    let base64 = base64::engine::general_purpose::STANDARD.encode(secret);
    let mut all = vec![secret.to_owned(), hex::encode(secret), base64];
    // A token's own bytes.
    if let Ok(bytes) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret) {
        all.push(hex::encode(&bytes));
        all.push(base64::engine::general_purpose::STANDARD.encode(&bytes));
    }
    all
}

#[tokio::test]
async fn what_is_stored_and_logged_opens_nothing() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let mut secrets: Vec<String> = Vec::new();
    let mut admin = test.admin().await;
    let token = |link: &str| link.rsplit('/').next().unwrap().to_owned();

    // A slip, printed and used; a password chosen, mistyped and changed.
    let manager = test.anonymous();
    let login = [("login", cast.manager.login.as_str()), ("password", crate::support::people::PASSWORD)];
    manager.post("/sign-in", &login).await.expect(303);
    secrets.push(crate::support::people::PASSWORD.to_owned());
    secrets.push(manager.cookie("session").unwrap());
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.pupil.member_id));
    let slip = manager.post(&reset, &[]).await.location();
    let temporary = html::words(html::elements(&manager.get(&slip).await.html(), "dd")[1]);
    manager.post(&slip, &[]).await.expect(303);
    manager.post(&cast.school.path("/slips.xlsx?role=student"), &[("ids", "all")]).await.expect(200);
    secrets.extend([temporary.clone(), temporary.replace('-', ""), cast.newcomer.temporary.clone().unwrap()]);
    let pupil = test.anonymous();
    pupil.post("/sign-in", &[("login", &cast.pupil.login), ("password", "gõ nhầm một lần")]).await.expect(422);
    pupil.post("/sign-in", &[("login", &cast.pupil.login), ("password", &temporary)]).await.expect(303);
    secrets.extend(["gõ nhầm một lần".to_owned(), pupil.cookie("session").unwrap()]);
    let own = "trăng lên đầu núi";
    pupil.post("/password/change", &[("password", own), ("password_again", own)]).await.expect(303);
    secrets.extend([own.to_owned(), pupil.cookie("session").unwrap()]);

    // A sheet that brings its own passwords.
    let rows = [
        ["Họ và tên", "Giới tính", "Lớp", "Ngày sinh", "Họ và tên mẹ", "Năm sinh của mẹ", "Mật khẩu"],
        ["Lê Văn Tý", "Nam", "10A1", "05/09/2011", "Trần Thị Mai", "1984", "hoahong2011"],
    ];
    let file = crate::support::sheets::written(&rows.map(|row| row.map(str::to_owned).to_vec()));
    let plan = manager.upload(&cast.school.path("/plans/new?source=students"), "10a1.xlsx", &file).await.location();
    test.work().await;
    manager.post(&format!("{plan}/apply"), &[]).await.expect(303);
    secrets.push("hoahong2011".to_owned());

    // Links that are mailed: before they are sent, and after.
    let teacher =
        [("full_name", "Vũ Thị Mới"), ("gender", "female"), ("birth_date", "1990-01-02"), ("email", "moi@example.vn")];
    manager.post(&cast.school.path("/accounts/teachers"), &teacher).await.expect(303);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    let waiting = everything(&mut admin).await;
    test.work().await;
    for address in ["moi@example.vn", &cast.teacher.login] {
        secrets.push(token(&link_in(&test.mail_to(address).text)));
    }
    let reset = link_in(&test.mail_to(&cast.teacher.login).text);
    let chosen = "một câu dài dễ nhớ";
    let client = test.anonymous();
    client.post(&reset, &[("password", chosen), ("password_again", chosen)]).await.expect(303);
    secrets.extend([chosen.to_owned(), client.cookie("session").unwrap()]);
    let locked = cast.school.add(&test, Someone::pupil("Lê Văn Khóa", cast.class_id)).await;
    for _ in 0..11 {
        test.anonymous().post("/sign-in", &[("login", &locked.login), ("password", "mò mẫm mãi không ra")]).await;
    }
    secrets.push("mò mẫm mãi không ra".to_owned());
    let unsent = everything(&mut admin).await;
    test.work().await;

    let rows = [waiting, unsent, everything(&mut admin).await].concat();
    assert!(rows.iter().any(|(table, _)| table.contains("job")), "the queue's payloads are looked through, too");
    assert!(rows.iter().any(|(_, row)| row.contains(&cast.pupil.login)), "what is there is found");
    let logged = log::everything();
    assert!(!logged.is_empty(), "the log is listened to");
    for secret in &secrets {
        assert!(secret.len() >= 8, "{secret}");
        for spelling in spellings(secret) {
            for (table, row) in &rows {
                assert!(!row.contains(&spelling), "{table} holds {secret} as {spelling}");
            }
            assert!(!logged.iter().any(|line| line.contains(&spelling)), "the log holds {secret} as {spelling}");
        }
    }
}
