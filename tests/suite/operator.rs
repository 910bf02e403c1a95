//! `/operator/…`: what operators do with the schools of their provinces.

use schoolgate::access::Grant;
use sqlx::AssertSqlSafe;

use crate::support::app::link_in;
use crate::support::people::PASSWORD;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, Page, Someone, TestApp};

async fn national(test: &TestApp) -> Client {
    let operator = test.operator("operator@example.vn", &[]).await;
    test.signed_in(&operator).await
}

const SCHOOL: [(&str, &str); 4] =
    [("name", "Trường THPT Lê Quý Đôn"), ("code", "79000001"), ("kind", "k12"), ("province", "79")];
const OWNER: [(&str, &str); 2] = [("owner_name", "Trần Thị Hồng Nhung"), ("owner_email", "nhung@example.vn")];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more).copied().collect()
}

/// A school and its owner.
fn opening<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    with(&[&SCHOOL[..], &OWNER[..]].concat(), more)
}

/// The codes of the schools that a list shows, in its order.
fn listed(page: &Page) -> Vec<String> {
    let code = |link: String| link.strip_prefix("/operator/schools/").map(str::to_owned);
    page.links().into_iter().filter_map(code).filter(|code| code != "new").collect()
}

/// Many schools in Ho Chi Minh City and Hue, as raw rows.
async fn many(test: &TestApp, schools: i64) {
    let mut admin = test.admin().await;
    let statements = format!(
        "BEGIN;
         CREATE TEMP TABLE raw ON COMMIT DROP AS
         SELECT gen_random_uuid() AS id, 'M' || lpad(n::text, 8, '0') AS code,
                'Trường ' || (ARRAY['THPT', 'THCS', 'Tiểu học', 'Mầm non'])[1 + n % 4] || ' Số ' || n AS name,
                (ARRAY['truong', 'so', 'm' || lpad(n::text, 8, '0'), n::text]
                    || (ARRAY['thpt', 'thcs', 'tieu', 'mam'])[1 + n % 4])
                    || CASE WHEN n % 5000 = 7 THEN ARRAY['quydon'] ELSE '{{}}' END AS words,
                CASE WHEN n % 2 = 0 THEN '79' ELSE '46' END AS province, n % 100 = 0 AS is_suspended
         FROM generate_series(1, {schools}) AS n;
         INSERT INTO school_codes (folded, school_id) SELECT lower(code), id FROM raw;
         INSERT INTO schools (id, code, kind, name, province_code, managing_unit_id, teachers_may_create_students,
             suspended_at, created_at)
         SELECT r.id, r.code, 'k12', r.name, r.province, u.id, false, CASE WHEN is_suspended THEN now() END, now()
         FROM raw r JOIN managing_units u ON u.province_code = r.province AND u.kind = 'department';
         INSERT INTO school_words (word, school_id) SELECT DISTINCT unnest(words), id FROM raw;
         COMMIT;
         ANALYZE schools; ANALYZE school_words; ANALYZE school_codes"
    );
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut admin).await.unwrap();
}

