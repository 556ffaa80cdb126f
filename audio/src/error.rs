//! Everything that can go wrong between a requested path and its bytes.
//! Which HTTP status each becomes is decided by its kind, in one table in `model`.

use std::io;

use model::ErrorKind;

/// A failure to reach an audio file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path is not one: it holds a NUL byte or a broken percent escape.
    #[error("This path is malformed.")]
    MalformedPath,
    /// The path leads out of the music root, by `..`, by being absolute or through a link.
    #[error("This path leads outside the music library.")]
    OutsideRoot,
    /// Nothing is there, or something that is not a regular file.
    #[error("There is no such file in the music library.")]
    NotFound,
    /// The music root itself cannot be used.
    #[error("The music folder cannot be read: {0}")]
    Root(#[source] io::Error),
    /// The system refused to open or read the file.
    #[error("The file could not be read.")]
    Io(#[source] io::Error),
    /// Somebody wrote to the file after it was opened.
    #[error("The file was changed while it was read.")]
    Changed,
    /// Nothing here can decode the file; the text says why, for the log.
    #[error("This file cannot be decoded: {0}")]
    Unsupported(String),
    /// A transcoded file is not kept, with the reason as a sentence.
    #[error("{0}")]
    NotCached(String),
    /// LAME refused something: the call, and what it answered.
    #[error("The MP3 encoder failed ({0}: {1}).")]
    Encoder(&'static str, i32),
}

impl Error {
    /// The kind of this failure, which decides its HTTP status.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::MalformedPath => ErrorKind::Invalid,
            Self::OutsideRoot => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::Root(_)
            | Self::Io(_)
            | Self::Changed
            | Self::Unsupported(_)
            | Self::NotCached(_)
            | Self::Encoder(..) => ErrorKind::Internal,
        }
    }
}
