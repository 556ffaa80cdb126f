//! From a file and a quality to the bytes that a listener gets: out of the cache, or made while they are sent.
//! HTTP is not known here.

mod storage;

use std::collections::HashMap;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use model::Quality;
use model::limits::transcoding::{
    FFMPEG_OPENINGS, FFMPEG_OPENINGS_QUEUED, HUNG, OPENINGS, OPENINGS_QUEUED, STALLED_FILL,
};
use storage::CacheStorage;

use crate::admission::Admission;
use crate::cache::{AudioCache, CachedFile, mark};
use crate::encoders::Encoders;
use crate::mp3::Bitrate;
use crate::transcode::Recipe;
use crate::transcoding::{LiveSource, Storage, Transcoding};
use crate::{AudioFile, Error, FileId, Source, watchdog};

/// Which state of which file, and the quality.
type Key = ([u8; 16], PathBuf);

/// Makes and keeps transcoded files.
pub struct Transcoder {
    cache: Option<AudioCache>,
    encoders: Encoders,
    /// What is being made. With a cache, each is held by its own filling until it is whole.
    live: Live,
    served: Served,
    openings: Admission,
    ffmpeg_openings: Admission,
    /// Files at which a decoder hung, and when: their disk may have been the cause.
    hung: Mutex<HashMap<FileId, Instant>>,
}

type Live = Arc<Mutex<HashMap<Key, Weak<Transcoding>>>>;

/// Whether ffmpeg may be started to open a file, which takes longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ffmpeg {
    /// It may.
    Allowed,
    /// Files that need it fail with [`Error::NeedsFfmpeg`].
    Refused,
}

/// Streams since the start.
#[derive(Debug, Default)]
pub struct Served {
    /// Out of the cache.
    pub hits: AtomicU64,
    /// Made while they were sent, or the original instead.
    pub misses: AtomicU64,
}

/// Which files [`Transcoder::make`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// Only one that is not in the cache, or was made from an older state of its original.
    No,
    /// Also one that is there.
    Yes,
}

/// What came of [`Transcoder::make`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It was made, and lies in the cache.
    New,
    /// It lay there already.
    AlreadyThere,
    /// It would be larger than the room there is.
    NoRoom,
}

impl std::fmt::Debug for Transcoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transcoder").field("cache", &self.cache).finish_non_exhaustive()
    }
}

/// The bytes for a listener.
pub struct Transcoded {
    /// The bytes.
    pub source: Arc<dyn Source>,
    /// Whether they lay in the cache.
    pub is_cached: bool,
}

