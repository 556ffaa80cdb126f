//! The threads that read files, as many as there are cores. What is read is decided in `look_up`, and how in `read`.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use audio::MusicRoot;

use super::progress::Counters;
use super::read::{self, Reading};
use super::wanted::{Wanted, Written};
use crate::Error;

/// Files that a thread takes at once, at least if there are as many: at the end none has much more to do than others.
const AT_ONCE: usize = 50;

/// Files that were read and wait to be written. With more, one thread rests, for writing needs its core.
const ENOUGH: usize = 2000;

/// The threads, which end with this. Nothing bounds their queues but whoever fills them.
pub(super) struct Readers {
    wanted: Arc<Queue>,
    written: Receiver<Vec<Written>>,
    /// Files that were sent and have not come back; a folder counts for one more.
    pub(super) unread: usize,
}

/// What is to be read.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    wanted: VecDeque<Vec<Wanted>>,
    /// Files that were read and wait to be written.
    waiting: usize,
    /// Nothing more will come.
    is_closed: bool,
}

impl Queue {
    /// What is to be read next, as soon as there is something; for a thread that may rest, only when it is needed.
    fn next(&self, may_rest: bool) -> Option<Vec<Wanted>> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if !(may_rest && state.waiting >= ENOUGH)
                && let Some(wanted) = state.wanted.pop_front()
            {
                return Some(wanted);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Readers {
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        music: &'scope MusicRoot,
        counters: &'scope Counters,
    ) -> Self {
        let wanted = Arc::new(Queue::default());
        let (written, receiver) = channel();
        for number in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            let (wanted, written) = (Arc::clone(&wanted), written.clone());
            scope.spawn(move || {
                let read = |wanted| {
                    Written::new(wanted, |found| {
                        let read = read::read(music, found);
                        counters.read(!matches!(read.0, Reading::Track(_)));
                        read
                    })
                };
                while let Some(some) = wanted.next(number == 1) {
                    let some: Vec<_> = some.into_iter().map(read).collect();
                    wanted.lock().waiting += files(&some);
                    if written.send(some).is_err() {
                        return;
                    }
                }
            });
        }
        Self { wanted, written: receiver, unread: 0 }
    }

    pub(super) fn send(&mut self, wanted: Vec<Wanted>) {
        let mut queue = self.wanted.lock();
        let mut last = AT_ONCE;
        for wanted in wanted {
            self.unread += wanted.files.len() + 1;
            if last >= AT_ONCE {
                queue.wanted.push_back(Vec::new());
                last = 0;
            }
            last += wanted.files.len();
            if let Some(some) = queue.wanted.back_mut() {
                some.push(wanted);
            }
        }
        drop(queue);
        self.wanted.changed.notify_all();
    }

    /// What was read next, as soon as there is something; nothing if it takes too long.
    pub(super) fn next(&mut self, patience: Duration) -> Result<Option<Vec<Written>>, Error> {
        match self.written.recv_timeout(patience) {
            Ok(written) => Ok(Some(self.came_back(written))),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Error::ScanBroken),
        }
    }

    fn came_back(&mut self, written: Vec<Written>) -> Vec<Written> {
        let files = files(&written);
        self.unread -= files + written.len();
        let mut queue = self.wanted.lock();
        let was_enough = queue.waiting >= ENOUGH;
        queue.waiting -= files;
        if was_enough && queue.waiting < ENOUGH {
            self.wanted.changed.notify_all();
        }
        written
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.wanted.lock().is_closed = true;
        self.wanted.changed.notify_all();
    }
}

fn files(written: &[Written]) -> usize {
    written.iter().map(Written::len).sum()
}
