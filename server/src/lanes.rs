//! Threads with a runtime of their own each, and connections dealt out between them. What a connection asks for
//! is not known here.
//!
//! A runtime that shares its tasks wakes other threads at every turn, which cost a quarter of the range requests
//! a second; a connection that stays on one thread also finds its buffers in that core's cache.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Threads of each lane that may wait for a disk; they are started only when they are needed.
const WAITING_THREADS: usize = 64;

/// The running lanes; they end, and drop what they still do, when this is dropped.
#[derive(Debug)]
pub struct Lanes {
    lanes: Vec<Lane>,
    next: usize,
}

#[derive(Debug)]
struct Lane {
    handle: Handle,
    /// Closing it ends the lane.
    _stop: oneshot::Sender<()>,
}

impl Lanes {
    /// Starts a lane for every second core. One moves more bytes a second than the network of a house carries;
    /// the other cores are left to pages, scans and encoders.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let lanes = (0..(cores / 2).max(1)).map(Lane::start).collect::<io::Result<_>>()?;
        Ok(Self { lanes, next: 0 })
    }

    /// Runs `work` on the next lane.
    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.next = (self.next + 1) % self.lanes.len().max(1);
        if let Some(lane) = self.lanes.get(self.next) {
            lane.handle.spawn(work);
        }
    }
}

impl Lane {
    fn start(number: usize) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, started) = mpsc::sync_channel(1);
        thread::Builder::new().name(format!("lane-{number}")).spawn(move || {
            let built = Builder::new_current_thread().enable_all().max_blocking_threads(WAITING_THREADS).build();
            match built {
                Ok(runtime) => {
                    let _ = tell.send(Ok(runtime.handle().clone()));
                    let _ = runtime.block_on(stopped);
                    // A read that hangs on a dead network share must not hold the lane.
                    runtime.shutdown_background();
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            }
        })?;
        let handle = started.recv().map_err(io::Error::other)??;
        Ok(Self { handle, _stop: stop })
    }
}
