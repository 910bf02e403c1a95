//! What duties are given out from: people, papers, rooms and seats, and what is missing or breaks a rule.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::{
    access::Scope,
    error::Result,
    exams::{
        duties::{self, BrokenDutyRule, Duty, DutyPerson, DutyRules},
        model::{Candidate, DutyChoices, Exam, ExamRoom, Paper, SeatTaken},
        store,
    },
    ids::{ClassId, ExamId, MemberId, PaperId, RoomId},
    vietnam::text,
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
    /// A member who left or was suspended gets no duties.
    pub is_active: bool,
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
                   AND d.member_id = i.member_id) AS "duties!", m.status = 'active' AS "is_active!"
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

/// The times at which members are on duty.
pub(super) type Busy = HashMap<MemberId, Vec<(DateTime<Utc>, DateTime<Utc>)>>;

/// When members are on duty in other exams while papers of this one are sat.
pub(super) async fn elsewhere(scope: &Scope, tx: &mut PgConnection, exam_id: ExamId, papers: &[Paper]) -> Result<Busy> {
    let times = papers.iter().map(|paper| paper.starts_at).min().zip(papers.iter().map(|paper| paper.ends_at).max());
    let Some((first, last)) = times else { return Ok(Busy::new()) };
    let rows = sqlx::query!(
        "SELECT d.member_id, p.starts_at, p.ends_at FROM exam_duties d
         JOIN exam_papers p ON p.school_id = d.school_id AND p.id = d.paper_id
         WHERE d.school_id = $1 AND d.exam_id <> $2 AND p.ends_at > $3 AND p.starts_at < $4
         ORDER BY p.starts_at, p.id",
        scope.school_id(),
        exam_id,
        first,
        last,
    )
    .fetch_all(tx)
    .await?;
    let mut busy = Busy::new();
    for row in rows {
        busy.entry(row.member_id).or_default().push((row.starts_at, row.ends_at));
    }
    Ok(busy)
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
pub struct DutyInput {
    pub exam: Exam,
    pub papers: Vec<Paper>,
    pub rooms: Vec<ExamRoom>,
    pub people: Vec<Invigilator>,
    candidates: Vec<Candidate>,
    pub(super) seats: Vec<SeatTaken>,
    pub(super) elsewhere: Busy,
}

/// A room of a paper with candidates (none: the corridor) that lacks so many invigilators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacking {
    pub paper_id: PaperId,
    pub room_id: Option<RoomId>,
    pub count: usize,
}

impl DutyInput {
    pub async fn read(scope: &Scope, tx: &mut PgConnection, exam: Exam) -> Result<Self> {
        let papers = store::papers(scope, tx, exam.id).await?;
        let rooms = store::rooms(scope, tx, exam.id).await?;
        let people = people(scope, tx, &exam).await?;
        let candidates = store::candidates(scope, tx, exam.id).await?;
        let seats = store::seats(scope, tx, exam.id).await?;
        let elsewhere = elsewhere(scope, tx, exam.id, &papers).await?;
        Ok(Self { exam, papers, rooms, people, candidates, seats, elsewhere })
    }

    /// Where people are lacking, as rooms were changed, people left or papers came since duties were given out.
    #[must_use]
    pub fn lacking(&self, given: &[GivenDuty]) -> Vec<Lacking> {
        let rules = self.rules(&self.exam.duties);
        let mut on_duty: HashMap<(PaperId, Option<RoomId>), usize> = HashMap::new();
        given.iter().for_each(|duty| *on_duty.entry((duty.paper_id, duty.room_id)).or_default() += 1);
        let mut lacking = Vec::new();
        for paper in &self.papers {
            let used = self.rooms_of(paper);
            let rooms = used.iter().map(|id| (Some(*id), rules.per_room));
            let corridor = rules.needed(used.len()) - used.len() * rules.per_room;
            for (room_id, needed) in rooms.chain(std::iter::once((None, corridor))) {
                let there = on_duty.get(&(paper.id, room_id)).copied().unwrap_or(0);
                if there < needed {
                    lacking.push(Lacking { paper_id: paper.id, room_id, count: needed - there });
                }
            }
        }
        lacking
    }

    /// The duties in rooms where nobody sits the paper.
    #[must_use]
    pub fn unused(&self, given: &[GivenDuty]) -> Vec<GivenDuty> {
        let used: HashSet<(PaperId, RoomId)> = self.seats.iter().map(|seat| (seat.paper_id, seat.room_id)).collect();
        let is_unused = |duty: &&GivenDuty| duty.room_id.is_some_and(|room| !used.contains(&(duty.paper_id, room)));
        given.iter().filter(is_unused).copied().collect()
    }

