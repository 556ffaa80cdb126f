//! The encoder threads: segments that readers wait for first, then those that only fill the cache.
//! What a segment is and where it goes is decided in `transcoding`.

mod queue;

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use model::limits::transcoding::{STALLED_FILL, STALLED_READER};
use queue::{Queue, Want};

use crate::Error;
use crate::transcoding::{RunFor, Transcoding};
use crate::watchdog::{self, Watched};

/// How much lower the priority of threads that fill the cache is.
const CACHE_NICENESS: i32 = 10;

/// A run makes this many segments, about 5 s, before it yields to another waiting reader.
const FAIR_SHARE: u64 = 4;

/// Handles on the threads; they end when the last is dropped.
#[derive(Clone)]
pub struct Encoders(Arc<Handle>);

struct Handle(Arc<Shared>);

/// How long runs may make no progress before their file is given up.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Runs that readers wait for.
    pub readers: Duration,
    /// Runs that fill the cache, which get little time on a busy machine.
    pub cache: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { readers: STALLED_READER, cache: STALLED_FILL }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Readers,
    Cache,
}

/// A run in progress, for the watchdog.
struct Work {
    watched: Arc<Watched>,
    transcoding: Arc<Transcoding>,
    kind: Kind,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Notified of every change of the queue.
    changed: Condvar,
    /// All runs in progress.
    work: Mutex<Vec<Work>>,
    patience: Patience,
}

