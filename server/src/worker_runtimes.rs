//! Threads with a runtime each, over which connections are distributed. What a connection requests is not known here.
//!
//! A runtime that shares its tasks wakes other threads at every turn, which cost a quarter of the range requests
//! a second; a connection that stays on one thread also finds its buffers in that core's cache.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Threads of each runtime that may wait for a disk; they are started only when they are needed.
const BLOCKING_THREADS: usize = 64;

/// The running runtimes; they end, and drop what they still do, when this is dropped.
#[derive(Debug)]
pub struct WorkerRuntimes {
    workers: Vec<Worker>,
    next: usize,
}

#[derive(Debug)]
struct Worker {
    handle: Handle,
    /// Closing it ends the runtime.
    _stop: oneshot::Sender<()>,
}

impl WorkerRuntimes {
    /// Starts a runtime for every second core. One moves more bytes a second than the network of a house carries;
    /// the other cores are left to pages, scans and encoders.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers = (0..(cores / 2).max(1)).map(Worker::start).collect::<io::Result<_>>()?;
        Ok(Self { workers, next: 0 })
    }

    /// Runs a task on the next runtime.
    pub fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.next = (self.next + 1) % self.workers.len().max(1);
        if let Some(worker) = self.workers.get(self.next) {
            worker.handle.spawn(task);
        }
    }
}

impl Worker {
    fn start(number: usize) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, started) = mpsc::sync_channel(1);
        thread::Builder::new().name(format!("http-{number}")).spawn(move || {
            let built = Builder::new_current_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build();
            match built {
                Ok(runtime) => {
                    let _ = sender.send(Ok(runtime.handle().clone()));
                    let _ = runtime.block_on(stopped);
                    // A read that hangs on a dead network share must not hold the thread.
                    runtime.shutdown_background();
                }
                Err(error) => {
                    let _ = sender.send(Err(error));
                }
            }
        })?;
        let handle = started.recv().map_err(io::Error::other)??;
        Ok(Self { handle, _stop: stop })
    }
}
