//! Everything that can go wrong between a requested path and its bytes.
//! Which HTTP status each becomes is decided by its kind, in one table in `model`.

use std::any::Any;
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
    /// Only ffmpeg may be able to decode the file, and the caller did not allow starting it.
    #[error("This file has to be decoded by ffmpeg.")]
    NeedsFfmpeg,
    /// Its decoder made no progress for too long.
    #[error("The decoder made no progress at this file.")]
    Hung,
    /// The limits of running and waiting jobs are reached.
    #[error("The server has enough to do at the moment. Try again in a few seconds.")]
    Busy,
    /// The file is skipped; the text says why.
    #[error("Set aside: {0}")]
    SetAside(&'static str),
    /// A transcoded file is not kept, with the reason as a sentence.
    #[error("{0}")]
    NotCached(String),
    /// LAME refused something: the call, and what it answered.
    #[error("The MP3 encoder failed ({0}: {1}).")]
    Encoder(&'static str, i32),
}

impl Error {
    /// What a decoder or encoder that panicked comes to: it does not know this file.
    #[must_use]
    pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Self::Unsupported(format!("its decoder failed ({text})"))
    }

    /// The kind of this failure, which decides its HTTP status.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::MalformedPath => ErrorKind::Invalid,
            Self::OutsideRoot => ErrorKind::Forbidden,
            Self::NotFound => ErrorKind::NotFound,
            Self::Busy => ErrorKind::Busy,
            Self::Root(_)
            | Self::Io(_)
            | Self::Changed
            | Self::Unsupported(_)
            | Self::NeedsFfmpeg
            | Self::Hung
            | Self::SetAside(_)
            | Self::NotCached(_)
            | Self::Encoder(..) => ErrorKind::Internal,
        }
    }
}
