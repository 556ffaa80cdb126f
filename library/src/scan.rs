//! Brings the index up to date with the music folder: what is new or changed is read, what has gone is forgotten.
//! When that happens is decided by `watch` and the command line; the music folder is only read.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use audio::MusicRoot;

use crate::{Error, Index};

mod finish;
mod look_up;
mod marks;
pub(crate) mod path_names;
mod progress;
pub(crate) mod read;
mod readers;
mod requests;
mod session;
mod walk;
mod wanted;
mod work;
mod write;

use progress::Counters;
pub use progress::ScanProgress;
pub(crate) use requests::ScanRequests;
use work::Work;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// After so many changes the search tables are put in order.
const MANY: u64 = 50_000;

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Everything; files in the state that was read before are not opened.
    Changes,
    /// Everything, and every file is read again.
    Full,
    /// These files, and folders with all below them, given from the music folder on and there or not; otherwise like
    /// [`Scope::Changes`].
    Below(Vec<PathBuf>),
}

impl Scope {
    /// Where walks begin, none of them inside another.
    fn starts(&self) -> Vec<PathBuf> {
        let Self::Below(paths) = self else { return vec![PathBuf::new()] };
        let mut paths = paths.clone();
        paths.sort_unstable();
        paths.dedup_by(|path, before| path.starts_with(before));
        paths
    }
}

/// What a scan has found; displays as a sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanReport {
    /// Audio files that are there.
    pub files: u64,
    /// Tracks that were not known.
    pub added: u64,
    /// Tracks whose files had changed, or were read again.
    pub changed: u64,
    /// Tracks whose files had another name.
    pub moved: u64,
    /// Tracks whose files have gone.
    pub removed: u64,
    /// Files that could not be read, or not wholly.
    pub problems: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// Its end: everything was in the index, and the search did not find all of it yet.
    pub search: Duration,
}

impl ScanReport {
    /// Whether the index is another than before.
    #[must_use]
    pub const fn has_changes(&self) -> bool {
        self.added + self.changed + self.moved + self.removed > 0
    }
}

impl fmt::Display for ScanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.files, if self.files == 1 { "file" } else { "files" })?;
        for (count, word) in
            [(self.added, "added"), (self.changed, "read again"), (self.moved, "moved"), (self.removed, "removed")]
        {
            if count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        if self.problems > 0 {
            write!(f, ", {} with problems", self.problems)?;
        }
        write!(f, ", in {}", seconds(self.elapsed))?;
        if self.search >= Duration::from_millis(1) {
            write!(f, " with {} for the search", seconds(self.search))?;
        }
        Ok(())
    }
}

/// Three digits are enough.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let decimals = match seconds {
        0.0..1.0 => 3,
        1.0..10.0 => 2,
        _ => 1,
    };
    format!("{seconds:.decimals$} s")
}

impl Index {
    /// Scans the music folder, one scan after the other, and tells about five times a second how far it is. What is
    /// committed stays when it is broken off, and need not be read again.
    ///
    /// # Errors
    /// When the music folder cannot be listed, or is empty although the index is not: nothing is forgotten then.
    /// When the database fails.
    pub async fn scan(
        &self,
        music: &Arc<MusicRoot>,
        scope: &Scope,
        tell: impl Fn(&ScanProgress),
    ) -> Result<ScanReport, Error> {
        let lock = self.lock_for_scan().await?;
        let counters = Arc::new(Counters::default());
        let given_up = GivenUp::default();
        let work = Work {
            index: self.clone(),
            music: Arc::clone(music),
            scope: scope.clone(),
            counters: Arc::clone(&counters),
            is_given_up: Arc::clone(&given_up.0),
        };
        let mut work = tokio::task::spawn_blocking(move || {
            let report = work.run();
            // Only now may another one begin.
            drop(lock);
            report
        });
        let mut ticks = tokio::time::interval(TELL_EVERY);
        let report = loop {
            tokio::select! {
                report = &mut work => break report.map_err(|_| Error::ScanBroken)??,
                _ = ticks.tick() => tell(&counters.progress()),
            }
        };
        tell(&counters.progress());
        if report.added + report.changed + report.removed < MANY {
            return Ok(report);
        }
        let begun = Instant::now();
        self.settle().await?;
        Ok(ScanReport { search: report.search + begun.elapsed(), elapsed: report.elapsed + begun.elapsed(), ..report })
    }

    /// Waits until no other scan is at work, in this process or another one.
    async fn lock_for_scan(&self) -> Result<std::fs::File, Error> {
        let path = self.data_root.join("index.lock");
        let locked = tokio::task::spawn_blocking(move || {
            let lock = std::fs::File::create(&path).map_err(Error::file(&path))?;
            if lock.try_lock().is_err() {
                tracing::info!("another scan is at work; this one waits for its end");
                lock.lock().map_err(Error::file(&path))?;
            }
            Ok(lock)
        });
        locked.await.map_err(|_| Error::ScanBroken)?
    }
}

/// Dropped at the end or before, it tells the thread that scans to stop.
#[derive(Default)]
struct GivenUp(Arc<AtomicBool>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
