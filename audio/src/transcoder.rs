//! From a file and a quality to the bytes that a listener gets: out of the cache, or made while they are sent.
//! HTTP is not known here.

use std::collections::HashMap;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use model::Quality;

use crate::cache::{AudioCache, CachedFile, Part, mark};
use crate::encoders::Encoders;
use crate::mp3::Bitrate;
use crate::transcode::Recipe;
use crate::transcoding::{Listening, Transcoding};
use crate::{AudioFile, Error, Source};

/// Which state of which file, and the quality.
type Key = ([u8; 16], PathBuf);

/// Makes and keeps transcoded files.
pub struct Transcoder {
    cache: Option<AudioCache>,
    encoders: Encoders,
    /// What is being made. With a cache, each is held by its own filling until it is whole.
    live: Arc<Mutex<HashMap<Key, Weak<Transcoding>>>>,
    served: Served,
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
        let encoders = Encoders::start(most_cachers)?;
        Ok(Self { cache, encoders, live: Arc::default(), served: Served::default() })
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
    /// [`Error::Unsupported`] when the file cannot be decoded here, [`Error::Io`] when it cannot be read.
    pub fn open(&self, original: Arc<AudioFile>, quality: Quality) -> Result<Transcoded, Error> {
        if let Some(cached) = self.cached(&original, quality) {
            return Ok(Transcoded { source: Arc::new(cached), is_cached: true });
        }
        let transcoding = self.transcoding(original, quality)?;
        Ok(Transcoded { source: Arc::new(Listening(transcoding)), is_cached: false })
    }

    /// Makes a file for the cache, when no listener waits for anything.
    ///
    /// # Errors
    /// As [`Transcoder::open`].
    pub fn prepare(&self, original: Arc<AudioFile>, quality: Quality) -> Result<(), Error> {
        if self.cache.is_some() && self.cached(&original, quality).is_none() {
            self.transcoding(original, quality)?.begin();
        }
        Ok(())
    }

    /// Makes a file for the cache and waits for it. Nothing is made when it is there already and shall not be
    /// overwritten, or when it would be larger than `room`, in bytes.
    ///
    /// # Errors
    /// As [`Transcoder::open`]; [`Error::NotCached`] when it cannot be kept.
    pub fn make(
        &self,
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
        let transcoding = self.transcoding(original, quality)?;
        if room.is_some_and(|room| transcoding.whole_len() > room) {
            return Ok(Made::NoRoom);
        }
        transcoding.begin();
        transcoding.wait().map(|()| Made::New).map_err(Error::NotCached)
    }

    /// The finished file, or the original without one; nothing is made.
    #[must_use]
    pub fn cached_or_original(&self, original: Arc<AudioFile>, quality: Quality) -> Arc<dyn Source> {
        match self.cached(&original, quality) {
            Some(cached) => Arc::new(cached),
            None => original,
        }
    }

    /// The finished file, if there is one.
    #[must_use]
    pub fn cached(&self, original: &AudioFile, quality: Quality) -> Option<CachedFile> {
        self.cache.as_ref()?.find(original, quality)
    }

    fn transcoding(&self, original: Arc<AudioFile>, quality: Quality) -> Result<Arc<Transcoding>, Error> {
        let Some(bitrate) = Bitrate::of(quality) else { return Err(Error::Unsupported("it is the original".into())) };
        let mark = mark(&original, quality);
        let key = (mark, original.path().to_owned());
        if let Some(live) = lock(&self.live).get(&key).and_then(Weak::upgrade) {
            return Ok(live);
        }
        let path = original.path().to_owned();
        let extension = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        let recipe = Recipe { source: original, extension, bitrate };
        // Not under the lock, for the file has to be opened; whoever comes second uses what the first has made.
        let layout = recipe.layout()?;
        let mut live = lock(&self.live);
        if let Some(live) = live.get(&key).and_then(Weak::upgrade) {
            return Ok(live);
        }
        let part = self.begin(&path, quality);
        let disk = part.as_ref().and_then(|part| part.file().ok());
        let transcoding = Arc::new(Transcoding::new(recipe, layout, &mark, disk, self.encoders.clone()));
        live.insert(key.clone(), Arc::downgrade(&transcoding));
        live.retain(|_, transcoding| transcoding.strong_count() > 0);
        // Before anybody else can see and read it.
        if let Some(part) = part {
            let (live, cache) = (Arc::clone(&self.live), self.cache.clone());
            transcoding.want_whole(move |made| {
                let outcome = made.is_complete().and_then(|()| {
                    let kept = part.finish().and_then(|()| cache.as_ref().map_or(Ok(()), AudioCache::evict));
                    kept.map_err(|error| format!("The finished file could not be put into the cache: {error}."))
                });
                match &outcome {
                    Ok(()) => tracing::info!(file = %path.display(), %quality, "cached"),
                    Err(error) => tracing::error!(file = %path.display(), %quality, error, "not cached"),
                }
                lock(&live).remove(&key);
                outcome
            });
        }
        Ok(transcoding)
    }

    fn begin(&self, path: &Path, quality: Quality) -> Option<Part> {
        let cache = self.cache.as_ref()?;
        cache
            .begin(path, quality)
            .inspect_err(|error| tracing::error!(%error, "the cache cannot be written; nothing is kept"))
            .ok()
    }
}

/// A panic elsewhere leaves the table as it was between two changes.
fn lock<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}
