//! Audio files: what they are, how they are opened safely below the music root, and how their bytes are read.
//! No HTTP and no pages here; who may ask for which file is decided above.

pub mod cache;
pub mod encoders;
pub mod error;
pub mod format;
pub mod mp3;
pub mod pcm;
pub mod probe;
pub mod root;
pub mod source;
pub mod transcode;
pub mod transcoder;
pub mod transcoding;

pub use cache::AudioCache;
pub use error::Error;
pub use format::mime_type;
pub use probe::{AudioProperties, ProbeCache};
pub use root::{AudioFile, FileId, MusicRoot, RelativePath};
pub use source::Source;
pub use transcoder::Transcoder;
