//! What went wrong, seen from the caller: the handful of cases that decide an HTTP status.
//! The sentence that a person reads belongs to the error itself, not to its kind.

use serde::{Deserialize, Serialize};

/// The kind of a failure; every domain error maps itself to one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request itself makes no sense.
    Invalid,
    /// The owner has to sign in first.
    Unauthorized,
    /// The thing exists, or may exist, but is not for this caller.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// Somebody else changed the thing in the meantime.
    Conflict,
    /// The request is larger than the thing can be.
    TooLarge,
    /// Too many attempts; try again later.
    TooMany,
    /// The server is busy; try again in a moment.
    Busy,
    /// The disk is full; make room and try again.
    InsufficientStorage,
    /// Our fault, or the disk's.
    Internal,
}

impl ErrorKind {
    /// The HTTP status of this kind (RFC 9110 section 15; 507 is of RFC 4918 section 11.5).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::TooMany => 429,
            Self::Busy => 503,
            Self::Internal => 500,
            Self::InsufficientStorage => 507,
        }
    }
}
