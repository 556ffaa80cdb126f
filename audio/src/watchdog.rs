//! Detects work that makes no progress, so that its callers get an error. It cannot stop the work: abandoned work keeps
//! its thread until it returns by itself.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use model::limits::transcoding::STUCK_THREADS;

use crate::Error;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Threads that were abandoned and have not returned.
static STUCK: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static CURRENT: RefCell<Option<Arc<Watched>>> = const { RefCell::new(None) };
}

/// Work on a thread that is watched.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Milliseconds since the start of the process at the last progress.
    progressed: AtomicU64,
    /// One of the three below.
    state: AtomicU8,
}

const AT_WORK: u8 = 0;
const GIVEN_UP: u8 = 1;
const ENDED: u8 = 2;

impl Watched {
    /// Work that begins now.
    pub(crate) fn begin() -> Arc<Self> {
        let watched = Self::default();
        watched.progressed.store(now(), Ordering::Relaxed);
        Arc::new(watched)
    }

    /// Runs `work`, during which [`beat`] counts as its progress.
    pub(crate) fn run<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        /// Also when the work panics.
        struct Reset(Option<Arc<Watched>>);
        impl Drop for Reset {
            fn drop(&mut self) {
                CURRENT.with_borrow_mut(|current| *current = self.0.take());
            }
        }
        let _reset = Reset(CURRENT.with_borrow_mut(|current| current.replace(Arc::clone(self))));
        work()
    }

    /// How long ago the last progress was.
    pub(crate) fn stalled_for(&self) -> Duration {
        Duration::from_millis(now().saturating_sub(self.progressed.load(Ordering::Relaxed)))
    }

    /// Abandons it; false when that was done before, or it has just ended.
    pub(crate) fn give_up(&self) -> bool {
        let given_up = self.state.compare_exchange(AT_WORK, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if given_up {
            STUCK.fetch_add(1, Ordering::Relaxed);
        }
        given_up
    }

    /// Work that has come to its end; whether it was given up meanwhile.
    pub(crate) fn end(&self) -> bool {
        let was_given_up = self.state.swap(ENDED, Ordering::AcqRel) == GIVEN_UP;
        if was_given_up {
            STUCK.fetch_sub(1, Ordering::Relaxed);
        }
        was_given_up
    }
}

/// Reports progress of this thread's work to its watchdog.
pub(crate) fn beat() {
    CURRENT.with_borrow(|current| {
        if let Some(watched) = current {
            watched.progressed.store(now(), Ordering::Relaxed);
        }
    });
}

/// Whether so many threads hang that no further file is begun.
#[must_use]
pub(crate) fn is_exhausted() -> bool {
    STUCK.load(Ordering::Relaxed) >= STUCK_THREADS
}

/// Does `work` on a thread of its own and waits until it is done, or makes no progress for `limit`.
///
/// # Errors
/// [`Error::Hung`] then, [`Error::Unsupported`] when it panics, and the errors of `work` itself.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    if is_exhausted() {
        return Err(Error::Busy);
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let watched = Watched::begin();
    let working = Arc::clone(&watched);
    let spawned = thread::Builder::new().name("watched".to_owned()).spawn(move || {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| working.run(work)));
        // The receiver may have been dropped.
        let _ = sender.send(done);
        working.end();
    });
    spawned.map_err(Error::Io)?;
    loop {
        let left = limit.saturating_sub(watched.stalled_for());
        match receiver.recv_timeout(left.max(Duration::from_millis(1))) {
            Ok(Ok(done)) => return done,
            Ok(Err(panic)) => return Err(Error::panicked(panic.as_ref())),
            Err(RecvTimeoutError::Timeout) if watched.stalled_for() < limit => {}
            Err(_) if watched.give_up() => return Err(Error::Hung),
            // It has come to its end just now.
            Err(_) => {}
        }
    }
}

fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
