//! Who does what in the morning. Every person has an address and cookies of their own; a person of one kind belongs to
//! one school, the next to the next.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use goose::goose::GooseResponse;
use goose::prelude::*;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};

use crate::site::{School, SignIn};

/// How many kinds of people there are.
pub const KINDS: usize = 3;

/// One importing school among so many.
const IMPORTS_EACH: usize = 10;

/// How many pupils a list that is imported has.
const ROWS: usize = 40;

static SCHOOLS: OnceLock<Vec<School>> = OnceLock::new();

/// How many account managers have started so far. A user's number does not tell: the kinds take turns, so no account manager
/// has a number that ten divides.
static MANAGERS: AtomicUsize = AtomicUsize::new(0);

/// Sets the schools: scenarios are functions, and take nothing else.
pub fn of(schools: Vec<School>) {
    // Universities know neither homerooms nor the list that is imported here.
    let _ = SCHOOLS.set(schools.into_iter().filter(|school| school.kind == "k12").collect());
}

/// The school of a person.
fn school(user: &GooseUser) -> &'static School {
    let schools = SCHOOLS.get().expect("the schools are set before the scenarios run");
    &schools[user.weighted_users_index % schools.len()]
}

/// Adds what people do: of ten, six are pupils, two teachers, two manage accounts.
pub fn scenarios(attack: GooseAttack) -> Result<GooseAttack, GooseError> {
    let pause = (Duration::from_millis(500), Duration::from_secs(3));
    Ok(attack
        .register_scenario(
            scenario!("pupil")
                .set_weight(6)?
                .set_wait_time(pause.0, pause.1)?
                .register_transaction(transaction!(arrive).set_on_start())
                .register_transaction(transaction!(pupil)),
        )
        .register_scenario(
            scenario!("teacher")
                .set_weight(2)?
                .set_wait_time(pause.0, pause.1)?
                .register_transaction(transaction!(arrive).set_on_start())
                .register_transaction(transaction!(teacher_signs_in).set_on_start())
                .register_transaction(transaction!(teacher)),
        )
        .register_scenario(
            scenario!("account manager")
                .set_weight(2)?
                .set_wait_time(pause.0, pause.1)?
                .register_transaction(transaction!(arrive).set_on_start())
                .register_transaction(transaction!(manager_signs_in).set_on_start())
                .register_transaction(transaction!(import).set_on_start())
                .register_transaction(transaction!(lists).set_weight(8)?)
                .register_transaction(transaction!(reset).set_weight(1)?),
        ))
}

/// A browser with an address of its own.
async fn arrive(user: &mut GooseUser) -> TransactionResult {
    let number = user.weighted_users_index;
    let address = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    let headers = HeaderMap::from_iter([
        (
            HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_str(&address).unwrap_or(HeaderValue::from_static("10.0.0.1")),
        ),
        (HeaderName::from_static("sec-fetch-site"), HeaderValue::from_static("same-origin")),
    ]);
    let client = reqwest::Client::builder().default_headers(headers).cookie_store(true).gzip(true);
    user.set_client_builder(client.timeout(Duration::from_secs(30))).await?;
    Ok(())
}

/// The page behind an address; counted under a name that says its kind, not its school.
async fn get(user: &mut GooseUser, path: &str, name: &str) -> Result<String, Box<TransactionError>> {
    read(user.get_named(path, name).await?, user).await
}

async fn post(
    user: &mut GooseUser,
    path: &str,
    name: &str,
    fields: &[(&str, &str)],
) -> Result<String, Box<TransactionError>> {
    let form = user.get_request_builder(&GooseMethod::Post, path)?.form(fields);
    let request = GooseRequest::builder().method(GooseMethod::Post).name(name).set_request_builder(form).build();
    read(user.request(request).await?, user).await
}

async fn read(response: GooseResponse, _user: &mut GooseUser) -> Result<String, Box<TransactionError>> {
    let answer = response.response.map_err(|fault| Box::new(fault.into()))?;
    answer.text().await.map_err(|fault| Box::new(fault.into()))
}

async fn sign_in(user: &mut GooseUser, person: &SignIn) -> TransactionResult {
    get(user, "/sign-in", "sign-in page").await?;
    let fields = [("login", person.login.as_str()), ("password", person.password.as_str())];
    post(user, "/sign-in", "signing in", &fields).await?;
    Ok(())
}

