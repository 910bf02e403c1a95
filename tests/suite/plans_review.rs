//! Reviewing a plan of many rows: `/schools/{code}/plans/{id}` with what it offers beside mending one row.

use schoolgate::roster::fields::Field;

use crate::support::say::{vi, vi1};
use crate::support::{Cast, Client, Page, Someone, TestApp, html, sheets};

const HEADERS: [&str; 8] = [
    "Họ và tên",
    "Giới tính",
    "Lớp",
    "Ngày sinh",
    "Họ và tên mẹ",
    "Năm sinh của mẹ",
    "Họ và tên người giám hộ",
    "Năm sinh người giám hộ",
];

type Row = [&'static str; 8];

pub const AN: Row = ["Hoàng Văn An", "Nam", "10A1", "04/04/2011", "", "", "", ""];
const BINH: Row = ["Trần Thị Bình", "Nữ", "10A1", "05/04/2011", "Lê Thị Hoa", "85 tuổi", "", ""];
const CUC: Row = ["Đỗ Thị Cúc", "Nữ", "10A1", "06/04/2011", "", "", "Đỗ Văn Ông", ""];
pub const DAT: Row = ["Nguyễn Văn Đạt", "Nam", "10A1", "07/04/2011", "Lê Thị Mẹ", "1984", "", ""];

/// A plan of pupils whose rows begin in line 2.
pub async fn plan_of(test: &TestApp, client: &Client, cast: &Cast, rows: &[Vec<String>]) -> String {
    let table: Vec<Vec<String>> =
        std::iter::once(HEADERS.map(str::to_owned).to_vec()).chain(rows.iter().cloned()).collect();
    let new = cast.school.path("/plans/new?source=students");
    let plan = client.upload(&new, "danh-sach.xlsx", &sheets::written(&table)).await.location();
    test.work().await;
    plan
}

pub async fn plan(test: &TestApp, client: &Client, cast: &Cast, rows: &[Row]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    plan_of(test, client, cast, &rows).await
}

/// The part of a page that is about this line.
#[track_caller]
pub fn part(page: &Page, line: u32) -> String {
    let html = page.html();
    let start = html.find(&format!("id=\"row-{line}\"")).unwrap_or_else(|| panic!("no row {line}: {}", page.words()));
    html[start..].split("</tbody>").next().unwrap_or_default().to_owned()
}

#[track_caller]
pub fn row(page: &Page, line: u32) -> String {
    html::words(&format!("<tbody {}", part(page, line)))
}

#[tokio::test]
async fn mothers_and_guardians_of_many_are_filled_in_at_once() {
    let test = TestApp::with_many_connections().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let plan = plan(&test, &manager, &cast, &[AN, BINH, CUC, DAT]).await;
    let review = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-missing", "count", 3)]);
    let grid = review.link("/missing");
    assert_eq!(grid, format!("{plan}/missing"));
    let page = manager.get(&grid).await.expect(200).shows(&["Hoàng Văn An", "10A1 · 04/04/2011"]);
    let page = page.hides(&["Nguyễn Văn Đạt"]);
    assert_eq!(page.input("mother_name_3"), "Lê Thị Hoa");
    assert_eq!(page.input("mother_birth_year_3"), "85 tuổi", "as it was typed");
    assert!(row(&page, 3).contains(&vi1("fault-year-unreadable", "value", "85 tuổi")), "{}", row(&page, 3));
    assert!(row(&page, 4).contains(&vi("fault-guardian-year-missing")), "{}", row(&page, 4));
    assert!(!row(&page, 2).contains(&vi("fault-mother-or-guardian-missing")), "the page itself says so");

    // All fields are sent, as the page held them, and some were typed into.
    let typed = [
        ("mother_name_2", "  lê thị AN "),
        ("mother_birth_year_2", "1980"),
        ("guardian_name_2", ""),
        ("guardian_birth_year_2", ""),
        ("seen_2", "\t\t\t"),
        ("mother_name_3", "Lê Thị Hoa"),
        ("mother_birth_year_3", "198"),
        ("seen_3", "Lê Thị Hoa\t85 tuổi\t\t"),
        ("guardian_name_4", "Đỗ Văn Ông"),
        ("guardian_birth_year_4", ""),
        ("seen_4", "\t\tĐỗ Văn Ông\t"),
        ("after", "0"),
    ];
    let to = manager.post(&grid, &typed).await.location();
    assert_eq!(to, format!("{grid}?done=missing-filled&n=1"));
    let page =
        manager.get(&to).await.expect(200).shows(&[&vi1("done-missing-filled", "n", 1)]).hides(&["Hoàng Văn An"]);
    assert_eq!(page.input("mother_birth_year_3"), "198");
    assert!(row(&page, 3).contains(&vi1("fault-year-unreadable", "value", "198")), "{}", row(&page, 3));
    assert!(part(&page, 3).contains("aria-invalid=\"true\" aria-describedby=\"mother_birth_year_3-fault\""));
    let review = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-missing", "count", 2)]);
    let an = row(&review, 2);
    assert!(an.contains(&vi("outcome-create")) && an.contains("lê thị AN, 1980"), "{an}");

    // The wrong year is taken away, a guardian named in its place.
    let typed = [
        ("mother_name_3", ""),
        ("mother_birth_year_3", ""),
        ("guardian_name_3", "Trần Văn Ông"),
        ("guardian_birth_year_3", "1950"),
        ("seen_3", "Lê Thị Hoa\t198\t\t"),
        ("guardian_birth_year_4", "1955"),
    ];
    let to = manager.post(&grid, &typed).await.location();
    assert_eq!(to, format!("{plan}?done=missing-filled&n=2"));
    let review = manager.get(&to).await.expect(200).shows(&[&vi1("done-missing-filled", "n", 2)]);
    let review = review.shows(&[&vi1("plan-will-write", "count", 4)]).hides(&["/missing"]);
    assert!(row(&review, 3).contains("Trần Văn Ông, 1950"), "{}", row(&review, 3));
    assert_eq!(manager.get(&grid).await.location(), plan, "nobody lacks anything");
}

#[tokio::test]
async fn gender_class_and_birth_date_are_chosen_and_typed_in_the_same_grid() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let lan: Row = ["Lý Thị Lan", "", "", "2011", "Lê Thị Hoa", "1985", "", ""];
    let minh: Row = ["Mai Văn Minh", "khác lạ", "10A1", "", "Lê Thị Mai", "1986", "", ""];
    let nga: Row = ["Ngô Thị Nga", "Nữ", "10A7", "05/04/2011", "Lê Thị Na", "1986", "", ""];
    let plan = plan(&test, &manager, &cast, &[lan, minh, nga]).await;
    let review = manager.get(&plan).await.expect(200).shows(&[&vi1("plan-missing", "count", 2)]);
    let page = manager.get(&review.link("/missing")).await.expect(200).hides(&["Ngô Thị Nga", "mother_name_2"]);
    // Choices, not free text: of the year's classes, and of those that the plan makes.
    for choice in ["<select class=\"form-select", "value=\"female\"", "<option>10A1</option>", "<option>10A7</option>"]
    {
        assert!(part(&page, 2).contains(choice), "{choice}: {}", part(&page, 2));
    }
    assert_eq!(page.input("birth_date_2"), "2011", "as it was typed");
    assert!(row(&page, 2).contains(&vi1("fault-date-year-only", "value", "2011")), "{}", row(&page, 2));
    assert!(row(&page, 3).contains(&vi1("fault-gender-unknown", "value", "khác lạ")), "{}", row(&page, 3));
    assert!(part(&page, 3).contains("<option selected>10A1</option>"), "{}", part(&page, 3));
    assert!(page.html().contains("name=\"birth_date_2\" value=\"2011\" autofocus"), "one begins at the first fault");

    let typed = [
        ("gender_2", "female"),
        ("class_2", "10A7"),
        ("birth_date_2", "3/4/2011"),
        ("seen_2", &page.input("seen_2")),
        ("gender_3", "male"),
        ("class_3", "10A1"),
        ("birth_date_3", "31/02/2011"),
        ("seen_3", &page.input("seen_3")),
    ];
    let to = manager.post(&format!("{plan}/missing"), &typed).await.location();
    assert_eq!(to, format!("{plan}/missing?done=missing-filled&n=1"));
    let page = manager.get(&to).await.expect(200).hides(&["Lý Thị Lan"]);
    assert!(row(&page, 3).contains(&vi1("fault-date-impossible", "value", "31/02/2011")), "{}", row(&page, 3));
    let last = [("birth_date_3", "28/02/2011"), ("seen_3", &page.input("seen_3"))];
    let to = manager.post(&format!("{plan}/missing"), &last).await.location();
    let review = manager.get(&to).await.expect(200).shows(&[&vi1("plan-will-write", "count", 3)]);
    assert!(row(&review, 2).contains("10A7 03/04/2011"), "{}", row(&review, 2));
    assert!(row(&review, 3).contains("10A1 28/02/2011"), "{}", row(&review, 3));
}

