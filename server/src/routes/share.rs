//! `/share/<slug>`: a mixtape for everybody who has the link, if its owner lets them; and the same as a gift.
//! Who may hear it is decided in `library`, how the page looks in `app`.

use std::time::Instant;

use app::api::Visitor;
use app::page::{LockedPage, Page, SharedTape, Wrapping};
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Extensions, StatusCode, Uri};
use library::mixtapes::Found;
use library::sharing::{LISTENER_SECONDS, ListenerToken};
use model::{Access, ErrorKind, GiftWords, Mixtape, Slug, UnwrapStyle};
use serde::Deserialize;

use super::{pages, session};
use crate::AppState;
use crate::error::ApiError;

/// For one tape alone, so that its path tells which.
const COOKIE: &str = "ferric_listener";

/// Set once a gift was unwrapped in this browser; for one tape alone, too. The page sets it as well, without a journey.
const UNWRAPPED: &str = "ferric_unwrapped";
const UNWRAPPED_SECONDS: i64 = 365 * 86_400;

/// What may stand behind the address of a tape.
struct Asked {
    /// The gift was opened without a script, or before it had arrived.
    is_opened: bool,
    /// It is to be shown as a gift.
    gift: Option<UnwrapStyle>,
    /// What is written on that.
    words: GiftWords,
}

impl Asked {
    /// What cannot be understood in a link is as if it was not there.
    fn read(uri: &Uri) -> Self {
        let (mut is_opened, mut gift) = (false, None);
        let [mut to, mut from, mut note] = [const { String::new() }; 3];
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            match &*name {
                "open" => is_opened = true,
                "gift" => gift = value.parse().ok(),
                "to" => to = value.into_owned(),
                "from" => from = value.into_owned(),
                "note" => note = value.into_owned(),
                _ => {}
            }
        }
        Self { is_opened, gift, words: GiftWords::tidied(&to, &from, &note) }
    }
}

/// What is at the address of a tape.
enum Arrival {
    /// The tape, which was asked for by this request.
    Here(Slug, Box<Mixtape>, Request),
    /// It has another address by now, or there is none.
    Elsewhere(Response),
}

/// `GET /share/<slug>`: the tape; a question for its password; or word that it is not here any more. A gift is wrapped
/// until its listener has opened it.
pub(super) async fn page(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let (slug, mixtape, request) = match arrive(&state, slug, request, Slug::share_path).await? {
        Arrival::Here(slug, mixtape, request) => (slug, *mixtape, request),
        Arrival::Elsewhere(response) => return Ok(response),
    };
    let access = access(&state, &slug, request.headers(), request.extensions()).await?;
    if access != Access::Open {
        return Ok(locked(&state, LockedPage { access, refusal: None }, request).await);
    }
    let Asked { is_opened, gift, words } = Asked::read(request.uri());
    let is_unwrapped = is_opened || session::cookies(request.headers(), UNWRAPPED).next().is_some();
    let of_tape = mixtape.gift.flow_enabled.then_some(mixtape.gift.unwrap_style);
    let style = if is_opened { None } else { gift.or(of_tape.filter(|_| !is_unwrapped)) };
    let cookie = is_opened.then(|| {
        // No secret, and the same as the page's own.
        format!("{UNWRAPPED}=1; Path={}; Max-Age={UNWRAPPED_SECONDS}; SameSite=Lax", slug.share_path())
    });
    let wrapping = style.map(|style| Wrapping { style, words });
    let tape = SharedTape { wrapping, starts: is_opened, ..shared(&state, mixtape).await? };
    let mut response = pages::render(&state, Page::Share(Box::new(tape)), request).await;
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /gift-playful/<slug>?to=…&from=…&note=…`: the tape as a parcel, whatever its own settings are.
pub(super) async fn playful(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    gift(&state, slug, request, UnwrapStyle::Playful).await
}

/// `GET /gift-elegant/<slug>?to=…&from=…&note=…`: the tape as a letter.
pub(super) async fn elegant(
    State(state): State<AppState>,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    gift(&state, slug, request, UnwrapStyle::Elegant).await
}

async fn gift(
    state: &AppState,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
    style: UnwrapStyle,
) -> Result<Response, ApiError> {
    let (slug, mixtape, request) = match arrive(state, slug, request, |slug| slug.gift_path(style)).await? {
        Arrival::Here(slug, mixtape, request) => (slug, *mixtape, request),
        Arrival::Elsewhere(response) => return Ok(response),
    };
    match access(state, &slug, request.headers(), request.extensions()).await? {
        Access::Open => {}
        // The browser says the password below that address alone.
        Access::NeedsPassword => {
            let mut query = format!("?gift={}", style.name());
            if let Some(words) = request.uri().query() {
                query.push('&');
                query.push_str(words);
            }
            return Ok(Redirect::to(&(slug.share_path() + &query)).into_response());
        }
        access => return Ok(locked(state, LockedPage { access, refusal: None }, request).await),
    }
    let words = Asked::read(request.uri()).words;
    let tape = SharedTape { wrapping: Some(Wrapping { style, words }), ..shared(state, mixtape).await? };
    Ok(pages::render(state, Page::Share(Box::new(tape)), request).await)
}

/// Looks for the tape at an address; `path` makes the same kind of address for another slug.
async fn arrive(
    state: &AppState,
    slug: Result<Path<String>, PathRejection>,
    request: Request,
    path: impl Fn(&Slug) -> String,
) -> Result<Arrival, ApiError> {
    let slug = slug.ok().and_then(|slug| slug.parse::<Slug>().ok());
    let found = match &slug {
        Some(slug) => state.store.find(slug).await?,
        None => Found::Unknown,
    };
    Ok(match (slug, found) {
        (Some(slug), Found::Here(mixtape)) => Arrival::Here(slug, mixtape, request),
        (_, Found::Moved(slug)) => {
            Arrival::Elsewhere(Redirect::temporary(&with_query(path(&slug), request.uri())).into_response())
        }
        (_, Found::Gone) => {
            Arrival::Elsewhere(with_status(pages::not_found_page(state, request).await, StatusCode::GONE))
        }
        _ => {
            tracing::warn!(request = request.uri().path(), "no such mixtape");
            Arrival::Elsewhere(pages::not_found_page(state, request).await)
        }
    })
}

/// A tape as its page shows it.
pub(super) async fn shared(state: &AppState, mixtape: Mixtape) -> Result<SharedTape, ApiError> {
    let mixtape = state.store.view(mixtape, &state.index).await?.mixtape;
    Ok(SharedTape {
        notes_html: library::notes::to_html(&mixtape.liner_notes),
        summary: library::notes::to_plain(&mixtape.liner_notes, 200),
        may_keep: state.store.share_settings(&mixtape.slug).await?.downloads,
        mixtape,
        quality: state.default_quality,
        wrapping: None,
        starts: false,
    })
}

fn with_query(path: String, asked: &Uri) -> String {
    match asked.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
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
    let again = |refusal| LockedPage { access: Access::NeedsPassword, refusal: Some(refusal) };
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
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&with_query(path, &parts.uri))).into_response())
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
    response.headers_mut().insert(header::CACHE_CONTROL, pages::PRIVATE);
    response
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
