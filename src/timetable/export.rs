//! A version as a workbook, in the three shapes that schools use.

use std::collections::{BTreeMap, HashMap};

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{
    bells::Bells,
    imports::{cells::NONE, meaning::ImportContext},
    lessons::Lesson,
    model::{DAYS, Session, Slot, day_label},
    versions::Version,
};
use crate::{ids::MemberId, web::Translator};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportShape {
    /// Classes across, days and periods down.
    Grid,
    /// One block for each class, below one another.
    Blocks,
    /// One line for each teacher.
    Teachers,
}

impl ExportShape {
    pub const ALL: [Self; 3] = [Self::Grid, Self::Blocks, Self::Teachers];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Blocks => "blocks",
            Self::Teachers => "teachers",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.key() == key)
    }
}

/// What schools write for a period without a lesson.
const EMPTY: &str = "#";

/// Writes the workbook.
///
/// # Errors
/// When it cannot be written.
pub fn workbook(
    shape: ExportShape,
    version: &Version,
    ground: &ImportContext,
    lessons: &[Lesson],
    l: Translator,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(l.t("timetable-sheet"))?;
    sheet.set_landscape();
    sheet.set_paper_size(8);
    sheet.set_print_fit_to_pages(1, 0);
    let looks = Looks::new();
    let written = WrittenLesson { ground, names: ground.names(shape == ExportShape::Teachers) };
    match shape {
        ExportShape::Grid => grid(sheet, &looks, &written, lessons, l)?,
        ExportShape::Blocks => blocks(sheet, &looks, &written, version, lessons, l)?,
        ExportShape::Teachers => teachers(sheet, &looks, &written, lessons, l)?,
    }
    workbook.save_to_buffer()
}

struct Looks {
    head: Format,
    title: Format,
    cell: Format,
}

impl Looks {
    fn new() -> Self {
        let cell = Format::new()
            .set_num_format("@")
            .set_border(FormatBorder::Thin)
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_text_wrap();
        Self { head: cell.clone().set_bold(), title: Format::new().set_bold(), cell }
    }
}

/// The name as it is called in a school: its last word.
pub(super) fn called(teacher: &str) -> &str {
    teacher.rsplit(' ').next().unwrap_or(teacher)
}

/// How lessons are written, so that they are read back as they are: what the assignments say anyway need not be.
struct WrittenLesson<'a> {
    ground: &'a ImportContext,
    names: HashMap<MemberId, String>,
}

impl WrittenLesson<'_> {
    /// "Văn - Hoa", as it stands in a class.
    fn of_class(&self, lesson: &Lesson) -> String {
        let teacher = match (lesson.teacher_id, &lesson.teacher) {
            (Some(id), Some(name)) => Some(self.names.get(&id).unwrap_or(name).clone()),
            _ => self.ground.usual_teacher(lesson.class_id, lesson.subject_id).map(|_| NONE.to_owned()),
        };
        let teacher = teacher.map(|teacher| format!(" - {teacher}")).unwrap_or_default();
        format!("{}{teacher}{}", lesson.short_name, self.room(lesson))
    }

    /// "10A1-Văn", as it stands with a teacher.
    fn of_teacher(&self, lesson: &Lesson) -> String {
        format!("{}-{}{}", lesson.class_name, lesson.short_name, self.room(lesson))
    }

    fn room(&self, lesson: &Lesson) -> String {
        let usual = || self.ground.usual_room(lesson.class_id, lesson.subject_id, lesson.teacher_id);
        match &lesson.room {
            Some(room) => format!(" ({room})"),
            None if usual().is_some() => format!(" ({NONE})"),
            None => String::new(),
        }
    }
}

fn by_class(lessons: &[Lesson]) -> BTreeMap<(&str, Slot), &Lesson> {
    lessons.iter().map(|lesson| ((lesson.class_name.as_str(), lesson.slot), lesson)).collect()
}

fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn grid(
    sheet: &mut Worksheet,
    looks: &Looks,
    written: &WrittenLesson<'_>,
    lessons: &[Lesson],
    l: Translator,
) -> Result<(), XlsxError> {
    let found = by_class(lessons);
    let heads = [l.t("timetable-day"), l.t("timetable-session"), l.t("timetable-period-head")];
    let classes: Vec<&String> = written.ground.classes.iter().map(|class| &class.name).collect();
    for (at, head) in heads.iter().chain(classes.iter().copied()).enumerate() {
        sheet.write_string_with_format(0, column(at), head, &looks.head)?;
    }
    sheet.set_freeze_panes(1, 3)?;
    for (line, slot) in (1..).zip(written.ground.bells.slots()) {
        sheet.write_string_with_format(line, 0, l.t(day_label(slot.day)), &looks.head)?;
        sheet.write_string_with_format(line, 1, letter(slot.session), &looks.head)?;
        sheet.write_string_with_format(line, 2, slot.period.to_string(), &looks.head)?;
        for (at, class) in classes.iter().enumerate() {
            let text = found.get(&(class.as_str(), slot)).map(|lesson| written.of_class(lesson)).unwrap_or_default();
            sheet.write_string_with_format(line, column(at + 3), text, &looks.cell)?;
        }
    }
    Ok(())
}

