//! Brings the index up to date with the music folder: what is new or changed is read, what has gone is forgotten.
//! When that happens is decided by `watch` and the command line; the music folder is only read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use audio::MusicRoot;
use tokio::sync::mpsc;

use crate::{Error, Index};

pub(crate) mod path_names;
mod progress;
pub(crate) mod read;
mod readers;
mod session;
mod walk;

use progress::Counters;
pub use progress::ScanProgress;
use readers::Readers;
use session::{Session, Written};
use walk::Walked;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// So many files wait to be read or written, and no more: the memory of a scan does not grow with the folder.
const MAX_UNREAD: usize = 10_000;

/// Files that are written in one transaction, and how long they may wait for it.
const BATCH: usize = 2500;
const BATCH_EVERY: Duration = Duration::from_secs(1);

/// The search finds what was written after so many files or so long; the more at once, the less each costs.
const MAX_UNFOUND: usize = 25_000;
const FOLLOW_EVERY: Duration = Duration::from_secs(3);

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
    /// The part of it after which the search found what was written; the index itself had it before.
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
        let _lock = self.lock_for_scan().await?;
        let counters = Arc::new(Counters::default());
        let work = self.scan_counted(music, scope, &counters);
        tokio::pin!(work);
        let mut ticks = tokio::time::interval(TELL_EVERY);
        loop {
            tokio::select! {
                report = &mut work => {
                    tell(&counters.progress());
                    return report;
                }
                _ = ticks.tick() => tell(&counters.progress()),
            }
        }
    }

    async fn scan_counted(
        &self,
        music: &Arc<MusicRoot>,
        scope: &Scope,
        counters: &Arc<Counters>,
    ) -> Result<ScanReport, Error> {
        let started = Instant::now();
        let mut session = Session::begin(self, music, *scope == Scope::Full).await?;
        let known = session.known_files().await?;
        counters.expect(known.files);
        check_root(music.path(), known.files > 0 && *scope != Scope::Full).await?;
        // Dropped at the end or before, it tells the thread that counts to stop.
        let _counting = (!known.is_complete).then(|| Counting::start(music, counters));

        let starts = scope.starts();
        let (sender, mut walked) = mpsc::channel(8);
        let (root, from) = (Arc::clone(music), starts.clone());
        let walk = tokio::task::spawn_blocking(move || walk::walk(root.path(), &from, sender));
        let mut readers = Readers::start(music, counters);
        let mut report = ScanReport::default();
        let mut batch = Batch::default();
        let (mut unfound, mut followed) = (0, Instant::now());
        let mut is_walking = true;
        while is_walking || readers.unread > 0 {
            tokio::select! {
                told = walked.recv(), if is_walking && readers.unread < MAX_UNREAD => match told {
                    Some(Walked::Folders(folders)) => {
                        counters.seen(folders.iter().map(|folder| folder.files.len()).sum());
                        let wanted = session.look_up(folders).await?;
                        if wanted.is_empty() {
                            continue;
                        }
                        counters.will_read(wanted.iter().map(|wanted| wanted.files.len()).sum());
                        readers.send(wanted)?;
                    }
                    Some(Walked::Problem { path, reason }) => session.problem(&path, &reason).await?,
                    Some(Walked::Hidden { path }) => session.keep_below(&path).await?,
                    None => is_walking = false,
                },
                read = readers.next() => batch.add(read?),
            }
            while let Some(read) = readers.ready() {
                batch.add(read);
            }
            if batch.is_due() {
                unfound += batch.files;
                session.write(batch.take(), &mut report).await?;
            }
            if unfound >= MAX_UNFOUND || (unfound > 0 && followed.elapsed() >= FOLLOW_EVERY) {
                session.follow(&mut report).await?;
                (unfound, followed) = (0, Instant::now());
            }
        }
        // A walk that panicked has not seen everything.
        walk.await.map_err(|_| Error::ScanBroken)?;
        session.write(batch.take(), &mut report).await?;
        session.finish(&starts, &mut report).await?;
        if report.added + report.changed + report.removed >= MANY {
            let begun = Instant::now();
            self.settle().await?;
            report.search += begun.elapsed();
        }
        Ok(ScanReport { files: counters.progress().seen, elapsed: started.elapsed(), ..report })
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

/// A disk that is not mounted looks like an empty folder, and must not cost the owner the index.
async fn check_root(root: &Path, must_have_entries: bool) -> Result<(), Error> {
    let root = root.to_owned();
    let checked = tokio::task::spawn_blocking(move || {
        let mut entries = std::fs::read_dir(&root).map_err(Error::file(&root))?;
        if must_have_entries && entries.next().is_none() { Err(Error::EmptyMusicFolder(root)) } else { Ok(()) }
    });
    checked.await.map_err(|_| Error::ScanBroken)?
}

/// Counts the files of a folder that was never scanned to its end, so that there is something to estimate from.
struct Counting(Arc<AtomicBool>);

impl Counting {
    fn start(music: &Arc<MusicRoot>, counters: &Arc<Counters>) -> Self {
        let is_given_up = Arc::new(AtomicBool::new(false));
        let (music, counters, given_up) = (Arc::clone(music), Arc::clone(counters), Arc::clone(&is_given_up));
        tokio::task::spawn_blocking(move || {
            walk::count(music.path(), counters.counted(), &|| given_up.load(Ordering::Relaxed));
            counters.has_counted();
        });
        Self(is_given_up)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What was read and is not written yet.
struct Batch {
    read: Vec<Written>,
    files: usize,
    since: Instant,
}

impl Default for Batch {
    fn default() -> Self {
        Self { read: Vec::new(), files: 0, since: Instant::now() }
    }
}

impl Batch {
    fn add(&mut self, written: Vec<Written>) {
        self.files += written.iter().map(Written::len).sum::<usize>();
        self.read.extend(written);
    }

    fn is_due(&self) -> bool {
        self.files >= BATCH || (!self.read.is_empty() && self.since.elapsed() >= BATCH_EVERY)
    }

    fn take(&mut self) -> Vec<Written> {
        std::mem::take(self).read
    }
}
