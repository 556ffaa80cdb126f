//! Brings the index up to date with the music folder: what is new or changed is read, what has gone is forgotten.
//! When that happens is decided by `watch` and the command line; the music folder is only read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use audio::MusicRoot;
use tokio::sync::mpsc;

use crate::{Error, Index};

pub(crate) mod path_names;
mod progress;
pub(crate) mod read;
mod session;
mod walk;

use progress::Counters;
pub use progress::ScanProgress;
use read::Reading;
use session::{Session, Wanted, Written};
use walk::Walked;

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// After so many changes the search tables are put in order.
const MANY: u64 = 5000;

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
        write!(f, ", in {:.1} s", self.elapsed.as_secs_f64())
    }
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
        let (sender, mut walked) = mpsc::channel(4);
        let (root, from) = (Arc::clone(music), starts.clone());
        let walk = tokio::task::spawn_blocking(move || walk::walk(root.path(), &from, sender));

        let mut report = ScanReport::default();
        // While one batch is read, the one before is written and the next is looked up.
        let mut reading = Reader::default();
        while let Some(walked) = walked.recv().await {
            match walked {
                Walked::Files(found) => {
                    counters.seen(found.len());
                    let wanted = session.look_up(found).await?;
                    if wanted.is_empty() {
                        continue;
                    }
                    counters.will_read(wanted.len());
                    let before = reading.finish().await?;
                    reading = Reader::start(music, wanted, counters);
                    session.write(before, &mut report).await?;
                }
                Walked::Problem { path, reason } => session.problem(&path, &reason).await?,
                Walked::Hidden { path } => session.keep_below(&path).await?,
            }
        }
        // A walk that panicked has not seen everything.
        walk.await.map_err(|_| Error::ScanBroken)?;
        session.write(reading.finish().await?, &mut report).await?;
        session.finish(&starts, &mut report).await?;
        if report.added + report.changed + report.removed >= MANY {
            self.settle().await?;
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

/// A batch that is being read on as many threads as there are cores.
#[derive(Default)]
struct Reader(Option<tokio::task::JoinHandle<Vec<Written>>>);

impl Reader {
    fn start(music: &Arc<MusicRoot>, wanted: Vec<Wanted>, counters: &Arc<Counters>) -> Self {
        let (music, counters) = (Arc::clone(music), Arc::clone(counters));
        Self(Some(tokio::task::spawn_blocking(move || read_all(&music, &wanted, &counters))))
    }

    async fn finish(&mut self) -> Result<Vec<Written>, Error> {
        match self.0.take() {
            Some(reading) => reading.await.map_err(|_| Error::ScanBroken),
            None => Ok(Vec::new()),
        }
    }
}

fn read_all(music: &MusicRoot, wanted: &[Wanted], counters: &Counters) -> Vec<Written> {
    let next = AtomicUsize::new(0);
    let read_some = || {
        let mut written = Vec::new();
        while let Some(wanted) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let reading = read::read(music, &wanted.found);
            counters.read(!matches!(reading, Reading::Track(_)));
            written.push(Written::new(wanted, reading));
        }
        written
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(wanted.len() / 8 + 1);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(read_some)).collect();
        let mut written = read_some();
        written.extend(others.into_iter().flat_map(|thread| thread.join().unwrap_or_default()));
        written
    })
}
