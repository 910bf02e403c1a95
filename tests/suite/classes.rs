//! `/schools/{code}/classes` and `/schools/{code}/years`.

use schoolgate::ids::ClassId;

use crate::support::TestApp;
use crate::support::say::{vi, vi1};

#[tokio::test]
async fn the_owner_makes_a_years_classes_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    let page = owner.get(&cast.school.path("/classes/new")).await.expect(200);
    page.shows(&["2026–2027"]);
    // 10A1 is there already.
    let made = owner.post(&classes, &[("name", "10A1-10A12")]).await.location();
    assert_eq!(made, format!("{classes}?done=classes-created&n=11"));
    let page = owner
        .get(&made)
        .await
        .expect(200)
        .shows(&[&vi1("done-classes-created", "n", 11), &vi1("classes-line", "count", 12)]);
    let names: Vec<String> =
        page.rows().iter().map(|row| row.split(' ').next().unwrap_or_default().to_owned()).collect();
    let expected: Vec<String> = (1..=12).map(|number| format!("10A{number}")).collect();
    assert_eq!(names, expected, "10A2 before 10A10");
    let first = &page.rows()[0];
    assert!(first.starts_with("10A1 10 ") && first.contains(&cast.homeroom_teacher.name), "{first}");
    assert!(first.contains(" 2 "), "two pupils: {first}");

    owner.post(&classes, &[("name", "6/1, 6/2; lớp 11 a1"), ("grade", "")]).await.expect(303);
    owner.get(&classes).await.expect(200).shows(&["6/1", "6/2", "11A1", &vi1("classes-line", "count", 15)]);
}

#[tokio::test]
async fn ranges_in_words_make_what_they_say_and_are_shown_before() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    let typed = |name: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("name", name).finish();
        cast.school.path(&format!("/classes/preview?{query}"))
    };
    let count = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM classes").fetch_one(&mut test.admin().await).await.unwrap()
    };
    // 10A1 is there already.
    let page = owner.get(&typed("10A1 đến 10A3, 11B và 12C")).await.expect(200);
    page.shows(&[
        &vi1("classes-preview", "count", 4),
        "10A2, 10A3",
        "11B",
        &vi1("classes-preview-taken", "names", "10A1"),
    ]);
    owner.get(&typed("10A3 đến 10A1")).await.shows(&[&vi1("fault-class-range-unreadable", "value", "10A3 đến 10A1")]);
    owner.get(&typed("")).await.expect(200);
    let before = count().await;
    // Without a script, a button of the form shows the same, and the form as typed.
    let page = owner.post(&classes, &[("name", "10A1 – 10A3"), ("preview", "on")]).await.expect(200);
    assert_eq!(page.shows(&[&vi1("classes-preview", "count", 2)]).input("name"), "10A1 – 10A3");
    assert_eq!(count().await, before, "nothing is made");
    for (name, made) in [("10A1 đến 10A12", 11), ("11A1 – 11A3", 3), ("12A1, 12A2", 2)] {
        let before = count().await;
        owner.post(&classes, &[("name", name)]).await.expect(303);
        assert_eq!(count().await - before, made, "{name}");
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    for (typed, said) in [
        ("", vi("fault-classes-empty")),
        ("10A1", vi1("fault-class-taken", "value", "10A1")),
        ("10A9-10A2", vi1("fault-class-range-unreadable", "value", "10A9-10A2")),
        ("10A1-11B3", vi1("fault-class-range-unreadable", "value", "10A1-11B3")),
        ("10A1-10A999", vi("fault-classes-too-many")),
        ("<script>alert(1)</script> lớp có tên dài quá", "<script>alert(1)</script> lớp có tên dài quá".to_owned()),
    ] {
        let form = [("name", typed), ("grade", "Khối mười")];
        let page = owner.post(&classes, &form).await;
        page.shows(&[&said]);
        let page = owner.post(&classes, &form).await.expect(422);
        assert_eq!((page.input("name").as_str(), page.input("grade").as_str()), (typed, "Khối mười"));
        assert!(!page.html().contains("<script>alert"));
    }
    owner.get(&classes).await.expect(200).shows(&[&vi1("classes-line", "count", 1)]);
    // A short one is a name like any other, and none that a browser would run.
    owner.post(&classes, &[("name", "<b>10A2</b>")]).await.expect(303);
    let page = owner.get(&classes).await.expect(200).shows(&["<b>10A2</b>"]);
    assert!(!page.html().contains("<b>10A2"));
}

