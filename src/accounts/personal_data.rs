//! Exports what a school stores about one person, for that person or their parents: a workbook that any spreadsheet
//! program reads.

use chrono::{DateTime, NaiveDate, Utc};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use sqlx::PgConnection;

use crate::{
    access::{Granted, MemberAction, Scope, may},
    app::App,
    audit::{self, AuditAction, AuditActionKind, Event, words},
    error::{Error, Result},
    identity::{accounts, applications},
    ids::{AccountId, MemberId},
    roster::{
        fields::{Field, Values},
        subject::LockedMember,
    },
    schools::years,
    web::Translator,
};

/// One sheet: its name and its rows, the first of them the headers.
struct DataSheet {
    name: String,
    rows: Vec<Vec<String>>,
}

/// Writes the workbook; the export is recorded in the audit log.
///
/// # Errors
/// As [`LockedMember::find`], or when the file cannot be written.
pub async fn export(granted: &Granted<may::ManageAccounts>, app: &App, id: MemberId, l: Translator) -> Result<Vec<u8>> {
    let mut tx = app.db.begin_in(granted.school_id()).await?;
    let year = years::current(granted, &mut tx, app.clock.today()).await?;
    let subject = LockedMember::find(granted, &mut tx, year.id, id, MemberAction::Edit).await?;
    let sheets = vec![
        profile(granted, &mut tx, id, &subject.values, subject.account_id, l).await?,
        classes(granted, &mut tx, id, l).await?,
        devices(&mut tx, subject.account_id, l).await?,
        consents(granted, &mut tx, subject.account_id, l).await?,
        record(granted, &mut tx, id, l).await?,
    ];
    audit::record(granted, app, &mut tx, Event::about(AuditAction::DataExported, id)).await?;
    tx.commit().await?;
    let written = tokio::task::spawn_blocking(move || write(&sheets)).await.map_err(anyhow::Error::new)?;
    written.map_err(|fault| Error::Internal(fault.into()))
}

/// Everything that the school knows, unmasked: it is the person's own data.
async fn profile(
    scope: &Scope,
    tx: &mut PgConnection,
    id: MemberId,
    values: &Values,
    account_id: Option<AccountId>,
    l: Translator,
) -> Result<DataSheet> {
    let row = sqlx::query!(
        r#"SELECT role, status, created_at, slip_printed_at, first_signed_in_at, last_signed_in_at,
               ARRAY(SELECT g."grant" FROM grants g WHERE g.school_id = $1 AND g.member_id = $2) AS "grants!"
           FROM members WHERE school_id = $1 AND id = $2"#,
        scope.school_id(),
        id,
    )
    .fetch_one(&mut *tx)
    .await?;
    let login = match account_id {
        Some(account_id) => accounts::logins(tx, &[account_id]).await?.pop().map(|(_, login)| login),
        None => None,
    };
    let mut rows = vec![vec![l.t("data-what"), l.t("data-value")]];
    let mut line = |label: String, value: Option<String>| rows.extend(value.map(|value| vec![label, value]));
    line(l.t("data-school"), Some(format!("{} ({})", scope.school.name, scope.school.code)));
    for field in Field::ALL.into_iter().filter(|field| !matches!(field, Field::Password | Field::Status)) {
        let value = values.get(&field).map(|value| match field {
            Field::Gender => l.t(&format!("gender-{value}")),
            Field::BirthDate => value.parse().map_or_else(|_| value.clone(), |date| l.date(&date)),
            _ => value.clone(),
        });
        line(l.t(field.label_key()), value);
    }
    line(l.t("data-login"), login);
    line(l.t("data-role"), Some(l.tk("role", &row.role)));
    line(l.t("data-status"), Some(l.tk("value-status", &row.status)));
    let grants: Vec<String> = row.grants.iter().map(|grant| l.tk("grant", grant)).collect();
    line(l.t("data-grants"), (!grants.is_empty()).then(|| grants.join(", ")));
    let time = |at: Option<DateTime<Utc>>| at.map(|at| l.moment(&at));
    line(l.t("data-since"), time(Some(row.created_at)));
    line(l.t("data-slip"), time(row.slip_printed_at));
    line(l.t("data-first-sign-in"), time(row.first_signed_in_at));
    line(l.t("data-last-sign-in"), time(row.last_signed_in_at));
    Ok(DataSheet { name: l.t("data-sheet-profile"), rows })
}

