//! A log names routes, request ids, tables and constraints, and nobody: a walk in which everything goes wrong, and then a
//! look for every name, login and token in all that was said.

use sqlx::AssertSqlSafe;

use crate::support::app::link_in;
use crate::support::{TestApp, log};

#[tokio::test]
async fn no_fault_names_a_person_or_a_token() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let mut admin = test.admin().await;
    let mut run = async |sql: &str| {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut admin).await.unwrap();
    };
    let mut secrets: Vec<String> = ["Zacharias", "zacharias", "geheimnisvoll", "0917160267"].map(str::to_owned).into();

    // Signing in, wrongly and rightly; a link by mail.
    let wrong = [("login", "zacharias@example.vn"), ("password", "geheimnisvoll")];
    test.anonymous().post("/sign-in", &wrong).await.expect(422);
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    test.work().await;
    let link = link_in(&test.mail_to(&cast.teacher.login).text);
    secrets.push(link.rsplit('/').next().unwrap().to_owned());
    secrets.push(cast.teacher.login.clone());

    // A link that is opened while its table is away, and a search that fails in the middle.
    run("ALTER TABLE links RENAME TO links_away").await;
    test.anonymous().get(&link).await.expect(500);
    run("ALTER TABLE links_away RENAME TO links").await;
    run("ALTER TABLE school_years RENAME TO school_years_away").await;
    owner.get(&cast.school.path("/accounts?q=Zacharias+0917160267")).await.expect(500);
    run("ALTER TABLE school_years_away RENAME TO school_years").await;

    // A constraint that nobody foresaw, and a value that the database quotes.
    run("CREATE UNIQUE INDEX nobody_twice ON members (full_name)").await;
    let form = [
        ("full_name", "Zacharias Geheimnisvoll"),
        ("gender", "male"),
        ("class", &*cast.class_id.to_string()),
        ("birth_date", "2011-09-05"),
        ("mother_name", "Zacharias Mẹ"),
        ("mother_birth_year", "1984"),
        ("phone", "0917160267"),
    ];
    owner.post(&cast.school.path("/accounts/students"), &form).await.expect(303);
    let again = [form.as_slice(), &[("confirm", "on"), ("anyway", "on"), ("twin", "new")]].concat();
    let page = owner.post(&cast.school.path("/accounts/students"), &again).await;
    if page.status == 422 {
        // It asks whether the two are one person; another birth date and another mother say that they are not.
        let changed = |name: &str, value| match name {
            "birth_date" => "2010-01-01",
            "mother_name" => "Mai Thị Khác",
            _ => value,
        };
        let other: Vec<_> = again.iter().map(|(name, value)| (*name, changed(name, value))).collect();
        owner.post(&cast.school.path("/accounts/students"), &other).await.expect(500);
    } else {
        page.expect(500);
    }
    run("DROP INDEX nobody_twice").await;
    run("CREATE FUNCTION quotes() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'invalid name: %', NEW.full_name USING ERRCODE = '22023'; END $$;
         CREATE TRIGGER quotes BEFORE INSERT ON members FOR EACH ROW EXECUTE FUNCTION quotes()")
    .await;
    let changed = |name: &str, value| match name {
        "birth_date" => "2009-01-01",
        "mother_name" => "Lý Thị Khác",
        _ => value,
    };
    let third: Vec<_> = form.iter().map(|(name, value)| (*name, changed(name, value))).collect();
    owner.post(&cast.school.path("/accounts/students"), &third).await.expect(500);
    run("DROP TRIGGER quotes ON members").await;

    let lines = log::everything();
    for secret in &secrets {
        let line = lines.iter().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret} is in the log");
    }
    for told in
        ["/password/reset/{token}", "/schools/{code}/accounts", "constraint nobody_twice", "database error 22023"]
    {
        assert!(lines.iter().any(|line| line.contains(told)), "{told} is not in the log");
    }
}

/// By its id in the answer a request is found in the log, with the ids of the account and the school, and with the
/// transactions that it took; and a job by its name.
#[tokio::test]
async fn what_is_done_is_found_by_ids() {
    let test = TestApp::seeded(87).await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let page = owner.get(&cast.school.path("/accounts?q=Zacharias")).await.expect(200);
    let request_id = format!("request_id={} ", page.headers["x-request-id"].to_str().unwrap());
    let school_id = format!("school_id={} ", cast.school.id());
    let account_id = format!("account_id={} ", cast.owner.account_id);
    let found = log::lines_with(&["end of request", &request_id]);
    assert_eq!(found.len(), 1, "{found:#?}");
    for part in ["method=GET ", "route=/schools/{code}/accounts ", &school_id, &account_id] {
        assert!(found[0].contains(part), "{part} is not in {found:?}");
    }
    assert!(!log::lines_with(&["a transaction has ended", "outcome=committed", &request_id, &school_id]).is_empty());

    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    assert_eq!(test.work().await, ["mail_reset", "send_mail"]);
    assert!(!log::lines_with(&["end of job", "job=mail_reset ", "attempt=1 "]).is_empty());
    cast.school.plan(&test).await;
    assert!(!log::lines_with(&["end of job", "job=read_upload ", &school_id]).is_empty());

    for secret in [&cast.owner.login, &cast.owner.name, &cast.teacher.login] {
        assert_eq!(log::lines_with(&[secret]), [] as [String; 0]);
    }
}

/// What a job failed with stays in the queue and is logged by the queue itself.
#[tokio::test]
async fn no_job_that_fails_logs_a_name() {
    let mut test = TestApp::new().await;
    test.leaves_jobs();
    let cast = test.cast("79000001").await;
    test.anonymous().post("/password/forgot", &[("login", &cast.teacher.login)]).await.expect(200);
    let mut admin = test.admin().await;
    sqlx::raw_sql(
        "CREATE FUNCTION quotes() RETURNS trigger LANGUAGE plpgsql AS $$
         DECLARE logins text; BEGIN
             SELECT string_agg(login, ', ') INTO logins FROM accounts;
             RAISE EXCEPTION 'nothing for %', logins USING ERRCODE = '22023';
         END $$;
         CREATE TRIGGER quotes BEFORE INSERT OR UPDATE ON mails FOR EACH ROW EXECUTE FUNCTION quotes()",
    )
    .execute(&mut admin)
    .await
    .unwrap();
    let ran = test.work_that_may_fail().await;
    assert!(!ran.failed.is_empty());
    let left = test.left_over().await;
    assert!(left.iter().any(|job| job.last_error.as_deref().is_some_and(|error| error.contains("22023"))), "{left:?}");
    assert!(!format!("{left:?}{ran:?}").contains(&cast.teacher.login));
    assert!(!log::everything().iter().any(|line| line.contains(&cast.teacher.login)));
}
