//! One file as MP3 while it is being made, shared by all its readers: segments are made in the order in which they are
//! requested. Which thread makes them is decided in `encoders`, and what a finished file becomes in `transcoder`.

mod reader;
mod state;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

pub use reader::LiveSource;
use state::{FILL_RUN, Fill, Segment, State};

use crate::encoders::Encoders;
use crate::mp3::Layout;
use crate::transcode::{Recipe, Run, bounds, pieces};
use crate::{Error, watchdog};

/// Whether all of it is in the cache now; if not, why, as a sentence.
pub type Outcome = Result<(), String>;

/// Where the segments of one file are kept.
pub trait Storage: Send + Sync {
    /// An empty file for so many bytes, at the first that are written.
    ///
    /// # Errors
    /// Why nothing may be kept, as a sentence.
    fn open(&self, len: u64) -> Result<File, String>;

    /// Checks whether this many bytes may be written now.
    ///
    /// # Errors
    /// Why nothing more may be kept, as a sentence.
    fn reserve(&self, len: u64) -> Result<(), String>;

    /// Called once, when the file is complete or nothing more will be written; returns the outcome.
    ///
    /// # Errors
    /// Why it is not kept, as a sentence.
    fn finish(&self, made: Outcome) -> Outcome;
}

/// For whom segments are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunFor {
    /// For readers; it ends when none of them is near.
    Readers {
        /// How many segments at most.
        length: u64,
    },
    /// To fill the cache.
    Cache,
}

/// A file as MP3, being made.
pub struct Transcoding {
    recipe: Recipe,
    layout: Layout,
    info: Vec<u8>,
    encoders: Encoders,
    storage: Option<Box<dyn Storage>>,
    /// Opened by the first segment, unless the storage refused.
    disk: OnceLock<Result<Arc<File>, String>>,
    state: Mutex<State>,
    /// Notified of every change of the state: threads by the one, tasks by the other.
    changed: Condvar,
    changed_async: Notify,
}

impl Transcoding {
    /// A transcoding of which nothing is made yet; `mark` goes into the Info frame. Without storage, what was read is
    /// made again for the next reader.
    #[must_use]
    pub fn new(
        recipe: Recipe,
        layout: Layout,
        mark: &[u8; 16],
        storage: Option<Box<dyn Storage>>,
        encoders: Encoders,
    ) -> Self {
        let info = layout.info_frame(mark);
        let mut state = State::new(usize::try_from(pieces(&layout)).unwrap_or(usize::MAX));
        if storage.is_none() {
            state.fill = Fill::Ended;
            state.outcome = Some(Err("There is no cache.".to_owned()));
        }
        let (state, changed, changed_async) = (Mutex::new(state), Condvar::new(), Notify::new());
        Self { recipe, layout, info, encoders, storage, disk: OnceLock::new(), state, changed, changed_async }
    }

    /// The bytes of the whole MP3.
    #[must_use]
    pub fn whole_len(&self) -> u64 {
        self.layout.len()
    }

