//! What the index holds, in numbers, and the files that could not be read.
//! Searching and browsing are elsewhere.

use model::{LibraryProblem, LibraryStats, Millis, Timestamp};

use super::{LAST_SCAN, REBUILT};
use crate::{Error, Index};

impl Index {
    /// Counts everything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn statistics(&self) -> Result<LibraryStats, Error> {
        // One transaction, so that the numbers are of the same moment.
        let mut transaction = self.pool.begin().await?;
        let query = "SELECT (SELECT count(*) FROM artists), (SELECT count(*) FROM releases), count(*),
            coalesce(sum(duration), 0), coalesce(sum(size), 0), (SELECT count(*) FROM problems) FROM tracks";
        let (artists, releases, tracks, duration, bytes, problems): (i64, i64, i64, i64, i64, i64) =
            sqlx::query_as(query).fetch_one(&mut *transaction).await?;
        let query = "SELECT codec, count(*) FROM tracks GROUP BY codec ORDER BY count(*) DESC, codec";
        let formats: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(&mut *transaction).await?;
        let query = "SELECT value FROM facts WHERE key = ?";
        let last_scan: Option<String> =
            sqlx::query_scalar(query).bind(LAST_SCAN).fetch_optional(&mut *transaction).await?;
        let rebuilt = sqlx::query_scalar(query).bind(REBUILT).fetch_optional(&mut *transaction).await?;
        Ok(LibraryStats {
            artists: artists.cast_unsigned(),
            releases: releases.cast_unsigned(),
            tracks: tracks.cast_unsigned(),
            duration: Millis(duration.cast_unsigned()),
            bytes: bytes.cast_unsigned(),
            formats: formats.into_iter().map(|(codec, count)| (codec, count.cast_unsigned())).collect(),
            last_scan: last_scan.and_then(|seconds| seconds.parse().ok()).map(Timestamp),
            problems: problems.cast_unsigned(),
            rebuilt,
        })
    }

    /// The files that could not be read, or not wholly, by path.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn problems(&self, limit: u32, offset: u64) -> Result<Vec<LibraryProblem>, Error> {
        let query = "SELECT path, reason FROM problems ORDER BY path LIMIT ? OFFSET ?";
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let problems: Vec<(String, String)> =
            sqlx::query_as(query).bind(limit).bind(offset).fetch_all(&self.pool).await?;
        Ok(problems.into_iter().map(|(path, reason)| LibraryProblem { path, reason }).collect())
    }
}