#[tokio::test]
async fn schools_are_paged_both_ways_and_counted() {
    let test = TestApp::new().await;
    many(&test, 130).await;
    let operator = national(&test).await;
    let first = operator.get("/operator/schools").await.expect(200);
    assert_eq!(listed(&first).len(), 50);
    assert_eq!(listed(&first)[0], "M00000001");
    let first = first.shows(&[&vi1("schools-count", "count", 130)]);
    let next = format!("/operator/schools{}", first.link("after="));
    let second = operator.get(&next).await.expect(200);
    assert_eq!(listed(&second)[0], "M00000051");
    let third = operator.get(&format!("/operator/schools{}", second.link("after="))).await.expect(200);
    assert_eq!(listed(&third).len(), 30);
    assert!(!third.links().iter().any(|link| link.contains("after=")), "there is nothing behind the last page");
    let back = operator.get(&format!("/operator/schools{}", third.link("before="))).await.expect(200);
    assert_eq!(listed(&back), listed(&second));
    let start = operator.get(&format!("/operator/schools{}", back.link("before="))).await.expect(200);
    assert_eq!(listed(&start), listed(&first));
    assert!(!start.links().iter().any(|link| link.contains("before=")), "nor before the first");

    // Filters keep to their pages, and the counts are those of the filter.
    let suspended = operator.get("/operator/schools?province=79&state=suspended").await.expect(200);
    assert_eq!(listed(&suspended), ["M00000100"]);
    suspended.shows(&[
        &vi1("schools-count", "count", 1),
        "Thành phố Hồ Chí Minh (65)",
        "Huế (65)",
        "Sở Giáo dục và Đào tạo",
    ]);
    let hue = operator.get("/operator/schools?province=46").await.expect(200);
    assert_eq!(listed(&hue)[1], "M00000003");
    let hue = operator.get(&format!("/operator/schools{}", hue.link("after="))).await.expect(200);
    assert_eq!(listed(&hue)[0], "M00000101");
    let none = operator.get("/operator/schools?kind=higher").await.expect(200);
    none.shows(&[&vi("schools-none-found"), &vi1("schools-count", "count", 0)]);
}

#[tokio::test]
async fn a_school_is_found_without_marks_in_any_order_and_by_old_codes() {
    let test = TestApp::new().await;
    let operator = national(&test).await;
    operator.post("/operator/schools", &opening(&[("code", "THPT-LQD")])).await.expect(303);
    // A new code is confirmed by a second press.
    let change = with(&SCHOOL, &[("code", "79000701"), ("confirm", "79000701")]);
    let there = operator.post("/operator/schools/thpt-lqd", &change).await.location();
    assert_eq!(there, "/operator/schools/79000701?done=school-changed");
    for words in ["don+quy+le", "ĐÔN+thpt", "79000701", "thpt-lqd", "qu+d"] {
        let page = operator.get(&format!("/operator/schools?q={words}")).await.expect(200);
        assert_eq!(listed(&page), ["79000701"], "{words}");
    }
    for strange in ["q=%00", "after=%00", "before=%00&after=x", "province=%00", "unit=%00&kind=%00&state=%00"] {
        operator.get(&format!("/operator/schools?{strange}")).await.expect(200);
    }
    operator.get("/operator/schools/%00%00%00").await.expect(404);
    for words in ["le+quy+don+2", "790007012", "uy"] {
        let page = operator.get(&format!("/operator/schools?q={words}")).await.expect(200);
        assert_eq!(listed(&page), [] as [String; 0], "{words}");
    }
    test.work().await;
}

#[tokio::test]
async fn a_renamed_code_goes_on_leading_to_the_school() {
    let test = TestApp::new().await;
    let Cast { school, owner, pupil, newcomer, .. } = test.cast("79000001").await;
    let operator = national(&test).await;
    let page = operator.get("/operator/schools/79000001").await.expect(200);
    page.shows(&[&owner.name, &owner.login, &vi("owner-status-active"), "Thành phố Hồ Chí Minh"])
        .hides(&[&pupil.name, &newcomer.login]);

    // What is typed wrongly comes back as typed.
    let wrong = with(&SCHOOL, &[("name", " "), ("code", "a/b"), ("province", "99")]);
    let page = operator.post("/operator/schools/79000001", &wrong).await.expect(422);
    assert_eq!(page.input("code"), "a/b");
    page.shows(&[&vi("fault-school-name"), &vi("fault-school-code"), &vi("fault-province")]);

    let change = with(&SCHOOL, &[("code", "HCM-LQD"), ("confirm", "HCM-LQD")]);
    operator.post("/operator/schools/79000001", &change).await.expect(303);
    for code in ["79000001", "hcm-lqd"] {
        operator.get(&format!("/operator/schools/{code}")).await.expect(200).shows(&["Lê Quý Đôn", "HCM-LQD"]);
        let owner = test.signed_in(&owner).await;
        let home = owner.get(&format!("/schools/{code}")).await.expect(200);
        assert!(home.links().contains(&"/schools/HCM-LQD/accounts".to_owned()), "links lead to the code of today");
        // Usernames are for life: the sign-in page knows under which code they were made.
        let (username, _) = pupil.login.split_once('@').unwrap();
        let sign_in = [("login", username), ("password", PASSWORD)];
        test.anonymous().post(&format!("/schools/{code}/sign-in"), &sign_in).await.expect(303);
        let person = owner.get(&format!("/schools/{code}/accounts/{}", pupil.member_id)).await.expect(200);
        person.shows(&[&pupil.login]);
    }
    // The old code is nobody else's, and the school may have it back.
    let twin = operator.post("/operator/schools", &opening(&[("name", "Trường khác")])).await.expect(422);
    twin.shows(&[&vi1("fault-school-code-once-of", "value", "Trường THPT Lê Quý Đôn (HCM-LQD)")]);
    let back = with(&SCHOOL, &[("confirm", "79000001")]);
    operator.post("/operator/schools/HCM-LQD", &back).await.expect(303);
    operator.get("/operator/schools/hcm-lqd").await.expect(200).shows(&["79000001"]);
    assert_eq!(audited(&test, &school.id().to_string()).await, ["school_changed", "school_changed"]);
}

