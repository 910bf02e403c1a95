//! Candidates who are added late or withdraw, also in classes whose marks are published; and random sequences of actions.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use schoolgate::{
    access::{Actor, Scope},
    exams::{marks::Mark, own},
    ids::MemberId,
    roster::membership,
    schools::directory,
};
use uuid::Uuid;

use crate::support::exams::{World, numbers_of, seats_of};
use crate::support::say::{vi, vi1};
use crate::support::{Client, Person, Someone};

impl World {
    /// A pupil who comes to a class now, and is made a candidate.
    async fn comes_late(&self, name: &str, class: &str) -> Person {
        let class = self.one(&format!("SELECT id FROM classes WHERE name = '{class}'")).await;
        let person = self.school.add(&self.test, Someone::pupil(name, class.into())).await;
        self.test.clock.advance(Duration::seconds(10));
        self.exam.post("/candidates", &[("classes", "all")]).await;
        person
    }

    async fn seat_late(&self) {
        self.test.clock.advance(Duration::seconds(10));
        self.exam.post("/numbers", &[("order", "name"), ("width", "3")]).await;
        self.exam.post("/seating", &[("late", "on")]).await;
    }
}

#[tokio::test]
async fn late_and_withdrawn_candidates_are_listed() {
    let world = World::new("1").await;
    world.comes_late("Ân Văn Muộn", "10A1").await;
    world.exam.get("/candidates?state=late").await.shows(&["Ân Văn Muộn", &vi("exam-late"), &vi("exam-unnumbered")]);
    world.seat_late().await;
    let numbers = numbers_of(&mut world.test.admin().await, world.exam.id).await;
    assert_eq!(numbers.last().unwrap(), &("013".to_owned(), "Ân Văn Muộn".to_owned()), "behind all others");
    let gone = world.candidate(&world.test, 2).await;
    world.exam.post(&format!("/candidates/{gone}"), &[("withdrawn", "on")]).await;
    let page = world.exam.get("/candidates?state=withdrawn").await;
    page.shows(&[&world.pupils[2].name, &vi1("exam-candidates-n", "count", 1)]).hides(&["Ân Văn Muộn"]);
    world.exam.get("/statistics").await.shows(&[&vi1("exam-late-n", "count", 1), &vi1("exam-withdrawn-n", "count", 1)]);
    // The next late candidate gets the free seat; the number is not given again.
    world.comes_late("Bạch Thị Muộn", "10A2").await;
    world.seat_late().await;
    let mut admin = world.test.admin().await;
    let last = numbers_of(&mut admin, world.exam.id).await.pop().unwrap();
    assert_eq!(last, ("014".to_owned(), "Bạch Thị Muộn".to_owned()));
    assert_eq!(seats_of(&mut admin, world.exam.id).await.len(), 13);
}

#[tokio::test]
async fn a_late_candidate_of_a_published_class_gets_marks_by_correction() {
    let world = World::new("1").await;
    let client = &world.exam.client;
    world.type_all(client, &(1..=12).map(|n| format!("{n:03}")).collect::<Vec<_>>(), "7").await;
    world.exam.get("/publication").await.hides(&[&vi("exam-published-missing")]);
    world.exam.post("/publication", &[("classes", "all")]).await;
    let late = world.comes_late("Ngô Thị Muộn", "10A1").await;
    world.seat_late().await;
    let said = ["10A1", &vi("exam-published-missing"), &vi1("exam-marks-lacking", "count", 1)];
    for page in ["/candidates", "/publication"] {
        world.exam.get(page).await.shows(&said);
    }
    // Neither silently published nor silently left out: the column does not take it, and says how it is entered.
    let typed = client.post(&world.marks(), &[("mark_013", "8")]).await.expect(422);
    typed.shows(&[&vi("fault-exam-mark-published")]);
    let own = world.school.path("/my-exams");
    let pupil = world.test.signed_in(&late).await;
    pupil.get(&own).await.expect(200).shows(&[&vi("exam-own-no-mark")]);
    let correction =
        [("number", "013"), ("paper", world.paper.as_str()), ("mark", "8"), ("reason", "Thi bù"), ("appeal", "")];
    world.exam.post("/appeals", &correction).await;
    pupil.get(&own).await.expect(200).shows(&["8: Thi bù"]).hides(&[&vi("exam-own-no-mark")]);
    world.exam.get("/publication").await.hides(&[&vi("exam-published-missing")]);
    assert_eq!(world.count("SELECT count(*) FROM audit_events WHERE detail ->> 'what' = 'correction'").await, 1);
    // A paper added for a published class would be marked while its results are visible.
    let paper = [("subject", "Sử"), ("date", "2026-12-20"), ("begins", "7:30"), ("minutes", "45")];
    world.exam.refused("/papers", &paper, &["Đã công bố điểm của 10A1, 10A2"]).await;
    assert_eq!(world.count("SELECT count(*) FROM exam_papers").await, 1);
}

