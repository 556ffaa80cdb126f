//! One file as MP3 while it is being made: a source whose pieces appear as they are wanted, in any order.
//! Who makes them is in `encoders`, and what becomes of a finished one in `transcoder`.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::encoders::Encoders;
use crate::mp3::Layout;
use crate::transcode::{Recipe, Run, bounds, piece_at, pieces};
use crate::{Error, Source};

/// Pieces that one run makes, about 25 s: priming costs a twentieth of that.
const RUN_PIECES: u64 = 20;

/// A listener waits for a run that will be there after so many pieces, rather than having one started.
const WORTH_WAITING: u64 = 2;

/// Pieces kept in memory where there is no disk to put them, about 8 MiB.
const PIECES_IN_MEMORY: usize = 256;

const NOT_WRITTEN: &str = "The cache cannot be written; its disk may be full.";

/// A file as MP3, being made.
pub struct Transcoding {
    recipe: Recipe,
    layout: Layout,
    info: Vec<u8>,
    encoders: Encoders,
    state: Mutex<State>,
    /// Told of every change of the state.
    changed: Condvar,
}

struct State {
    pieces: Vec<Piece>,
    /// Runs at work, with the piece that each is making.
    runs: HashMap<u64, u64>,
    next_run: u64,
    /// Where pieces are put, and where they are read from.
    disk: Option<Arc<File>>,
    /// Once it has refused a piece, no more are put there.
    is_disk_full: bool,
    memory: HashMap<u64, Arc<[u8]>>,
    /// What is in memory, oldest first.
    order: VecDeque<u64>,
    failure: Option<String>,
    /// Whether all of it is to be made as soon as somebody reads.
    is_wanted_whole: bool,
    /// Called once, when everything is made or nothing more can be.
    at_the_end: Option<AtTheEnd>,
    /// What came of it.
    outcome: Option<Outcome>,
}

/// Whether all of it is in the cache now; if not, why.
pub type Outcome = Result<(), String>;

type AtTheEnd = Box<dyn FnOnce(&Transcoding) -> Outcome + Send>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Missing,
    /// A listener has asked for it, and a run is to be started there.
    Asked,
    /// A run will come to it.
    Planned {
        run: u64,
    },
    OnDisk,
    InMemory,
}

impl Piece {
    const fn is_made(self) -> bool {
        matches!(self, Self::OnDisk | Self::InMemory)
    }
}