    /// The rooms in which a paper is sat, in their order.
    fn rooms_of(&self, paper: &Paper) -> Vec<RoomId> {
        let used: HashSet<RoomId> =
            self.seats.iter().filter(|seat| seat.paper_id == paper.id).map(|seat| seat.room_id).collect();
        self.rooms.iter().map(|room| room.id).filter(|id| used.contains(id)).collect()
    }

    /// Papers and people as the solver takes them.
    pub(super) fn asked(&self) -> (Vec<duties::DutyPaper>, Vec<DutyPerson>) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let room_at: HashMap<RoomId, u32> =
            self.rooms.iter().enumerate().map(|(at, room)| (room.id, number(at))).collect();
        let mut classes: Vec<ClassId> = self.candidates.iter().map(|each| each.class_id).collect();
        classes.sort_unstable();
        classes.dedup();
        let class_at = |id: &ClassId| classes.binary_search(id).ok().map(number);
        let mut subjects: Vec<String> = self.papers.iter().map(|paper| text::fold(&paper.subject)).collect();
        subjects.sort_unstable();
        subjects.dedup();
        // Hoá học is Hóa học.
        let subject_at = |subject: &str| subjects.binary_search(&text::fold(subject)).ok().map(number);
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
            let mut rooms: Vec<duties::DutyRoom> =
                rooms.into_iter().map(|(room, classes)| duties::DutyRoom { room, classes }).collect();
            rooms.sort_by_key(|room| room.room);
            duties::DutyPaper {
                day: day_at(&paper.day()).unwrap_or_default(),
                begins: paper.starts_at.timestamp() / 60,
                ends: paper.ends_at.timestamp() / 60,
                subject: subject_at(&paper.subject).unwrap_or(u32::MAX),
                rooms,
            }
        });
        let minutes = |(from, until): &(DateTime<Utc>, DateTime<Utc>)| (from.timestamp() / 60, until.timestamp() / 60);
        let people = self.people.iter().map(|person| DutyPerson {
            classes: person.classes.iter().filter_map(class_at).collect(),
            subjects: person.subjects.iter().filter_map(|subject| subject_at(subject)).collect(),
            // A member who is not active is off on every day.
            days_off: days
                .iter()
                .filter(|day| !person.is_active || person.days_off.contains(day))
                .filter_map(day_at)
                .collect(),
            elsewhere: self.elsewhere.get(&person.member_id).into_iter().flatten().map(minutes).collect(),
        });
        (papers.collect(), people.collect())
    }

    pub(super) fn rules<'a>(&self, choices: &'a DutyChoices) -> DutyRules<'a> {
        DutyRules {
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
    ) -> Vec<(BrokenDutyRule, GivenDuty)> {
        let exchanged = |duty: &GivenDuty| match duty.member_id {
            _ if duty.paper_id != paper_id => *duty,
            member_id if member_id == from => GivenDuty { member_id: by, ..*duty },
            member_id if member_id == by => GivenDuty { member_id: from, ..*duty },
            _ => *duty,
        };
        let after: Vec<GivenDuty> = given.iter().map(exchanged).collect();
        let before: HashSet<(duties::DutyRule, MemberId)> =
            self.broken(given).into_iter().map(|(broken, duty)| (broken.rule, duty.member_id)).collect();
        let is_new = |(broken, duty): &(BrokenDutyRule, GivenDuty)| {
            duty.paper_id == paper_id
                && [from, by].contains(&duty.member_id)
                && !before.contains(&(broken.rule, duty.member_id))
        };
        self.broken(&after).into_iter().filter(is_new).collect()
    }

    /// The duties as the solver has them, each with what it stands for; those in rooms where nobody sits are none.
    pub(super) fn known(&self, given: &[GivenDuty], papers: &[duties::DutyPaper]) -> HashMap<Duty, GivenDuty> {
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
        given.iter().filter_map(of).collect()
    }

    /// Which rules the current duties break, and the member of each.
    #[must_use]
    pub fn broken(&self, given: &[GivenDuty]) -> Vec<(BrokenDutyRule, GivenDuty)> {
        let (papers, people) = self.asked();
        let known = self.known(given, &papers);
        let duties: Vec<Duty> = known.keys().copied().collect();
        let rules = self.rules(&self.exam.duties);
        let broken = duties::check(&duties, &papers, &people, &rules);
        broken.into_iter().filter_map(|broken| Some((broken, *known.get(&broken.duty)?))).collect()
    }
}
