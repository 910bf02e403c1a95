//! The school's settings.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::{
    access::{Granted, may},
    app::App,
    identity::reauthentication,
    paths,
    schools::settings::{
        self, FINISHED_DAYS, IDLE_MINUTES, NightlySync, RegistrySource, STAFF_IDLE_HOURS, SchoolSettings,
    },
    shell::{self, MenuPage},
    web::{
        PageResult, RequestContext, Shell, Translator,
        forms::{Form, FormErrors},
        html, page, refused,
    },
};

#[derive(Template)]
#[template(path = "schools/settings.html")]
struct SettingsPage {
    l: Translator,
    shell: Shell,
    code: String,
    /// The services with whose accounts staff may sign in, where the school allows it.
    providers: Vec<&'static str>,
    form: SettingsForm,
    faults: FormErrors,
}

impl SettingsPage {
    /// What is offered: the hours as they are sent, and in words.
    fn staff_idle_choices(&self) -> Vec<(String, String)> {
        let words = |hours: i32| match (hours % 24, hours / 24) {
            (0, days) => self.l.t1("settings-staff-idle-days", "n", days),
            _ => self.l.t1("settings-staff-idle-hours-many", "n", hours),
        };
        STAFF_IDLE_HOURS.iter().map(|hours| (hours.to_string(), words(*hours))).collect()
    }
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
    second_factor_for_staff: String,
    staff_idle_hours: String,
    /// `submissions` or `own`; without it, it stays as it is.
    registry_source: String,
    /// `off`, `prepare` or `apply`; without it, it stays as it is.
    nightly_sync: String,
    letters_in_english: String,
    shares_demographics: String,
    shares_guardians: String,
    monthly_report: String,
    finished_days: String,
    provider_sign_in: String,
}

impl SettingsForm {
    fn of(settings: SchoolSettings) -> Self {
        let on = |is_on: bool| if is_on { "on".to_owned() } else { String::new() };
        Self {
            homeroom_may_reset: on(settings.homeroom_may_reset),
            teachers_may_create_students: on(settings.teachers_may_create_students),
            one_device_per_student: on(settings.one_device_per_student),
            idle_minutes: settings.idle_minutes.to_string(),
            second_factor_for_managers: on(settings.second_factor_for_managers),
            second_factor_for_staff: on(settings.second_factor_for_staff),
            staff_idle_hours: settings.staff_idle_hours.to_string(),
            registry_source: (if settings.keeps_own_registry {
                RegistrySource::Own
            } else {
                RegistrySource::Submissions
            })
            .key()
            .to_owned(),
            nightly_sync: settings.nightly_sync.key().to_owned(),
            letters_in_english: on(settings.letters_in_english),
            shares_demographics: on(settings.shares_demographics),
            shares_guardians: on(settings.shares_guardians),
            monthly_report: on(settings.monthly_report),
            finished_days: settings.finished_days.to_string(),
            provider_sign_in: on(settings.provider_sign_in),
        }
    }
}

pub async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let settings = settings::read(&granted, &mut tx).await?;
    tx.commit().await?;
    html(&settings_page(&app, &visitor, &granted, SettingsForm::of(settings), FormErrors::new()))
}

pub async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<SettingsForm>,
) -> PageResult {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let current = settings::read(&granted, &mut tx).await?;
    tx.commit().await?;
    let mut faults = FormErrors::new();
    let idle_minutes = number(&form.idle_minutes, current.idle_minutes, |minutes| IDLE_MINUTES.contains(minutes));
    if idle_minutes.is_none() {
        faults.add("idle_minutes", "fault-idle-minutes");
    }
    let staff_idle_hours =
        number(&form.staff_idle_hours, current.staff_idle_hours, |hours| STAFF_IDLE_HOURS.contains(hours));
    if staff_idle_hours.is_none() {
        faults.add("staff_idle_hours", "fault-staff-idle-hours");
    }
    let finished_days = number(&form.finished_days, current.finished_days, |days| FINISHED_DAYS.contains(days));
    if finished_days.is_none() {
        faults.add("finished_days", "fault-finished-days");
    }
    let (Some(idle_minutes), Some(staff_idle_hours), Some(finished_days)) =
        (idle_minutes, staff_idle_hours, finished_days)
    else {
        return refused(&settings_page(&app, &visitor, &granted, form, faults));
    };
    let for_staff = !form.second_factor_for_staff.is_empty();
    let settings = SchoolSettings {
        homeroom_may_reset: !form.homeroom_may_reset.is_empty(),
        teachers_may_create_students: !form.teachers_may_create_students.is_empty(),
        one_device_per_student: !form.one_device_per_student.is_empty(),
        idle_minutes,
        second_factor_for_managers: for_staff || !form.second_factor_for_managers.is_empty(),
        second_factor_for_staff: for_staff,
        staff_idle_hours,
        keeps_own_registry: RegistrySource::from_key(&form.registry_source)
            .map_or(current.keeps_own_registry, |source| source == RegistrySource::Own),
        nightly_sync: NightlySync::from_key(&form.nightly_sync).unwrap_or(current.nightly_sync),
        letters_in_english: !form.letters_in_english.is_empty(),
        shares_demographics: !form.shares_demographics.is_empty(),
        shares_guardians: !form.shares_guardians.is_empty(),
        monthly_report: !form.monthly_report.is_empty(),
        finished_days,
        // Where the server has none, it is not asked for.
        provider_sign_in: if app.config.providers.is_empty() {
            current.provider_sign_in
        } else {
            !form.provider_sign_in.is_empty()
        },
    };
    if settings.loosen(&current) {
        reauthentication::expect(&visitor)?;
    }
    settings::change(&granted, &app, settings).await?;
    Ok(page::redirect(paths::Settings::of(&granted.school.code).with("done", "settings-changed")))
}

/// The owner's answer to the question of the home page: `homeroom_may_reset` is `on` or `off`.
pub async fn answer_homeroom_reset(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Form(form): Form<SettingsForm>,
) -> PageResult {
    let may = form.homeroom_may_reset == "on";
    if may {
        reauthentication::expect(&visitor)?;
    }
    settings::answer_homeroom_reset(&granted, &app, may).await?;
    let done = if may { "homeroom-may-reset" } else { "homeroom-may-not-reset" };
    Ok(page::redirect(paths::School::of(&granted.school.code).with("done", done)))
}

/// A number as typed; who does not say how many leaves them as they are.
fn number(typed: &str, current: i32, may_be: impl Fn(&i32) -> bool) -> Option<i32> {
    match typed.trim() {
        "" => Some(current),
        typed => typed.parse().ok().filter(may_be),
    }
}

fn settings_page(
    app: &App,
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    form: SettingsForm,
    faults: FormErrors,
) -> SettingsPage {
    SettingsPage {
        l: visitor.l,
        shell: shell::of_school(visitor, granted, MenuPage::Settings),
        code: granted.school.code.clone(),
        providers: app.config.providers.iter().map(|provider| provider.kind.name()).collect(),
        form,
        faults,
    }
}
