//! Exams that tests stand on: made through the pages, as those who run them make them.

use std::collections::BTreeMap;

use schoolgate::{access::Grant, roster::fields::Field};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::people::School;
use super::{Cast, Client, Page, Person, Someone, TestApp, html};

/// The things of an exam that an address can name.
#[derive(Clone, Copy, Debug)]
pub struct ExamThings {
    pub school: Uuid,
    pub exam: Uuid,
    pub paper: Uuid,
    pub room: Uuid,
    pub candidate: Uuid,
}

impl ExamThings {
    /// An exam of the cast's class with a paper, a room and its pupils as candidates.
    pub async fn of(test: &TestApp, cast: &Cast) -> Self {
        let client = test.signed_in(&cast.exams).await;
        let exam = Exam::made(&cast.school, client, &[("grades", "10")]).await;
        exam.paper("Toán", "2026-12-14", "7:30").await;
        exam.post("/rooms", &[("name", "P1"), ("seats", "24")]).await;
        exam.post("/candidates", &[("classes", "all")]).await;
        exam.post("/numbers", &[("prefix", ""), ("width", "4"), ("order", "name")]).await;
        let mut admin = test.admin().await;
        Self {
            school: cast.school.id().uuid(),
            exam: exam.id,
            paper: one(&mut admin, &format!("SELECT id FROM exam_papers WHERE exam_id = '{}'", exam.id)).await,
            room: one(&mut admin, &format!("SELECT id FROM exam_rooms WHERE exam_id = '{}'", exam.id)).await,
            candidate: one(
                &mut admin,
                &format!("SELECT id FROM exam_candidates WHERE exam_id = '{}' ORDER BY serial LIMIT 1", exam.id),
            )
            .await,
        }
    }

    /// Brings back the paper and the room, where they were removed.
    pub async fn put_back(&self, admin: &mut PgConnection) {
        let Self { school, exam, paper, room, .. } = self;
        for again in [
            format!(
                "INSERT INTO exam_papers (school_id, id, exam_id, subject, starts_at, minutes, ends_at)
                 VALUES ('{school}', '{paper}', '{exam}', 'Toán', '2026-12-14T00:30:00Z', 90, '2026-12-14T02:00:00Z')
                 ON CONFLICT DO NOTHING"
            ),
            format!(
                "INSERT INTO exam_rooms (school_id, id, exam_id, name, position, seats, most)
                 VALUES ('{school}', '{room}', '{exam}', 'P1', 1, 24, 28) ON CONFLICT DO NOTHING"
            ),
        ] {
            sqlx::query(AssertSqlSafe(again)).execute(&mut *admin).await.unwrap();
        }
    }
}

pub async fn one(admin: &mut PgConnection, query: &str) -> Uuid {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(admin).await.unwrap()
}

pub async fn count(admin: &mut PgConnection, query: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(admin).await.unwrap()
}

/// An exam as one who may run it drives it.
pub struct Exam {
    pub client: Client,
    pub id: Uuid,
    /// The address of the exam.
    pub path: String,
}

impl Exam {
    /// Made by the form.
    pub async fn made(school: &School, client: Client, who: &[(&str, &str)]) -> Self {
        let mut form = vec![("name", "Kiểm tra học kỳ I")];
        form.extend(who);
        let path = client.post(&school.path("/exams"), &form).await.location();
        let path = path.split('?').next().unwrap().to_owned();
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        Self { client, id, path }
    }

    /// Sends a form that is taken.
    pub async fn post(&self, rest: &str, form: &[(&str, &str)]) -> String {
        self.client.post(&format!("{}{rest}", self.path), form).await.location()
    }

    /// Sends a form that is refused, saying so.
    pub async fn refused(&self, rest: &str, form: &[(&str, &str)], words: &[&str]) -> Page {
        self.client.post(&format!("{}{rest}", self.path), form).await.expect(422).shows(words)
    }

    /// One of its pages, or files.
    pub async fn get(&self, rest: &str) -> Page {
        self.client.get(&format!("{}{rest}", self.path)).await.expect(200)
    }

    /// Takes in all candidates, numbers and seats them.
    pub async fn seat_all(&self) {
        self.post("/candidates", &[("classes", "all")]).await;
        self.post("/numbers", &[("order", "name"), ("width", "3")]).await;
        self.post("/seating", &[("seed", "1")]).await;
    }

    pub async fn paper(&self, subject: &str, date: &str, begins: &str) -> String {
        let form = [("subject", subject), ("date", date), ("begins", begins), ("minutes", "90")];
        self.post("/papers", &form).await
    }
}

/// A school of one grade with classes of so many pupils each, and one who runs exams.
pub async fn a_school(test: &TestApp, code: &str, classes: &[(&str, usize)]) -> (School, Person, Vec<Person>) {
    const FAMILY: [&str; 7] = ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Vũ"];
    const GIVEN: [&str; 9] = ["An", "Ánh", "Bình", "Chi", "Đạt", "Hằng", "Khải", "Quỳnh", "Yến"];
    let school = test.school(code).await;
    let mut people = vec![Someone::teacher("Lưu Thị Khảo").with(Grant::Exams)];
    for (at, (name, pupils)) in classes.iter().enumerate() {
        let class = school.class(test, name).await;
        people.extend((0..*pupils).map(|n| {
            let (family, given) = (FAMILY[(n + at) % FAMILY.len()], GIVEN[(n * 5 + at) % GIVEN.len()]);
            Someone::pupil(&format!("{family} Văn {given}"), class).value(Field::BirthDate, "2011-03-02")
        }));
    }
    let mut people = school.add_all(test, &people).await;
    let exams = people.remove(0);
    (school, exams, people)
}

