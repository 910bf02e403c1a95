//! The settings of a school.

use sqlx::PgConnection;

use crate::{
    access::{Granted, SchoolKind, Scope, may},
    app::App,
    audit::{self, AuditAction, Event},
    db::Db,
    error::Result,
    identity::sessions,
    ids::SchoolId,
};

/// How long a pupil's device may lie idle before it no longer counts, in minutes.
pub const IDLE_MINUTES: std::ops::RangeInclusive<i32> = 15..=1440;

/// The hours that a session of staff may lie idle: half a day, or 1 to 14 days.
pub const STAFF_IDLE_HOURS: [i32; 15] =
    [sessions::STAFF_IDLE_HOURS, 24, 48, 72, 96, 120, 144, 168, 192, 216, 240, 264, 288, 312, 336];

/// For how many days the accounts of those who have finished school may stay open.
pub const FINISHED_DAYS: std::ops::RangeInclusive<i32> = 0..=365;

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
    /// The owners keep the school's part of the registry here; otherwise it changes by submissions.
    pub keeps_own_registry: bool,
    /// Whether the accounts are synced with the registry at night.
    pub nightly_sync: NightlySync,
    /// Letters to people who have chosen no language are in English.
    pub letters_in_english: bool,
    /// OneRoster carries birth dates, sex and the ministry's identifiers.
    pub shares_demographics: bool,
    /// OneRoster carries mothers and guardians.
    pub shares_guardians: bool,
    /// The owners get a mail with the school's figures on the first of each month.
    pub monthly_report: bool,
    /// For how many days the accounts of those who have finished school stay open, in [`FINISHED_DAYS`].
    pub finished_days: i32,
    /// Staff may sign in with an account of work at another service.
    pub provider_sign_in: bool,
}

/// Whether the accounts are synced with the registry at night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NightlySync {
    #[default]
    Off,
    /// The plan is made, and the owners get a mail.
    Prepare,
    /// It is applied by itself where it only adds and updates, and not too much.
    Apply,
}

impl NightlySync {
    pub const ALL: [Self; 3] = [Self::Off, Self::Prepare, Self::Apply];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Prepare => "prepare",
            Self::Apply => "apply",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wanted| wanted.key() == key)
    }
}

/// How a school's part of the registry changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrySource {
    /// By submissions that an operator approves.
    Submissions,
    /// By its owners, in the pages.
    Own,
}

impl RegistrySource {
    pub const ALL: [Self; 2] = [Self::Submissions, Self::Own];

    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Submissions => "submissions",
            Self::Own => "own",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.key() == key)
    }
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
            || self.nightly_sync == NightlySync::Apply && others.nightly_sync != NightlySync::Apply
            || self.shares_demographics && !others.shares_demographics
            || self.shares_guardians && !others.shares_guardians
            || self.provider_sign_in && !others.provider_sign_in
    }
}

