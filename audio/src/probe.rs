//! What a file's headers say about its sound: length and bitrate, remembered per state of the file.
//! Tags, covers and decoding are not read here.

use std::fs::File;
use std::io::BufReader;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use lofty::config::{ParseOptions, ParsingMode};
use lofty::file::AudioFile as _;
use lofty::probe::Probe;
use lru::LruCache;
use model::Millis;

use crate::root::{AudioFile, FileId};

/// Length and bitrate of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioProperties {
    /// Playing time.
    pub duration: Millis,
    /// Average bitrate in kbit/s, over the audio alone.
    pub bitrate: u32,
}

/// Reads the properties; `None` when no reader knows the file or its headers are broken.
/// Reads from the disk, so call it on a thread that may wait.
#[must_use]
pub fn probe(file: &AudioFile) -> Option<AudioProperties> {
    let handle = file.try_clone_file().ok()?;
    // A header made to provoke a panic in the parser costs a header line, never the stream.
    std::panic::catch_unwind(|| probe_headers(handle)).ok().flatten()
}

fn probe_headers(handle: File) -> Option<AudioProperties> {
    let options = ParseOptions::new().read_tags(false).read_cover_art(false).parsing_mode(ParsingMode::Relaxed);
    let probe = Probe::new(BufReader::new(handle)).options(options).guess_file_type().ok()?;
    let parsed = probe.read().ok()?;
    let properties = parsed.properties();
    let duration = Millis(u64::try_from(properties.duration().as_millis()).ok()?);
    let bitrate = properties.audio_bitrate().or_else(|| properties.overall_bitrate())?;
    (duration > Millis(0)).then_some(AudioProperties { duration, bitrate })
}

/// Properties already read, for as many files as a busy server plays at once. Files that could not be
/// read are remembered too.
#[derive(Debug)]
pub struct ProbeCache(Mutex<LruCache<FileId, Option<AudioProperties>>>);

impl ProbeCache {
    const FILES: NonZeroUsize = NonZeroUsize::new(8192).expect("not zero");

    /// The remembered answer for this state of the file; `None`: not probed yet.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<Option<AudioProperties>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }

    /// Probes a file and remembers the answer. Waits for the disk.
    #[must_use]
    pub fn probe(&self, file: &AudioFile) -> Option<AudioProperties> {
        let properties = probe(file);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(file.id(), properties);
        properties
    }
}

impl Default for ProbeCache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(Self::FILES)))
    }
}
