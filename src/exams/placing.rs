//! The seats of a whole exam, paper by paper: which candidates sit together, which rooms they can have, and then the
//! solver of [`super::seating`]. Knows no database.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    drawing,
    model::{Candidate, Paper, Room, SeatTaken, SeatingChoices},
    seating::{self, Seat, Settings, TooFewSeats},
};
use crate::ids::{CandidateId, ClassId, PaperId, RoomId};

/// The papers, by subject, for which the rooms are too few, and for how many candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSeats {
    pub subject: String,
    pub missing: usize,
}

pub struct Placing<'a> {
    pub papers: &'a [Paper],
    pub rooms: &'a [Room],
    /// In the order of their numbers.
    pub candidates: &'a [Candidate],
    pub choices: &'a SeatingChoices,
}

/// Candidates who are seated together for the same papers.
struct Group<'a> {
    papers: Vec<&'a Paper>,
    candidates: Vec<&'a Candidate>,
}

impl Placing<'_> {
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
            let settings = Settings {
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
            room.closed_for.contains(&paper.id)
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
        group: &Group<'_>,
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
    fn groups(&self) -> Vec<Group<'_>> {
        if self.choices.per_paper {
            let group = |paper| {
                let mut candidates: Vec<&Candidate> = self.candidates.iter().filter(|each| each.sits(paper)).collect();
                let lots = &mut drawing::generator(&[&self.choices.seed, &paper.id.to_string(), "order"]);
                drawing::shuffle(&mut candidates, lots);
                Group { papers: vec![paper], candidates }
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
        let group = |(papers, candidates): (Vec<usize>, _)| Group {
            papers: papers.into_iter().map(|at| &self.papers[at]).collect(),
            candidates,
        };
        groups.into_iter().map(group).collect()
    }

    /// The rooms that are open for all these papers and not used at the same time.
    fn rooms_for(&self, papers: &[&Paper], used: &[(RoomId, &Paper)]) -> Vec<&Room> {
        let is_closed = |room: &Room| papers.iter().any(|paper| room.closed_for.contains(&paper.id));
        let is_used = |room: &Room| {
            used.iter().any(|(id, other)| *id == room.id && papers.iter().any(|paper| paper.overlaps(other)))
        };
        self.rooms.iter().filter(|room| !is_closed(room) && !is_used(room)).collect()
    }
}

fn holding(rooms: &[&Room]) -> Vec<seating::Room> {
    let size = |seats: i16| usize::try_from(seats).unwrap_or(0);
    rooms.iter().map(|room| seating::Room { seats: size(room.seats), most: size(room.most) }).collect()
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