impl Transcoding {
    /// A transcoding of which nothing is made yet. `disk` is an empty file for it, if there is one; `mark` goes into
    /// the Info frame.
    #[must_use]
    pub fn new(recipe: Recipe, layout: Layout, mark: &[u8; 16], disk: Option<File>, encoders: Encoders) -> Self {
        let info = layout.info_frame(mark);
        let disk = disk.and_then(|file| match file.write_all_at(&info, 0) {
            Ok(()) => Some(Arc::new(file)),
            Err(error) => {
                tracing::error!(%error, "the cache cannot be written; nothing is kept");
                None
            }
        });
        let count = usize::try_from(pieces(&layout)).unwrap_or(usize::MAX);
        let outcome = disk.is_none().then(|| Err(NOT_WRITTEN.to_owned()));
        let state = State {
            pieces: vec![Piece::Missing; count],
            runs: HashMap::new(),
            next_run: 0,
            disk,
            is_disk_full: false,
            memory: HashMap::new(),
            order: VecDeque::new(),
            failure: None,
            is_wanted_whole: false,
            at_the_end: None,
            outcome,
        };
        Self { recipe, layout, info, encoders, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Whether every piece is on disk; if not, why none will be added.
    ///
    /// # Errors
    /// The reason as a sentence.
    pub fn is_complete(&self) -> Outcome {
        let state = self.lock();
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None if state.pieces.iter().all(|piece| *piece == Piece::OnDisk) => Ok(()),
            None => Err(NOT_WRITTEN.to_owned()),
        }
    }

    /// The bytes of the whole MP3.
    #[must_use]
    pub fn whole_len(&self) -> u64 {
        self.layout.len()
    }

    /// Where all of it is being made: the first piece that nobody has made or will.
    #[must_use]
    pub fn next_to_fill(&self) -> Option<u64> {
        let state = self.lock();
        let is_begun = state.at_the_end.is_some() && !state.is_wanted_whole && state.failure.is_none();
        let missing = state.pieces.iter().position(|piece| *piece == Piece::Missing)?;
        is_begun.then_some(missing as u64)
    }

    /// Once the first piece is made, makes all of it; `at_the_end` is called when that is done or nothing more can be made.
    /// Without a place for it, nothing is made but what is read.
    pub fn want_whole(&self, at_the_end: impl FnOnce(&Self) -> Outcome + Send + 'static) {
        let mut state = self.lock();
        if state.outcome.is_none() {
            state.is_wanted_whole = true;
            state.at_the_end = Some(Box::new(at_the_end));
        }
    }

    /// Begins to make all of it, also when nobody reads.
    pub fn begin(self: &Arc<Self>) {
        if std::mem::take(&mut self.lock().is_wanted_whole) {
            self.encoders.fill(Arc::clone(self));
        }
    }

    /// Waits until all of it is in the cache or cannot be. It must have been begun.
    ///
    /// # Errors
    /// The reason as a sentence.
    pub fn wait(&self) -> Outcome {
        let mut state = self.lock();
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome.clone();
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self, at_the_end: AtTheEnd) {
        let outcome = at_the_end(self);
        self.lock().outcome = Some(outcome);
        self.changed.notify_all();
    }

    /// A panic elsewhere leaves the state as it was between two changes, which is a good one.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes some pieces from `first` on, until another run has what comes next or `may_go_on` says no.
    pub fn run(self: &Arc<Self>, first: u64, may_go_on: impl Fn() -> bool) {
        let Some(run) = self.plan(first) else { return };
        let result = self.make(run, first, may_go_on);
        let mut state = self.lock();
        state.runs.remove(&run);
        for piece in &mut state.pieces {
            if *piece == (Piece::Planned { run }) {
                *piece = Piece::Missing;
            }
        }
        if let Err(error) = result {
            tracing::error!(%error, piece = first, "transcoding failed");
            state.failure = Some(error.to_string());
        }
        let is_over = state.failure.is_some() || state.pieces.iter().all(|piece| piece.is_made());
        let at_the_end = if is_over { state.at_the_end.take() } else { None };
        drop(state);
        self.changed.notify_all();
        if let Some(at_the_end) = at_the_end {
            self.end(at_the_end);
        }
    }

    /// Reserves the pieces of a run; none when the first is made or another run's already.
    fn plan(&self, first: u64) -> Option<u64> {
        let mut state = self.lock();
        let index = usize::try_from(first).ok()?;
        if state.failure.is_some() || !matches!(state.pieces.get(index)?, Piece::Missing | Piece::Asked) {
            return None;
        }
        let run = state.next_run;
        state.next_run += 1;
        state.runs.insert(run, first);
        let length = usize::try_from(RUN_PIECES).unwrap_or(1);
        for (distance, piece) in state.pieces[index..].iter_mut().take(length).enumerate() {
            if *piece == Piece::Missing || (*piece == Piece::Asked && distance == 0) {
                *piece = Piece::Planned { run };
            } else {
                break;
            }
        }
        Some(run)
    }

    fn make(self: &Arc<Self>, run: u64, first: u64, may_go_on: impl Fn() -> bool) -> Result<(), Error> {
        let mut encoding = Run::start(&self.recipe, first)?;
        for piece in first.. {
            let Some(bytes) = encoding.next_piece()? else { break };
            self.keep(piece, bytes);
            // Not before the first piece, which a listener waits for.
            self.begin();
            let mut state = self.lock();
            let next = usize::try_from(piece + 1).ok().and_then(|next| state.pieces.get(next)).copied();
            if next != Some(Piece::Planned { run }) || !may_go_on() {
                break;
            }
            state.runs.insert(run, piece + 1);
        }
        Ok(())
    }

    /// Puts a finished piece where it stays.
    fn keep(&self, piece: u64, bytes: Vec<u8>) {
        let disk = {
            let state = self.lock();
            state.disk.clone().filter(|_| !state.is_disk_full)
        };
        // Not under the lock: a disk may be slow, and listeners want other pieces.
        let written = disk.map(|file| file.write_all_at(&bytes, bounds(&self.layout, piece).0));
        let Ok(index) = usize::try_from(piece) else { return };
        let mut state = self.lock();
        let mut at_the_end = None;
        if let Some(Ok(())) = written {
            state.pieces[index] = Piece::OnDisk;
        } else {
            if let Some(Err(error)) = written {
                tracing::error!(%error, "the cache cannot be written; the stream goes on from memory");
                state.is_disk_full = true;
                at_the_end = state.at_the_end.take();
            }
            state.keep_in_memory(piece, bytes);
            state.pieces[index] = Piece::InMemory;
        }
        drop(state);
        self.changed.notify_all();
        if let Some(at_the_end) = at_the_end {
            self.end(at_the_end);
        }
    }

    /// Reads from a piece if it is made; none if it is not.
    fn read_piece(&self, state: &State, piece: u64, buffer: &mut [u8], offset: u64) -> Option<io::Result<usize>> {
        let (start, end) = bounds(&self.layout, piece);
        match state.pieces.get(usize::try_from(piece).ok()?)? {
            Piece::OnDisk => {
                let file = state.disk.as_ref()?;
                let count = usize::try_from(end - offset).map_or(buffer.len(), |left| left.min(buffer.len()));
                Some(file.read_at(&mut buffer[..count], offset))
            }
            Piece::InMemory => {
                let bytes = &state.memory.get(&piece)?[usize::try_from(offset - start).ok()?..];
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                Some(Ok(count))
            }
            _ => None,
        }
    }

    /// Whether somebody will have made a piece soon.
    fn is_near(state: &State, piece: u64) -> bool {
        match usize::try_from(piece).ok().and_then(|index| state.pieces.get(index)) {
            Some(Piece::Asked) => true,
            Some(Piece::Planned { run }) => {
                state.runs.get(run).is_some_and(|at| piece.saturating_sub(*at) <= WORTH_WAITING)
            }
            _ => false,
        }
    }
}

impl State {
    /// Keeps a piece, and forgets the oldest when there are too many.
    fn keep_in_memory(&mut self, piece: u64, bytes: Vec<u8>) {
        self.memory.insert(piece, bytes.into());
        self.order.push_back(piece);
        if self.order.len() > PIECES_IN_MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            self.memory.remove(&oldest);
            if let Some(piece) = usize::try_from(oldest).ok().and_then(|oldest| self.pieces.get_mut(oldest)) {
                *piece = Piece::Missing;
            }
        }
    }
}

