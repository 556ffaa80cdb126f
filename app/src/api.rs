//! The server functions: what the owner's pages ask of the server while they are open, each a thin call into `library`.
//! Which addresses they have in the router, and who is the owner, is decided by `server`.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::ErrorKind;
use serde::{Deserialize, Serialize};

pub mod covers;
pub mod mixtapes;
pub mod search;

#[cfg(feature = "ssr")]
mod services;
#[cfg(feature = "ssr")]
pub use services::{Services, Visitor};

/// Why a server function did not answer; on the wire the same `{"error": "…"}` as every other route sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A sentence that says what to do.
    pub error: String,
    /// What kind of failure it was; none when the server was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ErrorKind>,
}

impl Refusal {
    /// Whether the server was not reached at all, so that the same may work later.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        self.kind.is_none()
    }
}

impl FromServerFnError for Refusal {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => {
                Self { error: "The server cannot be reached. Check your connection.".into(), kind: None }
            }
            // Here it was the request that could not be read; in the browser it would be the answer.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(_) => refused(ErrorKind::Invalid, "The request cannot be understood."),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                refused(ErrorKind::Invalid, "The request cannot be understood.")
            }
            _ => refused(ErrorKind::Internal, "The answer cannot be understood. Reload the page and try again."),
        }
    }
}

/// A refusal; on the server the answer gets the status that goes with it.
fn refused(kind: ErrorKind, error: impl Into<String>) -> Refusal {
    #[cfg(feature = "ssr")]
    services::set_status(kind);
    Refusal { error: error.into(), kind: Some(kind) }
}

/// What was sent breaks a rule; the error is a sentence.
#[cfg(feature = "ssr")]
fn invalid(error: &impl std::fmt::Display) -> Refusal {
    refused(ErrorKind::Invalid, error.to_string())
}
