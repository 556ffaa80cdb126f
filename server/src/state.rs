//! What every request can reach: the music, the store, the bundle and a few settings.
//! Nothing here changes after start.

use std::ops::Deref;
use std::sync::Arc;

use audio::{MusicRoot, ProbeCache, Transcoder};
use library::Store;
use model::Quality;

use crate::site::Site;

/// The shared state; cloning is cheap.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the state.
#[derive(Debug)]
pub struct Parts {
    /// The folder with the music.
    pub music: MusicRoot,
    /// Lengths and bitrates already read.
    pub probes: ProbeCache,
    /// Mixtapes, settings and sessions.
    pub store: Store,
    /// The browser bundle.
    pub site: Site,
    /// For listeners who have not chosen a quality.
    pub default_quality: Quality,
    /// Address under which listeners reach this server, without a slash at its end.
    pub public_url: Option<String>,
    /// Lower qualities; without, every quality is the original.
    pub transcoding: Option<Transcoding>,
}

/// How lower qualities are made.
#[derive(Debug)]
pub struct Transcoding {
    /// Who makes and keeps them.
    pub transcoder: Arc<Transcoder>,
    /// What a listener gets meanwhile.
    pub on_miss: OnMiss,
}

/// What a listener gets when a file is not in the cache (`AUDIO_CACHE_ON_MISS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnMiss {
    /// The wanted quality, made while it is sent.
    Transcode,
    /// The original file; the wanted quality is made for the next time.
    Original,
}

impl AppState {
    /// Shares these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
