//! Health checks for supervisors: is the process alive, can it do its work.
//! They tell nothing about the library.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::AppState;

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// `GET /readyz`: the music folder and the database answer; 503 with the part that does not.
pub(super) async fn readyz(State(state): State<AppState>) -> Response {
    let music =
        tokio::fs::read_dir(state.music.path()).await.map(|_| ()).map_err(|_| "the music folder cannot be read");
    let store = state.store.check().await.map_err(|_| "the database does not answer");
    match music.and(store) {
        Ok(()) => Json(json!({ "status": "ready" })).into_response(),
        Err(error) => {
            tracing::error!(error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": error }))).into_response()
        }
    }
}