#[tokio::test]
async fn what_another_one_did_meanwhile_stays() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let owner = test.signed_in(&cast.owner).await;
    let plan = plan(&test, &manager, &cast, &[AN, BINH, CUC]).await;
    let grid = format!("{plan}/missing");
    // While one reviewer has the grid open, another one mends a row, leaves one out and gives a third its name.
    let mend = [("mother_name", "Phạm Thị Đúng"), ("mother_birth_year", "1981")];
    owner.post(&format!("{plan}/rows/2"), &mend).await.expect(303);
    owner.post(&format!("{plan}/rows/3"), &[("decision", "drop"), ("mother_birth_year", "")]).await.expect(303);
    owner.post(&format!("{plan}/rows/4"), &[("guardian_name", "Đỗ Văn Khác")]).await.expect(303);
    let typed = [
        ("mother_name_2", "Lê Thị Sai"),
        ("mother_birth_year_2", "1960"),
        ("seen_2", "\t\t\t"),
        ("mother_name_3", ""),
        ("seen_3", "Lê Thị Hoa\t85 tuổi\t\t"),
        ("guardian_name_4", "Đỗ Văn Ông"),
        ("guardian_birth_year_4", "1955"),
        ("seen_4", "\t\tĐỗ Văn Ông\t"),
    ];
    manager.post(&grid, &typed).await.expect(303);
    let page = manager.get(&plan).await.expect(200).hides(&["Lê Thị Sai"]);
    assert!(row(&page, 2).contains("Phạm Thị Đúng, 1981"), "{}", row(&page, 2));
    assert!(row(&page, 4).contains("Đỗ Văn Khác, 1955"), "{}", row(&page, 4));

    // And once it is being applied, the plan says so.
    owner.post(&format!("{plan}/apply"), &[]).await.expect(303);
    assert_eq!(manager.post(&grid, &typed).await.location(), plan);
    assert_eq!(manager.get(&grid).await.location(), plan);
    test.work().await;
}

