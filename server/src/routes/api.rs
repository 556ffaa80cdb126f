//! `/api/…`: the server functions of `app`, which are named after their endpoints.
//! What each of them does is written there.

use std::sync::Arc;

use app::api::{Services, Visitor};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header;
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;
use model::ErrorKind;

use super::pages;
use crate::error::ApiError;
use crate::{AppState, chores};

/// Runs the server function at this address.
pub(super) async fn server_function(
    State(state): State<AppState>,
    Path(_): Path<String>,
    request: Request,
) -> Response {
    let (path, method) = (request.uri().path(), request.method());
    if !server_fn_paths().any(|(known, takes)| known == path && takes == *method) {
        return ApiError::new(ErrorKind::NotFound, "There is no such function.").into_response();
    }
    let visitor = Visitor::of(request.extensions());
    let provide = move || provide_services(&state, visitor);
    let mut response = leptos_axum::handle_server_fns_with_context(provide, request).await.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, pages::PRIVATE);
    response
}

/// Puts what server functions need into the context; pages that are rendered here may call them, too.
pub(super) fn provide_services(state: &AppState, visitor: Visitor) {
    provide_context(visitor);
    let saving = state.clone();
    let saved = Arc::new(move |mixtape| {
        let state = saving.clone();
        tokio::spawn(async move { chores::saved(&state, mixtape).await });
    });
    let (store, index, covers) = (state.store.clone(), state.index.clone(), state.covers.clone());
    provide_context(Services { store, index, covers, saved });
}
