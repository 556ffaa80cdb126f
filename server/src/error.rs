//! The one place where a failure becomes an HTTP response: a status and `{"error": "…"}`.
//! What went wrong is said by the domain crates; nothing of the system's inside is shown.

use std::error::Error as _;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use model::limits::transcoding::RETRY_AFTER;
use model::{CoverSize, ErrorKind, Quality};
use serde_json::{Value, json};

/// A failure, as the caller sees it.
#[derive(Debug)]
pub struct ApiError {
    kind: ErrorKind,
    message: String,
    /// What could have been asked for instead, under the name of the field that lists it.
    choices: Option<(&'static str, Value)>,
    /// When to try again, in seconds.
    retry_after: Option<u64>,
}

impl ApiError {
    /// A failure with a sentence for the caller.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let retry_after = (kind == ErrorKind::Busy).then_some(RETRY_AFTER.as_secs());
        Self { kind, message: message.into(), choices: None, retry_after }
    }

    /// The same, and when to try again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// An unknown quality: the answer lists the known ones.
    #[must_use]
    pub fn unknown_quality(error: &model::quality::UnknownQuality) -> Self {
        let choices = Some(("valid_qualities", json!(Quality::ALL)));
        Self { choices, ..Self::new(ErrorKind::Invalid, error.to_string()) }
    }

    /// An unknown size of a cover: the answer lists the known ones.
    #[must_use]
    pub fn unknown_cover_size(error: &model::cover::UnknownCoverSize) -> Self {
        let choices = Some(("valid_sizes", json!(CoverSize::ALL)));
        Self { choices, ..Self::new(ErrorKind::Invalid, error.to_string()) }
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The kind of failure.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<audio::Error> for ApiError {
    fn from(error: audio::Error) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}

impl From<library::Error> for ApiError {
    fn from(error: library::Error) -> Self {
        let cause = error.source().map(tracing::field::display);
        match error.kind() {
            // The details name paths and tables; they are for the log.
            ErrorKind::Internal => {
                tracing::error!(%error, "the store failed");
                Self::new(ErrorKind::Internal, "Something went wrong on the server. Its log says what.")
            }
            ErrorKind::InsufficientStorage => {
                tracing::error!(%error, cause, "the store could not be written");
                Self::new(ErrorKind::InsufficientStorage, error.to_string())
            }
            kind => Self::new(kind, error.to_string()),
        }
    }
}

/// The status of a kind.
#[must_use]
pub fn status(kind: ErrorKind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.message });
        if let Some((name, choices)) = self.choices {
            body[name] = choices;
        }
        let mut response = (status(self.kind), Json(body)).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_when_there_is_enough_to_do_is_told_when_to_come_back() {
        let response = ApiError::from(audio::Error::Busy).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let seconds = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        assert!(seconds.is_some_and(|seconds| seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0)), "{seconds:?}");
        assert!(ApiError::from(audio::Error::Hung).into_response().headers().get(header::RETRY_AFTER).is_none());
    }
}