#[tokio::test]
async fn a_year_is_added_and_has_classes_of_its_own() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let years = cast.school.path("/years");
    let page = owner.get(&years).await.expect(200).shows(&["2026–2027", "01/08/2026"]);
    assert_eq!(page.input("name"), "2027-2028");
    for wrong in ["2027-2029", "2027", "năm sau", ""] {
        let page = owner.post(&years, &[("name", wrong)]).await.expect(422);
        assert_eq!(page.input("name"), wrong);
    }
    owner.post(&years, &[("name", "2027-2028")]).await.expect(303);
    owner.post(&years, &[("name", "2027-2028")]).await.expect(303);
    let page = owner.get(&years).await.expect(200).shows(&["2027–2028"]);
    assert_eq!(page.rows().len(), 2);

    let form = [("name", "11A1"), ("school_year", "2027-2028")];
    owner.post(&cast.school.path("/classes"), &form).await.expect(303);
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["11A1"]);
    let next_year = owner.get(&years).await.link("school_year=");
    owner.get(&next_year).await.expect(200).shows(&["11A1"]);
    // It becomes the current one on its first day, in Vietnam.
    test.clock.advance(chrono::Duration::days(328) - chrono::Duration::hours(8) - chrono::Duration::minutes(1));
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&cast.school.path("/classes")).await.expect(200).hides(&["11A1"]);
    test.clock.advance(chrono::Duration::minutes(1));
    owner.get(&cast.school.path("/classes")).await.expect(200).shows(&["11A1"]);
}

#[tokio::test]
async fn a_class_is_renamed_given_its_teacher_and_deleted_while_it_is_empty() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let foreign = test.cast("79000002").await;
    let owner = test.signed_in(&cast.owner).await;
    let classes = cast.school.path("/classes");
    let teacher = cast.teacher.member_id.to_string();
    let new = [("name", "10A2"), ("homeroom_teacher", teacher.as_str())];
    owner.post(&classes, &new).await.expect(303);
    let list = owner.get(&classes).await.expect(200).shows(&[&cast.teacher.name]);
    let ids: Vec<String> = list.links().into_iter().filter(|link| link.starts_with(&format!("{classes}/"))).collect();
    let class = ids
        .into_iter()
        .find(|link| link.rsplit('/').next().unwrap().parse::<ClassId>().is_ok_and(|id| id != cast.class_id))
        .unwrap();
    // Several at once have no teacher of their own.
    let several = [("name", "10A3-10A4"), ("homeroom_teacher", teacher.as_str())];
    owner.post(&classes, &several).await.expect(422).shows(&[&vi("fault-homeroom-many")]);

    let change = |name: &'static str, teacher: String| {
        vec![("name", name.to_owned()), ("grade", "Khối 10".to_owned()), ("homeroom_teacher", teacher)]
    };
    let post = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        owner.post(&class, &fields).await
    };
    for (name, teacher, said) in [
        ("", String::new(), vi("fault-classes-empty")),
        ("10A1", String::new(), vi1("fault-class-taken", "value", "10A1")),
        ("10A2", cast.pupil.member_id.to_string(), vi("fault-homeroom-teacher")),
        ("10A2", foreign.teacher.member_id.to_string(), vi("fault-homeroom-teacher")),
        ("10A2", "nobody".to_owned(), vi("fault-homeroom-teacher")),
    ] {
        let page = post(change(name, teacher)).await.expect(422).shows(&[&said]);
        assert_eq!(page.input("name"), name);
    }
    post(change("lớp 10 a9", cast.homeroom_teacher.member_id.to_string())).await.expect(303);
    let page = owner.get(&classes).await.expect(200).shows(&["10A9", "Khối 10"]).hides(&["10A2"]);
    assert!(page.rows().iter().any(|row| row.contains("10A9") && row.contains(&cast.homeroom_teacher.name)));

    let stranger = test.signed_in(&foreign.owner).await;
    stranger.get(&class).await.expect(404);
    let elsewhere = class.replace("79000001", "79000002");
    stranger.get(&elsewhere).await.expect(404);
    stranger.post(&format!("{elsewhere}/deletion"), &[]).await.expect(404);

    // Where a person is or was, the class stays.
    let used = format!("{classes}/{}", cast.class_id);
    owner.get(&used).await.expect(200).shows(&[&vi("class-delete-not")]);
    assert_eq!(owner.post(&format!("{used}/deletion"), &[]).await.location(), used);
    owner.get(&used).await.expect(200);
    let gone = owner.post(&format!("{class}/deletion"), &[]).await.location();
    owner.get(&gone).await.expect(200).shows(&[&vi("done-class-deleted")]).hides(&["10A9"]);
    owner.get(&class).await.expect(404);
}