/// The settings as they are.
pub async fn read(scope: &Scope, tx: &mut PgConnection) -> Result<SchoolSettings> {
    let row = sqlx::query!(
        r#"SELECT homeroom_may_reset, teachers_may_create_students, one_device_per_student, idle_minutes,
               second_factor_for_managers, second_factor_for_staff, staff_idle_hours,
               registry_source = 'own' AS "keeps_own_registry!", nightly_sync, letters_in_english, shares_demographics,
               shares_guardians, monthly_report, finished_days, provider_sign_in
           FROM schools WHERE id = $1"#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?;
    Ok(SchoolSettings {
        homeroom_may_reset: row.homeroom_may_reset,
        teachers_may_create_students: row.teachers_may_create_students,
        one_device_per_student: row.one_device_per_student,
        idle_minutes: row.idle_minutes,
        second_factor_for_managers: row.second_factor_for_managers,
        second_factor_for_staff: row.second_factor_for_staff,
        staff_idle_hours: row.staff_idle_hours,
        keeps_own_registry: row.keeps_own_registry,
        nightly_sync: NightlySync::from_key(&row.nightly_sync).unwrap_or_default(),
        letters_in_english: row.letters_in_english,
        shares_demographics: row.shares_demographics,
        shares_guardians: row.shares_guardians,
        monthly_report: row.monthly_report,
        finished_days: row.finished_days,
        provider_sign_in: row.provider_sign_in,
    })
}

/// For how many days the accounts of those who have finished school stay open.
pub async fn finished_days(scope: &Scope, tx: &mut PgConnection) -> Result<i32> {
    let days = sqlx::query_scalar!("SELECT finished_days FROM schools WHERE id = $1", scope.school_id());
    Ok(days.fetch_one(tx).await?)
}

/// How the school's part of the registry changes.
pub async fn registry_source(scope: &Scope, tx: &mut PgConnection) -> Result<RegistrySource> {
    let settings = read(scope, tx).await?;
    Ok(if settings.keeps_own_registry { RegistrySource::Own } else { RegistrySource::Submissions })
}

/// Whether an owner is to be asked if homeroom teachers may give new passwords: once, where there are homerooms.
pub async fn asks_homeroom_reset(scope: &Scope, tx: &mut PgConnection) -> Result<bool> {
    if scope.school.kind != SchoolKind::K12 {
        return Ok(false);
    }
    Ok(sqlx::query_scalar!(
        r#"SELECT homeroom_reset_asked_at IS NULL AS "asks!" FROM schools WHERE id = $1"#,
        scope.school_id(),
    )
    .fetch_one(tx)
    .await?)
}

/// The owner's answer.
pub async fn answer_homeroom_reset(granted: &Granted<may::ChangeSettings>, app: &App, may: bool) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let settings = SchoolSettings { homeroom_may_reset: may, ..read(granted, &mut tx).await? };
    tx.commit().await?;
    change(granted, app, settings).await
}

/// Whether homeroom teachers may give new passwords in the school of this code, for those who cannot sign in.
pub async fn homeroom_may_reset(db: &Db, school_id: SchoolId) -> Result<bool> {
    let may = sqlx::query_scalar!("SELECT homeroom_may_reset FROM schools WHERE id = $1", school_id);
    Ok(may.fetch_one(db.pool()).await?)
}

/// Whether staff of a school may sign in with accounts of work at other services.
pub async fn allows_providers(db: &Db, school_id: SchoolId) -> Result<bool> {
    let allows = sqlx::query_scalar!("SELECT provider_sign_in FROM schools WHERE id = $1", school_id);
    Ok(allows.fetch_one(db.pool()).await?)
}

/// Changes the settings; with that an owner has decided whether homeroom teachers may give new passwords.
pub async fn change(granted: &Granted<may::ChangeSettings>, app: &App, settings: SchoolSettings) -> Result<()> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    sqlx::query!(
        "UPDATE schools SET homeroom_may_reset = $2, teachers_may_create_students = $3, one_device_per_student = $4,
             idle_minutes = $5, second_factor_for_managers = $6, second_factor_for_staff = $7, staff_idle_hours = $8,
             registry_source = CASE WHEN $9 THEN 'own' ELSE 'submissions' END, nightly_sync = $10,
             homeroom_reset_asked_at = coalesce(homeroom_reset_asked_at, $11), letters_in_english = $12,
             shares_demographics = $13, shares_guardians = $14, monthly_report = $15, finished_days = $16,
             provider_sign_in = $17
         WHERE id = $1",
        granted.school_id(),
        settings.homeroom_may_reset,
        settings.teachers_may_create_students,
        settings.one_device_per_student,
        settings.idle_minutes,
        settings.second_factor_for_managers,
        settings.second_factor_for_staff,
        settings.staff_idle_hours,
        settings.keeps_own_registry,
        settings.nightly_sync.key(),
        app.clock.now(),
        settings.letters_in_english,
        settings.shares_demographics,
        settings.shares_guardians,
        settings.monthly_report,
        settings.finished_days,
        settings.provider_sign_in,
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
        keeps_own_registry: settings.keeps_own_registry,
        nightly_sync: settings.nightly_sync.key().into(),
        letters_in_english: settings.letters_in_english,
        shares_demographics: settings.shares_demographics,
        shares_guardians: settings.shares_guardians,
        monthly_report: settings.monthly_report,
        finished_days: settings.finished_days,
        provider_sign_in: settings.provider_sign_in,
    };
    audit::record(granted, app, &mut tx, Event::new(action)).await?;
    tx.commit().await?;
    Ok(())
}
