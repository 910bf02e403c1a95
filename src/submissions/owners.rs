//! Mails to the owners of a school about a decision.

use sqlx::PgConnection;

use crate::{
    access::Scope,
    app::App,
    error::Result,
    letters::outbox::{self, Letter},
    operator::store as schools,
    roster::model::Status,
    web::i18n::Lang,
};

/// One letter to each of the owners who are there.
pub async fn tell(scope: &Scope, app: &App, tx: &mut PgConnection, letter: impl Fn(String) -> Letter) -> Result<()> {
    for owner in schools::owners(scope, tx).await? {
        let (Some(account_id), true) = (owner.account_id, owner.status == Status::Active.key()) else { continue };
        outbox::post(tx, app, account_id, &letter(owner.full_name), None, Lang::default()).await?;
    }
    Ok(())
}
