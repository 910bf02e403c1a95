//! Logos of the programs that people sign in to.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use schoolgate::{
    access::{ClientScope, Operator},
    clients::{self, NewClient},
    ids::AccountId,
};

use crate::openid::{Application, BACK, code_for};
use crate::support::say::vi;
use crate::support::{Client, TestApp};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Vec::new();
    DynamicImage::new_rgb8(width, height).write_to(&mut Cursor::new(&mut file), format).unwrap();
    file
}

/// The address of the logo that a page shows.
fn shown(html: &str) -> Option<String> {
    let address = html.split("src=\"").find(|part| part.starts_with("/oauth2/logos/"))?;
    Some(address.split('"').next().unwrap().to_owned())
}

#[tokio::test]
async fn a_logo_is_drawn_anew_and_shown_where_people_decide() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let application = Application::with_logout_notice(&test, &cast, None).await;
    let owner = test.signed_in(&cast.owner).await;
    let page = cast.school.path(&format!("/settings/clients/{}/logo", application.id));
    owner.get(&cast.school.path("/settings/clients")).await.expect(200).link(&page);
    for (file, fault) in [
        (b"<svg onload=alert(1)>".to_vec(), "fault-logo-kind"),
        (picture(4_001, 1, ImageFormat::Png), "fault-logo-large"),
        (vec![0; 2 * 1024 * 1024 + 1], "fault-logo-large"),
        (picture(40, 40, ImageFormat::Png)[..60].to_vec(), "fault-logo-broken"),
    ] {
        owner.upload(&page, "logo.png", &file).await.expect(422).shows(&[&vi(fault)]);
    }
    let browser = test.signed_in(&cast.teacher).await;
    let consent = async || shown(&browser.get(&application.request(&[])).await.expect(200).html());
    assert_eq!(consent().await, None);
    owner.upload(&page, "logo.jpg", &picture(600, 300, ImageFormat::Jpeg)).await.expect(303);
    let address = consent().await.unwrap();
    owner.get(&page).await.expect(200);
    let logo = test.anonymous().get(&address).await.expect(200);
    assert_eq!(logo.header("content-type"), "image/png");
    let logo = image::load_from_memory_with_format(logo.bytes(), ImageFormat::Png).unwrap();
    assert_eq!((logo.width(), logo.height()), (256, 128));
    code_for(&test, &application, &cast.teacher).await;
    assert_eq!(shown(&browser.get("/me/applications").await.expect(200).html()), Some(address.clone()));
    // Nothing is changed where nothing is chosen; another picture has another address.
    owner.upload(&page, "", b"").await.expect(303);
    test.anonymous().get(&address).await.expect(200);
    owner.upload(&page, "logo.webp", &picture(30, 30, ImageFormat::WebP)).await.expect(303);
    test.anonymous().get(&address).await.expect(404);
    let address = shown(&browser.get("/me/applications").await.html()).unwrap();

    // Another school's owner does not reach it, and what was removed is gone.
    let stranger = test.signed_in(&foreign.owner).await;
    let theirs = foreign.school.path(&format!("/settings/clients/{}/logo", application.id));
    stranger.get(&theirs).await.expect(404);
    stranger.upload_with(&theirs, "", b"", &[("remove", "on")]).await.expect(404);
    test.anonymous().get(&address).await.expect(200);
    owner.upload_with(&page, "", b"", &[("remove", "on")]).await.expect(303);
    test.anonymous().get(&address).await.expect(404);
    let mut admin = test.admin().await;
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM oauth_client_logos").fetch_one(&mut admin).await.unwrap();
    let noted = "SELECT count(*) FROM audit_events WHERE action = 'client_logo_changed'";
    let noted: i64 = sqlx::query_scalar(noted).fetch_one(&mut admin).await.unwrap();
    assert_eq!((kept, noted), (0, 3));
}

#[tokio::test]
async fn operators_give_logos_to_programs_of_their_provinces() {
    let test = TestApp::new().await;
    let of_province = Operator { name: String::new(), is_national: false, provinces: vec!["79".to_owned()] };
    let new = NewClient {
        name: "Thư viện tỉnh".to_owned(),
        scopes: ClientScope::OPENID.to_vec(),
        redirect_uris: vec![BACK.to_owned()],
        ..NewClient::default()
    };
    let made = clients::make_for_operators(&of_province, AccountId::nil(), &test, Some("79"), &new).await;
    let page = format!("/operator/clients/{}/logo", made.unwrap().unwrap().id);
    let file = picture(20, 20, ImageFormat::Png);
    let operator = async |email: &str, provinces: &[&str]| -> Client {
        let person = test.operator(email, provinces).await;
        test.signed_in(&person).await
    };
    let stranger = operator("hue@example.vn", &["46"]).await;
    stranger.get(&page).await.expect(404);
    stranger.upload(&page, "logo.png", &file).await.expect(404);
    let bound = operator("bound@example.vn", &["79"]).await;
    bound.get("/operator/clients").await.expect(200).link(&page);
    bound.upload(&page, "logo.gif", b"GIF89a").await.expect(422).shows(&[&vi("fault-logo-kind")]);
    bound.upload(&page, "logo.png", &file).await.expect(303);
    let shows = shown(&bound.get(&page).await.expect(200).html());
    test.anonymous().get(&shows.unwrap()).await.expect(200);
}
