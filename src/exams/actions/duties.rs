//! Invigilators: who may have duties, who has which, and changes by hand.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{Entrusted, Refusal, lock, note, open};
use crate::{
    access::Scope,
    app::App,
    db,
    error::{Error, Result},
    exams::{
        duties::{self, Broken, Duty, Person, Rules, TooFew},
        model::{Candidate, DutyChoices, Exam, Paper, Room, SeatTaken},
        store,
    },
    ids::{ClassId, ExamId, MemberId, PaperId, RoomId},
};

/// Who may be given duties.
#[derive(Clone, Debug)]
pub struct Invigilator {
    pub member_id: MemberId,
    pub full_name: String,
    pub subjects: Vec<String>,
    pub days_off: Vec<NaiveDate>,
    /// The classes whose homeroom teacher they are.
    pub classes: Vec<ClassId>,
    pub duties: i64,
}

/// A duty that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenDuty {
    pub paper_id: PaperId,
    pub member_id: MemberId,
    /// None: in the corridor.
    pub room_id: Option<RoomId>,
}

/// Who may be given duties, in the order of Vietnamese lists.
pub async fn people(scope: &Scope, tx: &mut PgConnection, exam: &Exam) -> Result<Vec<Invigilator>> {
    Ok(sqlx::query_as!(
        Invigilator,
        r#"SELECT i.member_id, m.full_name, i.subjects, i.days_off,
               ARRAY(SELECT c.id FROM classes c WHERE c.school_id = $1 AND c.school_year_id = $3
                   AND c.homeroom_member_id = i.member_id) AS "classes!: Vec<ClassId>",
               (SELECT count(*) FROM exam_duties d WHERE d.school_id = $1 AND d.exam_id = $2
                   AND d.member_id = i.member_id) AS "duties!"
           FROM exam_invigilators i JOIN members m ON m.school_id = i.school_id AND m.id = i.member_id
           WHERE i.school_id = $1 AND i.exam_id = $2
           ORDER BY m.given_name, m.family_name, m.middle_name, m.id"#,
        scope.school_id(),
        exam.id,
        exam.year_id,
    )
    .fetch_all(tx)
    .await?)
}

/// The duties of an exam.
pub async fn given(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId) -> Result<Vec<GivenDuty>> {
    Ok(sqlx::query_as!(
        GivenDuty,
        "SELECT paper_id, member_id, room_id FROM exam_duties WHERE school_id = $1 AND exam_id = $2
         ORDER BY paper_id, room_id NULLS LAST, member_id",
        scope.school_id(),
        exam_id,
    )
    .fetch_all(tx)
    .await?)
}

/// What the solver is asked about, and what its places stand for.
pub struct Ground {
    pub exam: Exam,
    pub papers: Vec<Paper>,
    pub rooms: Vec<Room>,
    pub people: Vec<Invigilator>,
    candidates: Vec<Candidate>,
    seats: Vec<SeatTaken>,
}

impl Ground {
    pub async fn read(scope: &Scope, tx: &mut PgConnection, exam: Exam) -> Result<Self> {
        let papers = store::papers(scope, tx, exam.id).await?;
        let rooms = store::rooms(scope, tx, exam.id).await?;
        let people = people(scope, tx, &exam).await?;
        let candidates = store::candidates(scope, tx, exam.id).await?;
        let seats = store::seats(scope, tx, exam.id).await?;
        Ok(Self { exam, papers, rooms, people, candidates, seats })
    }

