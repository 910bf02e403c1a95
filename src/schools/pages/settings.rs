//! The school's settings.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    identity::fresh,
    schools::{
        settings::{self, IDLE_MINUTES, Settings},
        shell::{self, Entry},
    },
    web::{
        L, Reply, Shell, Visitor,
        forms::{Faults, Form},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/settings.html")]
struct SettingsPage {
    l: L,
    shell: Shell,
    code: String,
    form: SettingsForm,
    faults: Faults,
}

/// Boxes send `on`, or nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    homeroom_may_reset: String,
    teachers_may_create_students: String,
    one_device_per_student: String,
    idle_minutes: String,
    second_factor_for_managers: String,
}

impl SettingsForm {
    fn of(settings: Settings) -> Self {
        let on = |is_on: bool| if is_on { "on".to_owned() } else { String::new() };
        Self {
            homeroom_may_reset: on(settings.homeroom_may_reset),
            teachers_may_create_students: on(settings.teachers_may_create_students),
            one_device_per_student: on(settings.one_device_per_student),
            idle_minutes: settings.idle_minutes.to_string(),
            second_factor_for_managers: on(settings.second_factor_for_managers),
        }
    }
}

pub async fn show(State(app): State<App>, visitor: Visitor, granted: Granted<may::ChangeSettings>) -> Reply {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let settings = settings::read(&granted, &mut tx).await?;
    tx.commit().await?;
    html(&settings_page(&visitor, &granted, SettingsForm::of(settings), Faults::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<SettingsForm>,
) -> Reply {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let current = settings::read(&granted, &mut tx).await?;
    tx.commit().await?;
    // A missing number of minutes leaves it as it is.
    let typed = form.idle_minutes.trim();
    let idle_minutes = if typed.is_empty() {
        Some(current.idle_minutes)
    } else {
        typed.parse().ok().filter(|minutes| IDLE_MINUTES.contains(minutes))
    };
    let Some(idle_minutes) = idle_minutes else {
        let faults = Faults::one("idle_minutes", "fault-idle-minutes");
        return refused(&settings_page(&visitor, &granted, form, faults));
    };
    let settings = Settings {
        homeroom_may_reset: !form.homeroom_may_reset.is_empty(),
        teachers_may_create_students: !form.teachers_may_create_students.is_empty(),
        one_device_per_student: !form.one_device_per_student.is_empty(),
        idle_minutes,
        second_factor_for_managers: !form.second_factor_for_managers.is_empty(),
    };
    if settings.loosen(&current) {
        fresh::expect(&visitor)?;
    }
    settings::change(&granted, &app, settings).await?;
    Ok(page::redirect(&format!("/schools/{}/settings?done=settings-changed", granted.school.code)))
}

fn settings_page(
    visitor: &Visitor,
    granted: &Granted<may::ChangeSettings>,
    form: SettingsForm,
    faults: Faults,
) -> SettingsPage {
    SettingsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, Entry::Settings),
        code: granted.school.code.clone(),
        form,
        faults,
    }
}
