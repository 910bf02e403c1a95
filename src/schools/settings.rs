//! The settings of a school.

use sqlx::PgConnection;

use crate::{
    access::{Granted, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::Result,
    identity::sessions,
};

/// How long a pupil's device may lie idle before it no longer counts, in minutes.
pub const IDLE_MINUTES: std::ops::RangeInclusive<i32> = 15..=1440;

/// The hours that a session of staff may lie idle: half a day, or 1 to 14 days.
pub const STAFF_IDLE_HOURS: [i32; 15] =
    [sessions::STAFF_IDLE_HOURS, 24, 48, 72, 96, 120, 144, 168, 192, 216, 240, 264, 288, 312, 336];

/// The settings of a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchoolSettings {
    /// Homeroom teachers may give the pupils of their class a new password.
    pub homeroom_may_reset: bool,
    /// Teachers may create pupils by hand.
    pub teachers_may_create_students: bool,
    /// A pupil who is signed in on one device is refused on a second one.
    pub one_device_per_student: bool,
    pub idle_minutes: i32,
    /// Owners and account managers have access with a second factor only.
    pub second_factor_for_managers: bool,
    /// So do all teachers. Never without those who manage accounts.
    pub second_factor_for_staff: bool,
    /// How long a session of staff may lie idle, one of [`STAFF_IDLE_HOURS`].
    pub staff_idle_hours: i32,
}

impl SchoolSettings {
    /// Whether these permit what the others forbid: such a change asks for the password first.
    #[must_use]
    pub fn loosen(&self, others: &Self) -> bool {
        self.homeroom_may_reset && !others.homeroom_may_reset
            || self.teachers_may_create_students && !others.teachers_may_create_students
            || !self.one_device_per_student && others.one_device_per_student
            || self.idle_minutes < others.idle_minutes
            || !self.second_factor_for_managers && others.second_factor_for_managers
            || !self.second_factor_for_staff && others.second_factor_for_staff
            || self.staff_idle_hours > others.staff_idle_hours
    }
}

/// The settings as they are.
pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<SchoolSettings> {
    Ok(sqlx::query_as!(
        SchoolSettings,
        "SELECT homeroom_may_reset, teachers_may_create_students, one_device_per_student, idle_minutes,
             second_factor_for_managers, second_factor_for_staff, staff_idle_hours
         FROM schools WHERE id = $1",
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// Changes the settings.
pub async fn change(granted: &Granted<may::ChangeSettings>, app: &App, settings: SchoolSettings) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    sqlx::query!(
        "UPDATE schools SET homeroom_may_reset = $2, teachers_may_create_students = $3, one_device_per_student = $4,
             idle_minutes = $5, second_factor_for_managers = $6, second_factor_for_staff = $7, staff_idle_hours = $8
         WHERE id = $1",
        granted.school_id(),
        settings.homeroom_may_reset,
        settings.teachers_may_create_students,
        settings.one_device_per_student,
        settings.idle_minutes,
        settings.second_factor_for_managers,
        settings.second_factor_for_staff,
        settings.staff_idle_hours,
    )
    .execute(&mut *tx)
    .await?;
    let action = AuditAction::SettingsChanged {
        homeroom_may_reset: settings.homeroom_may_reset,
        teachers_may_create_students: settings.teachers_may_create_students,
        one_device_per_student: settings.one_device_per_student,
        idle_minutes: settings.idle_minutes,
        second_factor_for_managers: settings.second_factor_for_managers,
        second_factor_for_staff: settings.second_factor_for_staff,
        staff_idle_hours: settings.staff_idle_hours,
    };
    audit::record(granted, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    Ok(())
}