    /// Papers and people as the solver takes them.
    fn asked(&self) -> (Vec<duties::Paper>, Vec<Person>) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let room_at: HashMap<RoomId, u32> =
            self.rooms.iter().enumerate().map(|(at, room)| (room.id, number(at))).collect();
        let mut classes: Vec<ClassId> = self.candidates.iter().map(|each| each.class_id).collect();
        classes.sort_unstable();
        classes.dedup();
        let class_at = |id: &ClassId| classes.binary_search(id).ok().map(number);
        let mut subjects: Vec<String> = self.papers.iter().map(|paper| paper.subject.to_lowercase()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let subject_at = |subject: &str| subjects.binary_search(&subject.to_lowercase()).ok().map(number);
        let mut days: Vec<NaiveDate> = self.papers.iter().map(Paper::day).collect();
        days.sort_unstable();
        days.dedup();
        let day_at = |day: &NaiveDate| days.binary_search(day).ok().map(number);
        let class_of: HashMap<_, ClassId> = self.candidates.iter().map(|each| (each.id, each.class_id)).collect();
        let papers = self.papers.iter().map(|paper| {
            let mut rooms: HashMap<u32, BTreeSet<u32>> = HashMap::new();
            for seat in self.seats.iter().filter(|seat| seat.paper_id == paper.id) {
                let Some(room) = room_at.get(&seat.room_id) else { continue };
                let class = class_of.get(&seat.candidate_id).and_then(class_at);
                rooms.entry(*room).or_default().extend(class);
            }
            let mut rooms: Vec<duties::Room> =
                rooms.into_iter().map(|(room, classes)| duties::Room { room, classes }).collect();
            rooms.sort_by_key(|room| room.room);
            duties::Paper {
                day: day_at(&paper.day()).unwrap_or_default(),
                begins: paper.starts_at.timestamp() / 60,
                ends: paper.ends_at.timestamp() / 60,
                subject: subject_at(&paper.subject).unwrap_or(u32::MAX),
                rooms,
            }
        });
        let people = self.people.iter().map(|person| Person {
            classes: person.classes.iter().filter_map(class_at).collect(),
            subjects: person.subjects.iter().filter_map(|subject| subject_at(subject)).collect(),
            days_off: person.days_off.iter().filter_map(day_at).collect(),
        });
        (papers.collect(), people.collect())
    }

    fn rules<'a>(&self, choices: &'a DutyChoices) -> Rules<'a> {
        Rules {
            per_room: usize::try_from(choices.per_room).unwrap_or(2),
            rooms_per_corridor: usize::try_from(choices.rooms_per_corridor).unwrap_or(0),
            not_own_class: choices.not_own_class,
            not_own_subject: choices.not_own_subject,
            seed: &choices.seed,
        }
    }

    /// Which rules an exchange of duties would break that are kept now: of this paper, by these two.
    #[must_use]
    pub fn broken_by_swap(
        &self,
        given: &[GivenDuty],
        paper_id: PaperId,
        (from, by): (MemberId, MemberId),
    ) -> Vec<(Broken, GivenDuty)> {
        let exchanged = |duty: &GivenDuty| match duty.member_id {
            _ if duty.paper_id != paper_id => *duty,
            member_id if member_id == from => GivenDuty { member_id: by, ..*duty },
            member_id if member_id == by => GivenDuty { member_id: from, ..*duty },
            _ => *duty,
        };
        let after: Vec<GivenDuty> = given.iter().map(exchanged).collect();
        let before: HashSet<(duties::Rule, MemberId)> =
            self.broken(given).into_iter().map(|(broken, duty)| (broken.rule, duty.member_id)).collect();
        let is_new = |(broken, duty): &(Broken, GivenDuty)| {
            duty.paper_id == paper_id
                && [from, by].contains(&duty.member_id)
                && !before.contains(&(broken.rule, duty.member_id))
        };
        self.broken(&after).into_iter().filter(is_new).collect()
    }

    /// Which rules the current duties break, and the member of each.
    #[must_use]
    pub fn broken(&self, given: &[GivenDuty]) -> Vec<(Broken, GivenDuty)> {
        let (papers, people) = self.asked();
        let paper_at: HashMap<PaperId, usize> =
            self.papers.iter().enumerate().map(|(at, each)| (each.id, at)).collect();
        let person_at: HashMap<MemberId, usize> =
            self.people.iter().enumerate().map(|(at, each)| (each.member_id, at)).collect();
        let of = |duty: &GivenDuty| {
            let paper = *paper_at.get(&duty.paper_id)?;
            let room = match duty.room_id {
                None => None,
                Some(id) => {
                    let at = self.rooms.iter().position(|room| room.id == id)?;
                    Some(
                        papers[paper]
                            .rooms
                            .iter()
                            .position(|room| room.room == u32::try_from(at).unwrap_or(u32::MAX))?,
                    )
                }
            };
            Some((Duty { paper, room, person: *person_at.get(&duty.member_id)? }, *duty))
        };
        let known: HashMap<Duty, GivenDuty> = given.iter().filter_map(of).collect();
        let duties: Vec<Duty> = known.keys().copied().collect();
        let rules = self.rules(&self.exam.duties);
        let broken = duties::check(&duties, &papers, &people, &rules);
        broken.into_iter().filter_map(|broken| Some((broken, *known.get(&broken.duty)?))).collect()
    }
}

