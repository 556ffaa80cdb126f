//! Admission control: a limited number of jobs at once, and a bounded queue for the others. What the jobs do is not
//! known here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;

/// Bounds how many jobs run and how many wait.
#[derive(Debug)]
pub struct Admission {
    at_work: Arc<Semaphore>,
    queued: AtomicUsize,
    most_queued: usize,
}

/// Leaves the queue also when the waiting future is dropped.
struct Queued<'a>(&'a AtomicUsize);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Admission {
    /// At most this many at once, and this many waiting.
    #[must_use]
    pub fn new(at_once: usize, most_queued: usize) -> Self {
        Self { at_work: Arc::new(Semaphore::new(at_once)), queued: AtomicUsize::new(0), most_queued }
    }

    /// Waits for a place, which is held as long as the permit.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait.
    pub async fn enter(&self) -> Result<OwnedSemaphorePermit, Error> {
        if let Some(permit) = self.enter_now() {
            return Ok(permit);
        }
        let before = self.queued.fetch_add(1, Ordering::Relaxed);
        let _queued = Queued(&self.queued);
        if before >= self.most_queued {
            return Err(Error::Busy);
        }
        Arc::clone(&self.at_work).acquire_owned().await.map_err(|_| Error::Busy)
    }

    /// A place that is free now.
    #[must_use]
    pub fn enter_now(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.at_work).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_at_work_so_many_wait_and_the_others_are_refused() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let door = Arc::new(Admission::new(1, 1));
            let at_work = door.enter().await.unwrap();
            let entering = Arc::clone(&door);
            let waiting = tokio::spawn(async move { entering.enter().await.map(drop) });
            tokio::task::yield_now().await;
            assert!(matches!(door.enter().await, Err(Error::Busy)));
            // Dropping a waiting future frees its place in the queue.
            waiting.abort();
            assert!(waiting.await.unwrap_err().is_cancelled());
            let entering = Arc::clone(&door);
            let waiting = tokio::spawn(async move { entering.enter().await.map(drop) });
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished());
            drop(at_work);
            waiting.await.unwrap().unwrap();
            assert!(door.enter_now().is_some());
        });
    }
}
