//! Teachers of two schools: by their consent each school knows when they teach at the other, and nothing else.

use schoolgate::ids::MemberId;

use super::{Timetable, version};
use crate::support::app::link_in;
use crate::support::say::{vi, vi1, vi2};
use crate::support::{Cast, Client, TestApp};

/// The teacher of a cast joins another school as well; their id there.
async fn joins(test: &TestApp, cast: &Cast, other: &Cast) -> MemberId {
    let owner = test.signed_in(&other.owner).await;
    let fields = [("full_name", cast.teacher.name.as_str()), ("email", &cast.teacher.login), ("role", "teacher")];
    let page = owner.post(&other.school.path("/accounts/join"), &fields).await.location();
    test.work().await;
    let link = link_in(&test.mail_to(&cast.teacher.login).text);
    test.signed_in(&cast.teacher).await.post(&link, &[]).await.expect(303);
    page.rsplit('/').next().unwrap().split('?').next().unwrap().parse().unwrap()
}

async fn shares(teacher: &Client, is_shared: bool) {
    let form: &[(&str, &str)] = if is_shared { &[("share", "on")] } else { &[] };
    teacher.post("/me/calendar/busy-times", form).await.expect(303);
}

#[tokio::test]
async fn busy_times_cross_by_consent_and_nothing_else_does() {
    let test = TestApp::new().await;
    let (here, there) = (test.cast("79000001").await, test.cast("79000002").await);
    let made = Timetable::new(&test, &here).await;
    let id = joins(&test, &here, &there).await;
    let maker = test.signed_in(&there.timetable).await;
    let draft = version(&test, &there.school, "Nháp").await;
    let grid = there.school.path(&format!("/timetable/versions/{draft}/teachers/{id}"));
    let wishes = there.school.path(&format!("/timetable/teachers/{id}/wishes"));
    let short = vi("timetable-elsewhere-short");
    // On Monday from seven on they have a class at the other school, which this one does not learn.
    let time = "Thứ 2 07:00–07:45";
    maker.get(&grid).await.expect(200).hides(&[&short]);
    maker.get(&wishes).await.expect(200).hides(&[time]);
    let teacher = test.signed_in(&here.teacher).await;
    teacher.get("/me/calendar").await.expect(200).shows(&[&vi("busy-times-title")]);
    shares(&teacher, true).await;
    assert!(teacher.get("/me/calendar").await.expect(200).html().contains("name=\"share\" checked"));
    maker.get(&grid).await.expect(200).shows(&[&short]);
    let known = maker.get(&wishes).await.expect(200).shows(&[time, &vi("timetable-elsewhere-line")]);
    known.hides(&["Phòng Lý", here.school.code(), here.school.scope.school.name.as_str()]);

    // A lesson then is told of, and stands; locked, it cannot be solved.
    let class = there.school.path(&format!("/timetable/versions/{draft}/classes/{}", there.class_id));
    let member = id.to_string();
    let lesson = |locked| {
        let form =
            [("day", "1"), ("session", "morning"), ("period", "1"), ("subject", "Toán"), ("teacher", member.as_str())];
        if locked { [form.as_slice(), &[("locked", "on")]].concat() } else { form.to_vec() }
    };
    maker.post(&class, &lesson(false)).await.expect(303);
    let sentence = vi1("timetable-caution-elsewhere", "teacher", here.teacher.name.as_str());
    maker.get(&class).await.expect(200).shows(&[&sentence]);
    maker.post(&class, &lesson(true)).await.expect(303);
    let generation = there.school.path(&format!("/timetable/versions/{draft}/generation"));
    let slot = vi2("timetable-slot", ("session", vi("timetable-morning")), ("period", 1));
    let at = format!("{}, {slot}", vi("timetable-day-1"));
    let closed = vi2("timetable-impossible-closed", ("name", here.teacher.name.as_str()), ("at", at));
    maker.get(&generation).await.expect(200).shows(&[&closed]);

    // Drafts stay within their school, and so does everything once the consent is taken back.
    let publication = here.school.path(&format!("/timetable/versions/{}", made.version));
    let other_maker = test.signed_in(&here.timetable).await;
    other_maker.post(&format!("{publication}/withdrawal"), &[]).await.expect(303);
    maker.get(&wishes).await.expect(200).hides(&[time]);
    other_maker.post(&format!("{publication}/publication"), &[]).await.expect(303);
    maker.get(&wishes).await.expect(200).shows(&[time]);
    shares(&teacher, false).await;
    maker.get(&wishes).await.expect(200).hides(&[time]);
    maker.get(&class).await.expect(200).hides(&[&sentence]);
}

#[tokio::test]
async fn a_teacher_who_is_busy_at_another_school_takes_no_lesson() {
    let test = TestApp::new().await;
    let (here, there) = (test.cast("79000001").await, test.cast("79000002").await);
    Timetable::new(&test, &here).await;
    Timetable::new(&test, &there).await;
    let id = joins(&test, &here, &there).await.to_string();
    let maker = test.signed_in(&there.timetable).await;
    // They know the class of the teacher who is away.
    let form = [("teacher", id.as_str()), ("class", "10A1"), ("subject", "Toán"), ("periods", "2")];
    maker.post(&there.school.path("/timetable/assignments"), &form).await.expect(303);
    let monday = schoolgate::timetable::week::Week::of(test.clock.today()).next().monday.to_string();
    let absent = there.teacher.member_id.to_string();
    let away = [("teacher", absent.as_str()), ("from", monday.as_str()), ("to", "")];
    let absence = maker.post(&there.school.path("/timetable/absences"), &away).await.location();
    let is_proposed = async || maker.get(&absence).await.expect(200).html().contains(&format!("value=\"{id}\""));
    assert!(is_proposed().await);
    let teacher = test.signed_in(&here.teacher).await;
    shares(&teacher, true).await;
    assert!(!is_proposed().await, "at seven on Mondays they teach at the other school");
    shares(&teacher, false).await;
    assert!(is_proposed().await);
}

#[tokio::test]
async fn the_consent_ends_with_the_other_school() {
    let test = TestApp::new().await;
    let (here, there) = (test.cast("79000001").await, test.cast("79000002").await);
    Timetable::new(&test, &here).await;
    let id = joins(&test, &here, &there).await;
    let teacher = test.signed_in(&here.teacher).await;
    shares(&teacher, true).await;
    let maker = test.signed_in(&there.timetable).await;
    let wishes = there.school.path(&format!("/timetable/teachers/{id}/wishes"));
    maker.get(&wishes).await.expect(200).shows(&["Thứ 2 07:00–07:45"]);
    let owner = test.signed_in(&here.owner).await;
    let leaving = here.school.path(&format!("/accounts/{}/leaving", here.teacher.member_id));
    owner.post(&leaving, &[]).await.expect(303);
    maker.get(&wishes).await.expect(200).hides(&["Thứ 2 07:00–07:45"]);
    // A school that they join later is asked about anew.
    teacher.get("/me/calendar").await.expect(200).hides(&[&vi("busy-times-title")]);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM busy_time_consents").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_person_of_one_school_is_not_asked() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for person in [&cast.teacher, &cast.pupil] {
        test.signed_in(person).await.get("/me/calendar").await.expect(200).hides(&[&vi("busy-times-title")]);
    }
}