/// S for the morning, C for the afternoon, as the sheets of schools have it.
fn letter(session: Session) -> &'static str {
    match session {
        Session::Morning => "S",
        Session::Afternoon => "C",
    }
}

fn blocks(
    sheet: &mut Worksheet,
    looks: &Looks,
    written: &WrittenLesson<'_>,
    version: &Version,
    lessons: &[Lesson],
    l: Translator,
) -> Result<(), XlsxError> {
    let found = by_class(lessons);
    sheet.write_string_with_format(
        0,
        0,
        l.t1("timetable-sheet-from", "date", version.holds_from.to_string()),
        &looks.title,
    )?;
    for day in DAYS {
        sheet.set_column_width(column(usize::try_from(day).unwrap_or_default() + 1), 16)?;
    }
    let mut line = 2;
    for class in written.ground.classes.iter().map(|class| &class.name) {
        sheet.write_string_with_format(line, 0, class, &looks.title)?;
        line += 1;
        let days = DAYS.iter().map(|day| l.t(day_label(*day)));
        for (at, head) in [l.t("timetable-session"), l.t("timetable-period-head")].into_iter().chain(days).enumerate() {
            sheet.write_string_with_format(line, column(at), head, &looks.head)?;
        }
        line += 1;
        for bell in &written.ground.bells.0 {
            sheet.write_string_with_format(line, 0, letter(bell.session), &looks.head)?;
            sheet.write_string_with_format(line, 1, bell.period.to_string(), &looks.head)?;
            for day in DAYS {
                let slot = Slot { day, session: bell.session, period: bell.period };
                let text =
                    found.get(&(class.as_str(), slot)).map(|lesson| written.of_class(lesson)).unwrap_or_default();
                let at = column(usize::try_from(day).unwrap_or_default() + 1);
                sheet.write_string_with_format(line, at, text, &looks.cell)?;
            }
            line += 1;
        }
        line += 1;
    }
    Ok(())
}

fn teachers(
    sheet: &mut Worksheet,
    looks: &Looks,
    written: &WrittenLesson<'_>,
    lessons: &[Lesson],
    l: Translator,
) -> Result<(), XlsxError> {
    let bells: &Bells = &written.ground.bells;
    // By who they are and not by what they are called: two may be called the same. Behind them what no teacher has, where
    // several classes may be at a time.
    let mut of_teacher: BTreeMap<(bool, String, String), BTreeMap<Slot, String>> = BTreeMap::new();
    for lesson in lessons {
        let key = match (lesson.teacher_id, &lesson.teacher) {
            (Some(id), Some(name)) => {
                let shown = written.names.get(&id).unwrap_or(name);
                (false, crate::vietnam::text::fold(called(name)), format!("{shown}\n{id}"))
            }
            _ => (true, String::new(), NONE.to_owned()),
        };
        let cell = of_teacher.entry(key).or_default().entry(lesson.slot).or_default();
        if !cell.is_empty() {
            cell.push_str("; ");
        }
        cell.push_str(&written.of_teacher(lesson));
    }
    let across = u16::try_from(bells.0.len()).unwrap_or(u16::MAX);
    sheet.merge_range(0, 0, 2, 0, &l.t("timetable-teacher"), &looks.head)?;
    sheet.set_column_width(0, 26)?;
    sheet.set_freeze_panes(3, 1)?;
    for (at, day) in DAYS.iter().enumerate() {
        let from = 1 + column(at) * across;
        let name = l.t(day_label(*day));
        match across {
            1 => sheet.write_string_with_format(0, from, name, &looks.head)?,
            _ => sheet.merge_range(0, from, 0, from + across - 1, &name, &looks.head)?,
        };
        for (number, bell) in bells.0.iter().enumerate() {
            sheet.write_string_with_format(1, from + column(number), letter(bell.session), &looks.head)?;
            sheet.write_string_with_format(2, from + column(number), bell.period.to_string(), &looks.head)?;
        }
    }
    for (line, ((_, _, name), lessons)) in (3_u32..).zip(&of_teacher) {
        let name = name.split('\n').next().unwrap_or_default();
        sheet.write_string_with_format(line, 0, name, &looks.head)?;
        for (at, slot) in bells.slots().enumerate() {
            let text = lessons.get(&slot).map_or(EMPTY, String::as_str);
            sheet.write_string_with_format(line, column(at + 1), text, &looks.cell)?;
        }
    }
    Ok(())
}