/// Names all teachers as those who may have duties, where nobody is named yet.
async fn name_all(entrusted: &Entrusted, app: &App) -> Result<()> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    lock(entrusted, app, &mut tx).await?;
    sqlx::query!(
        "INSERT INTO exam_invigilators (school_id, exam_id, member_id)
         SELECT $1, $2, m.id FROM members m
         WHERE m.school_id = $1 AND m.role = 'teacher' AND m.status = 'active'
             AND NOT EXISTS (SELECT FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2)
         RETURNING member_id",
        entrusted.school_id(),
        entrusted.exam_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Gives out all duties of all papers. Computed outside of the transaction that writes them.
pub async fn assign(entrusted: &Entrusted, app: &App, choices: &DutyChoices) -> Result<Result<usize, Refusal>> {
    name_all(entrusted, app).await?;
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = store::find(entrusted, &mut tx, entrusted.exam_id).await?;
    let ground = Ground::read(entrusted, &mut tx, exam).await?;
    tx.commit().await?;
    if let Err(refusal) = open(&ground.exam, "seed") {
        return Ok(Err(refusal));
    }
    if ground.seats.is_empty() {
        return Ok(Err(Refusal::new("seed", "fault-exam-not-seated")));
    }
    let used = choices.clone();
    let computed = tokio::task::spawn_blocking(move || {
        let (papers, people) = ground.asked();
        let assigned = duties::assign(&papers, &people, &ground.rules(&used));
        (ground, papers, assigned)
    });
    let (ground, papers, assigned) = computed.await.map_err(anyhow::Error::new)?;
    let duties = match assigned {
        Ok(duties) => duties,
        Err(TooFew { paper, needed, available }) => {
            let subject = ground.papers.get(paper).map(Paper::title).unwrap_or_default();
            let value = format!("{subject}: {available}/{needed}");
            return Ok(Err(Refusal::about("per_room", "fault-exam-too-few-people", value)));
        }
    };
    let room = |duty: &Duty| {
        let at = papers[duty.paper].rooms[duty.room?].room;
        Some(ground.rooms[usize::try_from(at).ok()?].id)
    };
    let paper_ids: Vec<PaperId> = duties.iter().map(|duty| ground.papers[duty.paper].id).collect();
    let members: Vec<MemberId> = duties.iter().map(|duty| ground.people[duty.person].member_id).collect();
    let rooms: Vec<Option<RoomId>> = duties.iter().map(room).collect();
    let mut tx = app.db.begin_lasting_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if exam.version != ground.exam.version + 1 {
        return Ok(Err(Refusal::new("seed", "fault-exam-changed")));
    }
    sqlx::query!("DELETE FROM exam_duties WHERE school_id = $1 AND exam_id = $2", entrusted.school_id(), exam.id)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "INSERT INTO exam_duties (school_id, exam_id, paper_id, member_id, room_id)
         SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[])
         RETURNING member_id",
        entrusted.school_id(),
        exam.id,
        &paper_ids,
        &members,
        &rooms as &[Option<RoomId>],
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE exams SET per_room = $3, rooms_per_corridor = $4, not_own_class = $5, not_own_subject = $6, duties_seed = $7
         WHERE school_id = $1 AND id = $2",
        entrusted.school_id(),
        exam.id,
        choices.per_room,
        choices.rooms_per_corridor,
        choices.not_own_class,
        choices.not_own_subject,
        choices.seed,
    )
    .execute(&mut *tx)
    .await?;
    note(entrusted, app, &mut tx, exam.id, "duties", duties.len()).await?;
    tx.commit().await?;
    Ok(Ok(duties.len()))
}