async fn audited(test: &TestApp, school: &str) -> Vec<String> {
    let query = "SELECT action FROM audit_events WHERE school_id = $1::uuid AND actor_kind = 'operator' ORDER BY id";
    sqlx::query_scalar(query).bind(school).fetch_all(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn an_old_code_of_a_merged_school_leads_to_where_it_went() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    test.school("79000002").await;
    let operator = national(&test).await;
    let codes = "/operator/schools/79000001/codes";
    let taken = operator.post(codes, &[("code", "79000002")]).await.expect(422);
    taken.shows(&[&vi1("fault-school-code-of", "value", "Trường thử nghiệm 79000002 (79000002)")]);
    operator.post(codes, &[("code", "?")]).await.expect(422).shows(&[&vi("fault-school-code")]);
    operator.post(codes, &[("code", "CU-1")]).await.expect(303);
    operator.post(codes, &[("code", "cu-1")]).await.expect(303);
    operator.get("/operator/schools/CU-1").await.expect(200).shows(&["79000001", "cu-1"]);
    let owner = school.add(&test, Someone::manager("Lê Thị Chủ").with(Grant::Owner)).await;
    test.signed_in(&owner).await.get("/schools/cu-1").await.expect(200);
}

#[tokio::test]
async fn a_suspended_school_admits_no_member_from_the_next_request_on() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let other = test.cast("79000002").await;
    let operator = national(&test).await;
    let (owner, pupil) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.pupil).await);
    owner.get(&cast.school.path("")).await.expect(200);
    let suspension = "/operator/schools/79000001/suspension";
    operator.post(suspension, &[]).await.expect(303);
    for client in [&owner, &pupil] {
        client.get(&cast.school.path("")).await.expect(403).shows(&[&vi("error-school-suspended-title")]);
    }
    owner.post(&cast.school.path("/classes"), &[("name", "10A9")]).await.expect(403);
    // A person who is of another school learns nothing.
    let stranger = test.signed_in(&other.owner).await;
    stranger.get(&cast.school.path("")).await.expect(404);
    stranger.get(&other.school.path("")).await.expect(200);
    operator.get("/operator/schools/79000001").await.expect(200).shows(&[&vi("school-lift")]);
    let list = operator.get("/operator/schools?state=suspended").await.expect(200);
    assert_eq!(listed(&list), ["79000001"]);

    operator.post(suspension, &[]).await.expect(303);
    operator.post(&format!("{suspension}/lifting"), &[]).await.expect(303);
    owner.get(&cast.school.path("")).await.expect(200);
    let what = audited(&test, &cast.school.id().to_string()).await;
    assert_eq!(what, ["school_suspended", "school_suspension_lifted"]);
}

