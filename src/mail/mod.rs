//! Handing mails over: by SMTP, into files, or into memory for tests. What a mail says is written elsewhere; sending
//! it, and what happens when that fails, is a job's business.

mod files;
mod memory;
mod mime;
mod smtp;

use std::path::PathBuf;

use chrono::{DateTime, Utc};

pub use memory::Outbox;
pub use mime::{Sender, SenderError};
pub use smtp::{SmtpSettings, SmtpUrlError};

use files::Files;
use smtp::Smtp;

use crate::ids::MailId;

/// A mail as its receiver reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id of the mail's row. It makes the `Message-ID`, which therefore stays the same when a mail is sent again
    /// after a worker died: mail programs then show it once.
    pub id: MailId,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The receiver is not at fault; try again.
    #[error("not now: {0}")]
    Temporary(SendFailure),
    /// This mail will never reach this receiver; trying again is of no use.
    #[error("refused: {0}")]
    Permanent(SendFailure),
}

/// Why a mail was not handed over. Its `Display` is fit for logs; [`SendFailure::detail`] may quote the mail server, which
/// likes to quote the receiver's address, and is only for people who may see that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{summary}")]
pub struct SendFailure {
    summary: String,
    detail: String,
}

impl SendFailure {
    fn new(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { summary: summary.into(), detail: detail.into() }
    }

    /// In full, with what the mail server said.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

/// Hands mails over.
#[derive(Debug)]
pub struct Mailer {
    sender: Sender,
    transport: Transport,
    /// The copies for the demo's mailbox page.
    copies: Option<Outbox>,
}

#[derive(Debug)]
enum Transport {
    Smtp(Smtp),
    Files(Files),
    Memory(Outbox),
}

impl Mailer {
    /// By SMTP.
    #[must_use]
    pub fn smtp(sender: Sender, settings: SmtpSettings) -> Self {
        let transport = Transport::Smtp(Smtp::new(settings, sender.hello_name()));
        Self { sender, transport, copies: None }
    }

    /// Into the folder, one `{id}.eml` a mail. The folder is made with the first one.
    #[must_use]
    pub fn files(sender: Sender, folder: PathBuf) -> Self {
        Self { sender, transport: Transport::Files(Files::new(folder)), copies: None }
    }

    /// Into memory, for tests, which read the outbox.
    #[must_use]
    pub fn memory(sender: Sender, outbox: Outbox) -> Self {
        Self { sender, transport: Transport::Memory(outbox), copies: None }
    }

    /// The same, and keeps copies of what was handed over: for the demo.
    #[must_use]
    pub fn keeping_copies(self, copies: Outbox) -> Self {
        Self { copies: Some(copies), ..self }
    }

    /// Hands a mail over. `now` becomes its `Date`. Sending the same mail twice is harmless, apart from SMTP, where the
    /// receiver may get it twice with one `Message-ID`.
    ///
    /// # Errors
    /// [`SendError::Permanent`] when this receiver or this mail is refused for good; [`SendError::Temporary`] for all
    /// else, for instance a mail server that is down or does not know us.
    pub async fn send(&self, message: &Message, now: DateTime<Utc>) -> Result<(), SendError> {
        let mail = self.sender.render(message, now)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(&mail).await,
            Transport::Files(files) => files.write(message.id, &mail.formatted()).await,
            Transport::Memory(outbox) => outbox.accept(message),
        }?;
        if let Some(copies) = &self.copies {
            copies.accept(message)?;
        }
        Ok(())
    }

    /// Whether mails can be handed over: connects and signs in, or makes the folder. For `doctor`.
    ///
    /// # Errors
    /// Like [`Mailer::send`], but never permanent.
    pub async fn check(&self) -> Result<(), SendError> {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.check().await,
            Transport::Files(files) => files.prepare().await,
            Transport::Memory(_) => Ok(()),
        }
    }
}