/// The hidden field by which a row's form says what its reader saw.
#[track_caller]
pub fn seen(page: &Page, line: u32) -> String {
    let part = part(page, line);
    let inputs = html::tags(&part, "input");
    let seen = inputs.into_iter().find(|input| html::attribute(input, "name").as_deref() == Some("seen"));
    html::attribute(seen.expect("the row says what is seen"), "value").unwrap()
}

#[tokio::test]
async fn of_two_who_mend_one_row_the_second_sees_what_the_first_did() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let owner = test.signed_in(&cast.owner).await;
    let plan = plan(&test, &manager, &cast, &[AN, BINH]).await;
    let page = manager.get(&plan).await.expect(200);
    let old = seen(&page, 2);
    let mother = |name: &'static str| [("mother_name", name), ("mother_birth_year", "1981")];
    owner
        .post(&format!("{plan}/rows/2"), &[&mother("Phạm Thị Đúng")[..], &[("seen", &old)]].concat())
        .await
        .expect(303);

    // What the second typed comes back beside what the first wrote, and nothing was written over it.
    let late = [&mother("Lê Thị Khác")[..], &[("seen", &old)]].concat();
    let page = manager.post(&format!("{plan}/rows/2"), &late).await.expect(422);
    let page = page.shows(&[&vi("fault-row-meanwhile"), "Phạm Thị Đúng, 1981"]);
    assert_eq!(page.input("mother_name"), "Lê Thị Khác");
    assert!(row(&manager.get(&plan).await, 2).contains("Phạm Thị Đúng, 1981"));
    // Nor is a decision taken over it.
    let drop = [("decision", "drop"), ("seen", old.as_str())];
    manager.post(&format!("{plan}/rows/2"), &drop).await.expect(422).shows(&[&vi("fault-row-meanwhile")]);

    // A person who has seen it and still wants it has it.
    let now = seen(&page, 2);
    manager
        .post(&format!("{plan}/rows/2"), &[&mother("Lê Thị Khác")[..], &[("seen", &now)]].concat())
        .await
        .expect(303);
    assert!(row(&manager.get(&plan).await, 2).contains("Lê Thị Khác, 1981"));
    manager.post(&format!("{plan}/rows/99"), &[("decision", "drop")]).await.expect(404);
}

