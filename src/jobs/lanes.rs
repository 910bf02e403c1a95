//! Lanes: kinds of work that never wait for each other. A worker has its own number of slots in each, so files that
//! take a minute or a mail server that does not respond fill only their own lane.

use std::num::NonZeroUsize;

/// A kind of work with slots of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Short jobs.
    Common,
    /// Mails: they wait for the mail server.
    Mails,
    /// Files that are read, each in a process of its own.
    Files,
    /// Jobs that write a school's roster in bulk.
    Rosters,
    /// Notices to other people's servers, which may not answer.
    Notices,
    /// Schools that are counted: all of a province at once, where that is asked for.
    Counts,
    /// Timetables that are made, each by a process of its own that computes for minutes.
    Timetables,
    /// Rosters that are fetched from other people's servers, for minutes.
    Fetches,
}

impl Lane {
    pub(super) const ALL: [Self; 8] = [
        Self::Common,
        Self::Mails,
        Self::Files,
        Self::Rosters,
        Self::Notices,
        Self::Counts,
        Self::Timetables,
        Self::Fetches,
    ];

    /// The number of concurrent jobs, for a worker with so many common ones.
    pub(super) fn places(self, common: NonZeroUsize) -> NonZeroUsize {
        let most = match self {
            Self::Common => return common,
            Self::Mails | Self::Notices => NonZeroUsize::MIN.saturating_add(3),
            Self::Files | Self::Rosters | Self::Fetches => NonZeroUsize::MIN.saturating_add(1),
            Self::Counts | Self::Timetables => NonZeroUsize::MIN,
        };
        most.min(common)
    }
}
