//! The threads that encode: what listeners wait for first, then what only fills the cache.
//! What a piece is and where it goes is known to `transcoding`.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use crate::transcoding::Transcoding;

/// Handles on the threads; they end when the last is dropped.
#[derive(Clone)]
pub struct Encoders(Arc<Handle>);

struct Handle(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// Told of every job.
    came: Condvar,
    /// Listeners' jobs that no thread has taken yet.
    urgent: AtomicUsize,
}

#[derive(Default)]
struct Queue {
    listeners: VecDeque<(Weak<Transcoding>, u64)>,
    cache: VecDeque<Arc<Transcoding>>,
    is_closed: bool,
}

impl Encoders {
    /// Starts a thread for each core.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), came: Condvar::new(), urgent: AtomicUsize::new(0) });
        let encoders = Self(Arc::new(Handle(Arc::clone(&shared))));
        for number in 0..thread::available_parallelism().map_or(1, usize::from) {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name(format!("encoder-{number}")).spawn(move || shared.work())?;
        }
        Ok(encoders)
    }

    /// Asks for a run that starts at a piece, for a listener. It is dropped when nobody holds the transcoding any
    /// more.
    pub fn want(&self, transcoding: &Arc<Transcoding>, piece: u64) {
        let shared = &self.0.0;
        shared.urgent.fetch_add(1, Ordering::Relaxed);
        shared.lock().listeners.push_back((Arc::downgrade(transcoding), piece));
        shared.came.notify_one();
    }

    /// Asks for all of it, on all threads, while no listener waits for anything.
    pub fn fill(&self, transcoding: Arc<Transcoding>) {
        self.0.0.lock().cache.push_back(transcoding);
        self.0.0.came.notify_all();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.came.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut queue = self.lock();
        loop {
            if queue.is_closed {
                return;
            }
            if let Some((transcoding, piece)) = queue.listeners.pop_front() {
                drop(queue);
                self.urgent.fetch_sub(1, Ordering::Relaxed);
                if let Some(transcoding) = transcoding.upgrade() {
                    // Once we are the only one left, the listener has gone.
                    transcoding.run(piece, || Arc::strong_count(&transcoding) > 1);
                }
                queue = self.lock();
            } else if let Some(transcoding) = queue.cache.front().map(Arc::clone) {
                // Listeners ask with their transcoding locked: it must never be locked with the queue in hand.
                drop(queue);
                let missing = transcoding.first_missing();
                if let Some(piece) = missing {
                    transcoding.run(piece, || self.urgent.load(Ordering::Relaxed) == 0);
                }
                queue = self.lock();
                if missing.is_none() {
                    queue.cache.retain(|waiting| !Arc::ptr_eq(waiting, &transcoding));
                }
            } else {
                queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}
