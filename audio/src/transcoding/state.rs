//! The state of a live transcoding: its segments, the runs that make them and the readers that wait for them. Nothing
//! here waits, encodes or touches a disk.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Outcome;

/// Segments of the first run for a reader, so that many who start at once each get sound soon; about 2.6 s.
const FIRST_RUN: u64 = 2;

/// Segments of the run after that.
const SECOND_RUN: u64 = 6;

/// Segments of every further run, about 25 s: its overhead is a twentieth of that.
const LONG_RUN: u64 = 20;

/// A reader waits for a run that will be there after so many segments, rather than having one started.
const WORTH_WAITING: u64 = 2;

/// Segments kept in memory where there is no disk to put them, about 2 MiB.
const SEGMENTS_IN_MEMORY: usize = 64;

/// A part of the MP3, made as a whole or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Missing,
    /// A reader has asked for it, and a run is to be started there.
    Queued,
    /// A run will come to it.
    Planned {
        run: u64,
    },
    OnDisk,
    InMemory,
}

impl Segment {
    pub(super) const fn is_made(self) -> bool {
        matches!(self, Self::OnDisk | Self::InMemory)
    }
}

/// How far the filling of the cache has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// The encoders have not been asked yet; they are once the first segment is made.
    NotStarted,
    Running,
    /// Everything is in the cache, or nothing more will be.
    Ended,
}

/// Where a reader is.
#[derive(Debug, Clone, Copy)]
struct Reader {
    segment: u64,
    is_waiting: bool,
    /// Runs that were started for it without a pause in between.
    runs: u32,
}

/// See the module.
#[derive(Debug)]
pub(super) struct State {
    segments: Vec<Segment>,
    /// Runs at work, with the segment that each is making.
    runs: HashMap<u64, u64>,
    next_run: u64,
    readers: HashMap<u64, Reader>,
    next_reader: u64,
    memory: HashMap<u64, Arc<[u8]>>,
    /// Segments in memory, oldest first.
    order: VecDeque<u64>,
    /// Why no more segments are put on the disk.
    pub(super) refusal: Option<String>,
    /// Why nothing more will be made.
    pub(super) failure: Option<String>,
    pub(super) is_hung: bool,
    pub(super) fill: Fill,
    /// The outcome of filling the cache.
    pub(super) outcome: Option<Outcome>,
}

impl State {
    pub(super) fn new(segments: usize) -> Self {
        Self {
            segments: vec![Segment::Missing; segments],
            runs: HashMap::new(),
            next_run: 0,
            readers: HashMap::new(),
            next_reader: 0,
            memory: HashMap::new(),
            order: VecDeque::new(),
            refusal: None,
            failure: None,
            is_hung: false,
            fill: Fill::NotStarted,
            outcome: None,
        }
    }

    pub(super) fn segment(&self, segment: u64) -> Option<Segment> {
        self.segments.get(usize::try_from(segment).ok()?).copied()
    }

    pub(super) fn set(&mut self, segment: u64, to: Segment) {
        if let Some(segment) = usize::try_from(segment).ok().and_then(|index| self.segments.get_mut(index)) {
            *segment = to;
        }
    }

    pub(super) fn is_on_disk(&self) -> bool {
        self.segments.iter().all(|segment| *segment == Segment::OnDisk)
    }

    /// Whether no run can add anything.
    pub(super) fn is_over(&self) -> bool {
        self.failure.is_some() || self.segments.iter().all(|segment| segment.is_made())
    }

    /// The first segment that the filling of the cache has to make.
    pub(super) fn next_to_fill(&self) -> Option<u64> {
        let is_running = self.fill == Fill::Running && self.failure.is_none();
        let missing = self.segments.iter().position(|segment| *segment == Segment::Missing).filter(|_| is_running)?;
        Some(missing as u64)
    }

    /// Reserves up to `length` segments for a run; none when the first is made or reserved already.
    pub(super) fn plan(&mut self, first: u64, length: u64) -> Option<u64> {
        if self.failure.is_some() || !matches!(self.segment(first)?, Segment::Missing | Segment::Queued) {
            return None;
        }
        let run = self.next_run;
        self.next_run += 1;
        self.runs.insert(run, first);
        self.set(first, Segment::Planned { run });
        for segment in first + 1..first.saturating_add(length) {
            if self.segment(segment) != Some(Segment::Missing) {
                break;
            }
            self.set(segment, Segment::Planned { run });
        }
        Some(run)
    }

    /// Moves a run on to a segment; false when it was not reserved for it.
    pub(super) fn advance(&mut self, run: u64, segment: u64) -> bool {
        let is_planned = self.failure.is_none() && self.segment(segment) == Some(Segment::Planned { run });
        if is_planned {
            self.runs.insert(run, segment);
        }
        is_planned
    }

    /// Gives up what a run has reserved and not made.
    pub(super) fn release(&mut self, run: u64) {
        self.runs.remove(&run);
        self.release_where(|segment| segment == Segment::Planned { run });
    }

    /// Gives up everything that is not made.
    pub(super) fn release_all(&mut self) {
        self.release_where(|segment| !segment.is_made());
    }

    fn release_where(&mut self, is_released: impl Fn(Segment) -> bool) {
        for segment in self.segments.iter_mut().filter(|segment| is_released(**segment)) {
            *segment = Segment::Missing;
        }
    }