/// A random sequence of actions on an exam, by a seed, with the state that is expected.
struct Walk<'a> {
    world: &'a World,
    client: &'a Client,
    lots: u64,
    /// The mark that counts, by candidate, in hundredths.
    marks: BTreeMap<Uuid, i16>,
    /// From when each class is published.
    published: HashMap<Uuid, DateTime<Utc>>,
    numbers: HashMap<Uuid, String>,
    late: usize,
    publications: usize,
}

/// A candidate as the database has them.
#[derive(Clone, sqlx::FromRow)]
struct Row {
    id: Uuid,
    member_id: Uuid,
    class_id: Uuid,
    number: Option<String>,
    key: Option<String>,
    is_withdrawn: bool,
}

impl Walk<'_> {
    /// A number below `below`.
    fn draw(&mut self, below: usize) -> usize {
        self.lots ^= self.lots << 13;
        self.lots ^= self.lots >> 7;
        self.lots ^= self.lots << 17;
        usize::try_from(self.lots % u64::try_from(below).unwrap()).unwrap()
    }

    async fn candidates(&self) -> Vec<Row> {
        sqlx::query_as(
            "SELECT n.id, n.member_id, n.class_id, n.number, n.withdrawn_at IS NOT NULL AS is_withdrawn,
                 CASE WHEN p.cut_at IS NULL THEN n.number ELSE c.code END AS key
             FROM exam_candidates n CROSS JOIN exam_papers p LEFT JOIN exam_codes c ON c.candidate_id = n.id
             ORDER BY n.serial, n.id",
        )
        .fetch_all(&mut self.world.test.admin().await)
        .await
        .unwrap()
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.test.clock.now()
    }

    fn is_published(&self, class: Uuid) -> bool {
        self.published.get(&class).is_some_and(|at| *at <= self.now())
    }

    async fn post(&self, rest: &str, form: &[(&str, &str)]) -> bool {
        self.client.post(&format!("{}{rest}", self.world.exam.path), form).await.status.is_redirection()
    }

    /// Types marks of a class: some of them, or all that are missing.
    async fn type_marks(&mut self) {
        let candidates = self.candidates().await;
        let class = candidates[self.draw(candidates.len())].class_id;
        let some = self.draw(3);
        let mut form = Vec::new();
        let mut typed = Vec::new();
        for each in candidates.iter().filter(|each| each.class_id == class && !each.is_withdrawn) {
            let Some(key) = each.key.clone() else { continue };
            if some == 0 && self.draw(2) == 0 {
                continue;
            }
            let mark = i16::try_from(self.draw(41)).unwrap() * 25;
            form.push((format!("mark_{key}"), Mark::Points(mark).typed()));
            typed.push((each.id, mark));
        }
        let form: Vec<(&str, &str)> = form.iter().map(|(name, mark)| (name.as_str(), mark.as_str())).collect();
        if form.is_empty() {
            return;
        }
        let is_taken = self.client.post(&self.world.marks(), &form).await.status.is_redirection();
        assert!(is_taken || self.is_published(class), "typed marks are taken until they are published");
        if !self.is_published(class) {
            self.marks.extend(typed);
        }
    }

    async fn publish(&mut self) {
        let candidates = self.candidates().await;
        let class = candidates[self.draw(candidates.len())].class_id;
        let in_minutes = [0, 20, 40][self.draw(3)];
        let at = self.now() + Duration::minutes(in_minutes);
        let is_whole = candidates
            .iter()
            .filter(|each| each.class_id == class && !each.is_withdrawn)
            .all(|each| self.marks.contains_key(&each.id));
        let form = [("classes", class.to_string()), ("at", at.to_rfc3339())];
        let was = self.is_published(class);
        let is_done = self.post("/publication", &[("classes", form[0].1.as_str()), ("at", form[1].1.as_str())]).await;
        assert_eq!(is_done, is_whole && !was, "published where no mark is missing, and once");
        if is_done {
            self.publications += 1;
            self.published.insert(class, at);
        }
    }

    async fn come_late(&mut self) {
        self.late += 1;
        let class = ["10A1", "10A2"][self.draw(2)];
        self.world.comes_late(&format!("Lê Văn Muộn {}", self.late), class).await;
        self.withhold().await;
        self.world.seat_late().await;
    }

    async fn withdraw(&mut self) {
        let candidates = self.candidates().await;
        let chosen = candidates[self.draw(candidates.len())].clone();
        let form: &[(&str, &str)] = if chosen.is_withdrawn { &[] } else { &[("withdrawn", "on")] };
        let is_done = self.post(&format!("/candidates/{}", chosen.id), form).await;
        let has_mark = self.marks.contains_key(&chosen.id);
        assert_eq!(is_done, chosen.is_withdrawn || !has_mark, "a mark is not thrown away");
        self.withhold().await;
        self.world.seat_late_if_needed().await;
    }

    /// What is planned for later does not stand where a mark is missing.
    async fn withhold(&mut self) {
        let candidates = self.candidates().await;
        let now = self.now();
        let lacking = |class: &Uuid| {
            candidates
                .iter()
                .any(|each| each.class_id == *class && !each.is_withdrawn && !self.marks.contains_key(&each.id))
        };
        let kept = |(class, at): (&Uuid, &DateTime<Utc>)| (*at <= now || !lacking(class)).then_some((*class, *at));
        self.published = self.published.iter().filter_map(kept).collect();
    }

    async fn correct(&mut self) {
        let candidates = self.candidates().await;
        let chosen = candidates[self.draw(candidates.len())].clone();
        let Some(number) = chosen.number.filter(|_| !chosen.is_withdrawn) else { return };
        let mark = i16::try_from(self.draw(41)).unwrap() * 25;
        let typed = Mark::Points(mark).typed();
        let form = [
            ("number", number.as_str()),
            ("paper", self.world.paper.as_str()),
            ("mark", typed.as_str()),
            ("reason", "Phúc khảo"),
            ("appeal", "on"),
        ];
        let is_done = self.post("/appeals", &form).await;
        assert_eq!(is_done, self.is_published(chosen.class_id));
        if is_done {
            self.marks.insert(chosen.id, mark);
        }
    }

    async fn cut(&mut self) {
        let seed = self.draw(100).to_string();
        let address = format!("/papers/{}/phach", self.world.paper);
        self.post(&address, &[("seed", &seed), ("bag", "5")]).await;
    }

    /// What must hold after each act.
    async fn check(&mut self) {
        let candidates = self.candidates().await;
        for each in &candidates {
            if let Some(number) = &each.number {
                let before = self.numbers.entry(each.id).or_insert_with(|| number.clone());
                assert_eq!(before, number, "a number stays");
            }
        }
        let world = self.world;
        let sat = i64::try_from(candidates.iter().filter(|each| !each.is_withdrawn).count()).unwrap();
        let wrong = world
            .count(&format!(
                "SELECT count(*) FROM (
                     SELECT count(DISTINCT number) <> count(number) FROM exam_candidates
                     UNION ALL SELECT count(*) <> {sat} OR count(DISTINCT candidate_id) <> {sat} FROM exam_seats
                     UNION ALL SELECT count(DISTINCT (room_id, seat)) <> count(*) FROM exam_seats
                     UNION ALL SELECT bool_or(s.seat > r.most) FROM exam_seats s JOIN exam_rooms r ON r.id = s.room_id
                     UNION ALL SELECT count(DISTINCT code) <> count(*) OR count(DISTINCT candidate_id) <> count(*)
                         FROM exam_codes
                 ) AS held (is_wrong) WHERE is_wrong"
            ))
            .await;
        assert_eq!(wrong, 0, "numbers, seats and codes are one to one");
        let stored: Vec<(Uuid, i16)> = sqlx::query_as(
            "SELECT DISTINCT ON (candidate_id) candidate_id, value FROM exam_marks ORDER BY candidate_id, entry DESC",
        )
        .fetch_all(&mut world.test.admin().await)
        .await
        .unwrap();
        assert_eq!(stored.into_iter().collect::<BTreeMap<_, _>>(), self.marks, "no mark is lost");
        for each in candidates.iter().filter(|each| !each.is_withdrawn) {
            let expected = self.marks.get(&each.id).filter(|_| self.is_published(each.class_id));
            assert_eq!(self.seen(each.member_id.into()).await, expected.copied(), "seen when it is published");
        }
    }

    /// The mark that a pupil sees of their own.
    async fn seen(&self, member_id: MemberId) -> Option<i16> {
        let test = &self.world.test;
        let school_id = self.world.school.id();
        let system =
            Scope::system(directory::by_id(&mut test.db.pool().acquire().await.unwrap(), school_id).await.unwrap());
        let mut tx = test.db.begin_in(school_id).await.unwrap();
        let member = membership::actor(&system, &mut tx, member_id).await.unwrap().unwrap();
        let scope = Scope { actor: Actor::Member(member), ..system };
        let exams = own::exams(&scope, &mut tx, self.now()).await.unwrap();
        tx.commit().await.unwrap();
        exams[0].papers[0].mark.and_then(Mark::hundredths)
    }
}