#[tokio::test]
async fn a_bound_operator_keeps_to_the_own_provinces() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let bound = test.operator("hue@example.vn", &["46"]).await;
    let bound = test.signed_in(&bound).await;
    let there = "/operator/schools/79000001";
    bound.get(there).await.expect(404).hides(&[&cast.owner.name]);
    bound.get(&format!("{there}/owner")).await.expect(404);
    bound.post(there, &SCHOOL).await.expect(404);
    for (path, form) in [("/suspension", &[][..]), ("/codes", &[("code", "CU-1")]), ("/owner", &OWNER)] {
        bound.post(&format!("{there}{path}"), form).await.expect(404);
    }
    let list = bound.get("/operator/schools?province=79").await.expect(200);
    assert_eq!(listed(&list), [] as [String; 0]);
    // A code that is taken elsewhere is taken, and no more is said.
    let opening = opening(&[("province", "46")]);
    let page = bound.post("/operator/schools", &opening).await.expect(422);
    page.shows(&[&vi("fault-school-code-taken")]).hides(&["Trường thử nghiệm 79000001"]);

    // Nor can they give a school of theirs away.
    bound.post("/operator/schools", &with(&opening, &[("code", "46000001")])).await.expect(303);
    let away = with(&SCHOOL, &[("code", "46000001"), ("province", "79")]);
    bound.post("/operator/schools/46000001", &away).await.expect(422).shows(&[&vi("fault-province")]);
    test.work().await;

    // Units are held to the provinces, too.
    let mut admin = test.admin().await;
    let unit = |province: &str| format!("SELECT id::text FROM managing_units WHERE province_code = '{province}'");
    let theirs: String = sqlx::query_scalar(AssertSqlSafe(unit("79"))).fetch_one(&mut admin).await.unwrap();
    let own: String = sqlx::query_scalar(AssertSqlSafe(unit("46"))).fetch_one(&mut admin).await.unwrap();
    bound.get(&format!("/operator/units/{theirs}")).await.expect(404);
    bound.post(&format!("/operator/units/{theirs}"), &[("name", "Khác")]).await.expect(404);
    bound.post(&format!("/operator/units/{theirs}/removal"), &[]).await.expect(404);
    bound.get(&format!("/operator/units/{own}")).await.expect(200);
    bound.get("/operator/units?province=79").await.expect(200).hides(&["Hồ Chí Minh"]).shows(&["Huế"]);
    let form = [("name", "UBND phường Sài Gòn"), ("province", "79")];
    bound.post("/operator/units", &form).await.expect(422).shows(&[&vi("fault-province")]);
    // A unit of another province is none of the school's.
    let unit = with(&SCHOOL, &[("code", "46000001"), ("province", "46"), ("managing_unit", &theirs)]);
    bound.post("/operator/schools/46000001", &unit).await.expect(422).shows(&[&vi("fault-managing-unit")]);
}

/// The form for a new owner.
fn owner_form<'a>(name: &'a str, email: &'a str, replaces: &'a str) -> [(&'a str, &'a str); 3] {
    [("owner_name", name), ("owner_email", email), ("replaces", replaces)]
}

