//! What no decoder here reads, decoded by ffmpeg where that is installed: in order, through a pipe, as it is needed.
//! Which files these are is decided in `pcm`.
//!
//! How long a file is comes from its head or from counting once, so that the same file always has the same length;
//! what its sound lacks is silence, and what it has beyond is cut.

mod parked;
mod probe;
mod process;
mod stream;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use lru::LruCache;
use model::limits::transcoding::COUNTING;
use probe::{Length, Probed};
use stream::Stream;

use super::{Pcm, Planes, Shape, silence};
use crate::root::FileId;
use crate::transcoder::Ffmpeg;
use crate::{AudioFile, Error, Source};

/// A place so much further on is reached by opening the file there, where that is exact, in seconds.
const WORTH_A_SEEK: u64 = 20;

/// Such an opening starts a little before the place.
const BEFORE: u64 = 1;

/// Where ffmpeg and ffprobe are.
struct Programs {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

static PROGRAMS: LazyLock<Option<Programs>> = LazyLock::new(|| {
    let path = std::env::var_os("PATH")?;
    let find = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|it| it.is_file());
    Some(Programs { ffmpeg: find("ffmpeg")?, ffprobe: find("ffprobe")? })
});

/// What files are like that ffmpeg has opened, for as many as a busy server plays at once.
static KNOWN: LazyLock<Mutex<LruCache<FileId, Opened>>> =
    LazyLock::new(|| Mutex::new(LruCache::new(NonZeroUsize::new(4096).unwrap_or(NonZeroUsize::MIN))));

/// What is known of a file that was opened.
#[derive(Debug, Clone, Copy)]
struct Opened {
    shape: Shape,
    is_seekable: bool,
}

/// What belongs to one file in one quality: whether ffmpeg may be started to open it, and its parked processes.
#[derive(Clone)]
pub struct Kept(Arc<Slot>);

struct Slot {
    ffmpeg: Ffmpeg,
    id: u64,
    opened: OnceLock<Opened>,
    /// Where the sound was seen to end.
    end: OnceLock<u64>,
}

impl Kept {
    /// Nothing yet.
    #[must_use]
    pub fn new(ffmpeg: Ffmpeg) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(Arc::new(Slot { ffmpeg, id, opened: OnceLock::new(), end: OnceLock::new() }))
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self::new(Ffmpeg::Allowed)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        parked::end(self.id);
    }
}

/// Whether there is an ffmpeg.
#[must_use]
pub fn is_installed() -> bool {
    PROGRAMS.is_some()
}

/// How many processes of ffmpeg run for this program, parked ones included.
#[must_use]
pub fn processes() -> usize {
    process::running()
}

/// The sound of a file, decoded by ffmpeg.
///
/// # Errors
/// [`Error::Unsupported`] when ffmpeg is not installed or does not know the file either, [`Error::NeedsFfmpeg`] when
/// it would have to be started to know and may not be, and [`Error::Io`].
pub fn open(source: &Arc<dyn Source>, kept: &Kept) -> Result<Box<dyn Pcm>, Error> {
    let programs = PROGRAMS.as_ref().ok_or_else(|| unsupported("it needs ffmpeg, which is not installed"))?;
    let file = source.as_file().ok_or_else(|| unsupported("it is no file that ffmpeg could read"))?;
    let opened = match kept.0.opened.get() {
        Some(opened) => *opened,
        None => first_opening(programs, file, kept)?,
    };
    let _ = kept.0.opened.set(opened);
    Ok(Box::new(FfmpegPcm { source: Arc::clone(source), kept: kept.clone(), opened, stream: None }))
}

fn unsupported(reason: &str) -> Error {
    Error::Unsupported(reason.to_owned())
}