impl World {
    /// Seats those who have none, where there are any.
    async fn seat_late_if_needed(&self) {
        let lacking = "SELECT count(*) FROM exam_candidates n WHERE withdrawn_at IS NULL
            AND NOT EXISTS (SELECT FROM exam_seats s WHERE s.candidate_id = n.id)";
        if self.count(lacking).await > 0 {
            self.test.clock.advance(Duration::seconds(10));
            self.exam.post("/seating", &[("late", "on")]).await;
        }
    }
}

#[tokio::test]
async fn in_any_order_of_actions_no_mark_is_lost_or_seen_early() {
    let mut publications = 0;
    for seed in [11, 2_026, 90_125] {
        let world = World::new("1").await;
        let mut walk = Walk {
            world: &world,
            client: &world.exam.client,
            lots: seed,
            marks: BTreeMap::new(),
            published: HashMap::new(),
            numbers: HashMap::new(),
            late: 0,
            publications: 0,
        };
        for _ in 0..30 {
            match walk.draw(10) {
                0..=2 => walk.type_marks().await,
                3 | 4 => walk.publish().await,
                5 => walk.come_late().await,
                6 => walk.withdraw().await,
                7 => walk.correct().await,
                8 => walk.cut().await,
                _ => world.test.clock.advance(Duration::minutes(12)),
            }
            world.test.clock.advance(Duration::seconds(10));
            walk.check().await;
        }
        publications += walk.publications;
    }
    assert!(publications > 0, "nothing was ever published");
}