/// Says what a person teaches and when they are off, or (none) that they have no duties.
///
/// # Errors
/// [`Error::NotFound`] where the school has no such member of staff.
pub async fn name(
    entrusted: &Entrusted,
    app: &App,
    member_id: MemberId,
    who: Option<(&[String], &[NaiveDate])>,
) -> Result<Result<(), Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "member") {
        return Ok(Err(refusal));
    }
    match who {
        Some((subjects, days_off)) => {
            sqlx::query!(
                "INSERT INTO exam_invigilators (school_id, exam_id, member_id, subjects, days_off)
                 SELECT $1, $2, id, $4, $5 FROM members
                 WHERE school_id = $1 AND id = $3 AND role <> 'student' AND status = 'active'
                 ON CONFLICT (school_id, exam_id, member_id) DO UPDATE SET subjects = EXCLUDED.subjects,
                     days_off = EXCLUDED.days_off
                 RETURNING member_id",
                entrusted.school_id(),
                entrusted.exam_id,
                member_id,
                subjects,
                days_off,
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NotFound)?;
        }
        None => {
            sqlx::query!(
                "DELETE FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2 AND member_id = $3
                 RETURNING member_id",
                entrusted.school_id(),
                entrusted.exam_id,
                member_id,
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Error::NotFound)?;
        }
    }
    note(entrusted, app, &mut tx, exam.id, "people", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives a duty to another person; where that one has a duty of the same paper, the two change.
///
/// # Errors
/// [`Error::NotFound`] where there is no such duty.
pub async fn swap(
    entrusted: &Entrusted,
    app: &App,
    paper_id: PaperId,
    member_id: MemberId,
    by: MemberId,
) -> Result<Result<(), Refusal>> {
    let mut tx = app.db.begin_in(entrusted.school_id()).await?;
    let exam = lock(entrusted, app, &mut tx).await?;
    if let Err(refusal) = open(&exam, "by") {
        return Ok(Err(refusal));
    }
    let paper = store::paper(entrusted, &mut tx, exam.id, paper_id).await?;
    if let Some(key) = hindrance(entrusted, &mut tx, &exam, &paper, by).await? {
        return Ok(Err(Refusal::new("by", key)));
    }
    let both = [member_id, by];
    let gone = sqlx::query!(
        "DELETE FROM exam_duties WHERE school_id = $1 AND exam_id = $2 AND paper_id = $3 AND member_id = ANY($4)
         RETURNING member_id, room_id",
        entrusted.school_id(),
        exam.id,
        paper_id,
        &both[..],
    )
    .fetch_all(&mut *tx)
    .await?;
    let own = gone.iter().find(|row| row.member_id == member_id).ok_or(Error::NotFound)?;
    let other = gone.iter().find(|row| row.member_id == by && by != member_id);
    let mut write = vec![(by, own.room_id)];
    write.extend(other.map(|other| (member_id, other.room_id)));
    for (member, room) in write {
        let written = sqlx::query!(
            "INSERT INTO exam_duties (school_id, exam_id, paper_id, member_id, room_id) VALUES ($1, $2, $3, $4, $5)",
            entrusted.school_id(),
            exam.id,
            paper_id,
            member,
            room,
        )
        .execute(&mut *tx)
        .await;
        match written {
            Ok(_) => {}
            Err(error) if db::violated_constraint(&error).is_some() => {
                return Ok(Err(Refusal::new("by", "fault-exam-not-invigilator")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    note(entrusted, app, &mut tx, exam.id, "duties_changed", 1).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Why a person cannot be on duty in a paper, whatever the rules are: they are off that day, or on duty elsewhere at that
/// time, in whichever exam.
async fn hindrance(
    entrusted: &Entrusted,
    tx: &mut PgConnection,
    exam: &Exam,
    paper: &Paper,
    member_id: MemberId,
) -> Result<Option<&'static str>> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM exam_invigilators WHERE school_id = $1 AND exam_id = $2 AND member_id = $3
                   AND $4 = ANY(days_off)) AS "is_off!",
               EXISTS (SELECT FROM exam_duties d
                   JOIN exam_papers p ON p.school_id = d.school_id AND p.id = d.paper_id
                   WHERE d.school_id = $1 AND d.member_id = $3 AND d.paper_id <> $5
                       AND p.starts_at < $7 AND p.ends_at > $6) AS "is_elsewhere!""#,
        entrusted.school_id(),
        exam.id,
        member_id,
        paper.day(),
        paper.id,
        paper.starts_at,
        paper.ends_at,
    )
    .fetch_one(tx)
    .await?;
    Ok(match (row.is_off, row.is_elsewhere) {
        (true, _) => Some("fault-exam-duty-day-off"),
        (_, true) => Some("fault-exam-duty-elsewhere"),
        _ => None,
    })
}
