//! The editor: its page for a new tape and for one that is there, and the covers that are sent to it.
//! Saving is done by a server function; what the page does is decided in `app`.

use app::page::{EditorPage, Page};
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use library::covers::MAX_BYTES;
use library::mixtapes::Found;
use model::{ErrorKind, MixtapeView, Slug};
use serde_json::{Value, json};

use super::pages;
use super::session::Owner;
use crate::AppState;
use crate::error::ApiError;

/// `GET /editor`: a new tape.
pub(super) async fn new_tape(_: Owner, State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    page(&state, None, request).await
}

/// `GET /editor/<slug>`: a tape that is there; from an address that it had before, on to the one it has.
pub(super) async fn tape(
    _: Owner,
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Some(slug) = slug.ok().and_then(|slug| slug.parse::<Slug>().ok()) else {
        return Ok(pages::not_found_page(&state, request).await);
    };
    match state.store.find(&slug).await? {
        Found::Here(mixtape) => {
            let view = state.store.view(*mixtape, &state.index).await?;
            page(&state, Some(view), request).await
        }
        Found::Moved(slug) => Ok(Redirect::to(&slug.editor_path()).into_response()),
        Found::Gone | Found::Unknown => Ok(pages::not_found_page(&state, request).await),
    }
}

/// Tells a new tape from all others.
pub(super) fn new_client_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

async fn page(state: &AppState, tape: Option<MixtapeView>, request: Request) -> Result<Response, ApiError> {
    let page = EditorPage {
        tape,
        preferences: state.store.preferences().await?,
        client_id: new_client_id(),
        quality: state.default_quality,
    };
    Ok(pages::render(state, Page::Editor(Box::new(page)), request).await)
}

/// `POST /editor/cover`: keeps a picture; answers `{"cover": "<file name below /covers/>"}`.
pub(super) async fn cover(
    _: Owner,
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Json<Value>, ApiError> {
    let too_large =
        |_| ApiError::new(ErrorKind::Invalid, format!("The picture is larger than {} MB.", MAX_BYTES / 1_000_000));
    let picture = axum::body::to_bytes(request.into_body(), MAX_BYTES).await.map_err(too_large)?;
    Ok(Json(json!({ "cover": state.store.keep_upload(picture.into()).await? })))
}
