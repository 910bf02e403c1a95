//! The seats of a whole exam, paper by paper: which candidates sit together, which rooms they can have, and then the
//! solver of [`super::seating`]. Knows no database.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    drawing,
    model::{Candidate, ExamRoom, Paper, SeatTaken, SeatingChoices},
    seating::{self, Seat, SeatingSettings, TooFewSeats},
};
use crate::ids::{CandidateId, ClassId, PaperId, RoomId};

/// The papers, by subject, for which the rooms are too few, and for how many candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSeats {
    pub subject: String,
    pub missing: usize,
}

pub struct SeatPlacing<'a> {
    pub papers: &'a [Paper],
    pub rooms: &'a [ExamRoom],
    /// In the order of their numbers.
    pub candidates: &'a [Candidate],
    pub choices: &'a SeatingChoices,
}

/// Candidates who are seated together for the same papers.
struct CandidateGroup<'a> {
    papers: Vec<&'a Paper>,
    candidates: Vec<&'a Candidate>,
}

impl SeatPlacing<'_> {
    /// Seats for all candidates in all papers, from the beginning.
    ///
    /// # Errors
    /// Where the rooms are too few.
    pub fn all(&self) -> Result<Vec<SeatTaken>, NoSeats> {
        let mut taken = Vec::new();
        let mut used: Vec<(RoomId, &Paper)> = Vec::new();
        for group in self.groups() {
            let rooms = self.rooms_for(&group.papers, &used);
            let what = group.papers.iter().map(|paper| paper.id.to_string()).collect::<Vec<_>>().join(" ");
            let settings = SeatingSettings {
                fill: self.choices.fill,
                mix_classes: self.choices.mix_classes,
                seed: &self.choices.seed,
                what: &what,
            };
            let ranks = class_ranks(&group.candidates);
            let seats = seating::seat(&ranks, &holding(&rooms), &settings)
                .map_err(|TooFewSeats(missing)| no_seats(&group.papers, missing))?;
            let used_here: BTreeSet<usize> = seats.iter().map(|seat| seat.room).collect();
            used.extend(used_here.iter().flat_map(|at| group.papers.iter().map(|paper| (rooms[*at].id, *paper))));
            for (candidate, seat) in group.candidates.iter().zip(seats) {
                taken.extend(group.papers.iter().filter(|paper| candidate.sits(paper)).map(|paper| SeatTaken {
                    paper_id: paper.id,
                    room_id: rooms[seat.room].id,
                    seat: i16::try_from(seat.seat).unwrap_or(i16::MAX),
                    candidate_id: candidate.id,
                }));
            }
        }
        Ok(taken)
    }

    /// Seats for those who have none in some paper; all others stay where they are.
    ///
    /// # Errors
    /// Where no seat is free for them.
    pub fn late(&self, seats: &[SeatTaken]) -> Result<Vec<SeatTaken>, NoSeats> {
        let class_of: HashMap<_, ClassId> = self.candidates.iter().map(|each| (each.id, each.class_id)).collect();
        // Each is one candidate of one group of papers, so what is new matters for nobody else's lack.
        let seated: HashSet<(PaperId, CandidateId)> =
            seats.iter().map(|seat| (seat.paper_id, seat.candidate_id)).collect();
        let mut taken = seats.to_vec();
        let mut new = Vec::new();
        for group in self.groups() {
            for candidate in &group.candidates {
                let lacks = |paper: &&Paper| candidate.sits(paper) && !seated.contains(&(paper.id, candidate.id));
                let lacking: Vec<&Paper> = group.papers.iter().copied().filter(lacks).collect();
                if lacking.is_empty() {
                    continue;
                }
                let (room_id, seat) = self
                    .own_seat(candidate, &lacking, &taken)
                    .or_else(|| self.free_seat(candidate, &group, &lacking, &taken, &class_of))
                    .ok_or_else(|| no_seats(&lacking, 1))?;
                let seats = lacking.iter().map(|paper| SeatTaken {
                    paper_id: paper.id,
                    room_id,
                    seat,
                    candidate_id: candidate.id,
                });
                let seats: Vec<SeatTaken> = seats.collect();
                taken.extend(&seats);
                new.extend(seats);
            }
        }
        Ok(new)
    }

    /// The seat that the candidate has in other papers, where it is kept for all and is free.
    fn own_seat(&self, candidate: &Candidate, lacking: &[&Paper], taken: &[SeatTaken]) -> Option<(RoomId, i16)> {
        if self.choices.per_paper {
            return None;
        }
        let own = taken.iter().find(|seat| seat.candidate_id == candidate.id)?;
        let room = self.rooms.iter().find(|room| room.id == own.room_id)?;
        let is_taken = |paper: &&Paper| {
            room.is_closed(paper)
                || taken.iter().any(|seat| {
                    (seat.paper_id == paper.id || self.is_at_once(seat.paper_id, paper))
                        && (seat.room_id, seat.seat) == (own.room_id, own.seat)
                })
        };
        (!lacking.iter().any(is_taken)).then_some((own.room_id, own.seat))
    }

    fn is_at_once(&self, other: PaperId, paper: &Paper) -> bool {
        self.papers.iter().any(|each| each.id == other && each.overlaps(paper))
    }

    fn free_seat(
        &self,
        candidate: &Candidate,
        group: &CandidateGroup<'_>,
        lacking: &[&Paper],
        taken: &[SeatTaken],
        class_of: &HashMap<CandidateId, ClassId>,
    ) -> Option<(RoomId, i16)> {
        // Rooms of papers at the same time that are not the group's are not theirs.
        let is_theirs = |seat: &SeatTaken| group.papers.iter().any(|paper| paper.id == seat.paper_id);
        let others: BTreeSet<RoomId> = taken
            .iter()
            .filter(|seat| !is_theirs(seat) && lacking.iter().any(|paper| self.is_at_once(seat.paper_id, paper)))
            .map(|seat| seat.room_id)
            .collect();
        let mut rooms = self.rooms_for(lacking, &[]);
        rooms.retain(|room| !others.contains(&room.id));
        let at: HashMap<RoomId, usize> = rooms.iter().enumerate().map(|(at, room)| (room.id, at)).collect();
        let mut ranks: BTreeMap<ClassId, u32> = BTreeMap::new();
        let mut rank = |class: ClassId| {
            let next = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
            *ranks.entry(class).or_insert(next)
        };
        let mut here: BTreeMap<Seat, u32> = BTreeMap::new();
        for seat in taken.iter().filter(|seat| is_theirs(seat)) {
            let (Some(room), Some(class)) = (at.get(&seat.room_id), class_of.get(&seat.candidate_id)) else { continue };
            here.insert(Seat { room: *room, seat: usize::try_from(seat.seat).unwrap_or(0) }, rank(*class));
        }
        let own = rank(candidate.class_id);
        let seat = *seating::seat_late(&[own], &here, &holding(&rooms), self.choices.mix_classes).ok()?.first()?;
        Some((rooms[seat.room].id, i16::try_from(seat.seat).unwrap_or(i16::MAX)))
    }

    /// With one seat for all papers: those whose grades sit the same ones. Else the candidates of each paper, in an order
    /// drawn for it.
    fn groups(&self) -> Vec<CandidateGroup<'_>> {
        if self.choices.per_paper {
            let group = |paper| {
                let mut candidates: Vec<&Candidate> = self.candidates.iter().filter(|each| each.sits(paper)).collect();
                let lots = &mut drawing::generator(&[&self.choices.seed, &paper.id.to_string(), "order"]);
                drawing::shuffle(&mut candidates, lots);
                CandidateGroup { papers: vec![paper], candidates }
            };
            return self.papers.iter().map(group).collect();
        }
        let mut groups: BTreeMap<Vec<usize>, Vec<&Candidate>> = BTreeMap::new();
        for candidate in self.candidates.iter().filter(|each| !each.is_withdrawn) {
            let of_grade = |(_, paper): &(usize, &Paper)| paper.is_of_grade(&candidate.grade);
            let papers: Vec<usize> = self.papers.iter().enumerate().filter(of_grade).map(|(at, _)| at).collect();
            if !papers.is_empty() {
                groups.entry(papers).or_default().push(candidate);
            }
        }
        let group = |(papers, candidates): (Vec<usize>, _)| CandidateGroup {
            papers: papers.into_iter().map(|at| &self.papers[at]).collect(),
            candidates,
        };
        groups.into_iter().map(group).collect()
    }

    /// The rooms that are open for all these papers and not used at the same time.
    fn rooms_for(&self, papers: &[&Paper], used: &[(RoomId, &Paper)]) -> Vec<&ExamRoom> {
        let is_closed = |room: &ExamRoom| papers.iter().any(|paper| room.is_closed(paper));
        let is_used = |room: &ExamRoom| {
            used.iter().any(|(id, other)| *id == room.id && papers.iter().any(|paper| paper.overlaps(other)))
        };
        self.rooms.iter().filter(|room| !is_closed(room) && !is_used(room)).collect()
    }
}

