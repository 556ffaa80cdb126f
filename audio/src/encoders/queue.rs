//! The queue of the encoders: readers before the cache, and new readers in turn with those that continue.
//! The work is done by the threads in `encoders`.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};

use model::limits::transcoding::FILLS;

use crate::transcoding::Transcoding;

/// A run that a reader waits for.
pub(super) struct Want {
    pub(super) transcoding: Weak<Transcoding>,
    pub(super) segment: u64,
    /// Segments of the run.
    pub(super) length: u64,
}

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    /// Short runs of readers who have just come or jumped.
    starting: VecDeque<Want>,
    /// Runs of readers that continue.
    going_on: VecDeque<Want>,
    is_turn_of_going_on: bool,
    cache: VecDeque<Arc<Transcoding>>,
    /// Transcodings without readers, to be dropped on a thread that may block.
    pub(super) discarded: Vec<Arc<Transcoding>>,
    pub(super) is_closed: bool,
}

/// Runs of at most this many segments are those of a new reader.
const SHORT: u64 = 2;

impl Queue {
    pub(super) fn push(&mut self, want: Want) {
        if want.length <= SHORT { &mut self.starting } else { &mut self.going_on }.push_back(want);
    }

    /// The next run: alternates between both kinds, so that neither waits for all of the other.
    pub(super) fn pop(&mut self) -> Option<Want> {
        self.is_turn_of_going_on = !self.is_turn_of_going_on;
        let (first, second) = if self.is_turn_of_going_on {
            (&mut self.going_on, &mut self.starting)
        } else {
            (&mut self.starting, &mut self.going_on)
        };
        first.pop_front().or_else(|| second.pop_front())
    }

    /// Removes a run.
    pub(super) fn cancel(&mut self, transcoding: &Arc<Transcoding>, segment: u64) {
        let is_other =
            |want: &Want| want.segment != segment || !std::ptr::eq(want.transcoding.as_ptr(), Arc::as_ptr(transcoding));
        self.starting.retain(is_other);
        self.going_on.retain(is_other);
    }

    /// Whether readers wait for a thread.
    pub(super) fn has_wants(&self) -> bool {
        !(self.starting.is_empty() && self.going_on.is_empty())
    }

    /// Adds a file to those that fill the cache, unless the queue is full; urgent files are always accepted.
    pub(super) fn fill(&mut self, transcoding: &Arc<Transcoding>, is_urgent: bool) -> bool {
        if self.cache.iter().any(|waiting| Arc::ptr_eq(waiting, transcoding)) {
            return true;
        }
        let is_taken = is_urgent || self.cache.len() < FILLS;
        if is_taken {
            self.cache.push_back(Arc::clone(transcoding));
        }
        is_taken
    }

    /// The file that is to be filled next, when no reader waits.
    pub(super) fn next_to_fill(&self) -> Option<Arc<Transcoding>> {
        if self.has_wants() { None } else { self.cache.front().cloned() }
    }

    pub(super) fn filled(&mut self, transcoding: &Arc<Transcoding>) {
        self.cache.retain(|waiting| !Arc::ptr_eq(waiting, transcoding));
    }
}
