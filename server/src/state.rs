//! What every request can reach: the music, the store, the bundle and a few settings.
//! Nothing here changes after start.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;

use audio::{AudioCache, CacheWorker, MusicRoot, ProbeCache, ProgressTracker, Transcoder};
use library::covers::Covers;
use library::plays::Plays;
use library::{Index, Store};
use model::Quality;

use crate::peer::TrustedProxies;
use crate::rate_limit::PasswordRateLimiter;
use crate::site::Site;
use crate::tasks::Tasks;

/// The shared state; cloning is cheap.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the state.
#[derive(Debug)]
pub struct Parts {
    /// The folder with the music.
    pub music: Arc<MusicRoot>,
    /// Lengths and bitrates already read.
    pub probes: ProbeCache,
    /// Mixtapes, settings and sessions.
    pub store: Store,
    /// What is in the music folder.
    pub index: Index,
    /// The covers of releases, and all covers in smaller sizes.
    pub covers: Covers,
    /// Passwords that were tried.
    pub password_attempts: PasswordRateLimiter,
    /// Who is believed about the other end of a request.
    pub proxies: TrustedProxies,
    /// How often files are played.
    pub plays: Plays,
    /// How far longer work has come.
    pub progress: Arc<ProgressTracker>,
    /// Background tasks.
    pub tasks: Tasks,
    /// The browser bundle.
    pub site: Site,
    /// For listeners who have not chosen a quality.
    pub default_quality: Quality,
    /// Address under which listeners reach this server, without a slash at its end.
    pub public_url: Option<String>,
    /// Who may play the files of the library by their path.
    pub play_access: PlayAccess,
    /// Lower qualities; without, every quality is the original.
    pub transcoding: Option<Transcoding>,
}

/// How lower qualities are made.
#[derive(Debug)]
pub struct Transcoding {
    /// Who makes and keeps them.
    pub transcoder: Arc<Transcoder>,
    /// Who makes them ready before anybody listens.
    pub worker: CacheWorker,
    /// What the owner wants.
    pub settings: Settings,
}

/// What the owner wants of lower qualities.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a listener gets meanwhile.
    pub on_miss: OnMiss,
    /// How many tracks are made ready at once.
    pub at_once: NonZeroUsize,
    /// Whether a mixtape is made ready when it is saved.
    pub precache_on_save: bool,
    /// The qualities that are made ready.
    pub qualities: Vec<Quality>,
}

impl Transcoding {
    /// Starts the threads that encode, and takes up what an earlier process has left. Jobs are kept in a folder
    /// inside the cache's.
    ///
    /// # Errors
    /// When the folder cannot be used, or the system gives no more threads.
    pub fn start(
        cache: AudioCache,
        music: &Arc<MusicRoot>,
        progress: &Arc<ProgressTracker>,
        settings: &Settings,
    ) -> io::Result<Self> {
        let jobs = cache.folder().join("jobs");
        let transcoder = Arc::new(Transcoder::start(Some(cache), settings.at_once)?);
        let (music, making, progress) = (Arc::clone(music), Arc::clone(&transcoder), Arc::clone(progress));
        let worker = CacheWorker::start(music, making, progress, &jobs, settings.at_once)?;
        Ok(Self { transcoder, worker, settings: settings.clone() })
    }
}

/// What a listener gets when a file is not in the cache (`AUDIO_CACHE_ON_MISS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OnMiss {
    /// The wanted quality, made while it is sent.
    Transcode,
    /// The original file; the wanted quality is made for the next time.
    Original,
}

/// Who may play the files of the library by their path (`PLAY_ACCESS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PlayAccess {
    /// Everybody who knows the path.
    #[default]
    Open,
    /// Only the owner; listeners get signed addresses from the pages of mixtapes.
    Signed,
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
