//! What the server lends to its server functions, and who is asking.
//! Both are put into the context by `server`, for routes and pages alike.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{Extensions, StatusCode};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use library::covers::Covers;
use library::{Index, Store};
use model::{ErrorKind, Mixtape, Timestamp};

use super::{Refusal, refused};

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// The owner, signed in.
    Owner,
    /// Somebody else.
    Guest,
}

impl Visitor {
    /// As the server has marked the request; a request without a mark is a guest's.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self::Guest)
    }
}

/// What server functions work with.
#[derive(Clone)]
pub struct Services {
    /// Mixtapes and settings.
    pub store: Store,
    /// The music.
    pub index: Index,
    /// Pictures.
    pub covers: Covers,
    /// What is done with a tape that was saved; it waits for nothing.
    pub saved: Arc<dyn Fn(Mixtape) + Send + Sync>,
}

/// The time.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// The services, for the owner alone.
pub(super) fn for_owner() -> Result<Services, Refusal> {
    match use_context::<Visitor>() {
        Some(Visitor::Owner) => Ok(expect_context()),
        _ => Err(refused(ErrorKind::Unauthorized, "This is for the owner. Sign in first.")),
    }
}

/// The answer of a server function that fails is a 500 unless it says otherwise.
pub(super) fn set_status(kind: ErrorKind) {
    if let (Some(options), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(kind.status())) {
        options.set_status(status);
    }
}

impl From<library::Error> for Refusal {
    fn from(error: library::Error) -> Self {
        let cause = error.source().map(tracing::field::display);
        match error.kind() {
            // The details name paths and tables; they are for the log.
            ErrorKind::Internal => {
                tracing::error!(%error, "the library failed");
                refused(ErrorKind::Internal, "Something went wrong on the server. Its log says what.")
            }
            ErrorKind::InsufficientStorage => {
                tracing::error!(%error, cause, "the library could not be written");
                refused(ErrorKind::InsufficientStorage, error.to_string())
            }
            kind => refused(kind, error.to_string()),
        }
    }
}
