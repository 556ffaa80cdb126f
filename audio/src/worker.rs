//! Makes tracks ready before anybody listens, a mixtape at a time, in the background (seed 004, "CacheWorker").
//! Which mixtapes there are and when they are wanted is decided above.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use model::{Quality, TrackPath};

use crate::attempts::{Attempt, Attempts};
use crate::cache::{hex, mark};
use crate::jobs::{Job, JobFolder, JobTrack, Pace, Wish};
use crate::progress::{ProgressTracker, Task};
use crate::transcoder::{Made, Overwrite};
use crate::{AudioCache, AudioFile, Error, MusicRoot, RelativePath, Transcoder, format};

/// Does jobs for the cache, one after the other. It ends with the process; what it has not done by then, the next
/// one does.
#[derive(Debug)]
pub struct CacheWorker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    music: Arc<MusicRoot>,
    transcoder: Arc<Transcoder>,
    progress: Arc<ProgressTracker>,
    folder: JobFolder,
    attempts: Attempts,
    at_once: NonZeroUsize,
    queue: Mutex<Queue>,
    /// Told of every job, and of the end.
    came: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<(Job, Task)>,
    /// The job at work, and whether another has taken its place.
    running: Option<(String, Arc<AtomicBool>)>,
    is_closed: bool,
}

/// What a track has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// At least one quality was made.
    Cached,
    /// Nothing had to be made, for this reason.
    Skipped(&'static str),
}

impl CacheWorker {
    /// A worker that takes up what an earlier process has left. `folder` is for its jobs; of a job that allows it,
    /// `at_once` tracks are worked on.
    ///
    /// # Errors
    /// When the folder cannot be used, or the system gives no more threads.
    pub fn start(
        music: Arc<MusicRoot>,
        transcoder: Arc<Transcoder>,
        progress: Arc<ProgressTracker>,
        folder: &Path,
        at_once: NonZeroUsize,
    ) -> io::Result<Self> {
        let attempts = Attempts::open(&folder.join("attempts"))?;
        let folder = JobFolder::open(folder)?;
        let unfinished = folder.unfinished()?;
        let (queue, came) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { music, transcoder, progress, folder, attempts, at_once, queue, came });
        for job in unfinished {
            tracing::info!(task = job.task_id, "an interrupted job is taken up again");
            shared.push(&mut shared.lock(), job);
        }
        let worker = Arc::clone(&shared);
        thread::Builder::new().name("cache-worker".to_owned()).spawn(move || worker.work())?;
        Ok(Self(shared))
    }

    /// Takes a job. One with the same task that waits, or is at work, makes room for it.
    ///
    /// # Errors
    /// When the job cannot be written down; it is done nevertheless, unless the process ends before.
    pub fn schedule(&self, job: Job) -> io::Result<()> {
        let mut queue = self.0.lock();
        // Under the lock, or an older job of this task that ends just now would take the new one's file with it.
        let kept = self.0.folder.keep(&job);
        self.0.push(&mut queue, job);
        kept
    }

    /// Whether each track is in the cache, up to date, in this quality; also when it needs no smaller version.
    #[must_use]
    pub fn verify(&self, tracks: &[TrackPath], quality: Quality) -> Vec<bool> {
        let is_ready = |path: &TrackPath| {
            let file = self.0.open(path).ok()?;
            Some(!format::is_transcoded(&file).ok()? || self.0.transcoder.cached(&file, quality).is_some())
        };
        tracks.iter().map(|path| is_ready(path).unwrap_or(false)).collect()
    }
}

impl CacheWorker {
    /// Files that are skipped, because transcoding them crashed the server or hung repeatedly.
    #[must_use]
    pub fn set_aside(&self) -> Vec<Attempt> {
        self.0.attempts.set_aside()
    }

    /// Lets the next job retry them; returns how many they are.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn retry_set_aside(&self) -> io::Result<usize> {
        self.0.attempts.retry()
    }

    /// Starts no more files, because the process is shutting down in order: that is not the fault of those in progress.
    pub fn close(&self) {
        self.0.lock().is_closed = true;
        self.0.came.notify_all();
        self.0.attempts.interrupt();
    }
}

