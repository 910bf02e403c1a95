//! The logo of a program that people sign in to: shown where they are asked for their consent, and among the applications
//! of their account. Drawn anew and bounded, as a school's.

use askama::Template;
use axum::{
    extract::{Multipart, State},
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::operator_pages::operator;
use crate::{
    access::{Granted, Operator, may},
    app::App,
    audit::{self, AuditAction, Event},
    error::{Error, Result},
    ids::{ClientId, SchoolId},
    paths,
    schools::{self, logo::Logo, look::LogoChange},
    shell::{self, Entry, OperatorEntry},
    web::{PageResult, RequestContext, Shell, Translator, address_parts::Path, forms::FormErrors, html, page, refused},
};

#[derive(Template)]
#[template(path = "clients/logo.html")]
struct LogoPage {
    l: Translator,
    shell: Shell,
    back: String,
    action: String,
    name: String,
    logo: Option<String>,
    faults: FormErrors,
}

/// What the page shows of a client.
struct Shown {
    name: String,
    logo_version: Option<String>,
}

/// Who the client must belong to.
enum Owner<'a> {
    School(SchoolId),
    Operators(&'a Operator),
}

/// # Errors
/// [`Error::NotFound`] where they have no such client in force.
async fn find(app: &App, id: ClientId, owner: Owner<'_>) -> Result<Shown> {
    let (school_id, provinces, is_of_school) = match owner {
        Owner::School(school_id) => (Some(school_id), None, true),
        Owner::Operators(operator) => (None, operator.bounds(), false),
    };
    let found = sqlx::query_as!(
        Shown,
        "SELECT name, logo_version FROM oauth_clients
         WHERE id = $1 AND revoked_at IS NULL AND school_id IS NOT DISTINCT FROM $2
             AND ($4 OR $3::text[] IS NULL OR province_code = ANY($3))",
        id,
        school_id as _,
        provinces,
        is_of_school,
    );
    found.fetch_optional(app.db.pool()).await?.ok_or(Error::NotFound)
}

/// The address of a logo, which changes with it.
#[must_use]
pub fn address(id: ClientId, version: Option<&str>) -> Option<String> {
    version.map(|version| paths::ClientLogo::of(id, version).to_string())
}

impl LogoPage {
    fn of(l: Translator, shell: Shell, (back, action): (String, String), id: ClientId, shown: Shown) -> Self {
        let logo = address(id, shown.logo_version.as_deref());
        Self { l, shell, back, action, name: shown.name, logo, faults: FormErrors::new() }
    }
}

fn of_school(visitor: &RequestContext, granted: &Granted<may::ChangeSettings>, id: ClientId, shown: Shown) -> LogoPage {
    let code = &granted.school.code;
    let addresses = (paths::Clients::of(code).to_string(), paths::ClientLogoForm::of(code, id).to_string());
    LogoPage::of(visitor.l, shell::of_school(visitor, granted, Entry::Settings), addresses, id, shown)
}

fn of_operators(visitor: &RequestContext, id: ClientId, shown: Shown) -> LogoPage {
    let addresses = (paths::OperatorClients {}.to_string(), paths::OperatorClientLogoForm::of(id).to_string());
    LogoPage::of(visitor.l, shell::of_operator(visitor, OperatorEntry::Clients), addresses, id, shown)
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ClientId)>,
) -> PageResult {
    let shown = find(&app, id, Owner::School(granted.school_id())).await?;
    html(&of_school(&visitor, &granted, id, shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ClientId)>,
    multipart: Multipart,
) -> PageResult {
    let shown = find(&app, id, Owner::School(granted.school_id())).await?;
    match schools::read_logo(multipart).await? {
        Ok(change) => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            put(&mut tx, id, &change).await?;
            if !matches!(change, LogoChange::Stays) {
                audit::record(&granted, &app, &mut tx, Event::about(AuditAction::ClientLogoChanged, id)).await?;
            }
            tx.commit().await?;
            Ok(page::redirect(paths::Clients::of(&granted.school.code).with("done", "settings-changed")))
        }
        Err(key) => {
            let page = of_school(&visitor, &granted, id, shown);
            refused(&LogoPage { faults: FormErrors::one("file", key), ..page })
        }
    }
}

pub(super) async fn show_to_operators(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<ClientId>,
) -> PageResult {
    let shown = find(&app, id, Owner::Operators(operator(&visitor)?)).await?;
    html(&of_operators(&visitor, id, shown))
}

pub(super) async fn submit_of_operators(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<ClientId>,
    multipart: Multipart,
) -> PageResult {
    let shown = find(&app, id, Owner::Operators(operator(&visitor)?)).await?;
    match schools::read_logo(multipart).await? {
        Ok(change) => {
            let mut tx = app.db.begin().await?;
            put(&mut tx, id, &change).await?;
            tx.commit().await?;
            Ok(page::redirect(paths::OperatorClients {}.with("done", "settings-changed")))
        }
        Err(key) => {
            let page = of_operators(&visitor, id, shown);
            refused(&LogoPage { faults: FormErrors::one("file", key), ..page })
        }
    }
}

async fn put(tx: &mut PgConnection, id: ClientId, change: &LogoChange) -> Result<()> {
    let version = match change {
        LogoChange::Stays => return Ok(()),
        LogoChange::Goes => {
            sqlx::query!("DELETE FROM oauth_client_logos WHERE client_id = $1", id).execute(&mut *tx).await?;
            None
        }
        LogoChange::Becomes(Logo(png)) => {
            sqlx::query!(
                "INSERT INTO oauth_client_logos (client_id, png) VALUES ($1, $2)
                 ON CONFLICT (client_id) DO UPDATE SET png = excluded.png",
                id,
                png,
            )
            .execute(&mut *tx)
            .await?;
            Some(hex::encode(&Sha256::digest(png)[..6]))
        }
    };
    sqlx::query!("UPDATE oauth_clients SET logo_version = $2 WHERE id = $1", id, version).execute(tx).await?;
    Ok(())
}

/// The logo itself. Its address changes with it, so that browsers may keep it.
pub(super) async fn serve(State(app): State<App>, Path((id, version)): Path<(ClientId, String)>) -> PageResult {
    let png = sqlx::query_scalar!(
        "SELECT g.png FROM oauth_client_logos g JOIN oauth_clients c ON c.id = g.client_id
         WHERE g.client_id = $1 AND c.logo_version = $2 AND c.revoked_at IS NULL",
        id,
        version,
    );
    let png = png.fetch_optional(app.db.pool()).await?.ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    Ok((headers, png).into_response())
}