#[tokio::test]
async fn an_owner_is_replaced_and_the_others_are_told() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let second = cast.school.add(&test, Someone::manager("Vũ Văn Hai").with(Grant::Owner)).await;
    let operator = national(&test).await;
    let path = "/operator/schools/79000001/owner";
    operator.get(path).await.expect(200).shows(&[&cast.owner.name, &second.name]);
    let missing = operator.post(path, &owner_form("", "không", "")).await.expect(422);
    missing.shows(&[&vi("fault-owner-name-missing")]);
    let already = operator.post(path, &owner_form("Vũ Văn Hai", &second.login.to_uppercase(), "")).await.expect(422);
    already.shows(&[&vi("fault-owner-already")]);
    let suspended = operator.post(path, &owner_form("Ai Đó", &cast.suspended.login, "")).await.expect(422);
    suspended.shows(&[&vi("fault-owner-not-active")]);

    // One more, beside the others.
    operator.post(path, &owner_form("Lê Thị Ba", "ba@example.vn", "")).await.expect(303);
    test.work().await;
    for owner in [&cast.owner, &second] {
        let mail = test.mail_to(&owner.login);
        let said = vi2("mail-owners-changed-text", ("owner", "Lê Thị Ba"), ("school", "Trường thử nghiệm 79000001"));
        assert!(mail.text.contains(&said), "{}", mail.text);
    }
    test.signed_in(&cast.owner).await.get(&cast.school.path("/classes")).await.expect(200);

    // The invitation went to a dead mailbox: another one takes its place, and the link in it is dead, too.
    let dead = link_in(&test.mail_to("ba@example.vn").text);
    let third: String = member(&test, "ba@example.vn").await;
    operator.post(path, &owner_form("Lê Thị Ba", "ba.le@example.vn", &third)).await.expect(303);
    test.work().await;
    test.anonymous().get(&dead).await.expect(404);
    let link = link_in(&test.mail_to("ba.le@example.vn").text);
    let newcomer = test.anonymous();
    let password = [("password", "mưa rơi trên mái ngói"), ("password_again", "mưa rơi trên mái ngói")];
    newcomer.post(&link, &password).await.expect(303);
    newcomer.get(&cast.school.path("/classes")).await.expect(200);

    // A teacher of the school becomes owner in place of one who is there: that one stays, as a manager.
    let replaces = cast.owner.member_id.to_string();
    operator.post(path, &owner_form(&cast.teacher.name, &cast.teacher.login, &replaces)).await.expect(303);
    test.work().await;
    let said = vi1("mail-owner-named-text", "school", "Trường thử nghiệm 79000001");
    assert!(test.mail_to(&cast.teacher.login).text.contains(&said));
    let said = vi1("mail-owners-changed-replaced", "owner", cast.owner.name.as_str());
    assert!(test.mail_to(&cast.owner.login).text.contains(&said));
    let before = test.signed_in(&cast.owner).await;
    before.get(&cast.school.path("/classes")).await.expect(403);
    before.get(&cast.school.path("/accounts")).await.expect(200);
    test.signed_in(&cast.teacher).await.get(&cast.school.path("/classes")).await.expect(200);
    // They are no owner any more, and cannot be replaced twice.
    let twice = operator.post(path, &owner_form("Ai Đó", "ai@example.vn", &replaces)).await.expect(422);
    twice.shows(&[&vi("fault-owner-no-longer")]);
    let what = audited(&test, &cast.school.id().to_string()).await;
    assert_eq!(what.iter().filter(|action| *action == "owner_replaced").count(), 2, "{what:?}");
}

async fn member(test: &TestApp, email: &str) -> String {
    let query = "SELECT id::text FROM members WHERE email = $1";
    sqlx::query_scalar(query).bind(email).fetch_one(&mut test.admin().await).await.unwrap()
}