/// Signs in, looks at home, and signs out: each time is a new pupil's morning.
async fn pupil(user: &mut GooseUser) -> TransactionResult {
    let school = school(user);
    sign_in(user, &school.student).await?;
    get(user, &format!("/schools/{}", school.code), "home").await?;
    post(user, "/sign-out", "signing out", &[]).await?;
    Ok(())
}

async fn teacher_signs_in(user: &mut GooseUser) -> TransactionResult {
    sign_in(user, &school(user).homeroom_teacher).await
}

async fn teacher(user: &mut GooseUser) -> TransactionResult {
    let code = &school(user).code;
    get(user, &format!("/schools/{code}"), "home").await?;
    get(user, &format!("/schools/{code}/my-classes"), "my classes").await?;
    Ok(())
}

async fn manager_signs_in(user: &mut GooseUser) -> TransactionResult {
    sign_in(user, &school(user).account_manager).await
}

async fn lists(user: &mut GooseUser) -> TransactionResult {
    let accounts = format!("/schools/{}/accounts", school(user).code);
    let page = get(user, &format!("{accounts}?role=student"), "list").await?;
    get(user, &format!("{accounts}?role=student&q=nguyen%20thi"), "search").await?;
    if let Some(person) = a_person(&page, &accounts, user.get_iterations()) {
        get(user, &person, "person").await?;
    }
    Ok(())
}

/// Gives a pupil a new temporary password.
async fn reset(user: &mut GooseUser) -> TransactionResult {
    let accounts = format!("/schools/{}/accounts", school(user).code);
    let page = get(user, &format!("{accounts}?role=student"), "list").await?;
    if let Some(person) = a_person(&page, &accounts, user.get_iterations()) {
        post(user, &format!("{person}/password"), "new password", &[]).await?;
    }
    Ok(())
}

/// The address of one of a list's people.
fn a_person(page: &str, accounts: &str, number: usize) -> Option<String> {
    let beginning = format!("href=\"{accounts}/");
    let ids: Vec<&str> = page
        .split(&beginning)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'))
        .collect();
    (!ids.is_empty()).then(|| format!("{accounts}/{}", ids[number % ids.len()]))
}

/// Takes in a list of new pupils, in each tenth school.
async fn import(user: &mut GooseUser) -> TransactionResult {
    if MANAGERS.fetch_add(1, Ordering::Relaxed) % IMPORTS_EACH != 0 {
        return Ok(());
    }
    let plans = format!("/schools/{}/plans", school(user).code);
    let path = format!("{plans}/new?source=students");
    let file = Part::bytes(list_of_pupils(user.weighted_users_index).into_bytes()).file_name("hoc-sinh.csv");
    let upload = user.get_request_builder(&GooseMethod::Post, &path)?.multipart(Form::new().part("file", file));
    let request = GooseRequest::builder().method(GooseMethod::Post).name("import").set_request_builder(upload).build();
    let response = user.request(request).await?.response.map_err(|fault| Box::new(fault.into()))?;
    let plan = response.url().path().to_owned();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let page = get(user, &plan, "review").await?;
        if page.contains(&format!("action=\"{plan}/apply\"")) {
            post(user, &format!("{plan}/apply"), "apply", &[("new_classes", "10A1")]).await?;
            return Ok(());
        }
    }
    Ok(())
}

fn list_of_pupils(seed: usize) -> String {
    const MIDDLE: [&str; 8] = ["Thị", "Văn", "Minh", "Ngọc", "Đức", "Thanh", "Hồng", "Quốc"];
    const GIVEN: [&str; 10] = ["An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Linh", "Nam", "Phúc"];
    let mut list = "Họ và tên,Giới tính,Lớp,Ngày sinh,Họ và tên mẹ\n".to_owned();
    for number in 0..ROWS {
        let (middle, given) = (MIDDLE[(seed + number / GIVEN.len()) % MIDDLE.len()], GIVEN[number % GIVEN.len()]);
        let (day, month) = (1 + number % 28, 1 + seed % 12);
        list += &format!("Đặng {middle} {given},Nam,10A1,{day:02}/{month:02}/2010,Trần Thị {given}\n");
    }
    list
}
