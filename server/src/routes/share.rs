//! `/share/<slug>`: a mixtape for everybody who has the link, if its owner lets them.
//! Who may hear it is decided in `library`, how the page looks in `app`.

use std::time::Instant;

use app::api::Visitor;
use app::page::{LockedPage, Page, SharedTape};
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Extensions, StatusCode};
use library::mixtapes::Found;
use library::sharing::{LISTENER_SECONDS, ListenerToken};
use model::{Access, ErrorKind, Mixtape, Slug};
use serde::Deserialize;

use super::{pages, session};
use crate::AppState;
use crate::error::ApiError;

/// For one tape alone, so that its path tells which.
const COOKIE: &str = "ferric_listener";

/// `GET /share/<slug>`: the tape; a question for its password; or word that it is not here any more.
pub(super) async fn page(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let slug = slug.ok().and_then(|slug| slug.parse::<Slug>().ok());
    let found = match &slug {
        Some(slug) => state.store.find(slug).await?,
        None => Found::Unknown,
    };
    let (slug, mixtape) = match (slug, found) {
        (Some(slug), Found::Here(mixtape)) => (slug, *mixtape),
        (_, Found::Moved(slug)) => return Ok(Redirect::temporary(&slug.share_path()).into_response()),
        (_, Found::Gone) => {
            return Ok(with_status(pages::not_found_page(&state, request).await, StatusCode::GONE));
        }
        _ => {
            tracing::warn!(request = request.uri().path(), "no such mixtape");
            return Ok(pages::not_found_page(&state, request).await);
        }
    };
    let access = access(&state, &slug, request.headers(), request.extensions()).await?;
    if access != Access::Open {
        return Ok(locked(&state, LockedPage { slug, access, refusal: None }, request).await);
    }
    let mixtape = state.store.view(mixtape, &state.index).await?.mixtape;
    let tape = SharedTape {
        notes_html: library::notes::to_html(&mixtape.liner_notes),
        summary: library::notes::to_plain(&mixtape.liner_notes, 200),
        may_keep: state.store.share_settings(&slug).await?.downloads,
        mixtape,
        quality: state.default_quality,
    };
    Ok(pages::render(&state, Page::Share(Box::new(tape)), request).await)
}

#[derive(Deserialize)]
struct Said {
    password: String,
}

/// `POST /share/<slug>`: takes the password of a tape, and leads to it. The browser need not say it again for a month.
pub(super) async fn open(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let slug = slug.ok().and_then(|slug| slug.parse::<Slug>().ok()).ok_or_else(no_such_mixtape)?;
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let unreadable = |_| ApiError::new(ErrorKind::Invalid, "The form needs a password.");
    let Form(Said { password }) = Form::<Said>::from_request(form, &()).await.map_err(unreadable)?;
    let again = |refusal| LockedPage { slug: slug.clone(), access: Access::NeedsPassword, refusal: Some(refusal) };
    let client = state.proxies.client(&parts.headers, &parts.extensions);
    let request = Request::from_parts(parts.clone(), Body::empty());
    if let Err(wait) = state.attempts.begin(client, Instant::now()) {
        let seconds = wait.as_secs() + 1;
        let page = again(format!("Too many attempts. Try again in {seconds} seconds."));
        let mut response = with_status(locked(&state, page, request).await, StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let Some(token) = state.store.admit(&slug, &password, session::now()).await? else {
        let page = again("That is not the password. Ask whoever sent you the link.".to_owned());
        return Ok(locked(&state, page, request).await);
    };
    state.attempts.succeeded(client);
    let secure = if session::is_secure(&state, &parts) { "; Secure" } else { "" };
    let (token, path) = (token.as_str(), slug.share_path());
    let cookie = format!("{COOKIE}={token}; Path={path}; Max-Age={LISTENER_SECONDS}; HttpOnly; SameSite=Lax{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&path)).into_response())
}

/// A mixtape that the sender of a request may hear; to all others there is none.
pub(super) async fn tape_for(
    state: &AppState,
    slug: &str,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Mixtape, ApiError> {
    let slug: Slug = slug.parse().map_err(|_| no_such_mixtape())?;
    let mixtape = state.store.mixtape(&slug).await?.ok_or_else(no_such_mixtape)?;
    match access(state, &slug, headers, extensions).await? {
        Access::Open => Ok(mixtape),
        _ => Err(no_such_mixtape()),
    }
}

pub(super) fn no_such_mixtape() -> ApiError {
    ApiError::new(ErrorKind::NotFound, "There is no such mixtape.")
}

/// What the sender of a request may do with a tape; the owner may everything.
pub(super) async fn access(
    state: &AppState,
    slug: &Slug,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Access, ApiError> {
    if Visitor::of(extensions) == Visitor::Owner {
        return Ok(Access::Open);
    }
    let token = session::cookies(headers, COOKIE).find_map(ListenerToken::parse);
    Ok(state.store.check_access(slug, session::now(), token.as_ref()).await?)
}

async fn locked(state: &AppState, page: LockedPage, request: Request) -> Response {
    let status = match page.access {
        Access::Open | Access::NeedsPassword => StatusCode::UNAUTHORIZED,
        Access::Expired | Access::Revoked => StatusCode::GONE,
    };
    let mut response = with_status(pages::render(state, Page::Locked(Box::new(page)), request).await, status);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