impl Transcoder {
    /// A transcoder with its threads, of which at most `most_cachers` work for the cache; without a cache nothing is
    /// kept.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(cache: Option<AudioCache>, most_cachers: NonZeroUsize) -> io::Result<Self> {
        Ok(Self::with(cache, Encoders::start(most_cachers)?))
    }

    /// A transcoder with these threads.
    #[must_use]
    pub fn with(cache: Option<AudioCache>, encoders: Encoders) -> Self {
        Self {
            cache,
            encoders,
            live: Arc::default(),
            served: Served::default(),
            openings: Admission::new(OPENINGS, OPENINGS_QUEUED),
            ffmpeg_openings: Admission::new(FFMPEG_OPENINGS, FFMPEG_OPENINGS_QUEUED),
            hung: Mutex::default(),
        }
    }

    /// The queue of requests that open a file that is not cached.
    #[must_use]
    pub const fn openings(&self, ffmpeg: Ffmpeg) -> &Admission {
        match ffmpeg {
            Ffmpeg::Refused => &self.openings,
            Ffmpeg::Allowed => &self.ffmpeg_openings,
        }
    }

    /// The cache, if there is one.
    #[must_use]
    pub const fn cache(&self) -> Option<&AudioCache> {
        self.cache.as_ref()
    }

    /// How many streams came out of the cache.
    #[must_use]
    pub const fn served(&self) -> &Served {
        &self.served
    }

    /// The bytes of a file in a quality other than the original; waits for the disk. Nothing is encoded until they
    /// are read.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the file cannot be decoded here, [`Error::Hung`] when its decoder hung a short while
    /// ago, [`Error::NeedsFfmpeg`], and [`Error::Io`] when it cannot be read.
    pub fn open(&self, original: Arc<AudioFile>, quality: Quality, ffmpeg: Ffmpeg) -> Result<Transcoded, Error> {
        if let Some(cached) = self.cached(&original, quality) {
            return Ok(Transcoded { source: Arc::new(cached), is_cached: true });
        }
        let transcoding = self.transcoding(original, quality, ffmpeg)?;
        Ok(Transcoded { source: Arc::new(LiveSource::new(transcoding)), is_cached: false })
    }

    /// Transcodes a file for the cache, without a reader.
    ///
    /// # Errors
    /// As [`Transcoder::open`].
    pub fn prepare(&self, original: Arc<AudioFile>, quality: Quality, ffmpeg: Ffmpeg) -> Result<(), Error> {
        if self.cache.is_some() && self.cached(&original, quality).is_none() {
            self.transcoding(original, quality, ffmpeg)?.fill();
        }
        Ok(())
    }

    /// Makes a file for the cache and waits for it. Nothing is made when it is there already and shall not be
    /// overwritten, or when it would be larger than `room`, in bytes.
    ///
    /// # Errors
    /// As [`Transcoder::open`]; [`Error::NotCached`] when it cannot be kept, [`Error::Hung`] when its decoder makes no
    /// progress.
    pub fn make(
        self: &Arc<Self>,
        original: Arc<AudioFile>,
        quality: Quality,
        overwrite: Overwrite,
        room: Option<u64>,
    ) -> Result<Made, Error> {
        if self.cache.is_none() {
            return Err(Error::NotCached("There is no cache.".to_owned()));
        }
        if overwrite == Overwrite::No && self.cached(&original, quality).is_some() {
            return Ok(Made::AlreadyThere);
        }
        let id = original.id();
        let this = Arc::clone(self);
        let opened = watchdog::within(STALLED_FILL, move || this.transcoding(original, quality, Ffmpeg::Allowed));
        let transcoding = opened.inspect_err(|error| {
            if matches!(error, Error::Hung) {
                self.note_hung(id);
            }
        })?;
        if room.is_some_and(|room| transcoding.whole_len() > room) {
            return Ok(Made::NoRoom);
        }
        transcoding.fill();
        let outcome = transcoding.wait();
        if transcoding.is_hung() {
            self.note_hung(id);
            return Err(Error::Hung);
        }
        outcome.map(|()| Made::New).map_err(Error::NotCached)
    }

    /// Records that a decoder hangs at this state of a file, so that for a while no further thread is used for it.
    pub fn note_hung(&self, file: FileId) {
        tracing::error!(?file, "a decoder makes no progress; the file is not transcoded for a while");
        let mut hung = lock(&self.hung);
        hung.retain(|_, since| since.elapsed() < HUNG);
        hung.insert(file, Instant::now());
    }

    /// The finished file, if there is one.
    #[must_use]
    pub fn cached(&self, original: &AudioFile, quality: Quality) -> Option<CachedFile> {
        self.cache.as_ref()?.find(original, quality)
    }

    fn transcoding(
        &self,
        original: Arc<AudioFile>,
        quality: Quality,
        ffmpeg: Ffmpeg,
    ) -> Result<Arc<Transcoding>, Error> {
        let Some(bitrate) = Bitrate::of(quality) else { return Err(Error::Unsupported("it is the original".into())) };
        let id = original.id();
        let mark = mark(&original, quality);
        let key = (mark, original.path().to_owned());
        let known = |live: &HashMap<Key, Weak<Transcoding>>| live.get(&key).and_then(Weak::upgrade);
        if let Some(live) = known(&lock(&self.live)) {
            if !live.is_failed() {
                return Ok(live);
            }
            if live.is_hung() {
                self.note_hung(id);
            }
        }
        if lock(&self.hung).get(&id).is_some_and(|since| since.elapsed() < HUNG) {
            return Err(Error::Hung);
        }
        if watchdog::is_exhausted() {
            return Err(Error::Unsupported("too many decoders hang".to_owned()));
        }
        let path = original.path().to_owned();
        let extension = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        let recipe = Recipe::new(original, extension, bitrate, ffmpeg);
        // Not under the lock, for the file has to be opened; whoever comes second uses what the first has made.
        let layout = catch_unwind(AssertUnwindSafe(|| recipe.layout()))
            .unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref())))?;
        let mut live = lock(&self.live);
        if let Some(live) = known(&live).filter(|live| !live.is_failed()) {
            return Ok(live);
        }
        let storage = self.cache.clone().map(|cache| -> Box<dyn Storage> {
            Box::new(CacheStorage::new(cache, path, quality, Arc::clone(&self.live), key.clone()))
        });
        let transcoding = Arc::new(Transcoding::new(recipe, layout, &mark, storage, self.encoders.clone()));
        live.insert(key, Arc::downgrade(&transcoding));
        live.retain(|_, transcoding| transcoding.strong_count() > 0);
        Ok(transcoding)
    }
}

/// A panic elsewhere leaves the table as it was between two changes.
fn lock<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}