fn known() -> std::sync::MutexGuard<'static, LruCache<FileId, Opened>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Finds out what a file is like, and that ffmpeg gets sound out of it.
fn first_opening(programs: &Programs, file: &AudioFile, kept: &Kept) -> Result<Opened, Error> {
    if let Some(opened) = known().get(&file.id()) {
        return Ok(*opened);
    }
    if kept.0.ffmpeg == Ffmpeg::Refused {
        return Err(Error::NeedsFfmpeg);
    }
    let Probed { rate, speakers, length, is_seekable } = probe::probe(&programs.ffprobe, file)?;
    let start = || Stream::start(&programs.ffmpeg, file, rate, speakers.count(), 0);
    let mut stream = start()?;
    if !stream.pull()? {
        let reason = stream.complaint().unwrap_or_else(|| "no sound came out".to_owned());
        return Err(Error::Unsupported(format!("ffmpeg cannot decode it either ({reason})")));
    }
    let length = match length {
        Length::Known(length) => {
            parked::park(kept.0.id, stream);
            length
        }
        Length::Unknown => count(stream)?,
    };
    let opened = Opened { shape: Shape { rate, speakers, length }, is_seekable };
    known().put(file.id(), opened);
    Ok(opened)
}

/// The length of a sound whose file does not say it.
fn count(mut stream: Stream) -> Result<u64, Error> {
    let started = Instant::now();
    while stream.pull()? {
        if started.elapsed() > COUNTING {
            return Err(unsupported("its length is not known, and counting it takes too long"));
        }
    }
    Ok(stream.position())
}

/// See the module.
struct FfmpegPcm {
    source: Arc<dyn Source>,
    kept: Kept,
    opened: Opened,
    stream: Option<Stream>,
}

impl FfmpegPcm {
    /// A stream that has `place`, or will come to it.
    fn stream(&mut self, place: u64) -> Result<&mut Stream, Error> {
        let Opened { shape, is_seekable } = self.opened;
        let rate = u64::from(shape.rate);
        let reaches = |stream: &Stream| {
            stream.start_of_window() <= place
                && (!is_seekable || place.saturating_sub(stream.position()) < WORTH_A_SEEK * rate)
        };
        if let Some(stream) = self.stream.take_if(|stream| !reaches(stream)) {
            parked::park(self.kept.0.id, stream);
        }
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => match parked::take(self.kept.0.id, reaches) {
                Some(stream) => stream,
                None => self.start(place)?,
            },
        };
        Ok(self.stream.insert(stream))
    }

    fn start(&self, place: u64) -> Result<Stream, Error> {
        let Opened { shape, is_seekable } = self.opened;
        let programs = PROGRAMS.as_ref().ok_or_else(|| unsupported("ffmpeg is not installed any more"))?;
        let file = self.source.as_file().ok_or_else(|| unsupported("it is no file that ffmpeg could read"))?;
        let seconds = if is_seekable { (place / u64::from(shape.rate)).saturating_sub(BEFORE) } else { 0 };
        Stream::start(&programs.ffmpeg, file, shape.rate, shape.speakers.count(), seconds)
    }
}

impl Pcm for FfmpegPcm {
    fn shape(&self) -> Shape {
        self.opened.shape
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        silence(out, self.opened.shape.speakers.count(), count);
        let end = (first + count as u64).min(self.opened.shape.length);
        let mut place = first;
        while place < end && self.kept.0.end.get().is_none_or(|sound| place < *sound) {
            let stream = self.stream(place)?;
            let to = usize::try_from(place - first).unwrap_or(usize::MAX);
            let wanted = usize::try_from(end - place).unwrap_or(usize::MAX);
            let copied = stream.copy(place, wanted, to, out);
            place += copied as u64;
            if copied == 0 && !stream.pull()? {
                let sound = stream.position();
                tracing::debug!(file = ?self.source.as_file().map(AudioFile::path), sound, "the sound ends");
                let _ = self.kept.0.end.set(sound);
            }
        }
        Ok(())
    }
}

impl Drop for FfmpegPcm {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            parked::park(self.kept.0.id, stream);
        }
    }
}
