//! A file of the cache as the place for a transcoding's segments. What the cache may hold is decided by the cache.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use model::Quality;

use super::{Key, Live, lock};
use crate::AudioCache;
use crate::cache::Part;
use crate::transcoding::{Outcome, Storage};

/// See the module.
pub(super) struct CacheStorage {
    cache: AudioCache,
    original: PathBuf,
    quality: Quality,
    part: Mutex<Option<Part>>,
    live: Live,
    key: Key,
}

impl CacheStorage {
    pub(super) fn new(cache: AudioCache, original: PathBuf, quality: Quality, live: Live, key: Key) -> Self {
        Self { cache, original, quality, part: Mutex::new(None), live, key }
    }
}

impl Storage for CacheStorage {
    fn open(&self, len: u64) -> Result<File, String> {
        let part = self.cache.begin(&self.original, self.quality, len)?;
        let file = part.file().map_err(|error| error.to_string())?;
        *self.part.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
        Ok(file)
    }

    fn reserve(&self, len: u64) -> Result<(), String> {
        let part = self.part.lock().unwrap_or_else(PoisonError::into_inner);
        part.as_ref().map_or(Ok(()), |part| part.reserve(len))
    }

    fn finish(&self, made: Outcome) -> Outcome {
        let part = self.part.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outcome = made.and_then(|()| {
            let part = part.ok_or("Nothing of it was written.")?;
            part.finish().map_err(|error| format!("The finished file could not be put into the cache: {error}."))
        });
        let file = &self.original;
        match &outcome {
            Ok(()) => {
                tracing::info!(?file, quality = %self.quality, "cached");
                // From now on it is found there. What goes on without the disk is still shared.
                lock(&self.live).remove(&self.key);
            }
            Err(error) => tracing::info!(?file, quality = %self.quality, error, "not cached"),
        }
        if let Err(error) = self.cache.evict() {
            tracing::error!(%error, "the cache could not be brought within its limit");
        }
        outcome
    }
}