fn holding(rooms: &[&ExamRoom]) -> Vec<seating::SeatingRoom> {
    let size = |seats: i16| usize::try_from(seats).unwrap_or(0);
    rooms.iter().map(|room| seating::SeatingRoom { seats: size(room.seats), most: size(room.most) }).collect()
}

fn class_ranks(candidates: &[&Candidate]) -> Vec<u32> {
    let mut ranks: BTreeMap<ClassId, u32> = BTreeMap::new();
    let rank = |candidate: &&Candidate| {
        let next = u32::try_from(ranks.len()).unwrap_or(u32::MAX);
        *ranks.entry(candidate.class_id).or_insert(next)
    };
    candidates.iter().map(rank).collect()
}

fn no_seats(papers: &[&Paper], missing: usize) -> NoSeats {
    NoSeats { subject: papers.first().map(|paper| paper.title()).unwrap_or_default(), missing }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::exams::seating::Fill;
    use crate::ids::MemberId;

    /// Two papers of each grade, at the same times as those of the other one, and one of all.
    fn papers() -> Vec<Paper> {
        let first: DateTime<Utc> = "2026-12-14T00:30:00Z".parse().unwrap();
        let paper = |(n, grades, hours): (u128, &[&str], i64)| Paper {
            id: PaperId::from_u128(n),
            subject: format!("Môn {n}"),
            code: String::new(),
            grades: grades.iter().map(|grade| (*grade).to_owned()).collect(),
            starts_at: first + Duration::hours(hours),
            minutes: 90,
            ends_at: first + Duration::hours(hours) + Duration::minutes(90),
            bag_size: None,
            cut_at: None,
            cutting: 0,
        };
        let papers: [(u128, &[&str], i64); 5] =
            [(1, &["10"], 0), (2, &["11"], 0), (3, &["10"], 3), (4, &["11"], 3), (5, &[], 24)];
        papers.map(paper).into()
    }

    fn room((n, seats): (u128, i16), closed: Option<u128>, hour: Option<i64>) -> ExamRoom {
        let first: DateTime<Utc> = "2026-12-14T00:30:00Z".parse().unwrap();
        let from: Vec<DateTime<Utc>> = hour.map(|hour| first + Duration::hours(hour)).into_iter().collect();
        ExamRoom {
            id: RoomId::from_u128(n),
            name: format!("P{n}"),
            place: String::new(),
            seats,
            most: seats + 4,
            closed_for: closed.map(PaperId::from_u128).into_iter().collect(),
            closed_until: from.iter().map(|from| *from + Duration::hours(2)).collect(),
            closed_from: from,
        }
    }

    fn candidate(n: u128, class: u8, exempt: Option<u128>, is_withdrawn: bool) -> Candidate {
        let grade = if class < 3 { "10" } else { "11" };
        Candidate {
            id: CandidateId::from_u128(n),
            member_id: MemberId::from_u128(n),
            full_name: format!("Thí sinh {n}"),
            birth_date: None,
            class_id: ClassId::from_u128(class.into()),
            class_name: format!("{grade}A{class}"),
            grade: grade.to_owned(),
            number: Some(format!("{n:04}")),
            exempt_from: exempt.map(PaperId::from_u128).into_iter().collect(),
            is_withdrawn,
            is_late: false,
        }
    }

    /// What must hold of any seats of an exam.
    fn holds(placing: &SeatPlacing<'_>, seats: &[SeatTaken]) -> Result<(), TestCaseError> {
        let of = |paper: &Paper, candidate: &Candidate| {
            seats.iter().filter(|seat| seat.paper_id == paper.id && seat.candidate_id == candidate.id).count()
        };
        for paper in placing.papers {
            for candidate in placing.candidates {
                prop_assert_eq!(
                    of(paper, candidate),
                    usize::from(candidate.sits(paper)),
                    "one seat, where they sit it"
                );
            }
        }
        let places: HashSet<_> = seats.iter().map(|seat| (seat.paper_id, seat.room_id, seat.seat)).collect();
        prop_assert_eq!(places.len(), seats.len(), "nobody sits on another");
        let paper = |id: PaperId| placing.papers.iter().find(|paper| paper.id == id).unwrap();
        for seat in seats {
            let room = placing.rooms.iter().find(|room| room.id == seat.room_id).unwrap();
            prop_assert!((1..=room.most).contains(&seat.seat));
            prop_assert!(!room.is_closed(paper(seat.paper_id)), "a room that cannot be had");
            let other = seats.iter().find(|other| {
                other.room_id == seat.room_id
                    && other.paper_id != seat.paper_id
                    && paper(other.paper_id).overlaps(paper(seat.paper_id))
            });
            prop_assert!(other.is_none(), "two papers in one room at once");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn each_has_one_seat_in_each_paper_that_they_sit(
            people in prop::collection::vec((0..6_u8, prop::option::weighted(0.1, 1..6_u128), prop::bool::weighted(0.05)), 1..70),
            rooms in prop::collection::vec((4..20_i16, prop::option::weighted(0.15, 1..6_u128), prop::option::weighted(0.15, -2..26_i64)), 8..14),
            (mix_classes, per_paper, evenly) in (prop::bool::ANY, prop::bool::ANY, prop::bool::ANY),
            seed in "[0-9]{0,3}",
            late in 0..6_usize,
        ) {
            let papers = papers();
            let rooms: Vec<ExamRoom> = (1..).zip(rooms).map(|(n, (seats, closed, hour))| room((n, seats), closed, hour)).collect();
            let all: Vec<Candidate> =
                (1..).zip(people).map(|(n, (class, exempt, is_withdrawn))| candidate(n, class, exempt, is_withdrawn)).collect();
            let fill = if evenly { Fill::Evenly } else { Fill::InOrder };
            let choices = SeatingChoices { fill, mix_classes, per_paper, seed };
            let early = &all[..all.len().saturating_sub(late)];
            let placing = SeatPlacing { papers: &papers, rooms: &rooms, candidates: early, choices: &choices };
            // Where the rooms are too few, that is said and nothing is placed.
            let Ok(seats) = placing.all() else { return Ok(()) };
            holds(&placing, &seats)?;
            prop_assert_eq!(&seats, &placing.all().unwrap(), "the same seed, the same seats");
            // Late ones get free seats, and nobody moves.
            let placing = SeatPlacing { candidates: &all, ..placing };
            if let Ok(new) = placing.late(&seats) {
                let together: Vec<SeatTaken> = seats.iter().chain(&new).copied().collect();
                holds(&placing, &together)?;
            }
        }
    }
}
