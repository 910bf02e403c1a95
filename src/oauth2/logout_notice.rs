//! Tells an application that a sign-in to it has ended (OpenID Connect Back-Channel Logout 1.0). The database enqueues it
//! with whatever ends the grant.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::{clients, keys, subjects, tokens};
use crate::{
    app::App,
    ids::{ClientId, GrantId},
    jobs::{self, Lane},
    outside,
};

/// The header's type of a logout token (2.4).
const LOGOUT_TOKEN: &str = "logout+jwt";

/// What has happened (2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token is good, in seconds.
const SECONDS: i64 = 120;

/// Tell the application that this grant has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellLogout {
    pub grant_id: GrantId,
    pub client_id: ClientId,
}

impl jobs::Job for TellLogout {
    const NAME: &'static str = "tell_logout";
    /// A server that is away for half an hour is still told.
    const MAX_ATTEMPTS: i16 = 12;
    const LANE: Lane = Lane::Notices;

    /// One that does not answer holds up nobody else.
    fn queue(&self) -> Option<String> {
        Some(format!("logout:{}", self.client_id))
    }
}

impl jobs::Handle<App> for TellLogout {
    async fn handle(self, app: Arc<App>, attempt: jobs::Attempt) -> anyhow::Result<()> {
        match self.tell(&app).await {
            Ok(()) => {}
            // What it holds has ended all the same, within five minutes.
            Err(error) if attempt.is_last => {
                tracing::warn!(client_id = %self.client_id, "not told of a logout: {error}")
            }
            Err(error) => return Err(error),
        }
        sqlx::query!("UPDATE openid_grants SET logout_told = true WHERE id = $1", self.grant_id)
            .execute(app.db.pool())
            .await?;
        Ok(())
    }
}

impl TellLogout {
    async fn tell(&self, app: &App) -> anyhow::Result<()> {
        let grant = sqlx::query!(
            r#"SELECT account_id, ended AND NOT logout_told AS "waits!" FROM openid_grants WHERE id = $1"#,
            self.grant_id,
        );
        let grant = grant.fetch_optional(app.db.pool()).await?;
        if grant.as_ref().is_some_and(|grant| !grant.waits) {
            return Ok(());
        }
        let Some(application) = clients::by_id(app, self.client_id).await? else { return Ok(()) };
        let Some(uri) = &application.logout_notice_uri else { return Ok(()) };
        let now = app.clock.now().timestamp();
        let mut claims = json!({
            "iss": tokens::issuer(app),
            "aud": application.id.to_string(),
            "sid": self.grant_id.to_string(),
            "iat": now,
            "exp": now + SECONDS,
            "jti": hex::encode(app.randomness.bytes::<16>()),
            "events": { EVENT: {} },
        });
        // An account that was erased took the grant along: the sign-in alone is named then, which is enough (2.4).
        if let (Some(grant), Some(claims)) = (grant, claims.as_object_mut()) {
            let mut connection = app.db.pool().acquire().await?;
            let subject = subjects::of(app, &mut connection, grant.account_id, &application.sector()).await?;
            claims.insert("sub".to_owned(), json!(subject.to_string()));
        }
        let token = keys::signing(app).await?.rs256.sign(LOGOUT_TOKEN, &claims)?;
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
        let url = Url::parse(uri).context("no address")?;
        let status = outside::send_form(&url, body, outside::is_at_home(&app.config.base_url)).await?;
        if !status.is_success() {
            bail!("answered {}", status.as_u16());
        }
        Ok(())
    }
}
