//! The one place where a failure becomes an HTTP response: a status and `{"error": "…"}`.
//! What went wrong is said by the domain crates; nothing of the system's inside is shown.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use model::{CoverSize, ErrorKind, Quality};
use serde_json::{Value, json};

/// A failure, as the caller sees it.
#[derive(Debug)]
pub struct ApiError {
    kind: ErrorKind,
    message: String,
    /// What could have been asked for instead, under the name of the field that lists it.
    choices: Option<(&'static str, Value)>,
}

impl ApiError {
    /// A failure with a sentence for the caller.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), choices: None }
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
        match error.kind() {
            // The details name paths and tables; they are for the log.
            ErrorKind::Internal => {
                tracing::error!(%error, "the store failed");
                Self::new(ErrorKind::Internal, "Something went wrong on the server. Its log says what.")
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
        (status(self.kind), Json(body)).into_response()
    }
}
