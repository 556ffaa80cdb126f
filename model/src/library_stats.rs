//! What the music library holds, for the owner.
//! Counting is done in `library`.

use serde::{Deserialize, Serialize};

use crate::{Millis, Timestamp};

/// The library in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryStats {
    /// Names of artists, however they are spelled.
    pub artists: u64,
    /// Folders with tracks.
    pub releases: u64,
    /// Audio files.
    pub tracks: u64,
    /// The sum of the known lengths.
    pub duration: Millis,
    /// The sum of the file sizes.
    pub bytes: u64,
    /// How many tracks are of which codec, the most frequent first.
    pub formats: Vec<(String, u64)>,
    /// When a scan of everything last came to its end.
    pub last_scan: Option<Timestamp>,
    /// Files that could not be read, or not wholly.
    pub problems: u64,
    /// Why the index was made anew, when it was damaged.
    pub rebuilt: Option<String>,
}

/// A file of the library that could not be read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LibraryProblem {
    /// Relative to the music root; signs that are not UTF-8 are replaced.
    pub path: String,
    /// A sentence for the owner.
    pub reason: String,
}
