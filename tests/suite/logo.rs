//! How a school looks: its logo is drawn anew from what was uploaded, and shows where the school shows.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use schoolgate::access::Tone;

use crate::support::{TestApp, say::vi};

fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    DynamicImage::new_rgb8(width, height).write_to(&mut Cursor::new(&mut file), ImageFormat::Jpeg).unwrap();
    file
}

#[tokio::test]
async fn a_logo_and_a_colour_show_where_the_school_shows() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let page = cast.school.path("/settings/look");
    owner.get(&page).await.expect(200).shows(&[&vi("look-title"), &vi("tone-teal")]);
    let to = owner.upload_with(&page, "logo.jpg", &picture(900, 600), &[("tone", "teal")]).await.location();
    let home = owner.get(&to).await.expect(200).shows(&[&vi("done-settings-changed")]);
    assert!(home.html().contains("data-tone=\"teal\""), "the pages have the colour");

    let address = home.html().split("src=\"").find(|part| part.contains("/logo/")).unwrap().to_owned();
    let address = address.split('"').next().unwrap().to_owned();
    let logo = test.anonymous().get(&address).await.expect(200);
    assert_eq!(logo.header("content-type"), "image/png");
    let drawn = image::load_from_memory_with_format(logo.bytes(), ImageFormat::Png).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (256, 171), "small, and in its proportions");
    for (client, shown) in [(&test.anonymous(), "/sign-in"), (&owner, "")] {
        let html = client.get(&cast.school.path(shown)).await.expect(200).html();
        assert!(html.contains(&address) && html.contains("data-tone=\"teal\""), "{shown}");
    }
    let slip = cast.school.path(&format!("/accounts/{}/slip", cast.newcomer.member_id));
    assert!(owner.get(&slip).await.expect(200).html().contains("slip-logo"), "slips have it");

    // Another school's address does not lead to it, and an old version leads nowhere.
    let other = test.cast("79000002").await;
    let version = address.rsplit('/').next().unwrap();
    test.anonymous().get(&other.school.path(&format!("/logo/{version}"))).await.expect(404);
    owner.upload_with(&page, "", b"", &[("tone", ""), ("remove", "on")]).await.location();
    test.anonymous().get(&address).await.expect(404);
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM school_logos").fetch_one(&mut test.admin().await).await.unwrap();
    assert_eq!(kept, 0, "what goes is gone");
}

#[tokio::test]
async fn what_is_no_picture_is_refused_and_nothing_changes() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let owner = test.signed_in(&cast.owner).await;
    let page = cast.school.path("/settings/look");
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let mut large = picture(30, 30);
    large.resize(schoolgate::schools::logo::MOST_BYTES + 1, 0);
    let cut = picture(300, 300)[..400].to_vec();
    for (file, why) in [
        (svg, "fault-logo-kind"),
        (large, "fault-logo-large"),
        (cut, "fault-logo-broken"),
        (picture(4_001, 4), "fault-logo-large"),
    ] {
        let refused = owner.upload_with(&page, "logo.png", &file, &[("tone", "red")]).await.expect(422);
        refused.shows(&[&vi(why)]);
    }
    let changed: i64 =
        sqlx::query_scalar("SELECT count(*) FROM schools WHERE tone IS NOT NULL OR logo_version IS NOT NULL")
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap();
    assert_eq!(changed, 0);
    let manager = test.signed_in(&cast.manager).await;
    manager.upload_with(&page, "logo.jpg", &picture(30, 30), &[]).await.expect(403);
    let colours: Vec<&str> = Tone::ALL.map(Tone::key).to_vec();
    let css = include_str!("../../static/css/schoolgate.css");
    assert!(colours.iter().all(|key| css.contains(&format!("[data-tone=\"{key}\"]"))), "the style sheet knows all");
}
