//! Who cannot go on is led to a person who can help: the teacher that the school has not allowed to, the pupil who has
//! forgotten the password, and everybody by the answers of `/help`.

use schoolgate::{access::SchoolKind, help::Topic, web::Translator, web::i18n::Lang};

use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp};

#[tokio::test]
async fn a_homeroom_teacher_learns_why_and_the_owner_is_asked_once() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let (owner, teacher) = (test.signed_in(&cast.owner).await, test.signed_in(&cast.homeroom_teacher).await);
    let class = cast.school.path(&format!("/my-classes/{}", cast.class_id));
    let page = teacher.get(&class).await.expect(200).shows(&[&vi("my-classes-no-reset")]);
    assert!([&cast.owner, &cast.manager, &cast.account_manager].iter().any(|one| page.words().contains(&one.name)));
    let home = cast.school.path("");
    let answer = cast.school.path("/settings/homeroom-reset");
    assert!(owner.get(&home).await.expect(200).html().contains(&answer));
    test.signed_in(&cast.manager).await.get(&home).await.expect(200).hides(&[&answer]);
    let back = owner.post(&answer, &[("homeroom_may_reset", "on")]).await.location();
    owner.get(&back).await.expect(200).shows(&[&vi("done-homeroom-may-reset")]).hides(&[&answer]);
    teacher.get(&class).await.expect(200).shows(&[&vi("person-reset")]).hides(&[&vi("my-classes-no-reset")]);
    let reset = cast.school.path(&format!("/accounts/{}/password", cast.pupil.member_id));
    teacher.post(&reset, &[]).await.expect(303);
    // The other answer is one as well; and so is saving the settings.
    let other = test.cast("79000002").await;
    let owner = test.signed_in(&other.owner).await;
    let answer = other.school.path("/settings/homeroom-reset");
    owner.post(&answer, &[("homeroom_may_reset", "off")]).await.expect(303);
    owner.get(&other.school.path("")).await.expect(200).hides(&[&answer]);
    let third = test.cast("79000003").await;
    let owner = test.signed_in(&third.owner).await;
    owner.post(&third.school.path("/settings"), &[]).await.expect(303);
    owner.get(&third.school.path("")).await.expect(200).hides(&[&third.school.path("/settings/homeroom-reset")]);
}

#[tokio::test]
async fn a_university_is_not_asked_about_homerooms() {
    let test = TestApp::new().await;
    let school = test.school_of(SchoolKind::Higher, "DH000002").await;
    let owner = school.add(&test, Someone::manager("Ngô Thị Khoa").with(schoolgate::access::Grant::Owner)).await;
    let page = test.signed_in(&owner).await.get(&school.path("")).await.expect(200);
    page.hides(&["/settings/homeroom-reset"]);
}

/// No mail comes to a name on a slip: the page says who gives a new password, and that is who may.
#[tokio::test]
async fn a_forgotten_password_leads_to_a_member_who_can_help() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let door = test.anonymous().get(&cast.school.path("/sign-in")).await.expect(200);
    let forgot = door.link("/password/forgot");
    let school = format!("Trường thử nghiệm {}", cast.school.code());
    let office = vi1("forgot-pupils-office", "school", school.as_str());
    let homeroom = vi1("forgot-pupils-homeroom", "school", school.as_str());
    test.anonymous().get(&forgot).await.expect(200).shows(&[&office]).hides(&[&homeroom]);
    let tried = async |login: &str| test.anonymous().post("/password/forgot", &[("login", login)]).await;
    tried(&cast.pupil.login).await.expect(422).shows(&[&vi("fault-no-mailbox"), &office]);
    tried("khaintm").await.expect(422).shows(&[&vi("fault-no-mailbox"), &vi("forgot-pupils")]);
    tried("khaintm@khongco").await.expect(422).shows(&[&vi("forgot-pupils")]);
    let owner = test.signed_in(&cast.owner).await;
    owner.post(&cast.school.path("/settings"), &[("homeroom_may_reset", "on")]).await.expect(303);
    tried(&cast.pupil.login).await.expect(422).shows(&[&homeroom]);
    test.anonymous().get(&forgot).await.expect(200).shows(&[&homeroom]);
    tried(&cast.teacher.login).await.expect(200).shows(&[&vi("forgot-sent-title")]);
    test.work().await;
}

#[tokio::test]
async fn eight_answers_with_pictures_in_both_languages() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for lang in Lang::ALL {
        let client = test.anonymous();
        client.set_cookie("lang", lang.key());
        let l = Translator::new(lang);
        let index = client.get("/help").await.expect(200);
        assert_eq!(index.html().matches("<svg class=\"sg-picture\"").count(), 8);
        for topic in Topic::ALL {
            let address = format!("/help/{}", topic.key());
            assert!(index.links().contains(&address));
            let page = client.get(&address).await.expect(200).shows(&[&topic.title(&l)]);
            assert!(page.html().contains("<svg class=\"sg-picture\""));
        }
    }
    test.anonymous().get("/help/nonsense").await.expect(404);
    // Where each is needed there is a link, which leads back to the school.
    let owner = test.signed_in(&cast.owner).await;
    for (page, topic) in [
        ("/plans/new?source=students", "import"),
        ("/slips/ledger", "slips"),
        ("/years", "new-year"),
        ("/grants", "grants"),
        ("/accounts?role=teacher&status=pending", "registration"),
        (&format!("/accounts/{}", cast.newcomer.member_id), "sign-in"),
        (&format!("/accounts/{}/erasure", cast.pupil.member_id), "data-protection"),
    ] {
        let link = owner.get(&cast.school.path(page)).await.expect(200).link(&format!("/help/{topic}"));
        owner.get(&link).await.expect(200);
    }
    let link = owner.get(&cast.school.path("/grants")).await.expect(200).link("/help/grants");
    owner.get(&link).await.expect(200).link(&cast.school.path("/grants"));
    let teacher = test.signed_in(&cast.homeroom_teacher).await;
    let class = cast.school.path(&format!("/my-classes/{}", cast.class_id));
    teacher.get(&teacher.get(&class).await.expect(200).link("/help/homeroom")).await.expect(200);
    // A university's pages know no children.
    let university = test.school_of(SchoolKind::Higher, "DH000002").await;
    let page = test.anonymous().get(&format!("/help/sign-in?school={}", university.code())).await.expect(200);
    page.shows(&["Sinh viên không đăng nhập được"]).hides(&["Học sinh không"]);
}
