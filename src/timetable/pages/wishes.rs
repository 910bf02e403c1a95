//! When a teacher does not teach, and how much at most.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    error::{Error, Result},
    ids::MemberId,
    paths,
    schools::homeroom,
    shell::{self, MenuPage},
    timetable::{
        bells::{self, Bell, Bells},
        elsewhere::{BusySlot, LessonsElsewhere},
        model::{DAYS, Session, Slot, day_label},
        setup,
        wishes::{self, Wishes},
    },
    web::{
        PageResult, RequestContext, Shell, Translator,
        address_parts::Path,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "timetable/wishes.html")]
struct WishesPage {
    l: Translator,
    shell: Shell,
    code: String,
    id: MemberId,
    name: String,
    bells: Bells,
    /// When they teach at other schools.
    elsewhere: Vec<String>,
    form: WishesForm,
    faults: FormErrors,
}

impl WishesPage {
    fn days(&self) -> [i16; 6] {
        DAYS
    }

    fn day(&self, day: &i16) -> String {
        self.l.t(day_label(*day))
    }

    fn sessions(&self) -> Vec<(Session, Vec<Bell>)> {
        self.bells.sessions()
    }

    fn key(&self, day: &i16, bell: &Bell) -> String {
        Slot { day: *day, session: bell.session, period: bell.period }.key()
    }

    fn label(&self, day: &i16, bell: &Bell) -> String {
        super::slot_label(&self.l, Slot { day: *day, session: bell.session, period: bell.period })
    }

    fn is_blocked(&self, day: &i16, bell: &Bell) -> bool {
        self.form.blocked.contains(&self.key(day, bell))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WishesForm {
    /// Slots, each by its key.
    blocked: Vec<String>,
    most_a_day: String,
    most_sessions: String,
    most_gaps: String,
    norm: String,
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, MemberId)>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    setup::ensure(&granted, &app, &mut tx).await?;
    let own = wishes::all(&granted, &mut tx).await?.into_iter().find(|wishes| wishes.teacher_id == id);
    tx.commit().await?;
    let own = own.unwrap_or_default();
    let shown = |number: Option<i16>| number.map(|number| number.to_string()).unwrap_or_default();
    let form = WishesForm {
        blocked: own.blocked.iter().map(Slot::key).collect(),
        most_a_day: shown(own.most_a_day),
        most_sessions: shown(own.most_sessions),
        most_gaps: shown(own.most_gaps),
        norm: shown(own.norm),
    };
    html(&wishes_page(&app, &visitor, &granted, id, form, FormErrors::new()).await?)
}

pub async fn save(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ManageTimetable>,
    Path((_, id)): Path<(String, MemberId)>,
    Form(form): Form<WishesForm>,
) -> PageResult {
    let mut faults = FormErrors::new();
    let mut number = |field: &'static str, typed: &str, range: std::ops::RangeInclusive<i16>| {
        if typed.trim().is_empty() {
            return None;
        }
        let read = typed.trim().parse::<i16>().ok().filter(|number| range.contains(number));
        if read.is_none() {
            faults.add(field, "fault-timetable-wish-number");
        }
        read
    };
    let wishes = Wishes {
        teacher_id: id,
        blocked: form.blocked.iter().filter_map(|key| Slot::from_key(key)).collect::<BTreeSet<_>>(),
        most_a_day: number("most_a_day", &form.most_a_day, 1..=12),
        most_sessions: number("most_sessions", &form.most_sessions, 1..=12),
        most_gaps: number("most_gaps", &form.most_gaps, 0..=30),
        norm: number("norm", &form.norm, 0..=60),
    };
    if !faults.is_empty() {
        return refused(&wishes_page(&app, &visitor, &granted, id, form, faults).await?);
    }
    wishes::save(&granted, &app, &wishes).await?;
    let to = paths::TimetableWishes::of(&granted.school.code, id).with("done", "timetable-wishes");
    Ok(page::redirect(to))
}

async fn wishes_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ManageTimetable>,
    id: MemberId,
    form: WishesForm,
    faults: FormErrors,
) -> Result<WishesPage> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let bells = bells::all(granted, &mut tx).await?;
    let teachers = homeroom::candidates(granted, &mut tx).await?;
    tx.commit().await?;
    let teacher = teachers.into_iter().find(|teacher| teacher.id == id).ok_or(Error::NotFound)?;
    let today = app.clock.today();
    let times = LessonsElsewhere::of(granted, app, today, &[id]).await?.times(id, today);
    let l = visitor.l;
    let time = |busy: &BusySlot| {
        format!("{} {}–{}", l.t(day_label(busy.day)), busy.begins.format("%H:%M"), busy.ends.format("%H:%M"))
    };
    Ok(WishesPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Timetable),
        code: granted.school.code.clone(),
        id,
        name: teacher.full_name,
        elsewhere: times.iter().map(time).collect(),
        bells,
        form,
        faults,
    })
}
