//! The pages: reads what a page shows, and lets `app` render it.
//! How a page looks is decided in `app`.

use app::api::Visitor;
use app::page::{Frame, Page, ShelfPage};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{StatusCode, Uri};
use leptos::prelude::provide_context;
use model::ErrorKind;
use model::shelf::ListQuery;

use super::session::Owner;
use crate::AppState;
use crate::error::ApiError;

/// `GET /`: what this is; the owner goes on to the mixtapes.
pub(super) async fn landing(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    if Visitor::of(request.extensions()) == Visitor::Owner {
        return Ok(Redirect::to("/mixtapes").into_response());
    }
    Ok(render(&state, Page::Landing, request).await)
}

/// `GET /login`: the form.
pub(super) async fn login(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    if Visitor::of(request.extensions()) == Visitor::Owner {
        return Ok(Redirect::to("/mixtapes").into_response());
    }
    Ok(render(&state, Page::Login { refusal: None }, request).await)
}

/// The form again, with the reason.
pub(super) async fn login_again(state: &AppState, request: Request, kind: ErrorKind, refusal: String) -> Response {
    let page = render(state, Page::Login { refusal: Some(refusal) }, request).await;
    with_status(page, crate::error::status(kind))
}

/// `GET /mixtapes?search=…&deep=…&sort_by=…&sort_order=…`: the owner's mixtapes, with the rules of the original.
pub(super) async fn mixtapes(
    _: Owner,
    State(state): State<AppState>,
    query: Result<Query<ListQuery>, QueryRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    // What cannot be understood in a link that was typed by hand is as if it was not there.
    let query = query.map_or_else(|_| ListQuery::default(), |Query(query)| query);
    let query = ListQuery { offset: 0, limit: ListQuery::default().limit, ..query };
    let answer = state.store.list(&query).await?;
    let page = Page::Mixtapes(Box::new(ShelfPage { query, answer }));
    Ok(render(&state, page, request).await)
}

/// Everything else: a page for people, JSON for programs.
pub(super) async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    if wants_html(request.headers()) {
        not_found_page(&state, request).await
    } else {
        ApiError::new(ErrorKind::NotFound, "There is nothing at this address.").into_response()
    }
}

/// A method that an address does not have; the router adds `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    let error = ApiError::new(ErrorKind::Invalid, "This address does not take this method.");
    with_status(error.into_response(), StatusCode::METHOD_NOT_ALLOWED)
}

pub(super) async fn not_found_page(state: &AppState, request: Request) -> Response {
    with_status(render(state, Page::NotFound, request).await, StatusCode::NOT_FOUND)
}

/// Nobody keeps it, for it is not for everybody.
pub(super) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Has a page drawn; what only the owner sees is kept nowhere.
pub(super) async fn render(state: &AppState, page: Page, request: Request) -> Response {
    let is_owners = page.is_owners();
    let frame = Frame {
        assets: state.site.assets.clone(),
        origin: state.public_url.clone().unwrap_or_else(|| origin(request.headers())),
        path: request.uri().path().to_owned(),
    };
    let provide = move || {
        provide_context(frame.clone());
        provide_context(page.clone());
    };
    let mut response = leptos_axum::render_app_async_with_context(provide, app::document)(request).await;
    if is_owners {
        response.headers_mut().insert(header::CACHE_CONTROL, PRIVATE);
    }
    response
}

/// The address that the browser asked for, for absolute links in previews; empty when it did not say.
pub(super) fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| Uri::builder().scheme("http").authority(*host).path_and_query("/").build().is_ok());
    host.map(|host| format!("http://{host}")).unwrap_or_default()
}

pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accept.flat_map(|line| line.split(',')).any(|kind| kind.trim().starts_with("text/html"))
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