impl Encoders {
    /// Starts two threads for each core: one for readers, and one that fills the cache with what is left of the core's
    /// time; of these at most `most_cachers`.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(most_cachers: NonZeroUsize) -> io::Result<Self> {
        Self::with_patience(most_cachers, Patience::default())
    }

    /// The same with another time-out.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn with_patience(most_cachers: NonZeroUsize, patience: Patience) -> io::Result<Self> {
        let (queue, changed, work) = (Mutex::default(), Condvar::new(), Mutex::default());
        let shared = Arc::new(Shared { queue, changed, work, patience });
        let encoders = Self(Arc::new(Handle(Arc::clone(&shared))));
        for number in 0..thread::available_parallelism().map_or(1, usize::from) {
            shared.spawn(Kind::Readers)?;
            if number < most_cachers.get() {
                shared.spawn(Kind::Cache)?;
            }
        }
        let watch = Arc::clone(&shared);
        thread::Builder::new().name("encoder-watch".to_owned()).spawn(move || watch.watch())?;
        Ok(encoders)
    }

    /// Queues a run of `length` segments from `segment` on, for a reader.
    pub(crate) fn want(&self, transcoding: &Arc<Transcoding>, segment: u64, length: u64) {
        let shared = &self.0.0;
        shared.lock().push(Want { transcoding: Arc::downgrade(transcoding), segment, length });
        // Threads of both kinds wait for it.
        shared.changed.notify_all();
    }

    /// Cancels such a run.
    pub(crate) fn cancel(&self, transcoding: &Arc<Transcoding>, segment: u64) {
        self.0.0.lock().cancel(transcoding, segment);
        self.0.0.changed.notify_all();
    }

    /// Drops transcodings without readers. That may end a process and remove a file, which must not block an async
    /// thread.
    pub(crate) fn discard(&self, transcoding: Arc<Transcoding>) {
        self.0.0.lock().discarded.push(transcoding);
    }

    /// Queues all of it for the cache, in the time that readers leave; false when the queue is full. Urgent files are
    /// always accepted.
    pub(crate) fn fill(&self, transcoding: &Arc<Transcoding>, is_urgent: bool) -> bool {
        let is_taken = self.0.0.lock().fill(transcoding, is_urgent);
        self.0.0.changed.notify_all();
        is_taken
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) -> MutexGuard<'_, Vec<Work>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: &Arc<Self>, kind: Kind) -> io::Result<()> {
        let shared = Arc::clone(self);
        let name = if kind == Kind::Readers { "encoder" } else { "cacher" };
        thread::Builder::new().name(name.to_owned()).spawn(move || match kind {
            Kind::Readers => shared.serve_readers(),
            Kind::Cache => shared.fill_cache(),
        })?;
        Ok(())
    }

    fn serve_readers(&self) {
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some(want) = queue.pop() else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let is_last = !queue.has_wants();
            drop(queue);
            if is_last {
                // Threads that fill the cache may continue.
                self.changed.notify_all();
            }
            if self.serve(&want) {
                return;
            }
            queue = self.lock();
        }
    }

    /// Makes a run for readers; true when this thread was replaced meanwhile.
    fn serve(&self, want: &Want) -> bool {
        let Some(transcoding) = Weak::upgrade(&want.transcoding) else { return false };
        // Lock order: readers queue runs while their transcoding is locked, so it must never be locked while the queue
        // is.
        if !transcoding.is_awaited(want.segment) {
            return false;
        }
        let may_go_on = |made| made < FAIR_SHARE || !self.lock().has_wants();
        let purpose = RunFor::Readers { length: want.length };
        self.run(&transcoding, Kind::Readers, || transcoding.run(want.segment, purpose, may_go_on))
    }

    fn fill_cache(&self) {
        // Pages and streams of a small machine go before; where that is not allowed, it is no more than a pity.
        let _ = rustix::process::nice(CACHE_NICENESS);
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some(transcoding) = queue.next_to_fill() else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            let mut is_at_its_end = false;
            match transcoding.next_to_fill() {
                Some(segment) => {
                    let may_go_on = |_| !self.lock().has_wants();
                    let run = || transcoding.run(segment, RunFor::Cache, may_go_on);
                    is_at_its_end = self.run(&transcoding, Kind::Cache, run);
                }
                None => self.lock().filled(&transcoding),
            }
            self.fill_rest(&transcoding);
            if is_at_its_end {
                return;
            }
            queue = self.lock();
        }
    }

    /// Makes a run, watched by the watchdog; true when this thread was replaced meanwhile.
    fn run(&self, transcoding: &Arc<Transcoding>, kind: Kind, run: impl FnOnce()) -> bool {
        let watched = Watched::begin();
        self.work().push(Work { watched: Arc::clone(&watched), transcoding: Arc::clone(transcoding), kind });
        // The run catches what decoders and encoders do; this is for everything around them.
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| watched.run(run)));
        self.work().retain(|work| !Arc::ptr_eq(&work.watched, &watched));
        if let Err(panic) = ran {
            transcoding.fail(&Error::panicked(panic.as_ref()));
        }
        self.fill_rest(transcoding);
        watched.end()
    }

    /// A run that ends early leaves gaps that filling the cache has already passed.
    fn fill_rest(&self, transcoding: &Arc<Transcoding>) {
        if transcoding.next_to_fill().is_some() {
            self.lock().fill(transcoding, true);
            self.changed.notify_all();
        }
    }

    /// Fails files at which a thread makes no progress, and replaces the thread; drops transcodings without readers.
    fn watch(self: &Arc<Self>) {
        let pause = (self.patience.readers.min(self.patience.cache) / 8).min(Duration::from_secs(1));
        let mut queue = self.lock();
        loop {
            let (discarded, is_closed) = (std::mem::take(&mut queue.discarded), queue.is_closed);
            drop(queue);
            drop(discarded);
            if is_closed {
                return;
            }
            let stalled: Vec<_> = {
                let work = self.work();
                let is_stalled = |work: &&Work| {
                    let limit = if work.kind == Kind::Readers { self.patience.readers } else { self.patience.cache };
                    work.watched.stalled_for() >= limit
                };
                let of = |work: &Work| (Arc::clone(&work.watched), Arc::clone(&work.transcoding), work.kind);
                work.iter().filter(is_stalled).map(of).collect()
            };
            for (watched, transcoding, kind) in stalled {
                if watched.give_up() {
                    transcoding.fail(&Error::Hung);
                    self.replace(kind);
                }
            }
            thread::sleep(pause);
            queue = self.lock();
        }
    }

    fn replace(self: &Arc<Self>, kind: Kind) {
        if watchdog::is_exhausted() {
            tracing::error!("too many decoders hang; nothing more is transcoded until they come back or a restart");
        } else if let Err(error) = self.spawn(kind) {
            tracing::error!(%error, "a thread that hangs could not be replaced");
        }
    }
}
