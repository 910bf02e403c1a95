//! Letters to accounts. A letter is posted in the transaction of the event it reports, and sent in the background: a
//! mail server that is down delays it and loses nothing.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::wording;
use crate::{
    access::SchoolKind,
    app::App,
    crypto::{
        seal::{SealPurpose, Sealed},
        token::Token,
    },
    error::Result,
    ids::{AccountId, MailId, PlanId},
    jobs::{self, Attempt, Handle, Job},
    mail::{Message, SendError},
    web::{Translator, i18n::Lang},
};

/// For how long sending is attempted: what RFC 5321, section 4.5.4.1 asks of senders.
const DAYS_OF_TRYING: i64 = 5;

/// What the rows of a plan were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PlanWrote {
    Students,
    Teachers,
    #[default]
    People,
    /// What a sync or the new year changes.
    Changes,
}

impl PlanWrote {
    /// As messages name it, in their argument `of`.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// The content of a letter. Stored as JSON; carries the words that it needs and no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// To a school's first owner.
    OwnerInvitation {
        school: String,
    },
    /// To a person invited by a school.
    MemberInvitation {
        school: String,
    },
    /// To a member of the school who owns it from now on.
    OwnerNamed {
        name: String,
        school: String,
        school_code: String,
    },
    /// To those who owned the school before an operator set another owner.
    OwnersChanged {
        name: String,
        school: String,
        school_code: String,
        new_owner: String,
        /// The owner who lost the grant.
        replaced: Option<String>,
    },
    /// After a request to reset a forgotten password.
    PasswordReset,
    /// The same, requested by the school.
    PasswordResetBySchool {
        school: String,
        person: String,
    },
    /// After the account's owner has changed the password.
    PasswordChanged {
        name: String,
    },
    /// After the account was linked with one at another service.
    SignInLinked {
        name: String,
        provider: String,
    },
    /// After the school has given a temporary password.
    PasswordRenewed {
        name: String,
        school: String,
        person: String,
    },
    /// To a person who registered with a school or company.
    EmailVerification {
        /// A school, by its name in the directory. Other text that a stranger typed is not mailed to an unverified
        /// address.
        place: Option<String>,
    },
    /// To an account whose address was registered once more.
    AccountExists {
        /// The same here.
        place: Option<String>,
        /// The page that comes next, once signed in.
        next: String,
    },
    /// To those who answer for a school: how many registrations wait for them.
    RegistrationsWaiting {
        name: String,
        school: String,
        school_code: String,
        count: i64,
    },
    RegistrationAccepted {
        name: String,
        place: String,
        /// Their home page from now on.
        home: String,
    },
    RegistrationRefused {
        name: String,
        place: String,
        reason: String,
    },
    /// To the owners of a school for which a sync was prepared at night.
    SyncPrepared {
        name: String,
        school: String,
        school_code: String,
        plan_id: PlanId,
        changes: i64,
    },
    /// To the owners of a school whose draft for the coming year was not applied on the day that was chosen for it.
    RolloverNotApplied {
        name: String,
        school: String,
        school_code: String,
        year: String,
        /// The plan that waits, where one was made.
        plan_id: Option<PlanId>,
        /// The key of the reason.
        why: String,
    },
    /// To the owners of a school that wants it: its figures at the beginning of a month.
    MonthlyReport {
        name: String,
        school: String,
        school_code: String,
        pupils: i64,
        signed_in: i64,
        to_mend: i64,
    },
    /// To operators: companies whose answer is due within a day.
    CompaniesDue {
        count: i64,
        /// The names of the first ones.
        first: String,
    },
    /// To a candidate whose published mark was corrected. Which mark is said on the page alone.
    MarkCorrected {
        name: String,
        school: String,
        school_code: String,
        exam: String,
        subject: String,
    },
    /// To those whose lessons differ in a timetable that was published.
    TimetablePublished {
        name: String,
        school: String,
        school_code: String,
        from: NaiveDate,
        /// How many of their lessons.
        changes: i64,
    },
    /// To the actor who applied a plan.
    PlanApplied {
        name: String,
        school: String,
        school_code: String,
        plan_id: PlanId,
        #[serde(default)]
        of: PlanWrote,
        done: i64,
        left_out: i64,
    },
    /// To the owners of a school whose submission an operator has approved.
    SubmissionApproved {
        name: String,
        school: String,
        school_code: String,
        plan_id: PlanId,
        done: i64,
        /// Rows that were not taken over after all.
        #[serde(default)]
        dropped: i64,
    },
    /// To the owners of a school for which an operator has uploaded a list that must be corrected before it is handed
    /// in.
    SubmissionToCorrect {
        name: String,
        school: String,
        school_code: String,
        plan_id: PlanId,
        /// Rows to correct or to decide on.
        rows: i64,
    },
    /// To the owners of a school whose submission an operator has returned.
    SubmissionReturned {
        name: String,
        school: String,
        school_code: String,
        plan_id: PlanId,
        remark: String,
    },
}

impl Letter {
    /// The kind of letter, as it is stored.
    ///
    /// # Errors
    /// Where it cannot be stored.
    pub fn kind(&self) -> Result<String> {
        let stored = serde_json::to_value(self)?;
        Ok(stored.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
    }
}

/// Send the mail of this id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SendMail {
    mail_id: MailId,
}

impl Job for SendMail {
    const NAME: &'static str = "send_mail";
    const MAX_ATTEMPTS: i16 = i16::MAX;
    const LANE: jobs::Lane = jobs::Lane::Mails;
}