    /// Whether nothing more will be made of it.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.lock().failure.is_some()
    }

    /// Whether it failed because its decoder made no progress.
    #[must_use]
    pub fn is_hung(&self) -> bool {
        self.lock().is_hung
    }

    /// Starts to put all of it into the cache, also without readers.
    pub fn fill(self: &Arc<Self>) {
        self.start_fill(true);
    }

    /// Waits until all of it is in the cache or cannot be; [`Transcoding::fill`] was called before.
    ///
    /// # Errors
    /// The reason as a sentence.
    pub fn wait(&self) -> Outcome {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome.clone();
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends it with a reason, whatever is in progress: all waiting readers get an error.
    pub(crate) fn fail(&self, error: &Error) {
        let mut state = self.lock();
        if state.failure.is_some() {
            return;
        }
        state.is_hung = matches!(error, Error::Hung);
        state.failure = Some(error.to_string());
        state.release_all();
        drop(state);
        self.announce();
        self.end_if_over();
    }

    /// The first segment that is neither made nor planned, while the cache is being filled.
    pub(crate) fn next_to_fill(&self) -> Option<u64> {
        self.lock().next_to_fill()
    }

    /// Whether the queued run at this segment is still needed by a reader.
    pub(crate) fn is_awaited(&self, segment: u64) -> bool {
        let mut state = self.lock();
        let is_awaited = state.is_awaited(segment);
        if !is_awaited && state.segment(segment) == Some(Segment::Queued) {
            state.set(segment, Segment::Missing);
        }
        is_awaited
    }

    /// Makes segments from `first` on, until the next one is covered by another run or no longer needed, or `may_go_on`
    /// returns false for the number of segments made.
    pub(crate) fn run(self: &Arc<Self>, first: u64, purpose: RunFor, may_go_on: impl Fn(u64) -> bool) {
        let length = match purpose {
            RunFor::Readers { length } => length,
            RunFor::Cache => FILL_RUN,
        };
        let Some(run) = self.lock().plan(first, length) else { return };
        // A decoder or encoder that panics is the fault of this file, and must cost neither the thread nor the readers'
        // patience. The state is consistent between any two changes.
        let made = catch_unwind(AssertUnwindSafe(|| self.make(run, first, purpose, may_go_on)));
        self.lock().release(run);
        if let Err(error) = made.unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref()))) {
            if !self.is_failed() {
                tracing::error!(%error, segment = first, "transcoding failed");
            }
            self.fail(&error);
        }
        self.announce();
        self.end_if_over();
    }

    fn make(
        self: &Arc<Self>,
        run: u64,
        first: u64,
        purpose: RunFor,
        may_go_on: impl Fn(u64) -> bool,
    ) -> Result<(), Error> {
        let mut encoding = Run::start(&self.recipe, first)?;
        for segment in first.. {
            let Some(bytes) = encoding.next_piece()? else { break };
            watchdog::beat();
            self.keep(segment, bytes);
            // Not before the first segment, which a reader waits for.
            self.start_fill(false);
            let mut state = self.lock();
            let is_needed = purpose == RunFor::Cache || state.is_wanted(segment + 1);
            if !is_needed || !state.advance(run, segment + 1) || !may_go_on(segment + 1 - first) {
                break;
            }
        }
        Ok(())
    }

    /// Stores a finished segment on disk or in memory.
    fn keep(&self, segment: u64, bytes: Vec<u8>) {
        // Not under the lock: a disk may be slow, and readers need other segments.
        let written = self.write(segment, &bytes);
        let mut state = self.lock();
        // A run that was abandoned and returns must not change a failed transcoding.
        if state.failure.is_none() {
            match written {
                Ok(()) => state.set(segment, Segment::OnDisk),
                Err(refusal) => {
                    state.refusal.get_or_insert(refusal);
                    state.keep_in_memory(segment, bytes);
                }
            }
        }
        drop(state);
        self.announce();
        self.end_if_over();
    }

    /// Writes a segment to the disk.
    fn write(&self, segment: u64, bytes: &[u8]) -> Result<(), String> {
        let storage = self.storage.as_ref().ok_or("There is no cache.")?;
        if let Some(refusal) = self.lock().refusal.clone() {
            return Err(refusal);
        }
        let file = self.disk.get_or_init(|| self.open(storage.as_ref()).map(Arc::new));
        let file = file.as_ref().map_err(Clone::clone)?;
        storage.reserve(bytes.len() as u64)?;
        file.write_all_at(bytes, bounds(&self.layout, segment).0).map_err(|error| not_written(&error))
    }

    fn open(&self, storage: &dyn Storage) -> Result<File, String> {
        let file = storage.open(self.layout.len())?;
        file.write_all_at(&self.info, 0).map_err(|error| not_written(&error))?;
        Ok(file)
    }

    /// Asks the encoders to fill the cache, unless that was done before or their queue is full.
    fn start_fill(self: &Arc<Self>, is_urgent: bool) {
        let mut state = self.lock();
        if state.fill == Fill::NotStarted && self.encoders.fill(self, is_urgent) {
            state.fill = Fill::Running;
        }
    }

    /// Ends the filling of the cache when everything is made or nothing more can be.
    fn end_if_over(&self) {
        let Some(storage) = &self.storage else { return };
        let mut state = self.lock();
        if state.fill == Fill::Ended || !(state.is_over() || state.refusal.is_some()) {
            return;
        }
        state.fill = Fill::Ended;
        let made = match state.failure.clone().or_else(|| state.refusal.clone()) {
            Some(reason) => Err(reason),
            None if state.is_on_disk() => Ok(()),
            None => Err("It was made only in part.".to_owned()),
        };
        drop(state);
        let outcome = storage.finish(made);
        self.lock().outcome = Some(outcome);
        self.announce();
    }

    fn announce(&self) {
        self.changed.notify_all();
        self.changed_async.notify_waiters();
    }

    /// A panic elsewhere leaves the state as it was between two changes, which is consistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_written(error: &std::io::Error) -> String {
    tracing::error!(%error, "the cache cannot be written; the stream goes on from memory");
    format!("The cache cannot be written; its disk may be full ({error}).")
}
