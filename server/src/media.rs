//! How bytes of known length become an HTTP response: ranges, conditions, headers and a body that waits for
//! its reader. It does not know where the bytes come from, only that they are an `audio::Source`.

pub mod body;
pub mod buffers;
pub mod conditional;
pub mod date;
pub mod disposition;
pub mod opening;
pub mod range;
pub mod respond;

pub use respond::{Representation, respond};

/// What every log line about a response names.
#[derive(Debug)]
pub struct LogPaths {
    /// The request path, as it was sent.
    pub request: String,
    /// The file whose bytes are sent, or transcoded while they are sent.
    pub serving: std::path::PathBuf,
}