/// What a listener reads. A transcoding is shared, and each listener has its own view of it.
pub struct Listening(pub Arc<Transcoding>);

impl Source for Listening {
    fn len(&self) -> u64 {
        self.0.layout.len()
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let made = &self.0;
        if let Some(info) = usize::try_from(offset).ok().and_then(|offset| made.info.get(offset..))
            && !info.is_empty()
        {
            let count = info.len().min(buffer.len());
            buffer[..count].copy_from_slice(&info[..count]);
            return Ok(count);
        }
        let Some(piece) = piece_at(&made.layout, offset) else { return Ok(0) };
        let state = made.lock();
        made.read_piece(&state, piece, buffer, offset).unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let made = &self.0;
        loop {
            match self.read_now(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            let Some(piece) = piece_at(&made.layout, offset) else { return Ok(0) };
            let mut state = made.lock();
            if let Some(failure) = &state.failure {
                return Err(io::Error::other(failure.clone()));
            }
            let index = usize::try_from(piece).unwrap_or(usize::MAX);
            if state.pieces.get(index).is_some_and(|piece| piece.is_made()) {
                continue;
            }
            if !Transcoding::is_near(&state, piece)
                && let Some(wanted) = state.pieces.get_mut(index)
            {
                *wanted = Piece::Asked;
                made.encoders.want(made, piece);
            }
            drop(made.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
        }
    }
}
