//! The grid of a class and that of a teacher: days across, periods down, a field in each.

use crate::{
    timetable::{
        bells::Bells,
        model::{DAYS, Slot, day_label},
    },
    web::Translator,
};

/// A grid, ready to be shown.
pub struct GridTable {
    pub name: String,
    /// Where what is typed is sent to.
    pub address: String,
    /// The name of the fields, and the list that suggests what may stand in them.
    pub field: &'static str,
    pub list: &'static str,
    pub days: Vec<String>,
    pub sessions: Vec<(String, Vec<PeriodLine>)>,
}

/// A period, day by day.
pub struct PeriodLine {
    pub period: i16,
    pub begins: String,
    pub cells: Vec<GridCell>,
}

pub struct GridCell {
    pub slot: Slot,
    pub key: String,
    pub label: String,
    pub is_at: bool,
    pub shown: CellContent,
}

/// What stands in a cell.
#[derive(Default)]
pub struct CellContent {
    pub value: String,
    /// The mark of what stands there, where the form says what it showed.
    pub was: Option<String>,
    pub is_refused: bool,
    /// What stands below the field: a link to the details, or a note.
    pub details: Option<String>,
    pub note: Option<String>,
    pub is_locked: bool,
    /// A lesson that may be dragged.
    pub is_lesson: bool,
}

impl GridTable {
    pub fn new(
        l: &Translator,
        bells: &Bells,
        (name, address): (String, String),
        (field, list): (&'static str, &'static str),
        at: Option<Slot>,
        shown: impl Fn(Slot) -> CellContent,
    ) -> Self {
        let cell = |slot: Slot| GridCell {
            slot,
            key: slot.key(),
            label: super::slot_label(l, slot),
            is_at: at == Some(slot),
            shown: shown(slot),
        };
        let line = |bell: &crate::timetable::bells::Bell| PeriodLine {
            period: bell.period,
            begins: bell.begins.format("%H:%M").to_string(),
            cells: DAYS
                .iter()
                .map(|day| cell(Slot { day: *day, session: bell.session, period: bell.period }))
                .collect(),
        };
        let sessions = bells.sessions();
        Self {
            name,
            address,
            field,
            list,
            days: DAYS.iter().map(|day| l.t(day_label(*day))).collect(),
            sessions: sessions
                .iter()
                .map(|(session, bells)| (l.t(session.label()), bells.iter().map(line).collect()))
                .collect(),
        }
    }
}
