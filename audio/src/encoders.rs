//! The threads that encode: what listeners wait for first, then what only fills the cache.
//! What a piece is and where it goes is known to `transcoding`.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use crate::transcoding::Transcoding;

/// How far the threads that fill the cache stand back.
const CACHE_NICENESS: i32 = 10;

/// Handles on the threads; they end when the last is dropped.
#[derive(Clone)]
pub struct Encoders(Arc<Handle>);

struct Handle(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// Told of every job.
    came: Condvar,
}

#[derive(Default)]
struct Queue {
    listeners: VecDeque<(Weak<Transcoding>, u64)>,
    cache: VecDeque<Arc<Transcoding>>,
    is_closed: bool,
}

impl Encoders {
    /// Starts two threads for each core: one for listeners, and one that fills the cache with what is left of the
    /// core's time; of these at most `most_cachers`.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(most_cachers: NonZeroUsize) -> io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), came: Condvar::new() });
        let encoders = Self(Arc::new(Handle(Arc::clone(&shared))));
        for number in 0..thread::available_parallelism().map_or(1, usize::from) {
            let (listeners, cache) = (Arc::clone(&shared), Arc::clone(&shared));
            thread::Builder::new().name(format!("encoder-{number}")).spawn(move || listeners.serve_listeners())?;
            if number < most_cachers.get() {
                thread::Builder::new().name(format!("cacher-{number}")).spawn(move || cache.fill_cache())?;
            }
        }
        Ok(encoders)
    }

    /// Asks for a run that starts at a piece, for a listener. It is dropped when nobody holds the transcoding any
    /// more.
    pub fn want(&self, transcoding: &Arc<Transcoding>, piece: u64) {
        let shared = &self.0.0;
        shared.lock().listeners.push_back((Arc::downgrade(transcoding), piece));
        // Threads of both kinds wait for it.
        shared.came.notify_all();
    }

    /// Asks for all of it, with what time listeners leave.
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

    fn serve_listeners(&self) {
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some((transcoding, piece)) = queue.listeners.pop_front() else {
                queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            if let Some(transcoding) = transcoding.upgrade() {
                // Once we are the only one left, the listener has gone.
                transcoding.run(piece, || Arc::strong_count(&transcoding) > 1);
                self.fill_rest(&transcoding);
            }
            queue = self.lock();
        }
    }

    /// A run that ends before a listener's seek leaves pieces behind that nobody has in view any more.
    fn fill_rest(&self, transcoding: &Arc<Transcoding>) {
        if transcoding.next_to_fill().is_some() {
            let mut queue = self.lock();
            if !queue.cache.iter().any(|waiting| Arc::ptr_eq(waiting, transcoding)) {
                queue.cache.push_back(Arc::clone(transcoding));
                self.came.notify_all();
            }
        }
    }

    fn fill_cache(&self) {
        // Pages and streams of a small machine go before; where that is not allowed, it is no more than a pity.
        let _ = rustix::process::nice(CACHE_NICENESS);
        let mut queue = self.lock();
        while !queue.is_closed {
            let Some(transcoding) = queue.cache.front().map(Arc::clone) else {
                queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            // Listeners ask with their transcoding locked: it must never be locked with the queue in hand.
            drop(queue);
            match transcoding.next_to_fill() {
                Some(piece) => transcoding.run(piece, || true),
                None => self.lock().cache.retain(|waiting| !Arc::ptr_eq(waiting, &transcoding)),
            }
            self.fill_rest(&transcoding);
            queue = self.lock();
        }
    }
}
