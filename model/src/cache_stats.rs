//! What the cache of transcoded files holds and how well it serves, for the owner.
//! Counting is done in `audio`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Quality, TrackPath};

/// The answer of `GET /admin/cache/stats`: the four fields of seed 003 first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CacheStats {
    /// Bytes of all finished files.
    pub cache_size_bytes: u64,
    /// The same in units of 1,048,576 bytes, to two decimals.
    pub cache_size_mb: f64,
    /// How many finished files there are.
    pub cached_files: u64,
    /// The folder.
    pub cache_dir: String,
    /// The share of each quality, best first.
    pub qualities: Vec<QualityUsage>,
    /// Streams since the server started that came out of the cache.
    pub hits: u64,
    /// Streams since the server started that were made while they were sent, or came as the original.
    pub misses: u64,
    /// Hits of all streams in percent; none before the first stream.
    pub hit_rate: Option<f64>,
    /// Bytes free on the disk of the cache, when the system tells.
    pub free_disk_bytes: Option<u64>,
    /// Bytes that the cache may hold (`AUDIO_CACHE_MAX_SIZE`).
    pub max_size_bytes: Option<u64>,
    /// Bytes that must stay free on that disk.
    pub reserved_disk_bytes: Option<u64>,
    /// Whether less is free, so that nothing more is cached.
    pub is_disk_low: bool,
    /// Files that are skipped by pre-caching.
    pub set_aside: Vec<SetAside>,
}

/// A file that crashed or hung the server while it was transcoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// The file, from the music root on.
    pub path: String,
    /// What happened.
    pub reason: String,
}

/// The finished files of one quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityUsage {
    /// The quality.
    pub quality: Quality,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The answer of `POST /admin/cache/clear` (seed 003).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheCleared {
    /// How many files were removed.
    pub deleted_files: u64,
    /// The same as a sentence.
    pub message: String,
}

/// The answer of `GET /admin/cache/verify`: which tracks of a mixtape are played without transcoding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixtapeCached {
    /// The quality that was looked for.
    pub quality: Quality,
    /// True for a track that is cached and up to date, or is served as it is; false when it would have to be
    /// transcoded, or its file is not there.
    pub tracks: BTreeMap<TrackPath, bool>,
}

/// A number of bytes as people read it: `0 bytes`, `812 KiB`, `3.4 GiB`.
#[must_use]
pub fn readable_bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut units = ["bytes", "KiB", "MiB", "GiB", "TiB"].into_iter().peekable();
    while let Some(unit) = units.next() {
        if value < 1024.0 || units.peek().is_none() {
            let decimals = usize::from(unit != "bytes" && value < 10.0);
            return format!("{value:.decimals$} {unit}");
        }
        value /= 1024.0;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::readable_bytes;

    #[test]
    fn bytes_read_like_people_write_them() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (831_488, "812 KiB"),
            (3_650_722_201, "3.4 GiB"),
            (u64::MAX, "16777216 TiB"),
        ] {
            assert_eq!(readable_bytes(bytes), text);
        }
    }
}
