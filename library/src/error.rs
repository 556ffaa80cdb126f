//! Everything that can go wrong with what the owner keeps.
//! The sentences are for people; the kind decides the HTTP status.

use std::io;
use std::path::PathBuf;

use model::{DraftError, ErrorKind, Mixtape};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error("The database could not be used: {0}")]
    Database(#[from] sqlx::Error),
    /// The index refused what a scan has found.
    #[error("The index could not be written: {0}")]
    Writing(#[from] rusqlite::Error),
    /// The database is newer than this program, or its history was changed.
    #[error("The database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A file below DATA_ROOT, or one to be imported, could not be read or written.
    #[error("{path} could not be used: {source}", path = path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The picture is not one that browsers show.
    #[error("This is not a JPEG, PNG or WebP picture. Save it as one of these and try again.")]
    NotAPicture,
    /// The picture is larger than a cover can reasonably be.
    #[error("This cover is larger than {} MB.", crate::covers::MAX_BYTES / 1_000_000)]
    PictureTooLarge,
    /// There is no picture with this name.
    #[error("This cover is not there; upload it again.")]
    NoSuchCover,
    /// A draft does not meet the rules.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// No mixtape has this address, or it is in the bin.
    #[error("There is no such mixtape.")]
    NoSuchMixtape,
    /// The mixtape was deleted.
    #[error("This mixtape was deleted. Bring it back from the bin to save it.")]
    InBin,
    /// Another state of the mixtape was saved in the meantime: this one.
    #[error("This mixtape was saved elsewhere in the meantime. Look at that state before you save yours.")]
    Conflict(Box<Mixtape>),
    /// A file is no playlist.
    #[error("This playlist could not be read: {0}.")]
    BadPlaylist(String),
    /// A file is no backup.
    #[error("This backup could not be read: {0}.")]
    BadBackup(String),
    /// Not one file of a mixtape is in the music folder.
    #[error("None of the files of this mixtape is there.")]
    NoFiles,
    /// The listeners' password is empty or too long.
    #[error("The password must have 1 to {} characters.", crate::sharing::PASSWORD_MAX)]
    BadPassword,
    /// The listeners' password is to stay as it is, and there is none.
    #[error("This mixtape has no password yet; choose one.")]
    NoPassword,
    /// A picture could not be drawn.
    #[error("The picture could not be drawn: {0}")]
    Drawing(#[from] image::ImageError),
    /// More than the largest QR code holds.
    #[error("The address of this mixtape is too long for a QR code. A shorter slug helps.")]
    AddressTooLong,
    /// The picture would take too much memory to read.
    #[error(
        "This picture has {width} × {height} pixels, which is too many. Make it smaller and try again; 1200 are enough."
    )]
    TooManyPixels {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// The picture cannot be read.
    #[error("This picture is damaged and cannot be read. Choose another one.")]
    DamagedPicture(String),
    /// A password could not be hashed.
    #[error("The password could not be stored: {0}")]
    Password(argon2::password_hash::Error),
    /// The mixtapes are damaged; only the owner can decide what to do.
    #[error(
        "The mixtapes in {path} are damaged ({reason}). Put an earlier state in their place; there are backups in \
         {backups}.",
        path = path.display(), backups = backups.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the check found.
        reason: String,
        /// The folder with the backups.
        backups: PathBuf,
    },
    /// There is nothing in the music folder although the index knows tracks.
    #[error(
        "The music folder {} is empty; is its disk there? What is known of it is kept. If it is empty on purpose, run \
         `ferric scan --full`.",
        .0.display()
    )]
    EmptyMusicFolder(PathBuf),
    /// A thread of a scan is gone.
    #[error("The scan was broken off.")]
    ScanBroken,
    /// A thread that worked on a picture is gone.
    #[error("The work on a picture was broken off.")]
    WorkBroken,
    /// A stored value does not read back.
    #[error("The database holds something unreadable in {0}.")]
    Corrupt(&'static str),
}

impl Error {
    /// The kind of this failure, which decides its HTTP status.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAPicture
            | Self::TooManyPixels { .. }
            | Self::DamagedPicture(_)
            | Self::AddressTooLong
            | Self::PictureTooLarge
            | Self::NoSuchCover
            | Self::Draft(_)
            | Self::BadPlaylist(_)
            | Self::BadBackup(_)
            | Self::BadPassword
            | Self::NoPassword => ErrorKind::Invalid,
            Self::NoSuchMixtape | Self::NoFiles => ErrorKind::NotFound,
            Self::InBin | Self::Conflict(_) => ErrorKind::Conflict,
            _ => ErrorKind::Internal,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
