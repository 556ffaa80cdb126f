//! `/api/…`: the server functions of `app`, which are named after their endpoints.
//! What each of them does is written there.

use std::sync::Arc;

use app::api::{Services, Visitor};
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header;
use http_body_util::LengthLimitError;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use model::cache_stats::readable_bytes;
use model::{ErrorKind, limits};

use super::pages;
use crate::error::ApiError;
use crate::{AppState, chores};

/// What a server function may be sent, in bytes, unless it saves a mixtape.
const REQUEST_BYTES: usize = 2_000_000;

/// Runs the server function at this address.
pub(super) async fn server_function(
    State(state): State<AppState>,
    Path(_): Path<String>,
    mut request: Request,
) -> Response {
    let path = request.uri().path();
    if !server_fn_paths().any(|(known, takes)| known == path && takes == *request.method()) {
        return ApiError::new(ErrorKind::NotFound, "There is no such function.").into_response();
    }
    let visitor = Visitor::of(request.extensions());
    let max = match (path, visitor) {
        ("/api/save", Visitor::Owner) => limits::mixtapes::REQUEST_BYTES,
        _ => REQUEST_BYTES,
    };
    // Forms without JavaScript are redirected there, and the client chooses the value.
    request.headers_mut().remove(header::REFERER);
    let request = match whole(request, max).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let provide = move || provide_services(&state, visitor);
    let mut response = leptos_axum::handle_server_fns_with_context(provide, request).await.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, pages::PRIVATE);
    response
}

/// The request with all of its body, if that is not larger than this.
async fn whole(request: Request, max: usize) -> Result<Request, ApiError> {
    let too_large = || {
        let max = readable_bytes(max as u64);
        ApiError::new(ErrorKind::TooLarge, format!("This has more than {max}, which cannot be taken at once."))
    };
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, max).await.map_err(|error| {
        let is_long = std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        let broken_off = || ApiError::new(ErrorKind::Invalid, "The request did not arrive whole. Send it again.");
        if is_long { too_large() } else { broken_off() }
    })?;
    let mut request = Request::from_parts(parts, Body::from(body));
    // What is in memory already has been measured.
    DefaultBodyLimit::disable().apply(&mut request);
    Ok(request)
}

/// Puts what server functions need into the context; pages that are rendered here may call them, too.
pub(super) fn provide_services(state: &AppState, visitor: Visitor) {
    provide_context(visitor);
    let saving = state.clone();
    let saved = Arc::new(move |mixtape| {
        let state = saving.clone();
        let tasks = state.tasks.clone();
        tasks.spawn(async move { chores::saved(&state, mixtape).await });
    });
    let (store, index, covers) = (state.store.clone(), state.index.clone(), state.covers.clone());
    provide_context(Services { store, index, covers, saved });
}