async fn classes(scope: &Scope, tx: &mut PgConnection, id: MemberId, l: Translator) -> Result<DataSheet> {
    let found = sqlx::query!(
        r#"SELECT y.name AS year, c.name AS class, s.until AS "until?" FROM (
               SELECT e.class_id, (e.ended_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS until FROM enrolments e
               WHERE e.school_id = $1 AND e.member_id = $2
               UNION ALL
               SELECT p.class_id, p.to_day FROM past_stays p WHERE p.school_id = $1 AND p.member_id = $2) s
           JOIN classes c ON c.school_id = $1 AND c.id = s.class_id
           JOIN school_years y ON y.school_id = $1 AND y.id = c.school_year_id
           ORDER BY y.starts_on, s.until NULLS LAST"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    let head = vec![l.t("data-year"), l.t("data-class"), l.t("data-ended")];
    let row = |year: String, class: String, until: Option<NaiveDate>| {
        vec![year, class, until.map(|day| l.date(&day)).unwrap_or_default()]
    };
    let rows = found.into_iter().map(|found| row(found.year, found.class, found.until));
    Ok(DataSheet { name: l.t("data-sheet-classes"), rows: std::iter::once(head).chain(rows).collect() })
}

async fn devices(tx: &mut PgConnection, account_id: Option<AccountId>, l: Translator) -> Result<DataSheet> {
    let found = match account_id {
        Some(account_id) => crate::identity::sessions::of_account(tx, account_id).await?,
        None => Vec::new(),
    };
    let head = vec![l.t("data-device"), l.t("data-address"), l.t("data-since"), l.t("data-seen")];
    let rows = found.into_iter().map(|device| {
        vec![
            device.user_agent,
            device.address.unwrap_or_default(),
            l.moment(&device.since),
            l.moment(&device.last_seen),
        ]
    });
    Ok(DataSheet { name: l.t("data-sheet-devices"), rows: std::iter::once(head).chain(rows).collect() })
}

/// What the person has let other applications learn.
async fn consents(
    scope: &Scope,
    tx: &mut PgConnection,
    account_id: Option<AccountId>,
    l: Translator,
) -> Result<DataSheet> {
    let found = match account_id {
        Some(account_id) => applications::consents(tx, account_id, scope.school_id()).await?,
        None => Vec::new(),
    };
    let head = vec![l.t("data-application"), l.t("data-learns"), l.t("data-since")];
    let rows = found.into_iter().map(|consent| {
        // Asked for by applications that refresh their tokens: it tells them nothing.
        let told = consent.scopes.iter().filter(|scope| *scope != "offline_access");
        let told: Vec<String> = told.map(|scope| l.tk("openid-scope", scope)).collect();
        vec![consent.application, told.join("; "), l.moment(&consent.given_at)]
    });
    Ok(DataSheet { name: l.t("data-sheet-applications"), rows: std::iter::once(head).chain(rows).collect() })
}

/// What was done to the person, and what they did. Who else was involved is left out: that stays with the school.
async fn record(scope: &Scope, tx: &mut PgConnection, id: MemberId, l: Translator) -> Result<DataSheet> {
    let found = sqlx::query!(
        r#"SELECT at AS "at!", action AS "action!", actor_id IS NOT DISTINCT FROM $2 AS "is_own!" FROM audit_events
           WHERE school_id = $1 AND (subject_id = $2 OR actor_kind = 'member' AND actor_id = $2)
           UNION ALL
           SELECT at, 'import_' || what, actor_id IS NOT DISTINCT FROM $2 FROM imported_members
           WHERE school_id = $1 AND member_id = $2
           ORDER BY 1"#,
        scope.school_id(),
        id,
    )
    .fetch_all(tx)
    .await?;
    let head = vec![l.t("data-when"), l.t("data-what"), l.t("data-by")];
    let mut rows = vec![head];
    for event in found {
        let action = AuditActionKind::try_from(event.action).map_err(anyhow::Error::new)?;
        let by = l.t(if event.is_own { "data-by-self" } else { "data-by-school" });
        rows.push(vec![l.moment(&event.at), words::name(&l, action), by]);
    }
    Ok(DataSheet { name: l.t("data-sheet-record"), rows })
}

fn write(sheets: &[DataSheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        fill(workbook.add_worksheet(), sheet)?;
    }
    workbook.save_to_buffer()
}

fn fill(worksheet: &mut Worksheet, sheet: &DataSheet) -> Result<(), XlsxError> {
    let head = Format::new().set_bold();
    let plain = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    worksheet.set_name(&sheet.name)?;
    for (column, width) in [28.0, 44.0, 24.0, 24.0].into_iter().enumerate() {
        worksheet.set_column_width(u16::try_from(column).unwrap_or_default(), width)?;
    }
    for (row, cells) in sheet.rows.iter().enumerate() {
        let format = if row == 0 { &head } else { &plain };
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (u32::try_from(row).unwrap_or_default(), u16::try_from(column).unwrap_or_default());
            // As text: a workbook would take a value that begins with = for a formula, and a phone number for a number.
            worksheet.write_string_with_format(row, column, cell, format)?;
        }
    }
    worksheet.set_freeze_panes(1, 0)?;
    Ok(())
}
