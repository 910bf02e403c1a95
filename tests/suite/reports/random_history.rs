//! A random history of a school: its pupils are created, leave, come back, move, are merged and sign in.

use std::collections::HashMap;

use chrono::Duration;
use rand::RngExt;
use schoolgate::{
    clock::Randomness,
    ids::{AccountId, ClassId, MemberId, PlanId},
    reports::daily,
    roster::fields::Field,
    schools::years,
};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::{Cast, Person, Someone, TestApp};

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36",
];

/// What may be wrong, or right again, with the rows of a person, a teacher, or a class.
const FLAWS: [&str; 14] = [
    "UPDATE members SET gender = NULL WHERE id = $1",
    "UPDATE members SET birth_date = NULL WHERE id = $1",
    "UPDATE members SET national_id = '079211012345' WHERE id = $1",
    "UPDATE members SET national_id = '999205012345' WHERE id = $1",
    "UPDATE members SET moet_id = '79-' || left(id::text, 8) WHERE id = $1",
    "UPDATE members SET temporary_until = '2026-09-01' WHERE id = $1",
    "UPDATE members SET slip_printed_at = '2026-09-07' WHERE id = $1 AND temporary_until IS NOT NULL",
    "UPDATE members SET email = NULL WHERE id = $2",
    "UPDATE members SET gender = 'female', birth_date = '1985-04-04' WHERE id = $2",
    "UPDATE classes SET homeroom_member_id = CASE WHEN homeroom_member_id IS NULL THEN $2 END WHERE id = $3",
    "INSERT INTO mails (id, account_id, letter, language, created_at, sent_at)
     SELECT gen_random_uuid(), account_id, '{}', 'vi', $4, $4 FROM memberships WHERE member_id = $1",
    "INSERT INTO mails (id, account_id, letter, language, created_at, refused_at)
     SELECT gen_random_uuid(), account_id, '{}', 'vi', $4, $4 FROM memberships WHERE member_id = $1",
    // The pupil was in a class of the year before.
    "INSERT INTO enrolments (school_id, school_year_id, member_id, class_id)
     SELECT c.school_id, c.school_year_id, $1, c.id FROM classes c JOIN school_years y ON y.id = c.school_year_id
     WHERE y.name = '2025-2026' ON CONFLICT DO NOTHING",
    // The pupil and the others of that name are two people each.
    "INSERT INTO told_apart (school_id, a, b, at)
     SELECT o.school_id, least(o.id, m.id), greatest(o.id, m.id), $4 FROM members m JOIN members o
         ON o.school_id = m.school_id AND o.full_name = m.full_name AND o.id <> m.id
     WHERE m.id = $1 ON CONFLICT DO NOTHING",
];

/// A class of the year before.
async fn of_last_year(test: &TestApp, cast: &Cast) {
    let mut tx = test.db.begin_in(cast.school.id()).await.unwrap();
    years::add(&cast.school.scope, test, &mut tx, "2025-2026".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    let class: ClassId = test.id();
    let insert = "INSERT INTO classes (school_id, id, school_year_id, name, sort_key, grade, created_at)
        SELECT $1, $2, id, '9A1', '9A1', '9', now() FROM school_years WHERE school_id = $1 AND name = '2025-2026'";
    sqlx::query(insert).bind(cast.school.id()).bind(class).execute(&mut test.admin().await).await.unwrap();
}

pub(super) struct History<'a> {
    pub(super) test: &'a TestApp,
    pub(super) cast: &'a Cast,
    classes: Vec<ClassId>,
    pupils: Vec<(MemberId, String)>,
    names: HashMap<MemberId, String>,
    dice: Randomness,
    /// Days are counted while they come. What a day counted stays, also when a person is gone afterwards.
    pub(super) has_worker: bool,
    pub(super) merged: usize,
}

impl<'a> History<'a> {
    pub(super) async fn begin(test: &'a TestApp, cast: &'a Cast, seed: u64, has_worker: bool) -> Self {
        let mut classes = vec![cast.class_id];
        for name in ["10A2", "11A1", "12 Chuyên Anh", "Lớp ghép"] {
            classes.push(cast.school.class(test, name).await);
        }
        of_last_year(test, cast).await;
        Self {
            test,
            cast,
            classes,
            pupils: Vec::new(),
            names: HashMap::new(),
            dice: Randomness::seeded(seed),
            has_worker,
            merged: 0,
        }
    }

    fn roll(&self, below: usize) -> usize {
        self.dice.with(|rng| rng.random_range(0..below))
    }

    /// One step, drawn at random.
    pub(super) async fn step(&mut self) {
        let someone = (!self.pupils.is_empty()).then(|| self.roll(self.pupils.len()));
        match (self.roll(20), someone) {
            (0..=5, _) | (_, None) => self.create().await,
            (6, Some(at)) => self.post(self.pupils[at].0, "leaving", &[]).await,
            (7, Some(at)) => self.post(self.pupils[at].0, "leaving", &[("undo", "on")]).await,
            (8, Some(at)) => self.move_into_a_class(at).await,
            (9, Some(at)) if !self.has_worker => {
                let (id, name) = self.pupils.swap_remove(at);
                self.post(id, "erasure", &[("confirmation", name.as_str())]).await;
            }
            (10, Some(at)) => {
                let undo: &[(&str, &str)] = if self.roll(2) == 0 { &[] } else { &[("undo", "on")] };
                self.post(self.pupils[at].0, "suspension", undo).await;
            }
            (11, Some(at)) => self.reset(at).await,
            (12, Some(at)) if !self.has_worker => self.merge(at).await,
            (13, _) if !self.has_worker => self.take_a_merge_back().await,
            (14..=16, Some(at)) => self.flaw(at).await,
            (_, Some(at)) => self.come_in(at).await,
        }
        self.test.clock.advance(Duration::hours(3));
        if self.has_worker && self.roll(4) == 0 {
            daily::write(&self.cast.school.scope, self.test, self.test.clock.now()).await.unwrap();
        }
    }

