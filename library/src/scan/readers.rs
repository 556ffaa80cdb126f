//! The threads that read files, as many as there are cores. What is read is decided in `session`, and how in `read`.

use std::sync::{Arc, Mutex, PoisonError};

use audio::MusicRoot;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::progress::Counters;
use super::read::{self, Reading};
use super::session::{Wanted, Written};
use crate::Error;

/// The threads, which end with this. Nothing bounds their queues but whoever fills them.
pub(super) struct Readers {
    wanted: UnboundedSender<Vec<Wanted>>,
    written: UnboundedReceiver<Vec<Written>>,
    /// Files that were sent and have not come back; a folder counts for one more.
    pub(super) unread: usize,
}

impl Readers {
    pub(super) fn start(music: &Arc<MusicRoot>, counters: &Arc<Counters>) -> Self {
        let (sender, wanted) = mpsc::unbounded_channel::<Vec<Wanted>>();
        let (written, receiver) = mpsc::unbounded_channel();
        let wanted = Arc::new(Mutex::new(wanted));
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            let (music, counters, wanted, written) =
                (Arc::clone(music), Arc::clone(counters), Arc::clone(&wanted), written.clone());
            let next = move || wanted.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            tokio::task::spawn_blocking(move || {
                let read = |wanted| {
                    Written::new(wanted, |found| {
                        let reading = read::read(&music, found);
                        counters.read(!matches!(reading, Reading::Track(_)));
                        reading
                    })
                };
                while let Some(wanted) = next() {
                    if written.send(wanted.into_iter().map(read).collect()).is_err() {
                        return;
                    }
                }
            });
        }
        Self { wanted: sender, written: receiver, unread: 0 }
    }

    pub(super) fn send(&mut self, wanted: Vec<Wanted>) -> Result<(), Error> {
        self.unread += wanted.iter().map(|wanted| wanted.files.len() + 1).sum::<usize>();
        self.wanted.send(wanted).map_err(|_| Error::ScanBroken)
    }

    /// What was read next, as soon as there is something.
    pub(super) async fn next(&mut self) -> Result<Vec<Written>, Error> {
        let written = self.written.recv().await.ok_or(Error::ScanBroken)?;
        Ok(self.came_back(written))
    }

    /// What was read next, if there is something.
    pub(super) fn ready(&mut self) -> Option<Vec<Written>> {
        let written = self.written.try_recv().ok()?;
        Some(self.came_back(written))
    }

    fn came_back(&mut self, written: Vec<Written>) -> Vec<Written> {
        self.unread -= written.iter().map(|written| written.len() + 1).sum::<usize>();
        written
    }
}