pub async fn numbers_of(admin: &mut PgConnection, exam: Uuid) -> Vec<(String, String)> {
    let query = "SELECT number, full_name FROM exam_candidates n JOIN members m ON m.id = n.member_id
        WHERE exam_id = $1 AND number IS NOT NULL ORDER BY serial";
    sqlx::query_as(query).bind(exam).fetch_all(admin).await.unwrap()
}

/// Of each paper: room and seat, by number.
pub async fn seats_of(admin: &mut PgConnection, exam: Uuid) -> BTreeMap<(String, String), (String, i16)> {
    let query = "SELECT p.subject, n.number, r.name, s.seat FROM exam_seats s
        JOIN exam_papers p ON p.id = s.paper_id JOIN exam_rooms r ON r.id = s.room_id
        JOIN exam_candidates n ON n.id = s.candidate_id WHERE s.exam_id = $1";
    let rows: Vec<(String, String, String, i16)> = sqlx::query_as(query).bind(exam).fetch_all(admin).await.unwrap();
    rows.into_iter().map(|(paper, number, room, seat)| ((paper, number), (room, seat))).collect()
}

/// A seated exam with one paper, two teachers who mark it, and its pupils.
pub struct Setting {
    pub school: School,
    pub exam: Exam,
    pub paper: String,
    pub runner: Person,
    pub marker: Person,
    pub second: Person,
    pub pupils: Vec<Person>,
}

impl Setting {
    /// Of classes of so many pupils each; all in one room.
    pub async fn of(test: &TestApp, classes: &[(&str, usize)], entries: &str) -> Self {
        let (school, exams, pupils) = a_school(test, "79000001", classes).await;
        let teachers = ["Cao Thị Chấm", "Hà Văn Nhập"].map(Someone::teacher);
        let [marker, second]: [Person; 2] = school.add_all(test, &teachers).await.try_into().unwrap();
        let client = test.signed_in(&exams).await;
        let exam = Exam::made(&school, client, &[("grades", "10"), ("entries", entries)]).await;
        exam.paper("Toán", "2026-12-14", "7:30").await;
        exam.post("/rooms", &[("name", "P1"), ("seats", &pupils.len().max(24).to_string())]).await;
        exam.post("/candidates", &[("classes", "all")]).await;
        exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
        exam.post("/seating", &[("seed", "1")]).await;
        let paper: Uuid =
            sqlx::query_scalar("SELECT id FROM exam_papers").fetch_one(&mut test.admin().await).await.unwrap();
        let paper = paper.to_string();
        for (person, entry) in [(&marker, "1"), (&second, "2")] {
            let form = [
                ("account", person.member_id.to_string()),
                ("task", "marks".to_owned()),
                ("paper", paper.clone()),
                ("entry", entry.to_owned()),
            ];
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            exam.post("/helpers", &form).await;
        }
        Self { school, exam, paper, runner: exams, marker, second, pupils }
    }

    pub fn marks(&self) -> String {
        format!("{}/papers/{}/marks", self.exam.path, self.paper)
    }

    /// Cuts the paper; gives the codes in their order.
    pub async fn cut(&self, test: &TestApp) -> Vec<String> {
        self.exam.post(&format!("/papers/{}/phach", self.paper), &[("seed", "9"), ("bag", "4")]).await;
        let query = "SELECT code FROM exam_codes ORDER BY code";
        sqlx::query_scalar(query).fetch_all(&mut test.admin().await).await.unwrap()
    }

    pub async fn type_all(&self, client: &Client, codes: &[String], mark: &str) {
        let names: Vec<String> = codes.iter().map(|code| format!("mark_{code}")).collect();
        let form: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), mark)).collect();
        client.post(&self.marks(), &form).await.expect(303);
    }

    /// The candidate that a pupil is.
    pub async fn candidate(&self, test: &TestApp, pupil: usize) -> Uuid {
        sqlx::query_scalar("SELECT id FROM exam_candidates WHERE member_id = $1")
            .bind(self.pupils[pupil].member_id)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    }

    /// The code under which a pupil's paper is marked.
    pub async fn code(&self, test: &TestApp, pupil: usize) -> String {
        sqlx::query_scalar("SELECT code FROM exam_codes WHERE candidate_id = $1")
            .bind(self.candidate(test, pupil).await)
            .fetch_one(&mut test.admin().await)
            .await
            .unwrap()
    }
}

/// The setting of two classes of six, over the program of a test.
pub struct World {
    pub test: TestApp,
    pub setting: Setting,
}

impl std::ops::Deref for World {
    type Target = Setting;

    fn deref(&self) -> &Setting {
        &self.setting
    }
}

impl World {
    pub async fn new(entries: &str) -> Self {
        let test = TestApp::new().await;
        let setting = Setting::of(&test, &[("10A1", 6), ("10A2", 6)], entries).await;
        Self { test, setting }
    }

    pub async fn cut(&self) -> Vec<String> {
        self.setting.cut(&self.test).await
    }

    pub async fn count(&self, query: &str) -> i64 {
        count(&mut self.test.admin().await, query).await
    }

    /// The id that a query gives.
    pub async fn one(&self, query: &str) -> Uuid {
        one(&mut self.test.admin().await, query).await
    }
}

/// Runs a statement as the owner of the tables.
pub async fn run(test: &TestApp, statement: &str) {
    sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut test.admin().await).await.unwrap();
}

/// The hidden fields of a page's forms, as a browser sends them.
pub fn fields(page: &Page) -> Vec<(String, String)> {
    let html = page.html();
    let tags = html::tags(&html, "input").into_iter();
    let hidden = tags.filter(|tag| html::attribute(tag, "type").as_deref() == Some("hidden"));
    hidden.filter_map(|tag| Some((html::attribute(tag, "name")?, html::attribute(tag, "value")?))).collect()
}
