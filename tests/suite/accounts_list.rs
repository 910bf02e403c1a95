//! `/schools/{code}/accounts` as a list: orders, pages both ways, filters with their counts, and how the database goes
//! about it in a school of a hundred thousand.

use schoolgate::{
    access::Role,
    ids::{ClassId, MemberId},
    roster::{
        fields::Field,
        model::{MemberFilter, PAGE, PageCursor, SortColumn, SortOrder, Status, StatusFilter},
        store,
    },
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::people::School;
use crate::support::say::{vi, vi1};
use crate::support::{Someone, TestApp, crowd};

fn orders() -> Vec<SortOrder> {
    SortColumn::ALL
        .into_iter()
        .flat_map(|column| [false, true].map(|is_descending| SortOrder { column, is_descending }))
        .collect()
}

/// Everybody of a list, page by page: from the first on, or from the last back.
async fn walked(
    test: &TestApp,
    school: &School,
    filter: &MemberFilter,
    order: SortOrder,
    from: PageCursor,
) -> Vec<MemberId> {
    let mut tx = test.db.begin_in(school.id()).await.unwrap();
    let (mut seen, mut turn) = (Vec::new(), from);
    loop {
        let page = store::list(&school.scope, &mut tx, school.year_id, filter, order, turn).await.unwrap();
        let ids: Vec<MemberId> = page.rows.iter().map(|row| row.id).collect();
        if from == PageCursor::First {
            seen.extend(ids);
            let Some(next) = page.next else { return seen };
            turn = PageCursor::After(next);
        } else {
            seen.splice(0..0, ids);
            let Some(previous) = page.previous else { return seen };
            turn = PageCursor::Before(previous);
        }
    }
}

/// The same people by a statement that knows nothing of pages.
async fn sorted(admin: &mut PgConnection, school: &School, condition: &str, order: SortOrder) -> Vec<MemberId> {
    let direction = if order.is_descending { " DESC" } else { "" };
    let keys: &[&str] = match order.column {
        SortColumn::Name => &["given_name", "family_name", "middle_name", "id"],
        SortColumn::Class => &["sort_key", "given_name", "family_name", "middle_name", "id"],
        SortColumn::BirthDate => &["birth_date", "id"],
        SortColumn::LastSignedIn => &["coalesce(last_signed_in_at, '-infinity')", "id"],
    };
    let by = keys.join(&format!("{direction}, "));
    let statement = format!(
        "SELECT m.id FROM (SELECT m.*, c.sort_key FROM members m
             LEFT JOIN enrolments e ON e.member_id = m.id AND e.ended_at IS NULL
             LEFT JOIN classes c ON c.id = e.class_id) m
         WHERE school_id = '{}' AND role = 'student' AND {condition} ORDER BY {by}{direction}",
        school.id()
    );
    sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(admin).await.unwrap()
}

