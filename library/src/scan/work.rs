//! One scan on a thread that may wait: takes what the walk tells, has it read by others, and writes what they have read.
//! Everything is under way at the same time, and bounded: the memory of a scan does not grow with the folder.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use audio::MusicRoot;

use super::progress::Counters;
use super::readers::Readers;
use super::session::Session;
use super::walk::{self, Folder, Walked};
use super::wanted::Written;
use super::{ScanReport, Scope};
use crate::{Error, Index};

/// So many files wait to be read or written, and no more.
const MAX_UNREAD: usize = 10_000;

/// What the walk has found and nobody has looked up, in messages.
const MAX_TOLD: usize = 8;

/// Files that are written in one transaction; fewer while nothing else is to be done, but not a few.
const BATCH: usize = 5000;
const SMALL_BATCH: usize = 1000;

/// How long a file may wait for it.
const BATCH_EVERY: Duration = Duration::from_secs(1);

/// The search finds what was written after so many files or so long; the more at once, the less each costs.
const MAX_UNFOUND: usize = 10_000;
const FOLLOW_EVERY: Duration = Duration::from_secs(3);

/// What one scan is about.
pub(super) struct Work {
    pub(super) index: Index,
    pub(super) music: Arc<MusicRoot>,
    pub(super) scope: Scope,
    pub(super) counters: Arc<Counters>,
    /// Nobody waits for the end.
    pub(super) is_given_up: Arc<AtomicBool>,
}

impl Work {
    /// Does it. What is written when it ends early stays.
    pub(super) fn run(&self) -> Result<ScanReport, Error> {
        let started = Instant::now();
        let mut session = Session::begin(&self.index, &self.music, self.scope == Scope::Full)?;
        let known = session.known_files()?;
        self.counters.expect(known.files);
        self.check_root(known.files > 0 && self.scope != Scope::Full)?;
        let starts = self.scope.starts();
        let mut report = ScanReport::default();
        let is_counted = AtomicBool::new(known.is_complete);
        let done = std::thread::scope(|scope| {
            let counters = &*self.counters;
            // There is something to estimate from where a scan has come to its end.
            if !known.is_complete {
                scope.spawn(|| {
                    walk::count(self.music.path(), counters.counted(), &|| is_counted.load(Ordering::Relaxed));
                    counters.has_counted();
                });
            }
            let (sender, walked) = sync_channel(MAX_TOLD);
            let walk = scope.spawn(|| walk::walk(self.music.path(), &starts, sender));
            let readers = Readers::start(scope, &self.music, counters);
            let done = self.bring_together(&mut session, &walked, readers, &mut report);
            // Whatever it would still tell is of no use.
            drop(walked);
            is_counted.store(true, Ordering::Relaxed);
            // A walk that panicked has not seen everything.
            done.and(walk.join().map_err(|_| Error::ScanBroken))
        });
        done?;
        session.finish(&starts, &mut report)?;
        Ok(ScanReport { files: self.counters.progress().seen, elapsed: started.elapsed(), ..report })
    }

    fn bring_together(
        &self,
        session: &mut Session,
        walked: &Receiver<Walked>,
        mut readers: Readers,
        report: &mut ScanReport,
    ) -> Result<(), Error> {
        let mut batch = Batch::default();
        let (mut unfound, mut followed) = (0, Instant::now());
        let mut is_walking = true;
        while is_walking || readers.unread > 0 {
            if self.is_given_up.load(Ordering::Relaxed) {
                return Err(Error::ScanBroken);
            }
            // The readers come first, for they can work while something is written here.
            while is_walking && readers.unread < MAX_UNREAD {
                match walked.try_recv() {
                    Ok(told) => self.told(told, session, &mut readers)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => is_walking = false,
                }
            }
            while let Some(read) = readers.ready() {
                batch.add(read);
            }
            if batch.is_due() || (readers.unread > 0 && batch.files >= SMALL_BATCH) {
                unfound += batch.files;
                session.write(batch.take(), report)?;
            } else if readers.unread > 0 {
                batch.add(readers.next()?);
            } else if is_walking {
                match walked.recv_timeout(BATCH_EVERY) {
                    Ok(told) => self.told(told, session, &mut readers)?,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => is_walking = false,
                }
            }
            if unfound >= MAX_UNFOUND || (unfound > 0 && followed.elapsed() >= FOLLOW_EVERY) {
                session.follow()?;
                (unfound, followed) = (0, Instant::now());
            }
        }
        session.write(batch.take(), report)
    }

    fn told(&self, told: Walked, session: &mut Session, readers: &mut Readers) -> Result<(), Error> {
        match told {
            Walked::Folders(folders) => {
                self.counters.seen(folders.iter().map(Folder::len).sum());
                let wanted = session.look_up(folders)?;
                self.counters.will_read(wanted.iter().map(|wanted| wanted.files.len()).sum());
                readers.send(wanted);
                Ok(())
            }
            Walked::Problem { path, reason } => session.problem(&path, &reason),
            Walked::Hidden { path } => session.keep_below(&path),
        }
    }

    /// A disk that is not mounted looks like an empty folder, and must not cost the owner the index.
    fn check_root(&self, must_have_entries: bool) -> Result<(), Error> {
        let root = self.music.path();
        let mut entries = std::fs::read_dir(root).map_err(Error::file(root))?;
        if must_have_entries && entries.next().is_none() {
            return Err(Error::EmptyMusicFolder(root.to_owned()));
        }
        Ok(())
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
