//! When lessons may be: the constraints of time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Activity, Writer, day_name, days, hour_name, hours, own_name};
use crate::timetable::{
    model::{DAYS, Session, Slot},
    solver::problem::{Index, Problem},
};

pub(super) fn write(out: &mut Writer, problem: &Problem, activities: &[Activity]) {
    out.open("Time_Constraints_List");
    out.constraint("ConstraintBasicCompulsoryTime", "100", |_| {});
    // Periods that a shorter session does not have are free for no one.
    let missing: Vec<((i16, Session), i16)> = days(problem)
        .into_iter()
        .flat_map(|day| (1..=hours(problem)).map(move |period| (day, period)))
        .filter(|((_, session), period)| !problem.periods.contains(&(*session, *period)))
        .collect();
    if !missing.is_empty() {
        out.constraint("ConstraintBreakTimes", "100", |out| {
            out.put("Number_of_Break_Times", missing.len());
            for (day, period) in &missing {
                out.time("Break_Time", "", *day, *period);
            }
        });
    }
    for (number, class) in problem.classes.iter().enumerate() {
        let name = own_name(&class.name, number);
        blocked(out, problem, "ConstraintStudentsSetNotAvailableTimes", "Students", &name, &class.blocked);
        if !begins_early(problem, activities, number) {
            continue;
        }
        // Lessons of a session follow one another, from the first period on.
        out.constraint("ConstraintStudentsSetMaxGapsPerWeek", "100", |out| {
            out.put("Max_Gaps", 0);
            out.put("Students", &name);
        });
        out.constraint("ConstraintStudentsSetEarlyMaxBeginningsAtSecondHour", "100", |out| {
            out.put("Max_Beginnings_At_Second_Hour", 0);
            out.put("Students", &name);
        });
    }
    for (number, teacher) in problem.teachers.iter().enumerate() {
        let name = own_name(&teacher.name, number);
        blocked(out, problem, "ConstraintTeacherNotAvailableTimes", "Teacher", &name, &teacher.blocked);
        if let Some(most) = teacher.most_sessions {
            out.constraint("ConstraintTeacherMaxDaysPerWeek", "100", |out| {
                out.put("Teacher_Name", &name);
                out.put("Max_Days_Per_Week", most);
            });
        }
        if let Some(most) = teacher.most_gaps {
            out.constraint("ConstraintTeacherMaxGapsPerWeek", "100", |out| {
                out.put("Teacher_Name", &name);
                out.put("Max_Gaps", most);
            });
        }
        if let Some(most) = teacher.most_a_day {
            most_a_day(out, problem, activities, number, most);
        }
    }
    spread(out, activities);
    early(out, problem, activities);
    for (number, activity) in activities.iter().enumerate() {
        let Some(slot) = activity.at else { continue };
        out.constraint("ConstraintActivityPreferredStartingTime", "100", |out| {
            out.put("Activity_Id", number + 1);
            out.put("Preferred_Day", day_name((slot.day, slot.session)));
            out.put("Preferred_Hour", hour_name(slot.period));
            out.put("Permanently_Locked", activity.is_locked);
        });
    }
    out.close("Time_Constraints_List");
}

/// Whether a class has lessons enough to fill its sessions up to the locked ones.
fn begins_early(problem: &Problem, activities: &[Activity], class: Index) -> bool {
    let mut last: BTreeMap<(i16, Session), i16> = BTreeMap::new();
    for slot in problem.locked.iter().filter(|lesson| lesson.class == class).map(|lesson| lesson.slot) {
        let latest = last.entry((slot.day, slot.session)).or_default();
        *latest = (*latest).max(slot.period);
    }
    let total: i32 =
        activities.iter().filter(|activity| activity.class == class).map(|activity| i32::from(activity.duration)).sum();
    last.values().map(|period| i32::from(*period)).sum::<i32>() <= total
}