#[tokio::test]
async fn every_order_works_both_ways_and_leaves_no_member_out() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let mut classes = Vec::new();
    for name in ["10A2", "10A10", "11A1"] {
        classes.push(school.class(&test, name).await);
    }
    let given = ["An", "Bé", "Đạt", "Vy"];
    let pupil = |number: usize| {
        let name = format!("{} Văn {}", ["Lê", "Trần"][number % 2], given[number % 4]);
        let pupil = Someone::pupil(&name, classes[number % 3]);
        let pupil = if number.is_multiple_of(9) { pupil.without_class() } else { pupil };
        let pupil = if number.is_multiple_of(5) { pupil.new_here() } else { pupil };
        match number % 11 {
            0 => pupil,
            day => pupil.value(Field::BirthDate, &format!("2011-11-{day:02}")),
        }
    };
    let pupils: Vec<Someone> = (0..170).map(pupil).collect();
    let people = school.add_all(&test, &pupils).await;
    let mut admin = test.admin().await;
    let signed_in: Vec<MemberId> = people.iter().skip(3).step_by(5).map(|person| person.member_id).collect();
    sqlx::query(
        "UPDATE members SET first_signed_in_at = '2026-09-01', last_signed_in_at = TIMESTAMPTZ '2026-09-01'
             + (extract(day FROM coalesce(birth_date, '2011-11-20'))::int % 4) * INTERVAL '1 hour' WHERE id = ANY($1)",
    )
    .bind(&signed_in)
    .execute(&mut admin)
    .await
    .unwrap();
    sqlx::query("UPDATE members SET status = 'suspended' WHERE id = ANY($1)")
        .bind(people.iter().step_by(2).map(|person| person.member_id).collect::<Vec<_>>())
        .execute(&mut admin)
        .await
        .unwrap();

    let everybody = MemberFilter::of_role(Role::Student);
    let narrowed = |narrowing| MemberFilter { narrowing: Some(narrowing), ..everybody.clone() };
    let lists = [
        (everybody.clone(), "status <> 'left'"),
        (everybody.clone().searching("tran"), "family_name = 'trần'"),
        (narrowed(StatusFilter::Status(Status::Suspended)), "status = 'suspended'"),
        (narrowed(StatusFilter::NeverSignedIn), "status = 'active' AND first_signed_in_at IS NULL"),
    ];
    for order in orders() {
        for (filter, condition) in &lists {
            let order = order.of(filter);
            let condition = condition.replace("family_name = 'trần'", "full_name LIKE 'Trần%'");
            let expected = sorted(&mut admin, &school, &condition, order).await;
            assert!(expected.len() > PAGE, "{condition} is turned");
            let what = format!("{} of {condition}", order.key());
            assert_eq!(walked(&test, &school, filter, order, PageCursor::First).await, expected, "{what}, forwards");
            assert_eq!(walked(&test, &school, filter, order, PageCursor::Last).await, expected, "{what}, backwards");
        }
    }
}

#[tokio::test]
async fn pages_are_linked_both_ways_and_keep_what_was_asked_for() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    let class_id = school.class(&test, "10A1").await;
    let pupils: Vec<Someone> =
        (0..120).map(|number| Someone::pupil(&format!("Lê Văn Bé{number:03}"), class_id)).collect();
    school.add_all(&test, &pupils).await;
    let manager = school.add(&test, Someone::manager("Mai Văn Quản")).await;
    let manager = test.signed_in(&manager).await;
    let list = school.path("/accounts");
    let first = manager.get(&format!("{list}?role=student&q=le&sort=-name")).await.expect(200);
    let first = first.shows(&["Bé119", &vi("accounts-next"), &vi("accounts-last-page")]);
    let first = first.hides(&[vi("accounts-previous"), vi("accounts-first-page"), "Bé069".to_owned()]);
    let to = |link: &str| format!("{list}{link}");
    let second = manager.get(&to(&first.link("after="))).await.expect(200).shows(&["Bé069", "Bé020"]);
    let back = manager.get(&to(&second.link("before=0"))).await.expect(200).shows(&["Bé119", "Bé070"]);
    assert!(!back.html().contains("rel=\"prev\""), "the first page again");
    let last = manager.get(&to(&first.link("before=end"))).await.expect(200).shows(&["Bé000", "Bé049"]);
    let last = last.hides(&["Bé050".to_owned()]);
    assert!(!last.html().contains("rel=\"next\""), "nothing stands behind the last page");
    let gone = format!("{list}?role=student&after={}", MemberId::nil());
    manager.get(&gone).await.expect(200).shows(&["Bé000"]);
    // The other way round at the next click, and whichever column one likes.
    let sorted = manager.get(&to(&first.link("sort=name"))).await.expect(200).shows(&["Bé000"]);
    assert!(sorted.html().contains("aria-sort=\"ascending\""));
    sorted.link("sort=birth_date");
    sorted.link("sort=class");
    sorted.link("sort=-last_signed_in");
}