    /// Stores a segment in memory, and drops the oldest when there are too many.
    pub(super) fn keep_in_memory(&mut self, segment: u64, bytes: Vec<u8>) {
        self.memory.insert(segment, bytes.into());
        self.order.push_back(segment);
        self.set(segment, Segment::InMemory);
        if self.order.len() > SEGMENTS_IN_MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            self.memory.remove(&oldest);
            self.set(oldest, Segment::Missing);
        }
    }

    pub(super) fn in_memory(&self, segment: u64) -> Option<&Arc<[u8]>> {
        self.memory.get(&segment)
    }

    pub(super) fn add_reader(&mut self) -> u64 {
        let reader = self.next_reader;
        self.next_reader += 1;
        self.readers.insert(reader, Reader { segment: 0, is_waiting: false, runs: 0 });
        reader
    }

    /// Removes a reader; returns the segment that was queued for it alone.
    pub(super) fn remove_reader(&mut self, reader: u64) -> Option<u64> {
        let gone = self.readers.remove(&reader)?;
        let is_queued = gone.is_waiting && self.segment(gone.segment) == Some(Segment::Queued);
        if !is_queued || self.is_awaited(gone.segment) {
            return None;
        }
        self.set(gone.segment, Segment::Missing);
        Some(gone.segment)
    }

    /// Whether it has no readers and does not fill the cache.
    pub(super) fn is_unused(&self) -> bool {
        self.readers.is_empty() && self.fill != Fill::Running
    }

    /// A reader has got bytes of a segment.
    pub(super) fn has_read(&mut self, reader: u64, segment: u64) {
        if let Some(reader) = self.readers.get_mut(&reader) {
            (reader.segment, reader.is_waiting) = (segment, false);
        }
    }

    /// A reader waits for a segment. When no run will come to it soon, answers how long one is to be.
    pub(super) fn await_segment(&mut self, reader: u64, segment: u64) -> Option<u64> {
        let is_near = match self.segment(segment) {
            Some(Segment::Queued) => true,
            Some(Segment::Planned { run }) => {
                self.runs.get(&run).is_some_and(|at| segment.saturating_sub(*at) <= WORTH_WAITING)
            }
            _ => false,
        };
        let mut runs = 0;
        if let Some(reader) = self.readers.get_mut(&reader) {
            let has_jumped = !(reader.segment..=reader.segment + 1).contains(&segment);
            (reader.segment, reader.is_waiting) = (segment, true);
            if has_jumped {
                reader.runs = 0;
            }
            if !is_near {
                reader.runs = reader.runs.saturating_add(1);
            }
            runs = reader.runs;
        }
        if is_near {
            return None;
        }
        self.set(segment, Segment::Queued);
        Some(match runs {
            0 | 1 => FIRST_RUN,
            2 => SECOND_RUN,
            _ => LONG_RUN,
        })
    }

    /// Whether a reader waits for this very segment.
    pub(super) fn is_awaited(&self, segment: u64) -> bool {
        self.readers.values().any(|reader| reader.is_waiting && reader.segment == segment)
    }

    /// Whether a reader will need this segment soon, judged by its last one.
    pub(super) fn is_wanted(&self, segment: u64) -> bool {
        self.readers.values().any(|reader| {
            let ahead = reader.segment..=reader.segment.saturating_add(LONG_RUN);
            let before = reader.segment.checked_sub(segment);
            ahead.contains(&segment) || before.is_some_and(|before| before <= WORTH_WAITING)
        })
    }
}

/// Segments of a run that fills the cache.
pub(super) const FILL_RUN: u64 = LONG_RUN;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_of_a_reader_is_short_and_after_a_jump_again() {
        let mut state = State::new(1000);
        let reader = state.add_reader();
        for (segment, length) in [(0, FIRST_RUN), (2, SECOND_RUN), (8, LONG_RUN), (28, LONG_RUN), (500, FIRST_RUN)] {
            assert_eq!(state.await_segment(reader, segment), Some(length), "{segment}");
            let run = state.plan(segment, length).unwrap();
            for made in segment..segment + length {
                state.set(made, Segment::OnDisk);
                state.has_read(reader, made);
            }
            state.release(run);
        }
    }

    #[test]
    fn a_run_is_wanted_as_long_as_a_reader_is_near() {
        let mut state = State::new(1000);
        let (near, far) = (state.add_reader(), state.add_reader());
        state.await_segment(near, 100);
        state.await_segment(far, 700);
        assert!(state.is_wanted(101) && state.is_wanted(120) && state.is_wanted(705));
        assert!(!state.is_wanted(121) && !state.is_wanted(400) && !state.is_wanted(90));
        assert_eq!(state.remove_reader(near), Some(100), "nobody else waits for it");
        assert_eq!((state.segment(100), state.is_wanted(101)), (Some(Segment::Missing), false));
        let other = state.add_reader();
        assert_eq!(state.await_segment(other, 700), None, "it is queued already");
        assert_eq!(state.remove_reader(far), None, "the other waits for it");
    }

    #[test]
    fn a_run_that_is_near_is_waited_for_and_a_far_one_is_not() {
        let mut state = State::new(1000);
        let reader = state.add_reader();
        let run = state.plan(0, LONG_RUN).unwrap();
        assert_eq!(state.await_segment(reader, WORTH_WAITING), None);
        assert!(state.await_segment(reader, WORTH_WAITING + 1).is_some());
        assert!(state.advance(run, 1) && state.advance(run, 2));
        assert!(!state.advance(run, WORTH_WAITING + 1), "another run begins there");
        state.release_all();
        assert_eq!(state.segment(2), Some(Segment::Missing));
    }
}
