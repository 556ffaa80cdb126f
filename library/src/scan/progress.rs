//! How far a scan has come, for the terminal and for the page.
//! Where it is shown is not known here.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How far a scan has come; displays as a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanProgress {
    /// Audio files looked at: read, or in the state in which they were read before.
    pub seen: u64,
    /// Files read.
    pub read: u64,
    /// How many files there are, as far as known; none at the start of the first scan.
    pub total: Option<u64>,
    /// Files read in vain.
    pub problems: u64,
    /// Since the scan began.
    pub elapsed: Duration,
}

impl ScanProgress {
    /// Files a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.seen as f64 / self.elapsed.as_secs_f64().max(0.001)
    }

    /// How long it will take from here, once that can be told.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let left = self.total?.checked_sub(self.seen)?;
        let is_known = self.seen > 0 && self.elapsed > Duration::from_secs(1);
        is_known.then(|| Duration::try_from_secs_f64(left as f64 / self.rate()).ok()).flatten()
    }
}

impl fmt::Display for ScanProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total} files", self.seen)?,
            None => write!(f, "{} files", self.seen)?,
        }
        write!(f, ", {:.0} a second", self.rate())?;
        if let Some(left) = self.remaining().map(|left| left.as_secs()).filter(|left| *left > 0) {
            let (hours, minutes, seconds) = (left / 3600, left / 60 % 60, left % 60);
            match (hours, minutes) {
                (0, 0) => write!(f, ", {seconds} s left")?,
                (0, _) => write!(f, ", {minutes} min left")?,
                _ => write!(f, ", {hours} h {minutes} min left")?,
            }
        }
        Ok(())
    }
}

/// What the threads of a scan count.
#[derive(Debug)]
pub(super) struct Counters {
    started: Instant,
    /// Files looked at, and files among them that are still being read.
    seen: AtomicU64,
    unread: AtomicU64,
    read: AtomicU64,
    problems: AtomicU64,
    /// From the last scan.
    expected: AtomicU64,
    /// By the thread that counts.
    counted: AtomicU64,
    has_counted: AtomicBool,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            seen: AtomicU64::default(),
            unread: AtomicU64::default(),
            read: AtomicU64::default(),
            problems: AtomicU64::default(),
            expected: AtomicU64::default(),
            counted: AtomicU64::default(),
            has_counted: AtomicBool::default(),
        }
    }
}

impl Counters {
    pub(super) fn expect(&self, files: u64) {
        self.expected.store(files, Relaxed);
    }

    pub(super) fn seen(&self, files: usize) {
        self.seen.fetch_add(files as u64, Relaxed);
    }

    pub(super) fn will_read(&self, files: usize) {
        self.unread.fetch_add(files as u64, Relaxed);
    }

    pub(super) fn read(&self, is_problem: bool) {
        self.unread.fetch_sub(1, Relaxed);
        self.read.fetch_add(1, Relaxed);
        self.problems.fetch_add(u64::from(is_problem), Relaxed);
    }

    pub(super) const fn counted(&self) -> &AtomicU64 {
        &self.counted
    }

    pub(super) fn has_counted(&self) {
        self.has_counted.store(true, Relaxed);
    }

    pub(super) fn progress(&self) -> ScanProgress {
        let found = self.seen.load(Relaxed);
        let (expected, counted) = (self.expected.load(Relaxed), self.counted.load(Relaxed));
        let total = if self.has_counted.load(Relaxed) { counted } else { expected };
        ScanProgress {
            seen: found.saturating_sub(self.unread.load(Relaxed)),
            read: self.read.load(Relaxed),
            total: (total > 0).then_some(total.max(found)),
            problems: self.problems.load(Relaxed),
            elapsed: self.started.elapsed(),
        }
    }
}
