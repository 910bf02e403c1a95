//! Lanes: kinds of work that never wait for each other. A worker has so many places in each, and a lane that is full, with
//! files that take a minute or with a mail server that says nothing, is full by itself.

use std::num::NonZeroUsize;

/// A kind of work with places of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What takes a moment.
    Common,
    /// Mails: they wait for the mail server.
    Mails,
    /// Files that are read, each in a process of its own.
    Files,
    /// What writes a school's roster in bulk.
    Rosters,
}

impl Lane {
    pub(super) const ALL: [Self; 4] = [Self::Common, Self::Mails, Self::Files, Self::Rosters];

    /// How many jobs at a time, of a worker that does so many of the common ones.
    pub(super) fn places(self, common: NonZeroUsize) -> NonZeroUsize {
        let most = match self {
            Self::Common => return common,
            Self::Mails => NonZeroUsize::MIN.saturating_add(3),
            Self::Files | Self::Rosters => NonZeroUsize::MIN.saturating_add(1),
        };
        most.min(common)
    }
}