#[tokio::test]
async fn a_search_says_in_which_other_lists_there_are_matches() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let list = async |query: &str| manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let page = list("q=giang").await.shows(&[&vi("accounts-none-here-student"), &vi("accounts-elsewhere")]);
    let there = page.links().into_iter().rfind(|link| link.contains("q=giang") && link.contains("role=teacher"));
    let page = list(there.unwrap().trim_start_matches('?')).await;
    page.shows(&[&cast.teacher.name]);
    list("q=khongcoai")
        .await
        .shows(&[&vi("accounts-none-found"), &vi("accounts-clear")])
        .hides(&[vi("accounts-elsewhere")]);
    list("q=oanh&role=student").await.shows(&[&vi("accounts-elsewhere")]);
}

#[tokio::test]
async fn filters_say_how_many_they_leave() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    let manager = test.signed_in(&cast.manager).await;
    let list = async |query: &str| manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let page = list("role=student").await;
    let page =
        page.shows(&[&format!("{} (2)", vi("accounts-all-statuses")), &format!("{} (1)", vi("narrowing-slips"))]);
    page.shows(&[&format!("{} (2)", vi("narrowing-never"))]);
    list("role=teacher").await.shows(&[&format!("{} (1)", vi("narrowing-suspended"))]);
    // Of a search the counters know nothing.
    list("role=student&q=hoc").await.hides(&[format!("{} (", vi("narrowing-slips"))]);
}

#[tokio::test]
async fn where_classes_are_many_their_name_is_typed() {
    let test = TestApp::new().await;
    let cast = test.cast("79000001").await;
    for number in 1..=130 {
        cast.school.class(&test, &format!("11A{number}")).await;
    }
    let pupil = Someone::pupil("Lê Văn Tý", cast.school.class(&test, "12A1").await);
    let pupil = cast.school.add(&test, pupil).await;
    let manager = test.signed_in(&cast.manager).await;
    let list = async |query: &str| manager.get(&cast.school.path(&format!("/accounts?{query}"))).await.expect(200);
    let page = list("role=student").await.shows(&[&cast.pupil.name, &pupil.name]);
    assert!(!page.html().contains("11A77"), "nobody chooses among a hundred");
    let page =
        list("role=student&class=lop+12a1").await.shows(&[&pupil.name, &vi1("accounts-print-class", "class", "12A1")]);
    page.hides(&[&cast.pupil.name]);
    list("role=student&class=12A9").await.shows(&[&vi1("accounts-no-class", "class", "12A9")]).hides(&[&pupil.name]);
    let ids = pupil.member_id.to_string();
    let bulk = cast.school.path("/accounts/bulk?role=student");
    let moved = manager.post(&bulk, &[("ids", &ids), ("action", "move"), ("class", "11 a 77")]).await.location();
    manager.get(&moved).await.expect(200).shows(&[&vi1("done-bulk-move", "n", 1)]);
    list("role=student&class=11A77").await.shows(&[&pupil.name]);
    let lost = manager.post(&bulk, &[("ids", &ids), ("action", "move"), ("class", "13A1")]).await.location();
    manager.get(&lost).await.expect(200).shows(&[&vi("done-bulk-no-class")]);
}

/// The people of a word, with their other words.
const GATHERED_WORDS: &str = "Index Only Scan using member_words_pkey on member_words w";

/// Whether the plan walks through the order of names and sees no more of those that it passes.
fn reads_words_off_the_index(plan: &str) -> bool {
    ["", " Backward"].iter().any(|way| plan.contains(&format!("Index Only Scan{way} using members_by_name")))
}

/// The number of rows that this transaction has looked at so far in the tables of people.
async fn rows_read(tx: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "SELECT sum(seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_xact_user_tables
         WHERE relname IN ('members', 'member_words', 'enrolments', 'classes')",
    )
    .fetch_one(tx)
    .await
    .unwrap()
}

