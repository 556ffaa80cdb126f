//! `/share/<slug>`: a mixtape for everybody who has the link, if its owner lets them; and the same as a gift.
//! Who may hear it is decided in `library`, how the page looks in `app`.

use app::page::{LockedPage, Page, SharedTape, Wrapping};
use axum::Form;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{self, HeaderValue};
use http::{StatusCode, Uri};
use library::sharing::{LISTENER_SECONDS, Reached};
use model::{Access, ErrorKind, GiftWords, Mixtape, Slug, UnwrapStyle};
use serde::Deserialize;

use super::lookup::{self, For, no_such_mixtape};
use super::shared_page::{Listener, shared};
use super::{pages, session};
use crate::AppState;
use crate::error::ApiError;
use crate::rate_limit::{Client, Purpose};

/// For one tape alone, so that its path tells which.
pub(super) const COOKIE: &str = "ferric_listener";

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
    /// A tape, the access that its listener has, and the request.
    Here(Slug, Access, Request),
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
    let (slug, access, request) = match arrive(&state, slug, request, Slug::share_path).await? {
        Arrival::Here(slug, access, request) => (slug, access, request),
        Arrival::Elsewhere(response) => return Ok(response),
    };
    if access != Access::Open {
        return Ok(locked(&state, LockedPage { access, refusal: None }, request).await);
    }
    let mixtape = mixtape(&state, &slug).await?;
    let Asked { is_opened, gift, words } = Asked::read(request.uri());
    let is_unwrapped = is_opened || session::cookies(request.headers(), UNWRAPPED).next().is_some();
    let of_tape = mixtape.gift.flow_enabled.then_some(mixtape.gift.unwrap_style);
    let style = if is_opened { None } else { gift.or(of_tape.filter(|_| !is_unwrapped)) };
    let cookie = is_opened.then(|| {
        // No secret, and the same as the page's own.
        format!("{UNWRAPPED}=1; Path={}; Max-Age={UNWRAPPED_SECONDS}; SameSite=Lax", slug.share_path())
    });
    let wrapping = style.map(|style| Wrapping { style, words });
    let listener = Listener::of(&request);
    let tape = SharedTape { wrapping, starts: is_opened, ..shared(&state, mixtape, listener).await? };
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
    let (slug, access, request) = match arrive(state, slug, request, |slug| slug.gift_path(style)).await? {
        Arrival::Here(slug, access, request) => (slug, access, request),
        Arrival::Elsewhere(response) => return Ok(response),
    };
    match access {
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
    let wrapping = Some(Wrapping { style, words });
    let mixtape = mixtape(state, &slug).await?;
    let tape = SharedTape { wrapping, ..shared(state, mixtape, Listener::of(&request)).await? };
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
    let found = lookup::reach(state, slug.as_ref(), request.headers(), request.extensions(), For::Sender).await?;
    Ok(match (slug, found) {
        (Some(slug), Reached::Here(access)) => Arrival::Here(slug, access, request),
        (_, Reached::Moved(slug)) => {
            Arrival::Elsewhere(Redirect::temporary(&with_query(path(&slug), request.uri())).into_response())
        }
        _ => {
            tracing::warn!(request = request.uri().path(), "there is no mixtape for the sender");
            Arrival::Elsewhere(pages::not_found_page(state, request).await)
        }
    })
}

async fn mixtape(state: &AppState, slug: &Slug) -> Result<Mixtape, ApiError> {
    state.store.mixtape(slug).await?.ok_or_else(no_such_mixtape)
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
    let (parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), Body::empty());
    let (slug, request) = match arrive(&state, slug, asked, Slug::share_path).await? {
        Arrival::Here(slug, Access::NeedsPassword, request) => (slug, request),
        // No password is needed; the page shows more.
        Arrival::Here(slug, ..) => {
            return Ok(Redirect::to(&with_query(slug.share_path(), &parts.uri)).into_response());
        }
        Arrival::Elsewhere(response) => return Ok(response),
    };
    let form = Request::from_parts(parts.clone(), body);
    let unreadable = |_| ApiError::new(ErrorKind::Invalid, "The form needs a password.");
    let Form(Said { password }) = Form::<Said>::from_request(form, &()).await.map_err(unreadable)?;
    let again = |refusal| LockedPage { access: Access::NeedsPassword, refusal: Some(refusal) };
    let client = state.proxies.client(&parts.headers, &parts.extensions);
    let (purpose, client) = (Purpose::Mixtape(slug.clone()), Client::at(client));
    if let Err(wait) = state.password_attempts.wait_turn(&purpose, &client).await {
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
    state.password_attempts.succeeded(&purpose, &client);
    let secure = if session::is_secure(&state, &parts.headers, &parts.extensions) { "; Secure" } else { "" };
    let (token, path) = (token.as_str(), slug.share_path());
    let cookie = format!("{COOKIE}={token}; Path={path}; Max-Age={LISTENER_SECONDS}; HttpOnly; SameSite=Lax{secure}");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&with_query(path, &parts.uri))).into_response())
}

async fn locked(state: &AppState, page: LockedPage, request: Request) -> Response {
    let status = match page.access {
        Access::Open | Access::NeedsPassword => StatusCode::UNAUTHORIZED,
        Access::Expired => StatusCode::GONE,
        Access::Private => StatusCode::NOT_FOUND,
    };
    let mut response = with_status(pages::render(state, Page::Locked(Box::new(page)), request).await, status);
    response.headers_mut().insert(header::CACHE_CONTROL, pages::PRIVATE);
    response
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