    async fn create(&mut self) {
        let name = ["Lê Văn An", "Trần Thị Bé", "Vũ Văn Đạt"][self.roll(3)];
        let mut pupil = Someone::pupil(name, self.classes[self.roll(self.classes.len())]);
        if self.roll(4) > 0 {
            let born = ["2011-03-02", "2011-03-03", "2005-01-01", "2016-07-07"][self.roll(4)];
            pupil = pupil.value(Field::BirthDate, born);
        }
        if self.roll(3) > 0 {
            pupil = pupil.value(Field::Gender, ["male", "female", "other"][self.roll(3)]);
        }
        if self.roll(2) == 0 {
            pupil = pupil.value(Field::MotherName, "Lê Thị Mẹ").value(Field::MotherBirthYear, "1983");
        }
        let pupil = if self.roll(3) == 0 { pupil.new_here() } else { pupil };
        let pupil = if self.roll(6) == 0 { pupil.without_class() } else { pupil };
        let id = self.cast.school.add(self.test, pupil).await.member_id;
        self.pupils.push((id, name.to_owned()));
        self.names.insert(id, name.to_owned());
    }

    /// As the owner, who may do all of it.
    async fn post(&self, id: MemberId, what: &str, form: &[(&str, &str)]) {
        let path = self.cast.school.path(&format!("/accounts/{id}/{what}"));
        self.test.signed_in(&self.cast.owner).await.post(&path, form).await.expect(303);
    }

    async fn move_into_a_class(&self, at: usize) {
        let (id, class) = (self.pupils[at].0.to_string(), self.classes[self.roll(self.classes.len())].to_string());
        let form = [("ids", id.as_str()), ("action", "move"), ("class", class.as_str())];
        let owner = self.test.signed_in(&self.cast.owner).await;
        owner.post(&self.cast.school.path("/accounts/bulk"), &form).await.expect(303);
    }

    async fn reset(&self, at: usize) {
        let id = self.pupils[at].0.to_string();
        let owner = self.test.signed_in(&self.cast.owner).await;
        let form = [("ids", id.as_str()), ("action", "password")];
        owner.post(&self.cast.school.path("/accounts/bulk"), &form).await.expect(303);
    }

    /// Of any two pupils, one stays.
    async fn merge(&mut self, at: usize) {
        let (kept, _) = self.pupils[at].clone();
        let gone = self.roll(self.pupils.len());
        if gone == at {
            return;
        }
        let (gone_id, _) = self.pupils[gone].clone();
        let path = self.cast.school.path(&format!("/duplicates/{kept}/{gone_id}/merge"));
        let owner = self.test.signed_in(&self.cast.owner).await;
        let keep = kept.to_string();
        // One may be refused.
        if owner.post(&path, &[("keep", keep.as_str())]).await.header("location").contains("done=merged") {
            self.pupils.swap_remove(gone);
            self.merged += 1;
        }
    }

    async fn take_a_merge_back(&mut self) {
        let last = "SELECT id, gone_id FROM merges WHERE undone_at IS NULL AND before IS NOT NULL ORDER BY created_at DESC LIMIT 1";
        let last: Option<(Uuid, MemberId)> =
            sqlx::query_as(last).fetch_optional(&mut self.test.admin().await).await.unwrap();
        let Some((id, gone)) = last else { return };
        let owner = self.test.signed_in(&self.cast.owner).await;
        let to = owner.post(&self.cast.school.path(&format!("/merges/{id}/undo")), &[]).await.location();
        if to.contains("done=merge-undone") {
            self.pupils.push((gone, self.names[&gone].clone()));
        }
    }

    async fn flaw(&self, at: usize) {
        let flaw = FLAWS[self.roll(FLAWS.len())];
        let class = self.classes[self.roll(self.classes.len())];
        // Each statement takes of these what it needs.
        let statement = format!("WITH all_four AS (SELECT $1::uuid, $2::uuid, $3::uuid, $4::timestamptz) {flaw}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(self.pupils[at].0)
            .bind(self.cast.teacher.member_id)
            .bind(class)
            .bind(self.test.clock.now())
            .execute(&mut self.test.admin().await)
            .await
            .unwrap();
    }

    async fn come_in(&self, at: usize) {
        let account: Option<AccountId> =
            sqlx::query_scalar("SELECT account_id FROM members WHERE id = $1 AND status = 'active'")
                .bind(self.pupils[at].0)
                .fetch_optional(&mut self.test.admin().await)
                .await
                .unwrap()
                .flatten();
        let Some(account_id) = account else { return };
        let person = Person {
            member_id: self.pupils[at].0,
            account_id,
            login: String::new(),
            name: String::new(),
            temporary: None,
        };
        let client = self.test.signed_in(&person).await;
        client.says_it_is(BROWSERS[self.roll(BROWSERS.len())]);
        client.get(&self.cast.school.path("")).await;
    }

    /// Does something with a list.
    pub(super) async fn list(&self, plan: &PlanId, act: &str) {
        let owner = self.test.signed_in(&self.cast.owner).await;
        owner.post(&self.cast.school.path(&format!("/plans/{plan}{act}")), &[]).await.expect(303);
        self.test.work().await;
        self.test.clock.advance(Duration::seconds(10));
    }
}