impl Handle<App> for SendMail {
    async fn handle(self, app: Arc<App>, _: Attempt) -> anyhow::Result<()> {
        send(&app, self.mail_id).await
    }
}

/// Posts a letter: a row and a job, in the caller's transaction. In the language that the receiver has chosen; else in
/// English where their schools say so, or else in `fallback`.
pub async fn post(
    tx: &mut PgConnection,
    app: &App,
    account_id: AccountId,
    letter: &Letter,
    token: Option<&Token>,
    fallback: Lang,
) -> Result<()> {
    let now = app.clock.now();
    let id: MailId = app.randomness.uuid_v7(now);
    let sealed = token
        .map(|token| app.keys.seal(&app.randomness, SealPurpose::MailedToken, account_id, token.to_url().as_bytes()));
    let (bytes, key_id) = sealed.map(|sealed| (sealed.bytes, sealed.key_id)).unzip();
    sqlx::query!(
        "INSERT INTO mails (id, account_id, letter, language, token, token_key_id, created_at)
         SELECT $1, a.id, $3, coalesce(a.language, (
             SELECT 'en' FROM (
                 SELECT school_id FROM memberships WHERE account_id = $2
                 UNION SELECT school_id FROM registrations WHERE account_id = $2
                 UNION SELECT school_id FROM links WHERE account_id = $2 AND used_at IS NULL AND school_id IS NOT NULL
             ) AS of JOIN schools s ON s.id = of.school_id HAVING bool_and(s.letters_in_english)
         ), $4), $5, $6, $7 FROM accounts a WHERE a.id = $2",
        id,
        account_id,
        serde_json::to_value(letter)?,
        fallback.key(),
        bytes,
        key_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    jobs::enqueue(tx, &SendMail { mail_id: id }).await?;
    Ok(())
}

struct Mail {
    account_id: AccountId,
    address: String,
    letter: Letter,
    l: Translator,
    token: Option<String>,
    created_at: DateTime<Utc>,
}

/// Sends one mail and notes it. If killed between the two, it is sent once more under the same Message-ID.
async fn send(app: &App, id: MailId) -> anyhow::Result<()> {
    let Some(mail) = load(app, id).await? else { return Ok(()) };
    let now = app.clock.now();
    let content = wording::write(&mail.letter, &mail.l, &app.config.base_url, mail.token.as_deref())?;
    let message = Message {
        id,
        to_name: content.to_name,
        to_address: mail.address,
        subject: content.subject,
        text: content.text,
        html: content.html,
    };
    match app.mailer.send(&message, now).await {
        Ok(()) => note_sent(app, id, now).await?,
        Err(SendError::Permanent(reason)) => note_refused(app, id, mail.account_id, reason.detail()).await?,
        Err(SendError::Temporary(reason)) if now - mail.created_at > Duration::days(DAYS_OF_TRYING) => {
            note_refused(app, id, mail.account_id, reason.detail()).await?;
        }
        Err(temporary) => return Err(temporary.into()),
    }
    Ok(())
}

/// The mail to send; nothing where it was sent or refused already.
async fn load(app: &App, id: MailId) -> anyhow::Result<Option<Mail>> {
    let row = sqlx::query!(
        r#"SELECT m.account_id, m.letter, m.language, m.token, m.token_key_id, m.created_at, a.login, (
               SELECT min(s.kind) FROM (
                   SELECT school_id FROM memberships WHERE account_id = m.account_id
                   UNION SELECT school_id FROM registrations WHERE account_id = m.account_id
                   UNION SELECT school_id FROM links WHERE account_id = m.account_id AND school_id IS NOT NULL
               ) AS of JOIN schools s ON s.id = of.school_id HAVING min(s.kind) = max(s.kind)) AS school_kind
           FROM mails m JOIN accounts a ON a.id = m.account_id
           WHERE m.id = $1 AND m.sent_at IS NULL AND m.refused_at IS NULL"#,
        id,
    )
    .fetch_optional(app.db.pool())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let token = match (row.token, row.token_key_id) {
        (Some(bytes), Some(key_id)) => {
            let opened = app.keys.open(SealPurpose::MailedToken, row.account_id, &Sealed { key_id, bytes })?;
            Some(String::from_utf8(opened.to_vec())?)
        }
        _ => None,
    };
    let l = Translator::new(Lang::from_key(&row.language).unwrap_or_default());
    Ok(Some(Mail {
        account_id: row.account_id,
        address: row.login,
        letter: serde_json::from_value(row.letter)?,
        l: match row.school_kind.as_deref().and_then(SchoolKind::from_key) {
            Some(kind) => l.in_words_of(kind.key()),
            None => l,
        },
        token,
        created_at: row.created_at,
    }))
}

async fn note_sent(app: &App, id: MailId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE mails SET sent_at = $2, token = NULL, token_key_id = NULL WHERE id = $1", id, now)
        .execute(app.db.pool())
        .await?;
    Ok(())
}

async fn note_refused(app: &App, id: MailId, account_id: AccountId, reason: &str) -> sqlx::Result<()> {
    tracing::warn!(%id, %account_id, "a mail was refused for good");
    sqlx::query!(
        "UPDATE mails SET refused_at = $2, refusal = $3, token = NULL, token_key_id = NULL WHERE id = $1",
        id,
        app.clock.now(),
        reason,
    )
    .execute(app.db.pool())
    .await?;
    Ok(())
}
