//! Everything that can go wrong with what the owner keeps.
//! The sentences are for people; the kind decides the HTTP status.

use std::io;
use std::path::PathBuf;

use model::{DraftError, ErrorKind, Mixtape};

/// The error of the system or a library.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error("The database could not be used: {0}")]
    Database(#[source] sqlx::Error),
    /// The index refused what a scan has found.
    #[error("The index could not be written: {0}")]
    Writing(#[source] rusqlite::Error),
    /// The database is newer than this program, or its history was changed.
    #[error("The database could not be brought up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// There is no room below DATA_ROOT. Nothing was changed.
    #[error("The disk with the data folder is full. Make room, or empty the audio cache, then try again.")]
    DiskFull(#[source] Cause),
    /// A write below DATA_ROOT has failed, as beyond a quota or on a disk that breaks. Nothing was changed.
    #[error(
        "The data folder cannot be written. Its disk may be full for this program, or fail; the server's log says more."
    )]
    DiskFails(#[source] Cause),
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
    /// A signed address of media does not hold: it is made up, has ended, or was taken back.
    #[error("This address has ended or was taken back. Open the mixtape's page again.")]
    BadMediaAddress,
    /// A picture could not be drawn.
    #[error("The picture could not be drawn: {0}")]
    Drawing(#[from] image::ImageError),
    /// More than the largest QR code holds.
    #[error("The address of this mixtape is too long for a QR code. A shorter slug helps.")]
    AddressTooLong,
    /// The picture of a QR code would be too small.
    #[error("A code of so few pixels cannot be scanned; this address needs at least {least}.")]
    CodeTooSmall {
        /// The fewest pixels on a side.
        least: u32,
    },
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
    /// Too many passwords wait to be hashed.
    #[error("The server has a lot to do. Try again in a moment.")]
    Busy,
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
            | Self::CodeTooSmall { .. }
            | Self::PictureTooLarge
            | Self::NoSuchCover
            | Self::Draft(_)
            | Self::BadPlaylist(_)
            | Self::BadBackup(_)
            | Self::BadPassword
            | Self::NoPassword => ErrorKind::Invalid,
            Self::BadMediaAddress => ErrorKind::Forbidden,
            Self::NoSuchMixtape | Self::NoFiles => ErrorKind::NotFound,
            Self::InBin | Self::Conflict(_) => ErrorKind::Conflict,
            Self::DiskFull(_) | Self::DiskFails(_) => ErrorKind::InsufficientStorage,
            Self::Busy => ErrorKind::Busy,
            _ => ErrorKind::Internal,
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull => Self::DiskFull(Box::new(source)),
            io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => Self::DiskFails(Box::new(source)),
            _ => Self::File { path, source },
        }
    }
}

/// What an SQLite result code says of the disk.
enum DiskState {
    Full,
    Fails,
    Other,
}

impl DiskState {
    /// Of an extended result code (<https://sqlite.org/rescode.html>).
    const fn of(code: i32) -> Self {
        const FULL: i32 = 13;
        // The -shm file can neither be written nor made larger: the disk is full.
        const IOERR_SHMSIZE: i32 = 4874;
        const IOERR_WRITE: i32 = 778;
        const IOERR_FSYNC: i32 = 1034;
        const IOERR_TRUNCATE: i32 = 1546;
        match code {
            IOERR_SHMSIZE => Self::Full,
            IOERR_WRITE | IOERR_FSYNC | IOERR_TRUNCATE => Self::Fails,
            // The lower byte is the kind, the others are details.
            _ if code & 0xff == FULL => Self::Full,
            _ => Self::Other,
        }
    }

    fn of_sqlx(error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code()?.parse().ok());
        code.map_or(Self::Other, Self::of)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match DiskState::of_sqlx(&error) {
            DiskState::Full => Self::DiskFull(Box::new(error)),
            DiskState::Fails => Self::DiskFails(Box::new(error)),
            DiskState::Other => Self::Database(error),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map_or(DiskState::Other, |error| DiskState::of(error.extended_code)) {
            DiskState::Full => Self::DiskFull(Box::new(error)),
            DiskState::Fails => Self::DiskFails(Box::new(error)),
            DiskState::Other => Self::Writing(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        let state = match &error {
            Execute(error) | ExecuteMigration(error, _) => DiskState::of_sqlx(error),
            _ => DiskState::Other,
        };
        match state {
            DiskState::Full => Self::DiskFull(Box::new(error)),
            DiskState::Fails => Self::DiskFails(Box::new(error)),
            DiskState::Other => Self::Migration(error),
        }
    }
}