#[tokio::test]
async fn two_at_once_leave_a_school_with_owners_and_a_code_with_one_school() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let operator = national(&test).await;
    let replaces = cast.owner.member_id.to_string();
    let path = "/operator/schools/79000001/owner";
    let forms =
        [owner_form("Lê Thị Một", "mot@example.vn", &replaces), owner_form("Lê Thị Hai", "hai@example.vn", &replaces)];
    let (one, two) = tokio::join!(operator.post(path, &forms[0]), operator.post(path, &forms[1]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422], "one replaces the owner, the other is told that they are none any more");
    let owners = "SELECT count(*) FROM grants WHERE \"grant\" = 'owner'";
    let owners: i64 = sqlx::query_scalar(owners).fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(owners, 1);

    let forms = [
        opening(&[("code", "79000009"), ("name", "Trường Một")]),
        opening(&[("code", "79000009"), ("name", "Trường Hai"), ("owner_email", "x@example.vn")]),
    ];
    let new = "/operator/schools";
    let (one, two) = tokio::join!(operator.post(new, &forms[0]), operator.post(new, &forms[1]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    test.work().await;
}

#[tokio::test]
async fn a_likely_double_is_told_and_opened_by_a_second_press() {
    let test = TestApp::new().await;
    let operator = national(&test).await;
    operator.post("/operator/schools", &opening(&[])).await.expect(303);
    let double = opening(&[("code", "79000002"), ("name", "TRUONG TRUNG HOC PHO THONG LE QUY DON")]);
    let page = operator.post("/operator/schools", &double).await.expect(422);
    let page = page.shows(&[&vi1("school-doubles", "count", 1), "Trường THPT Lê Quý Đôn", &vi("school-open-anyway")]);
    assert_eq!(page.input("confirm"), "79000001");
    assert_eq!(page.input("code"), "79000002");
    // What was confirmed of another school is confirmed of that one alone.
    let other = with(&double, &[("confirm", "79000005")]);
    operator.post("/operator/schools", &other).await.expect(422);
    let confirmed = with(&double, &[("confirm", "79000001")]);
    operator.post("/operator/schools", &confirmed).await.expect(303);
    // In another province, of another kind or with a number it is another school.
    for more in [
        [("code", "46000003"), ("province", "46")],
        [("code", "79000004"), ("name", "Trường THCS Lê Quý Đôn")],
        [("code", "79000005"), ("name", "Trường THPT Lê Quý Đôn 2")],
    ] {
        operator.post("/operator/schools", &opening(&more)).await.expect(303);
    }
    test.work().await;
}

#[tokio::test]
async fn units_are_added_renamed_and_removed_while_they_are_unused() {
    let test = TestApp::new().await;
    let operator = national(&test).await;
    let unit = [("name", "  UBND phường   Sài Gòn "), ("province", "79")];
    let added = operator.post("/operator/units", &unit).await.location();
    let list = operator.get(&added).await.expect(200).shows(&["UBND phường Sài Gòn", &vi("done-unit-added")]);
    // Of all provinces, each with its schools, one is chosen first.
    let provinces = operator.get("/operator/units").await.expect(200);
    assert!(!provinces.links().iter().any(|link| link.starts_with("/operator/units/")));
    assert_eq!(provinces.link("units?province=79"), "/operator/units?province=79");
    provinces.link("schools?province=79");
    let twin = [("name", "ubnd Phường sài gòn"), ("province", "79")];
    operator.post("/operator/units", &twin).await.expect(422).shows(&[&vi("fault-unit-taken")]);
    operator.post("/operator/units", &[]).await.expect(422).shows(&[&vi("fault-unit-name"), &vi("fault-province")]);
    let links: Vec<String> = list.links().into_iter().filter(|link| link.starts_with("/operator/units/")).collect();
    let page = links.last().unwrap();
    let id = page.rsplit('/').next().unwrap();

    operator.post("/operator/schools", &opening(&[("managing_unit", id)])).await.expect(303);
    operator.get(&format!("/operator/schools?province=79&unit={id}")).await.expect(200).shows(&["79000001"]);
    let needed = operator.post(&format!("{page}/removal"), &[]).await.expect(422);
    needed.shows(&[&vi("fault-unit-in-use")]);
    operator.post(page, &[("name", "UBND phường Bến Thành")]).await.expect(303);
    operator.get("/operator/schools/79000001").await.expect(200).shows(&["UBND phường Bến Thành"]);
    let department = links.first().unwrap();
    let taken = operator.post(department, &[("name", "UBND phường Bến Thành")]).await.expect(422);
    taken.shows(&[&vi("fault-unit-taken")]);
    operator.post(&format!("{department}/removal"), &[]).await.expect(422).shows(&[&vi("fault-unit-in-use")]);

    // The school goes to the department, and the commune may go.
    operator.post("/operator/schools/79000001", &SCHOOL).await.expect(303);
    operator.post(&format!("{page}/removal"), &[]).await.expect(303);
    operator.get(page).await.expect(404);
    operator.get("/operator/units?province=79").await.expect(200).hides(&["Bến Thành"]);
    test.work().await;
}
