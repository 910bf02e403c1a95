//! The logo of a program that people sign in to: shown where they are asked for their consent, and among the applications
//! of their account. Drawn anew and bounded, as a school's.

use askama::Template;
use axum::extract::{Multipart, State};
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
    shell::{self, MenuPage, OperatorEntry},
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
struct LogoPageClient {
    name: String,
    logo_version: Option<String>,
}

/// The school, or the operators, to which the client must belong.
#[derive(Clone, Copy)]
enum ClientOwner<'a> {
    School(SchoolId),
    Operators(&'a Operator),
}

impl<'a> ClientOwner<'a> {
    fn school_id(self) -> Option<SchoolId> {
        match self {
            Self::School(school_id) => Some(school_id),
            Self::Operators(_) => None,
        }
    }

    /// The provinces that bound an operator.
    fn provinces(self) -> Option<&'a [String]> {
        match self {
            Self::School(_) => None,
            Self::Operators(operator) => operator.bounds(),
        }
    }

    fn is_school(self) -> bool {
        matches!(self, Self::School(_))
    }
}

/// # Errors
/// [`Error::NotFound`] where they have no such client in force.
async fn find(app: &App, id: ClientId, owner: ClientOwner<'_>) -> Result<LogoPageClient> {
    let found = sqlx::query_as!(
        LogoPageClient,
        "SELECT name, logo_version FROM oauth_clients
         WHERE id = $1 AND revoked_at IS NULL AND school_id IS NOT DISTINCT FROM $2
             AND ($4 OR $3::text[] IS NULL OR province_code = ANY($3))",
        id,
        owner.school_id() as _,
        owner.provinces(),
        owner.is_school(),
    );
    found.fetch_optional(app.db.pool()).await?.ok_or(Error::NotFound)
}

/// The address of a logo, which changes with it.
#[must_use]
pub fn address(id: ClientId, version: Option<&str>) -> Option<String> {
    version.map(|version| paths::ClientLogo::of(id, version).to_string())
}

impl LogoPage {
    fn of(l: Translator, shell: Shell, (back, action): (String, String), id: ClientId, shown: LogoPageClient) -> Self {
        let logo = address(id, shown.logo_version.as_deref());
        Self { l, shell, back, action, name: shown.name, logo, faults: FormErrors::new() }
    }
}

fn of_school(
    visitor: &RequestContext,
    granted: &Granted<may::ChangeSettings>,
    id: ClientId,
    shown: LogoPageClient,
) -> LogoPage {
    let code = &granted.school.code;
    let addresses = (paths::Clients::of(code).to_string(), paths::ClientLogoForm::of(code, id).to_string());
    LogoPage::of(visitor.l, shell::of_school(visitor, granted, MenuPage::Settings), addresses, id, shown)
}

fn of_operators(visitor: &RequestContext, id: ClientId, shown: LogoPageClient) -> LogoPage {
    let addresses = (paths::OperatorClients {}.to_string(), paths::OperatorClientLogoForm::of(id).to_string());
    LogoPage::of(visitor.l, shell::of_operator(visitor, OperatorEntry::Clients), addresses, id, shown)
}

pub(super) async fn show(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ClientId)>,
) -> PageResult {
    let shown = find(&app, id, ClientOwner::School(granted.school_id())).await?;
    html(&of_school(&visitor, &granted, id, shown))
}

pub(super) async fn submit(
    State(app): State<App>,
    visitor: RequestContext,
    granted: Granted<may::ChangeSettings>,
    Path((_, id)): Path<(String, ClientId)>,
    multipart: Multipart,
) -> PageResult {
    let owner = ClientOwner::School(granted.school_id());
    let shown = find(&app, id, owner).await?;
    match schools::read_logo(multipart).await? {
        Ok(change) => {
            let mut tx = app.db.begin_in(granted.school_id()).await?;
            put(&mut tx, id, owner, &change).await?;
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
    let shown = find(&app, id, ClientOwner::Operators(operator(&visitor)?)).await?;
    html(&of_operators(&visitor, id, shown))
}

pub(super) async fn submit_of_operators(
    State(app): State<App>,
    visitor: RequestContext,
    Path(id): Path<ClientId>,
    multipart: Multipart,
) -> PageResult {
    let owner = ClientOwner::Operators(operator(&visitor)?);
    let shown = find(&app, id, owner).await?;
    match schools::read_logo(multipart).await? {
        Ok(change) => {
            let mut tx = app.db.begin().await?;
            put(&mut tx, id, owner, &change).await?;
            tx.commit().await?;
            Ok(page::redirect(paths::OperatorClients {}.with("done", "settings-changed")))
        }
        Err(key) => {
            let page = of_operators(&visitor, id, shown);
            refused(&LogoPage { faults: FormErrors::one("file", key), ..page })
        }
    }
}

/// Changes the logo of a client that is theirs and in force.
///
/// # Errors
/// [`Error::NotFound`] where it is not.
async fn put(tx: &mut PgConnection, id: ClientId, owner: ClientOwner<'_>, change: &LogoChange) -> Result<()> {
    let version = match change {
        LogoChange::Stays => return Ok(()),
        LogoChange::Goes => None,
        LogoChange::Becomes(Logo(png)) => Some(hex::encode(&Sha256::digest(png)[..6])),
    };
    let changed = sqlx::query!(
        "UPDATE oauth_clients SET logo_version = $5
         WHERE id = $1 AND revoked_at IS NULL AND school_id IS NOT DISTINCT FROM $2
             AND ($4 OR $3::text[] IS NULL OR province_code = ANY($3))",
        id,
        owner.school_id() as _,
        owner.provinces(),
        owner.is_school(),
        version,
    );
    if changed.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    match change {
        LogoChange::Becomes(Logo(png)) => {
            sqlx::query!(
                "INSERT INTO oauth_client_logos (client_id, png) VALUES ($1, $2)
                 ON CONFLICT (client_id) DO UPDATE SET png = excluded.png",
                id,
                png,
            )
            .execute(tx)
            .await?;
        }
        _ => {
            sqlx::query!("DELETE FROM oauth_client_logos WHERE client_id = $1", id).execute(tx).await?;
        }
    }
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
    Ok(page::lasting_png(png.fetch_optional(app.db.pool()).await?.ok_or(Error::NotFound)?))
}
