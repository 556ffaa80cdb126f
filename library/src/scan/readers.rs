//! The threads that read files, as many as there are cores. What is read is decided in `look_up`, and how in `read`.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use audio::MusicRoot;

use super::progress::Counters;
use super::read::{self, Reading};
use super::wanted::{Wanted, Written};
use crate::Error;

/// Files that a thread takes at once, at least if there are as many: at the end none has much more to do than others.
const AT_ONCE: usize = 50;

/// The threads, which end with this. Nothing bounds their queues but whoever fills them.
pub(super) struct Readers {
    wanted: Sender<Vec<Wanted>>,
    written: Receiver<Vec<Written>>,
    /// Files that were sent and have not come back; a folder counts for one more.
    pub(super) unread: usize,
}

impl Readers {
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        music: &'scope MusicRoot,
        counters: &'scope Counters,
    ) -> Self {
        let (sender, wanted) = channel::<Vec<Wanted>>();
        let (written, receiver) = channel();
        let wanted = Arc::new(Mutex::new(wanted));
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            let (wanted, written) = (Arc::clone(&wanted), written.clone());
            let next = move || wanted.lock().unwrap_or_else(PoisonError::into_inner).recv();
            scope.spawn(move || {
                let read = |wanted| {
                    Written::new(wanted, |found| {
                        let reading = read::read(music, found);
                        counters.read(!matches!(reading, Reading::Track(_)));
                        reading
                    })
                };
                while let Ok(wanted) = next() {
                    if written.send(wanted.into_iter().map(read).collect()).is_err() {
                        return;
                    }
                }
            });
        }
        Self { wanted: sender, written: receiver, unread: 0 }
    }

    pub(super) fn send(&mut self, wanted: Vec<Wanted>) -> Result<(), Error> {
        let (mut some, mut files) = (Vec::new(), 0);
        for wanted in wanted {
            files += wanted.files.len();
            self.unread += wanted.files.len() + 1;
            some.push(wanted);
            if files >= AT_ONCE {
                self.wanted.send(std::mem::take(&mut some)).map_err(|_| Error::ScanBroken)?;
                files = 0;
            }
        }
        if some.is_empty() { Ok(()) } else { self.wanted.send(some).map_err(|_| Error::ScanBroken) }
    }

    /// What was read next, as soon as there is something.
    pub(super) fn next(&mut self) -> Result<Vec<Written>, Error> {
        let written = self.written.recv().map_err(|_| Error::ScanBroken)?;
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
