//! How far a longer piece of work has come, as it is sent to the browser.
//! The work itself and the sending are elsewhere.

use serde::{Deserialize, Serialize};

/// One report about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The number of this report: of two of the same run, the later one has the higher number.
    #[serde(default)]
    pub id: u64,
    /// Which run of the server counts; each begins anew.
    #[serde(default)]
    pub run: u64,
    /// Whose work this is: the slug of a mixtape, [`ALL_MIXTAPES`], [`LIBRARY`] or [`RESTORE`].
    pub task_id: String,
    /// What has just been done.
    pub step: Step,
    /// Where the task as a whole stands.
    pub status: Status,
    /// A sentence for people.
    pub message: String,
    /// How many items are done.
    pub current: u64,
    /// How many items there are.
    pub total: u64,
    /// When this was said, for people to read: ISO 8601 with microseconds, in UTC.
    pub timestamp: String,
}

impl Progress {
    /// Whether this report is news for somebody who has that one. Times say nothing about it, for clocks are put back;
    /// and whatever another run of the server says comes from the one that runs now.
    #[must_use]
    pub const fn is_after(&self, known: &Self) -> bool {
        self.run != known.run || self.id > known.id
    }
}

/// The task that prepares the tracks of every mixtape. No slug is like it.
pub const ALL_MIXTAPES: &str = "*";

/// The task that reads the music folder. No slug is like it.
pub const LIBRARY: &str = "*library";

/// The task that takes in a backup. No slug is like it.
pub const RESTORE: &str = "*restore";

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A mixtape is being saved.
    Saving,
    /// Tracks are being made smaller for the cache.
    Caching,
    /// A track is in the cache now.
    TrackCached,
    /// A track needed nothing.
    TrackSkipped,
    /// A track could not be made.
    TrackFailed,
    /// The music folder is being read.
    Scanning,
    /// Mixtapes are being taken in from a backup.
    Restoring,
    /// A mixtape of a backup could not be taken in.
    MixtapeFailed,
    /// The last report.
    Summary,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It waits for its turn.
    Pending,
    /// It is at work.
    InProgress,
    /// It is done; some tracks may have failed.
    Completed,
    /// It is over and nothing of it could be done.
    Failed,
}

impl Status {
    /// Whether no report follows.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}
