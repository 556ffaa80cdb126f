//! `GET /covers/<file>`: the covers of mixtapes, under names that never change their picture.
//! Keeping and checking pictures is done in `library`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{self, HeaderValue};
use model::ErrorKind;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::AppState;
use crate::error::ApiError;

/// Serves one cover. Covers are pictures for everybody: any site may show them, as a link preview does.
pub(super) async fn cover(
    State(state): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let not_found = || ApiError::new(ErrorKind::NotFound, "There is no such cover.");
    let Path(file) = file.map_err(|_| not_found())?;
    let path = state.store.cover_path(&file).ok_or_else(not_found)?;
    let mut response = match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return Err(not_found());
    }
    let headers = response.headers_mut();
    if let Some(mime) = library::covers::mime_type(&file) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    }
    headers.insert(header::CACHE_CONTROL, super::IMMUTABLE);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