#[tokio::test]
async fn another_sheet_of_the_file_is_read_when_asked_for() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let sheet = |name: &'static str, pupil: Row| (name, vec![HEADERS.to_vec(), pupil.to_vec()]);
    let file = sheets::of_sheets(&[sheet("10A1", AN), sheet("10A2", DAT)]);
    let new = cast.school.path("/plans/new?source=students");
    let plan = manager.upload(&new, "khoi-10.xlsx", &file).await.location();
    test.work().await;
    manager.get(&plan).await.expect(200).shows(&["Hoàng Văn An", "10A2"]).hides(&["Nguyễn Văn Đạt"]);
    let columns = format!("{plan}/columns");
    manager.get(&columns).await.expect(200).shows(&[&vi("columns-sheet"), "10A2"]);
    for (asked, other, shown, hidden) in
        [("10A2", "10A1", "Nguyễn Văn Đạt", "Hoàng Văn An"), ("10A1", "10A2", "Hoàng Văn An", "Nguyễn Văn Đạt")]
    {
        assert_eq!(manager.post(&columns, &[("sheet", asked), ("column_0", "full_name")]).await.location(), plan);
        test.work().await;
        manager
            .get(&plan)
            .await
            .expect(200)
            .shows(&[shown, &vi1("plan-sheet", "sheet", asked), other])
            .hides(&[hidden]);
    }
}

#[tokio::test]
async fn the_grid_has_pages_and_is_the_schools_own() {
    let test = TestApp::new().await;
    let (cast, foreign) = (test.cast("79000001").await, test.cast("79000002").await);
    let manager = test.signed_in(&cast.manager).await;
    let rows: Vec<Vec<String>> = (0..230)
        .map(|number| {
            let birth = format!("{:02}/{:02}/2011", number % 28 + 1, number / 28 + 1);
            let mut row = AN.map(str::to_owned).to_vec();
            row[3] = birth;
            row
        })
        .collect();
    let plan = plan_of(&test, &manager, &cast, &rows).await;
    let grid = format!("{plan}/missing");
    let first = manager.get(&grid).await.expect(200).shows(&[&vi1("missing-count", "count", 230)]);
    assert_eq!(first.rows().len(), 100);
    let second = manager.get(&first.link("missing?after=101")).await.expect(200);
    assert_eq!(second.link("missing?after=0"), format!("{grid}?after=0"));
    let third = manager.get(&second.link("missing?after=201")).await.expect(200);
    assert_eq!(third.rows().len(), 30);
    third.link("missing?after=101");

    // The whole last page at once; what is left stands before it.
    let typed: Vec<(String, &str)> = (202..=231)
        .flat_map(|line| [(format!("mother_name_{line}"), "Lê Thị Hoa"), (format!("mother_birth_year_{line}"), "1980")])
        .collect();
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let typed = [typed, vec![("after", "201")]].concat();
    let to = manager.post(&grid, &typed).await.location();
    assert_eq!(to, format!("{grid}?done=missing-filled&n=30"));
    assert_eq!(manager.get(&format!("{grid}?after=201")).await.location(), grid);
    manager.get(&grid).await.expect(200).shows(&[&vi1("missing-count", "count", 200)]);

    let stranger = test.signed_in(&foreign.manager).await;
    let elsewhere = grid.replace("79000001", "79000002");
    stranger.get(&elsewhere).await.expect(404).hides(&["Hoàng Văn An"]);
    stranger.post(&elsewhere, &[("mother_name_2", "Lê Thị Sai")]).await.expect(404);
    stranger.get(&grid).await.expect(404);
    manager.get(&plan).await.expect(200).hides(&["Lê Thị Sai"]);
}

