//! How far a longer piece of work has come, as it is sent to the browser.
//! The work itself and the sending are elsewhere.

use serde::{Deserialize, Serialize};

/// One report about a task, with the fields of seed 004 ("Progress tracking").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
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
    /// When this was said: ISO 8601 with microseconds, in UTC.
    pub timestamp: String,
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