fn blocked(out: &mut Writer, problem: &Problem, name: &str, tag: &str, of: &str, slots: &BTreeSet<Slot>) {
    let times: Vec<&Slot> =
        slots.iter().filter(|slot| problem.periods.contains(&(slot.session, slot.period))).collect();
    if times.is_empty() {
        return;
    }
    out.constraint(name, "100", |out| {
        out.put(tag, of);
        out.put("Number_of_Not_Available_Times", times.len());
        for slot in &times {
            out.time("Not_Available_Time", "", (slot.day, slot.session), slot.period);
        }
    });
}

/// A day of ours is two of FET's, so its limit of a day does not do.
fn most_a_day(out: &mut Writer, problem: &Problem, activities: &[Activity], teacher: Index, most: i16) {
    let ids: Vec<usize> = activities
        .iter()
        .enumerate()
        .filter(|(_, activity)| activity.teacher == Some(teacher))
        .map(|(number, _)| number + 1)
        .collect();
    let total: i32 = activities
        .iter()
        .filter(|activity| activity.teacher == Some(teacher))
        .map(|activity| i32::from(activity.duration))
        .sum();
    if ids.is_empty() || total <= most.into() {
        return;
    }
    for day in DAYS {
        let slots: Vec<(i16, Session, i16)> =
            problem.periods.iter().map(|(session, period)| (day, *session, *period)).collect();
        out.constraint("ConstraintActivitiesOccupyMaxTimeSlotsFromSelection", "100", |out| {
            out.put("Number_of_Activities", ids.len());
            for id in &ids {
                out.put("Activity_Id", id);
            }
            out.put("Number_of_Selected_Time_Slots", slots.len());
            for (day, session, period) in &slots {
                out.open("Selected_Time_Slot");
                out.put("Selected_Day", day_name((*day, *session)));
                out.put("Selected_Hour", hour_name(*period));
                out.close("Selected_Time_Slot");
            }
            out.put("Max_Number_of_Occupied_Time_Slots", most);
        });
    }
}

/// The blocks of a need stand on different days.
fn spread(out: &mut Writer, activities: &[Activity]) {
    let mut of_need: BTreeMap<(Index, Index), Vec<usize>> = BTreeMap::new();
    for (number, activity) in activities.iter().enumerate() {
        of_need.entry((activity.class, activity.subject)).or_default().push(number + 1);
    }
    for ids in of_need.into_values().filter(|ids| ids.len() > 1) {
        // More blocks than days of the week cannot all stand apart.
        let weight = if ids.len() > 6 { "50" } else { "95" };
        out.constraint("ConstraintMinDaysBetweenActivities", weight, |out| {
            out.put("Consecutive_If_Same_Day", "true");
            out.put("Number_of_Activities", ids.len());
            for id in &ids {
                out.put("Activity_Id", id);
            }
            out.put("MinDays", 1);
        });
    }
}

/// Demanding subjects do not stand in the last period.
fn early(out: &mut Writer, problem: &Problem, activities: &[Activity]) {
    let last =
        |session: Session| problem.periods.iter().filter(|(each, _)| *each == session).map(|(_, period)| *period).max();
    let times: Vec<((i16, Session), i16)> = days(problem)
        .into_iter()
        .flat_map(|day| {
            problem.periods.iter().filter(move |(session, _)| *session == day.1).map(move |(_, period)| (day, *period))
        })
        .filter(|((_, session), period)| last(*session) != Some(*period))
        .collect();
    if times.is_empty() {
        return;
    }
    for (number, subject) in problem.subjects.iter().enumerate().filter(|(_, subject)| subject.is_heavy) {
        if !activities.iter().any(|activity| activity.subject == number) {
            continue;
        }
        out.constraint("ConstraintActivitiesPreferredTimeSlots", "50", |out| {
            out.put("Teacher_Name", "");
            out.put("Students_Name", "");
            out.put("Subject_Name", own_name(&subject.name, number));
            out.put("Activity_Tag_Name", "");
            out.put("Duration", "");
            out.put("Number_of_Preferred_Time_Slots", times.len());
            for (day, period) in &times {
                out.time("Preferred_Time_Slot", "Preferred_", *day, *period);
            }
        });
    }
}
