//! Audio files: what they are, how they are opened safely below the music root, and how their bytes are read.
//! No HTTP and no pages here; who may ask for which file is decided above.

pub mod admission;
pub mod attempts;
pub mod cache;
pub mod encoders;
pub mod error;
pub mod format;
pub mod jobs;
pub mod mp3;
pub mod pcm;
pub mod probe;
pub mod progress;
pub mod root;
pub mod sniff;
pub mod source;
pub mod transcode;
pub mod transcoder;
pub mod transcoding;
pub mod verify;
mod watchdog;
pub mod worker;

pub use cache::AudioCache;
pub use error::Error;
pub use format::mime_type;
pub use probe::{AudioProperties, ProbeCache};
pub use progress::ProgressTracker;
pub use root::{AudioFile, FileId, MusicRoot, RelativePath};
pub use source::Source;
pub use transcoder::Transcoder;
pub use worker::CacheWorker;