/// A page of a list of ninety thousand is found on an index and looks at no more than its rows; a search or a filter that
/// leaves few looks at those few. As the program's role, under row-level security, with two hundred schools beside it.
#[tokio::test]
async fn a_page_is_found_on_an_index_among_a_hundred_thousand() {
    let test = TestApp::new().await;
    let school = test.school("79000001").await;
    crowd::crowd(&test, &school, 100_000, 2_500).await;
    let everybody = MemberFilter::of_role(Role::Student);
    let narrowed = |narrowing| MemberFilter { narrowing: Some(narrowing), ..everybody.clone() };
    let searching = |typed: &str| everybody.clone().searching(typed);
    let mut admin = test.admin().await;
    let class_id: ClassId = sqlx::query_scalar("SELECT class_id FROM enrolments WHERE school_id = $1 LIMIT 1")
        .bind(school.id())
        .fetch_one(&mut admin)
        .await
        .unwrap();
    // With how many rows a page may look at: walked to, or gathered from.
    let page = 12 * PAGE as i64;
    let gathered = 6 * 5_000;
    let mut lists = vec![("everybody".to_owned(), everybody.clone(), page)];
    for narrowing in StatusFilter::OFFERED {
        lists.push((narrowing.key().to_owned(), narrowed(narrowing), page));
    }
    lists.push(("a class".to_owned(), MemberFilter::of_class(class_id), page));
    lists.push(("two words".to_owned(), searching("tran yen"), gathered));
    lists.push((
        "two words, one of them in a class".to_owned(),
        MemberFilter { class_id: Some(class_id), ..searching("an ng") },
        page,
    ));
    lists.push(("two common words".to_owned(), searching("nguyen thi"), gathered));
    // Who have them all are few; those who have one of them are read off the index of words.
    lists.push(("two common words that nobody has together".to_owned(), searching("van thi"), page));
    lists.push(("a whole name".to_owned(), searching("nguyen thi anh u2"), gathered));
    lists.push(("a login".to_owned(), searching("u77777"), page));
    lists.push(("nobody".to_owned(), searching("khong ai"), page));

    let mut faults = Vec::new();
    for (name, filter, most) in lists {
        for order in orders().into_iter().map(|order| order.of(&filter)) {
            // A person who is narrowed down is gathered, or walked to, in the other orders.
            let is_by_name = order.column == SortColumn::Name;
            let most = if filter.narrowing.is_some() && !is_by_name { most.max(gathered) } else { most };
            let mut tx = test.db.begin_in(school.id()).await.unwrap();
            let first =
                store::list(&school.scope, &mut tx, school.year_id, &filter, order, PageCursor::First).await.unwrap();
            tx.rollback().await.unwrap();
            let mut turns = vec![PageCursor::First, PageCursor::Last];
            turns.extend(first.next.map(PageCursor::After));
            for turn in turns {
                // In the order of classes the last are those in none, and nothing leads to them but everybody.
                let is_unplaced = order.column == SortColumn::Class
                    && order.is_descending != (turn == PageCursor::Last)
                    && filter.class_id.is_none();
                let what = format!("{name} by {}, {turn:?}", order.key());
                for mode in ["auto", "force_generic_plan"] {
                    let mut tx = test.db.begin_in(school.id()).await.unwrap();
                    let mode = format!("SET LOCAL plan_cache_mode = {mode}");
                    sqlx::query(AssertSqlSafe(mode.clone())).execute(&mut *tx).await.unwrap();
                    let before = rows_read(&mut tx).await;
                    store::list(&school.scope, &mut tx, school.year_id, &filter, order, turn).await.unwrap();
                    let read = rows_read(&mut tx).await - before;
                    let plan =
                        store::plans(&school.scope, &mut tx, school.year_id, &filter, order, turn).await.unwrap();
                    let plan = plan.join("\n");
                    if read > most && !is_unplaced {
                        faults.push(format!("{what} looks at {read} rows ({mode}):\n{plan}"));
                    }
                    if name == "two common words" && is_by_name && !reads_words_off_the_index(&plan) {
                        faults.push(format!("{what} goes past the words in the index:\n{plan}"));
                    }
                    if name.starts_with("two common words that") && !plan.contains(GATHERED_WORDS) {
                        faults.push(format!("{what} fetches people for their words:\n{plan}"));
                    }
                    if plan.contains("Seq Scan") {
                        faults.push(format!("{what}:\n{plan}"));
                    }
                    tx.rollback().await.unwrap();
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