impl Drop for CacheWorker {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, queue: &mut Queue, job: Job) {
        let task = self.progress.create_task(&job.task_id, job.tracks.len() as u64);
        task.pending();
        queue.waiting.retain(|(waiting, _)| waiting.task_id != job.task_id);
        if let Some((task, is_superseded)) = &queue.running
            && *task == job.task_id
        {
            is_superseded.store(true, Ordering::Relaxed);
        }
        queue.waiting.push_back((job, task));
        self.came.notify_all();
    }

    fn work(&self) {
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some((job, task)) = queue.waiting.pop_front() else {
                queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let is_superseded = Arc::new(AtomicBool::new(false));
            queue.running = Some((job.task_id.clone(), Arc::clone(&is_superseded)));
            drop(queue);
            if catch_unwind(AssertUnwindSafe(|| self.run(&job, &task, &is_superseded))).is_err() {
                tracing::error!(task = job.task_id, "the job failed in the middle");
            }
            queue = self.lock();
            queue.running = None;
            // What was broken off by the end is for the next process, and what was superseded waits in the queue.
            if queue.is_closed || is_superseded.load(Ordering::Relaxed) {
                continue;
            }
            if let Err(error) = self.folder.forget(&job.task_id) {
                tracing::warn!(%error, task = job.task_id, "a finished job could not be forgotten");
            }
            let counts = task.finish();
            tracing::info!(task = job.task_id, ?counts, "cache job done");
        }
    }

    fn run(&self, job: &Job, task: &Task, is_superseded: &AtomicBool) {
        let is_over = || is_superseded.load(Ordering::Relaxed) || self.lock().is_closed;
        let one = |track: &JobTrack| {
            task.begin_next();
            let name = format!("“{}”", track.title);
            let cached = catch_unwind(AssertUnwindSafe(|| self.cache_file(track, job)));
            match cached.unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref()))) {
                Ok(Fate::Cached) => task.track_cached(&name),
                Ok(Fate::Skipped(reason)) => task.track_skipped(&name, reason),
                Err(error) => {
                    if matches!(error, Error::Unsupported(_) | Error::NotCached(_) | Error::Hung | Error::SetAside(_)) {
                        tracing::error!(task = job.task_id, file = track.path.0, %error, "not cached");
                    } else {
                        tracing::warn!(task = job.task_id, file = track.path.0, %error, "not cached");
                    }
                    task.track_failed(&name, &error.to_string());
                }
            }
        };
        // Each by itself, so that the next crash, if there is one, shows which of them it was.
        let suspects = self.attempts.suspects();
        let (suspects, tracks): (Vec<_>, Vec<_>) = job.tracks.iter().partition(|track| suspects.contains(&track.path));
        for track in suspects {
            if is_over() {
                return;
            }
            one(track);
        }
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(track) = tracks.get(next.fetch_add(1, Ordering::Relaxed)) {
                if is_over() {
                    return;
                }
                one(track);
            }
        };
        let threads = if job.pace == Pace::Parallel { self.at_once.get().min(tracks.len()) } else { 1 };
        thread::scope(|scope| {
            for number in 1..threads {
                let spawned = thread::Builder::new().name(format!("cache-worker-{number}")).spawn_scoped(scope, work);
                if let Err(error) = spawned {
                    tracing::warn!(%error, "fewer tracks at once");
                }
            }
            work();
        });
    }

    /// Makes one file ready in all qualities of a job.
    fn cache_file(&self, track: &JobTrack, job: &Job) -> Result<Fate, Error> {
        let file = Arc::new(self.open(&track.path)?);
        if !format::is_transcoded(&file).map_err(Error::Io)? {
            return Ok(Fate::Skipped("is small already and served as it is"));
        }
        let is_to_be_made = |quality: &Quality| match job.wish {
            Wish::All => true,
            Wish::Missing | Wish::MissingWithRoom => self.transcoder.cached(&file, *quality).is_none(),
        };
        let qualities: Vec<_> = job.qualities.iter().filter(|quality| is_to_be_made(quality)).collect();
        if qualities.is_empty() {
            return Ok(Fate::Skipped("was ready before"));
        }
        match self.attempts.begin(&track.path, &hex(mark(&file, Quality::High))) {
            Ok(Ok(())) => {}
            Ok(Err(unfinished)) => return Err(Error::SetAside(unfinished.reason())),
            Err(error) => tracing::warn!(%error, file = track.path.0, "an attempt could not be written down"),
        }
        let made = catch_unwind(AssertUnwindSafe(|| self.make(&file, &qualities, job.wish)));
        let made = made.unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref())));
        self.attempts.end(&track.path, matches!(made, Err(Error::Hung)));
        made
    }

    fn make(&self, file: &Arc<AudioFile>, qualities: &[&Quality], wish: Wish) -> Result<Fate, Error> {
        let mut fate = Fate::Skipped("was ready before");
        let overwrite = if wish == Wish::All { Overwrite::Yes } else { Overwrite::No };
        for quality in qualities {
            let room = if wish == Wish::MissingWithRoom { self.room()? } else { None };
            match self.transcoder.make(Arc::clone(file), **quality, overwrite, room)? {
                Made::New => fate = Fate::Cached,
                Made::NoRoom if fate != Fate::Cached => fate = Fate::Skipped("the cache has no room left"),
                Made::AlreadyThere | Made::NoRoom => {}
            }
        }
        Ok(fate)
    }

    fn room(&self) -> Result<Option<u64>, Error> {
        self.transcoder.cache().map(AudioCache::room).transpose().map_err(Error::Io)
    }

    fn open(&self, path: &TrackPath) -> Result<AudioFile, Error> {
        self.music.open_audio(&RelativePath::parse(path.0.clone().into_bytes())?)
    }
}