#[tokio::test]
async fn the_homeroom_teachers_of_a_year_are_chosen_on_one_page() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let home = cast.school.path("");
    owner.get(&home).await.expect(200).hides(&[vi1("to-do-homeroom", "count", 1)]);
    owner.post(&cast.school.path("/classes"), &[("name", "10A2-10A3")]).await.expect(303);
    let to_do = owner.get(&home).await.expect(200).shows(&[&vi1("to-do-homeroom", "count", 2)]);
    let grid = to_do.link("/classes/homeroom");
    let page = owner.get(&grid).await.expect(200).shows(&["10A1", "10A2", "10A3"]);
    let html = page.html();
    let inputs = crate::support::html::tags(&html, "input");
    let attribute = crate::support::html::attribute;
    let fields: Vec<String> = inputs
        .iter()
        .filter_map(|input| attribute(input, "name"))
        .filter(|name| name.starts_with("homeroom_"))
        .collect();
    let [first, second, third] = fields.as_slice() else { panic!("three classes: {fields:?}") };
    let label = page.input(first);
    assert!(label.starts_with(&cast.homeroom_teacher.name), "{label}");

    // A name that nobody has: nothing is written, and what was typed stays.
    let typed = [(second.as_str(), cast.teacher.name.as_str()), (third.as_str(), "Không Có Ai")];
    let refused = owner.post(&grid, &typed).await.expect(422);
    assert_eq!((refused.input(second), refused.input(third)), (cast.teacher.name.clone(), "Không Có Ai".to_owned()));
    owner.get(&home).await.expect(200).shows(&[&vi1("to-do-homeroom", "count", 2)]);

    let typed = [(first.as_str(), label.as_str()), (second, cast.teacher.name.as_str()), (third, &label)];
    let done = owner.post(&grid, &typed).await.location();
    owner.get(&done).await.expect(200).shows(&[&vi1("done-homerooms", "n", 2), &cast.teacher.name]);
    owner.get(&home).await.expect(200).hides(&[vi1("to-do-homeroom", "count", 2)]);
    owner.post(&grid, &[(first.as_str(), "")]).await.expect(303);
    owner.get(&home).await.expect(200).shows(&[&vi1("to-do-homeroom", "count", 1)]);
}

#[tokio::test]
async fn the_home_page_says_when_a_year_is_about_to_end() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let home = cast.school.path("");
    let ends = vi1("to-do-year", "year", "2026–2027");
    test.signed_in(&cast.owner).await.get(&home).await.expect(200).hides(&[ends.as_str()]);
    test.clock.advance(chrono::Duration::days(270));
    let owner = test.signed_in(&cast.owner).await;
    owner.get(&home).await.expect(200).shows(&[&ends]);
    owner.post(&cast.school.path("/years"), &[("name", "2027-2028")]).await.expect(303);
    owner.get(&home).await.expect(200).hides(&[ends.as_str()]);
}