/// A row that may be about a member stands beside that member; one that may be about another row, beside that row.
#[tokio::test]
async fn possible_matches_stand_beside_the_row() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let someone = Someone::pupil("Nguyễn Văn Đạt", cast.class_id)
        .value(Field::BirthDate, "2011-04-07")
        .value(Field::Gender, "female")
        .value(Field::MotherName, "Lê Thị Khác")
        .value(Field::Phone, "0912345678")
        .value(Field::NationalId, "079211001234");
    let known = cast.school.add(&test, someone).await;
    let mut an = AN;
    (an[4], an[5]) = ("Lê Thị Hoa", "1980");
    let mut again = an;
    again[1] = "Nữ";
    let plan = plan(&test, &manager, &cast, &[DAT, an, again]).await;
    let page = manager.get(&plan).await.expect(200);
    let dat = row(&page, 2);
    assert!(dat.contains(&vi("outcome-duplicate")), "{dat}");
    let (school, differs) = (vi("compare-school"), vi("compare-differs"));
    assert!(dat.contains(&format!("{} {school}", vi1("compare-row", "line", "2"))), "{dat}");
    for line in [
        format!("{} Nguyễn Văn Đạt Nguyễn Văn Đạt", vi("field-full-name")),
        format!("{} 07/04/2011 07/04/2011", vi("field-birth-date")),
        format!("{} Nam ≠ {differs} Nữ", vi("field-gender")),
        format!("{} 10A1 10A1", vi("field-class")),
        format!("{} Lê Thị Mẹ, 1984 ≠ {differs} Lê Thị Khác", vi("field-mother-name")),
        format!("{} 0912345678", vi("field-phone")),
        format!("{} •••••••••234", vi("field-national-id")),
        format!("{} {}", vi("field-status"), vi("value-status-active")),
    ] {
        assert!(dat.contains(&line), "{line}: {dat}");
    }
    page.link(&format!("/accounts/{}", known.member_id));
    for (line, other) in [(3, 4), (4, 3)] {
        let twin = row(&page, line);
        let other = other.to_string();
        assert!(twin.contains(&vi1("compare-other-rows", "lines", other.as_str())), "{twin}");
        assert!(twin.contains(&vi1("compare-row", "line", other)) && twin.contains("≠"), "{twin}");
        assert!(!twin.contains(&vi("plan-decide-same")) && !twin.contains(&school), "{twin}");
    }
    let page = page.hides(&["079211001234"]);
    assert!(row(&page, 2).contains(&vi("plan-decide-same")));

    manager.post(&format!("{plan}/rows/2"), &[("decision", "same")]).await.expect(303);
    manager.post(&format!("{plan}/rows/4"), &[("decision", "drop")]).await.expect(303);
    let page = manager.get(&plan).await.expect(200);
    assert!(row(&page, 2).contains(&vi("outcome-update")), "{}", row(&page, 2));
    assert!(row(&page, 3).contains(&vi("outcome-create")), "{}", row(&page, 3));
    page.hides(&["≠"]);
}

#[tokio::test]
async fn rows_are_found_by_names_without_marks_and_by_their_lines() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let mut digits = DAT;
    digits[0] = "Nguyễn Đạt 2";
    let plan = plan(&test, &manager, &cast, &[AN, BINH, CUC, DAT, digits]).await;
    let found = async |query: &str| {
        let page = manager.get(&format!("{plan}?{query}")).await.expect(200);
        (2..=6).filter(|line| page.html().contains(&format!("id=\"row-{line}\""))).collect::<Vec<u32>>()
    };
    assert_eq!(found("q=nguyen+van+dat").await, [5]);
    assert_eq!(
        found("q=%C4%90%E1%BA%A0T+nguy").await,
        [5, 6],
        "words in any order, whatever their case; wrong names too"
    );
    assert_eq!(found("q=thi").await, [3, 4]);
    assert_eq!(found("q=hi").await, [] as [u32; 0], "a word is found by its beginning");
    assert_eq!(found("q=4").await, [4]);
    assert_eq!(found("q=thi&outcome=create").await, [] as [u32; 0]);
    assert_eq!(found("q=%25&outcome=create").await, [5], "nothing to look for");
    let nothing = manager.get(&format!("{plan}?q=%3Cb%3Exyz")).await.expect(200);
    nothing.shows(&[&vi1("plan-find-nothing", "q", "<b>xyz")]);

    // The search stays with the tiles and with what is mended, and a mended name is found anew.
    let page = manager.get(&format!("{plan}?outcome=error&q=thi+cuc")).await.expect(200);
    assert_eq!(page.link("outcome=create"), format!("{plan}?outcome=create&q=thi+cuc"));
    assert_eq!(page.input("back"), "outcome=error&q=thi+cuc");
    let mend = [("full_name", "Đỗ Thị Mận"), ("back", "outcome=error&q=thi+cuc&x=//evil.example")];
    let to = manager.post(&format!("{plan}/rows/4"), &mend).await.location();
    assert_eq!(to, format!("{plan}?outcome=error&q=thi+cuc&done=row-error&n=4#row-4"));
    assert_eq!(found("q=cuc").await, [] as [u32; 0]);
    assert_eq!(found("q=do+thi+man").await, [4]);
}
